/* SPDX-License-Identifier: Apache-2.0 */
#include "base/diagnostics.h"
#include "commands/certificate_list.h"
#include "commands/command.h"
#include "common/message.h"
#include "rules/revocation.h"

#include <certenroll/revocation.h>

#include <getopt.h>
#include <stdio.h>
#include <string.h>

struct certificate_command {
    const char *directory;
    const char *reason;
    int json;
    int count; /* arguments that are no options */
    char **arguments;
};

static int usage(void)
{
    return fail(CERTENROLL_CLASS_ARGUMENT,
                _("usage: demo-ra certificate list --dir DIR [--json] [CORPORATE_ID [USER_ID]], "
                  "or demo-ra certificate revoke --dir DIR [--reason NAME] SERIAL"));
}

static int revoke_serial(struct store *store, const char *serial, const char *reason)
{
    enum store_result result = store_begin(store);

    if (result != STORE_OK)
        return CERTENROLL_CLASS_SYSTEM;
    result = revocation_record(store, NULL, serial, reason);
    if (store_end(store, result == STORE_OK) != STORE_OK)
        return CERTENROLL_CLASS_SYSTEM;
    if (result == STORE_NONE)
        return fail(CERTENROLL_CLASS_ARGUMENT,
                    _("there is no certificate with the serial number %s to revoke"), serial);
    return result == STORE_OK ? CERTENROLL_CLASS_OK : CERTENROLL_CLASS_SYSTEM;
}

static int revoke(const struct certificate_command *command)
{
    struct store *store;
    int result;

    if (command->count != 1 || command->json)
        return usage();
    if (certenroll_revocation_reason_from_name(command->reason) < 0)
        return fail(CERTENROLL_CLASS_ARGUMENT,
                    _("%s is no reason for a revocation; there are unspecified, keyCompromise, "
                      "affiliationChanged, superseded, cessationOfOperation and "
                      "privilegeWithdrawn"),
                    command->reason);
    result = store_open(&store, command->directory, STORE_WRITE);
    if (!result)
        result = revoke_serial(store, command->arguments[0], command->reason);
    store_close(store);
    return result;
}

static int list(const struct certificate_command *command)
{
    char name[ACCOUNT_NAME_MAX + 1];
    struct store *store;
    int result;

    if (command->count > 2)
        return usage();
    /* One that is too long is cut, and then found no more than it would be whole. */
    snprintf(name, sizeof(name), "%s%s%s", command->count > 0 ? command->arguments[0] : "",
             command->count > 1 ? " " : "", command->count > 1 ? command->arguments[1] : "");
    result = store_open(&store, command->directory, STORE_READ);
    if (!result)
        result = certificate_list(store, command->count > 0 ? name : NULL, command->json);
    store_close(store);
    return result;
}

static const struct action {
    const char *name;
    int (*run)(const struct certificate_command *command);
} actions[] = { { "list", list }, { "revoke", revoke } };

static const struct action *find_action(const char *name)
{
    for (size_t i = 0; name && i < sizeof(actions) / sizeof(actions[0]); i++)
        if (strcmp(name, actions[i].name) == 0)
            return &actions[i];
    return NULL;
}

int command_certificate(int count, char **arguments)
{
    static const struct option options[] = { { "dir", required_argument, NULL, 'd' },
                                             { "json", no_argument, NULL, 'j' },
                                             { "reason", required_argument, NULL, 'r' },
                                             { NULL, 0, NULL, 0 } };
    struct certificate_command command = { .reason = certenroll_revocation_reason_name(
                                               CERTENROLL_REVOKE_UNSPECIFIED) };
    const struct action *action = find_action(arguments[1]);
    int option;

    if (!action)
        return usage();
    count--;
    arguments++;
    while ((option = getopt_long(count, arguments, ":", options, NULL)) != -1) {
        if (option == 'd')
            command.directory = optarg;
        else if (option == 'j')
            command.json = 1;
        else if (option == 'r')
            command.reason = optarg;
        else
            return command_refuse(arguments, option);
    }
    command.count = count - optind;
    command.arguments = arguments + optind;
    return command.directory ? action->run(&command) : usage();
}
