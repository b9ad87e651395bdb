/* SPDX-License-Identifier: Apache-2.0 */
/* A small registration authority for demonstrations and tests: the bank's side. */
#include "commands/command.h"
#include "common/report.h"
#include "common/startup.h"
#include "common/tool_message.h"

#include <certenroll/context.h>

#include <stdio.h>
#include <string.h>

static const struct command {
    const char *name;
    enum command_group group;
    int (*run)(const struct command_line *line, certenroll_error **error);
    const char *summary;
    const char *usage;
} commands[] = {
    { "init", COMMAND_INIT, command_init,
      N_("make the CA's keys in a token, its certificates and the database"),
      N_("usage: demo-ra init --dir DIR --ca-token URI [--module FILE] [--pin-source FILE]") },
    { "serve", COMMAND_SERVE, command_serve, N_("answer on the loopback until SIGTERM or SIGINT"),
      N_("usage: demo-ra serve --dir DIR [--pin-source FILE] [--port N] [--ready-file FILE] "
         "[--validity-days N] [--clock-offset SECONDS] [--hold SECONDS] "
         "[--retry-after seconds|date]") },
    { "account", COMMAND_ACCOUNT, command_account,
      N_("add, unlock or remove a corporation or a user"),
      N_("usage: demo-ra account add|unlock|remove --dir DIR [--password-source FILE] "
         "CORPORATE_ID [USER_ID]") },
    { "certificate", COMMAND_CERTIFICATE, command_certificate,
      N_("list the certificates, or revoke one"),
      N_("usage: demo-ra certificate list --dir DIR [--json] [CORPORATE_ID [USER_ID]], "
         "or demo-ra certificate revoke --dir DIR [--reason NAME] SERIAL") },
    { "branch", COMMAND_BRANCH, command_branch,
      N_("the counter: register a corporation, take an order, look up, unlock, reset"),
      N_("usage: demo-ra branch register|reissue|lookup|unlock|reset --dir DIR "
         "[--password-source FILE] [--confirmation-password-source FILE] [--name TEXT] "
         "CORPORATE_ID [USER_ID]") },
    { "holiday", COMMAND_HOLIDAY, command_holiday, N_("add, remove or list the bank's holidays"),
      N_("usage: demo-ra holiday add --dir DIR DAY NAME, demo-ra holiday remove --dir DIR DAY, or "
         "demo-ra holiday list --dir DIR") },
    { "clock", COMMAND_CLOCK, command_clock, N_("show the RA's clock, or set it"),
      N_("usage: demo-ra clock --dir DIR --show|--set TIME|--offset SECONDS|--reset") },
    { "audit", COMMAND_AUDIT, command_audit, N_("list the audit log"),
      N_("usage: demo-ra audit list --dir DIR [--json]") },
};

#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

static int help(void)
{
    printf("%s\n\n", _("usage: demo-ra COMMAND ..."));
    for (size_t i = 0; i < COMMANDS; i++)
        printf("  %-12s %s\n", commands[i].name, _(commands[i].summary));
    printf(_("\nA registration authority for demonstrations, libcertenroll %s.\n"),
           certenroll_version());
    return CERTENROLL_OK;
}

static int run_command(int count, char **arguments, certenroll_error **error)
{
    if (count < 2)
        return certenroll_error_set(error, CERTENROLL_E_ARGUMENT,
                                    _("a command is needed; \"demo-ra --help\" lists them"));
    if (strcmp(arguments[1], "--help") == 0)
        return help();
    for (size_t i = 0; i < COMMANDS; i++)
        if (strcmp(arguments[1], commands[i].name) == 0) {
            struct command_line line = { .usage = commands[i].usage };
            int status = command_read(&line, commands[i].group, count - 1, arguments + 1, error);

            return status ? status : commands[i].run(&line, error);
        }
    return certenroll_error_set(error, CERTENROLL_E_ARGUMENT,
                                _("there is no command %s; \"demo-ra --help\" lists them"),
                                arguments[1]);
}

int main(int count, char **arguments)
{
    certenroll_error *error = NULL;
    int status;

    startup();
    status = run_command(count, arguments, &error);
    if (!status && (fflush(stdout) != 0 || ferror(stdout)))
        status = certenroll_error_set_errno(&error, _("cannot write to standard output"));
    if (status)
        report_print(error, "demo-ra");
    certenroll_error_free(error);
    return (int)certenroll_status_class(status);
}
