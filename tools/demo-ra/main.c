/* SPDX-License-Identifier: Apache-2.0 */
/* A small registration authority for demonstrations and tests: the bank's side. */
#include "base/diagnostics.h"
#include "commands/command.h"
#include "common/message.h"
#include "common/startup.h"

#include <certenroll/context.h>

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct command {
    const char *name;
    int (*run)(int count, char **arguments);
    const char *summary;
} commands[] = {
    { "init", command_init,
      N_("make the CA's keys in a token, its certificates and the database") },
    { "serve", command_serve, N_("answer on the loopback until SIGTERM or SIGINT") },
    { "account", command_account, N_("add, unlock or remove a corporation or a user") },
    { "certificate", command_certificate, N_("list the certificates, or revoke one") },
    { "branch", command_branch,
      N_("the counter: register a corporation, take an order, look up, unlock, reset") },
    { "holiday", command_holiday, N_("add, remove or list the bank's holidays") },
    { "clock", command_clock, N_("show the RA's clock, or set it") },
    { "audit", command_audit, N_("list the audit log") },
};

#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

int command_number(long *out, const char *text, long least, long most)
{
    char *end;

    errno = 0;
    *out = strtol(text, &end, 10);
    return errno || end == text || *end || *out < least || *out > most ? -1 : 0;
}

int command_refuse(char **arguments, int option)
{
    const char *given = arguments[optind - 1];
    int length = (int)strcspn(given, "="); /* the value may be a secret */

    if (option == ':')
        return fail(CERTENROLL_CLASS_ARGUMENT, _("%.*s needs a value"), length, given);
    if (option == COMMAND_SECRET)
        return fail(
            CERTENROLL_CLASS_ARGUMENT,
            _("there is no option %.*s, as every user of this computer can read a program's "
              "arguments; use %.*s-source FILE"),
            length, given, length, given);
    if (optopt)
        return fail(CERTENROLL_CLASS_ARGUMENT, _("there are no one-letter options"));
    return fail(CERTENROLL_CLASS_ARGUMENT, _("there is no option %.*s here"), length, given);
}

static int help(void)
{
    printf("%s\n\n", _("usage: demo-ra COMMAND ..."));
    for (size_t i = 0; i < COMMANDS; i++)
        printf("  %-12s %s\n", commands[i].name, _(commands[i].summary));
    printf(_("\nA registration authority for demonstrations, libcertenroll %s.\n"),
           certenroll_version());
    return CERTENROLL_CLASS_OK;
}

int main(int count, char **arguments)
{
    startup();
    if (count < 2)
        return fail(CERTENROLL_CLASS_ARGUMENT,
                    _("a command is needed; \"demo-ra --help\" lists them"));
    if (strcmp(arguments[1], "--help") == 0)
        return help();
    for (size_t i = 0; i < COMMANDS; i++)
        if (strcmp(arguments[1], commands[i].name) == 0)
            return commands[i].run(count - 1, arguments + 1);
    return fail(CERTENROLL_CLASS_ARGUMENT,
                _("there is no command %s; \"demo-ra --help\" lists them"), arguments[1]);
}
