/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE /* getopt_long */

#include "options.h"

#include "common/message.h"

#include <getopt.h>
#include <stddef.h>
#include <string.h>

enum option_kind {
    FLAG,   /* an int, set to 1 */
    TEXT,   /* a const char * */
    SECRET, /* not an option: a secret that somebody tries to give as an argument */
};

struct option_row {
    const char *name;
    enum option_kind kind;
    int groups; /* it is taken by a command that has one of these */
    size_t offset;
    const char *value; /* what the help calls the value */
    const char *help;
};

#define AT(member) offsetof(struct options, member)

static const struct option_row rows[] = {
    { "json", FLAG, OPTIONS_GENERAL, AT(json), NULL, N_("print JSON, for programs") },
    { "log", TEXT, OPTIONS_GENERAL, AT(log), "LEVEL",
      N_("log to stderr: error, warning, info, debug or trace") },
    { "help", FLAG, OPTIONS_GENERAL, AT(help), NULL, N_("print this and exit") },
    { "version", FLAG, OPTIONS_GENERAL, AT(version), NULL, N_("print the version and exit") },

    { "for", TEXT, OPTIONS_FOR, AT(purpose), "USE",
      N_("what this PC is for: corporate, user or both; default: ask on the terminal") },
    { "corporate-id", TEXT, OPTIONS_TOKEN, AT(corporate_id), "ID",
      N_("the corporate ID; default: ask on the terminal") },
    { "user-id", TEXT, OPTIONS_USER, AT(user_id), "ID",
      N_("the user ID; default: ask on the terminal") },
    { "config", TEXT, OPTIONS_TOKEN, AT(config), "FILE",
      N_("the banks and the token; default: certenroll/ra.json of the system") },
    { "ra", TEXT, OPTIONS_TOKEN, AT(ra), "NAME",
      N_("the bank by its name there; default: the only one") },
    { "token", TEXT, OPTIONS_TOKEN, AT(token), "URI",
      N_("the token, as a PKCS#11 URI; default: that of the configuration") },
    { "module", TEXT, OPTIONS_TOKEN, AT(module), "FILE",
      N_("the PKCS#11 module; default: that of the configuration") },
    { "pin-source", TEXT, OPTIONS_TOKEN, AT(pin_source), "FILE|fd:N",
      N_("take the PIN from this file's first line; default: ask on the terminal") },
    { "allow-final-try", FLAG, OPTIONS_TOKEN, AT(allow_final_try), NULL,
      N_("spend the last PIN try; a wrong PIN then locks the token") },
    { "journal", TEXT, OPTIONS_TOKEN, AT(journal), "DIR",
      N_("where enrolments are written down; default: certenroll in the user's state directory") },

    { "password-source", TEXT, OPTIONS_PASSWORD, AT(password_source), "FILE|fd:N",
      N_("take the password from this file's first line; default: ask on the terminal") },
    { "confirmation-password-source", TEXT, OPTIONS_CONFIRMATION, AT(confirmation_password_source),
      "FILE|fd:N", N_("the same for the corporate confirmation password") },
    { "new-password-source", TEXT, OPTIONS_NEW_PASSWORDS, AT(new_password_source), "FILE|fd:N",
      N_("the same for the user's new password") },
    { "new-confirmation-password-source", TEXT, OPTIONS_NEW_PASSWORDS,
      AT(new_confirmation_password_source), "FILE|fd:N",
      N_("the same for the user's new confirmation password") },

    { "key-type", TEXT, OPTIONS_KEY, AT(key_type), "TYPE",
      N_("the new key: rsa-2048, rsa-3072, rsa-4096, p-256, p-384, p-521 or ed25519") },
    { "again", FLAG, OPTIONS_AGAIN, AT(again), NULL,
      N_("get a new certificate also when a valid one is on the token") },
    { "days", TEXT, OPTIONS_DAYS, AT(days), "N",
      N_("a certificate is due when it ends within so many days; default: 30") },

    /* getopt_long completes names: without these, "--password 1234" would be taken for
     * --password-source and the password for a file name. */
    { "pin", SECRET, ~0, 0, "--pin-source FILE|fd:N", NULL },
    { "password", SECRET, ~0, 0, "--password-source FILE|fd:N", NULL },
    { "confirmation-password", SECRET, ~0, 0, "--confirmation-password-source FILE|fd:N", NULL },
    { "new-password", SECRET, ~0, 0, "--new-password-source FILE|fd:N", NULL },
    { "new-confirmation-password", SECRET, ~0, 0, "--new-confirmation-password-source FILE|fd:N",
      NULL },
};
enum { ROWS = sizeof(rows) / sizeof(rows[0]) };

