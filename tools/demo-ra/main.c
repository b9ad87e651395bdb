/* SPDX-License-Identifier: Apache-2.0 */
/* A small registration authority for demonstrations and tests: the bank's side. */
#include "command.h"
#include "common/startup.h"
#include "diagnostics.h"

#include <certenroll/context.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct command {
    const char *name;
    int (*run)(int count, char **arguments);
    const char *summary;
} commands[] = {
    { "init", command_init, "make the CA's keys in a token, its certificates and the database" },
    { "serve", command_serve, "answer on the loopback until SIGTERM or SIGINT" },
    { "account", command_account, "add, unlock or remove a corporation or a user" },
    { "certificate", command_certificate, "revoke a certificate" },
};

#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

int command_number(long *out, const char *text, long least, long most)
{
    char *end;

    errno = 0;
    *out = strtol(text, &end, 10);
    return errno || end == text || *end || *out < least || *out > most ? -1 : 0;
}

static int help(void)
{
    printf("usage: demo-ra COMMAND ...\n\n");
    for (size_t i = 0; i < COMMANDS; i++)
        printf("  %-12s %s\n", commands[i].name, commands[i].summary);
    printf("\nA registration authority for demonstrations, libcertenroll %s.\n",
           certenroll_version());
    return CERTENROLL_CLASS_OK;
}

int main(int count, char **arguments)
{
    startup();
    if (count < 2)
        return fail(CERTENROLL_CLASS_ARGUMENT,
                    "a command is needed; \"demo-ra --help\" lists them");
    if (strcmp(arguments[1], "--help") == 0)
        return help();
    for (size_t i = 0; i < COMMANDS; i++)
        if (strcmp(arguments[1], commands[i].name) == 0)
            return commands[i].run(count - 1, arguments + 1);
    return fail(CERTENROLL_CLASS_ARGUMENT, "there is no command %s; \"demo-ra --help\" lists them",
                arguments[1]);
}