/* getopt_long's own table of the rows in `groups`; `val` is the row's index plus 1. `table` is all
 * zeros, and one row longer than ours. */
static void fill_table(struct option table[ROWS + 1], int groups)
{
    size_t used = 0;

    for (int i = 0; i < ROWS; i++) {
        if (!(rows[i].groups & groups))
            continue;
        table[used].name = rows[i].name;
        table[used].has_arg = rows[i].kind == FLAG     ? no_argument
                              : rows[i].kind == SECRET ? optional_argument
                                                       : required_argument;
        table[used++].val = i + 1;
    }
}

static int store(struct options *options, const struct option_row *row, const char *value,
                 struct failure *failure)
{
    const char **member = (const char **)((char *)options + row->offset);

    if (row->kind == FLAG) {
        *(int *)((char *)options + row->offset) = 1;
        return CERTENROLL_OK;
    }
    if (row->kind == TEXT && *member)
        return failure_set(failure, CERTENROLL_E_ARGUMENT, _("--%s is given twice"), row->name);
    if (row->kind == TEXT) {
        *member = value;
        return CERTENROLL_OK;
    }
    failure_set(failure, CERTENROLL_E_ARGUMENT, _("there is no option --%s"), row->name);
    failure_because(failure, "%s", _("every user of this computer can read a program's arguments"));
    failure_advise(failure, _("Use %s, or let it be asked on the terminal."), row->value);
    return CERTENROLL_E_ARGUMENT;
}

/* getopt_long returned ':' or '?'. An option of "--name=value" is shown without its value, which
 * may be a secret with a misspelt name. */
static void refuse(char **argv, int result, struct failure *failure)
{
    const char *given = argv[optind - 1];
    int name_length = (int)strcspn(given, "=");

    if (result == ':')
        failure_set(failure, CERTENROLL_E_ARGUMENT, _("%.*s needs a value"), name_length, given);
    else if (optopt > 0 && optopt <= ROWS)
        failure_set(failure, CERTENROLL_E_ARGUMENT, _("--%s takes no value"),
                    rows[optopt - 1].name);
    else if (optopt > 0)
        failure_set(failure, CERTENROLL_E_ARGUMENT, "%s", _("there are no one-letter options"));
    else
        failure_set(failure, CERTENROLL_E_ARGUMENT, _("there is no option %.*s here"), name_length,
                    given);
}

/* Goes on after the first mistake, so that a --json behind it is heeded. */
static int read_options(struct options *options, int groups, const char *style, int argc,
                        char **argv, struct failure *failure)
{
    struct option table[ROWS + 1];
    int result;

    memset(table, 0, sizeof(table));
    fill_table(table, groups | OPTIONS_GENERAL);
    optind = 0; /* glibc: start anew, also with the ordering in `style` */
    opterr = 0;
    while ((result = getopt_long(argc, argv, style, table, NULL)) != -1) {
        if (result == '?' || result == ':')
            refuse(argv, result, failure);
        else
            (void)store(options, &rows[result - 1], optarg, failure);
    }
    return failure->status;
}

int options_read_general(struct options *options, int groups, int argc, char **argv, int *next,
                         struct failure *failure)
{
    int status = read_options(options, groups, "+:", argc, argv, failure);

    *next = optind;
    return status;
}

int options_read_command(struct options *options, int groups, int argc, char **argv,
                         struct failure *failure)
{
    int wanted = (groups & OPTIONS_OPERAND) != 0;
    int status = read_options(options, groups, ":", argc, argv, failure);

    if (status < 0 || options->help || options->version)
        return status;
    if (optind < argc && wanted)
        options->operand = argv[optind++];
    if (wanted && !options->operand)
        return failure_set(failure, CERTENROLL_E_ARGUMENT, "%s", _("the USER is missing"));
    if (optind < argc)
        return failure_set(failure, CERTENROLL_E_ARGUMENT, _("\"%s\" is one argument too many"),
                           argv[optind]);
    return CERTENROLL_OK;
}

void options_describe(int groups, FILE *stream)
{
    for (int i = 0; i < ROWS; i++) {
        char left[64];

        if (!(rows[i].groups & groups) || rows[i].kind == SECRET)
            continue;
        snprintf(left, sizeof(left), "--%s%s%s", rows[i].name, rows[i].value ? " " : "",
                 rows[i].value ? rows[i].value : "");
        fprintf(stream, "  %-29s %s\n", left, _(rows[i].help));
    }
}
