/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE /* getopt_long */

#include "options.h"

#include "common/message.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

enum kind {
    FLAG,   /* an int, set to 1 */
    TEXT,   /* a const char * */
    LIST,   /* alt_names */
    SECRET, /* not an option: a secret that somebody tries to give as an argument */
};

struct row {
    const char *name;
    enum kind kind;
    int group;
    size_t offset;
    const char *value; /* what the help calls the value */
    const char *help;
};

#define AT(member) offsetof(struct options, member)

static const struct row rows[] = {
    { "json", FLAG, OPTIONS_GENERAL, AT(json), NULL, N_("print JSON, for programs") },
    { "log", TEXT, OPTIONS_GENERAL, AT(log), "LEVEL",
      N_("log to stderr: error, warning, info, debug or trace") },
    { "help", FLAG, OPTIONS_GENERAL, AT(help), NULL, N_("print this and exit") },
    { "version", FLAG, OPTIONS_GENERAL, AT(version), NULL, N_("print the version and exit") },

    { "token", TEXT, OPTIONS_TOKEN, AT(token), "URI",
      N_("the token, as a PKCS#11 URI; default: the only one present") },
    { "module", TEXT, OPTIONS_TOKEN, AT(module), "FILE",
      N_("the PKCS#11 module; default: by the URI or p11-kit's configuration") },
    { "pin-source", TEXT, OPTIONS_TOKEN, AT(pin_source), "FILE|fd:N",
      N_("take the PIN from this file's first line; default: ask on the terminal") },
    { "allow-final-try", FLAG, OPTIONS_TOKEN, AT(allow_final_try), NULL,
      N_("spend the last PIN try; a wrong PIN then locks the token") },

    { "id", TEXT, OPTIONS_SELECT, AT(id), "HEX", N_("the key's CKA_ID") },
    { "label", TEXT, OPTIONS_SELECT, AT(label), "TEXT", N_("the label of key or certificate") },
    { "key-type", TEXT, OPTIONS_KEY, AT(key_type), "TYPE",
      N_("generate a key: rsa-2048, rsa-3072, rsa-4096, p-256, p-384, p-521 or ed25519") },

    { "subject", TEXT, OPTIONS_REQUEST, AT(subject), "DN",
      N_("the subject (RFC 4514), e.g. \"CN=0258366660019,O=Example,C=JP\"") },
    { "alt-name", LIST, OPTIONS_REQUEST, AT(alt_names), "TYPE:NAME",
      N_("a name of type dns, email, ip, uri or upn; may be repeated") },
    { "key-usage", TEXT, OPTIONS_REQUEST, AT(key_usage), "LIST",
      N_("key usages, or none; default: digitalSignature") },
    { "eku", TEXT, OPTIONS_REQUEST, AT(eku), "LIST",
      N_("extended key usages, or none; default: clientAuth") },

    { "trust-anchor", TEXT, OPTIONS_ANCHOR, AT(trust_anchor), "FILE",
      N_("CA certificates (PEM) that the new certificate must chain to") },
    { "url", TEXT, OPTIONS_RA, AT(url), "URL", N_("the EST server") },
    { "tls-anchor", TEXT, OPTIONS_RA, AT(tls_anchor), "FILE",
      N_("CA certificates (PEM) of the server; default: those of --trust-anchor") },
    { "user", TEXT, OPTIONS_RA, AT(user), "NAME", N_("the account at the RA") },
    { "password-source", TEXT, OPTIONS_RA, AT(password_source), "FILE|fd:N",
      N_("take its password from this file's first line; default: ask on the terminal") },
    { "ca-names", FLAG, OPTIONS_CA_NAMES, AT(ca_names), NULL,
      N_("take the subject and names that the CA decides on") },

    { "offline", FLAG, OPTIONS_OFFLINE, AT(offline), NULL,
      N_("no RA: the request goes to standard output, the certificate comes on standard input") },
    { "out", TEXT, OPTIONS_OUT | OPTIONS_OFFLINE, AT(out), "FILE",
      N_("write there instead of to standard output") },
    { "der", FLAG, OPTIONS_OUT, AT(der), NULL, N_("write DER instead of PEM") },
    { "pem", FLAG, OPTIONS_PEM, AT(pem), NULL, N_("print the certificate in PEM") },

    /* getopt_long completes names: without these, "--pin 1234" would be taken for --pin-source
     * and the PIN for a file name. */
    { "pin", SECRET, ~0, 0, "--pin-source FILE|fd:N", NULL },
    { "password", SECRET, ~0, 0, "--password-source FILE|fd:N", NULL },
};
enum { ROWS = sizeof(rows) / sizeof(rows[0]) };

/* getopt_long's own table of the rows in `groups`; `val` is the row's index plus 1. */
static void fill_table(struct option table[ROWS + 1], int groups)
{
    size_t used = 0;

    for (size_t i = 0; i < ROWS; i++) {
        if (!(rows[i].group & groups))
            continue;
        table[used].name = rows[i].name;
        table[used].has_arg = rows[i].kind == FLAG     ? no_argument
                              : rows[i].kind == SECRET ? optional_argument
                                                       : required_argument;
        table[used].flag = NULL;
        table[used++].val = (int)i + 1;
    }
    memset(&table[used], 0, sizeof(table[used]));
}

static int append_alt_name(struct options *options, const char *value, struct failure *failure)
{
    size_t size = (options->alt_names_count + 1) * sizeof(*options->alt_names);
    const char **grown = realloc(options->alt_names, size);

    if (!grown)
        return failure_memory(failure);
    grown[options->alt_names_count++] = value;
    options->alt_names = grown;
    return CERTENROLL_OK;
}

static int store_text(struct options *options, const struct row *row, const char *value,
                      struct failure *failure)
{
    const char **member = (const char **)((char *)options + row->offset);

    if (*member)
        return failure_set(failure, CERTENROLL_E_ARGUMENT, _("--%s is given twice"), row->name);
    *member = value;
    return CERTENROLL_OK;
}

static int store(struct options *options, const struct row *row, const char *value,
                 struct failure *failure)
{
    switch (row->kind) {
    case FLAG:
        *(int *)((char *)options + row->offset) = 1;
        return CERTENROLL_OK;
    case TEXT:
        return store_text(options, row, value, failure);
    case LIST:
        return append_alt_name(options, value, failure);
    case SECRET:
        break;
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
    else if (optopt > 0 && optopt <= (int)ROWS)
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

    fill_table(table, groups);
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

int options_read_general(struct options *options, int argc, char **argv, int *next,
                         struct failure *failure)
{
    int status = read_options(options, OPTIONS_GENERAL, "+:", argc, argv, failure);

    *next = optind;
    return status;
}

int options_read_command(struct options *options, int groups, int argc, char **argv,
                         struct failure *failure)
{
    int wanted = (groups & OPTIONS_OPERAND) != 0;
    int status = read_options(options, groups | OPTIONS_GENERAL, ":", argc, argv, failure);

    if (status < 0 || options->help || options->version)
        return status;
    if (optind < argc && wanted)
        options->operand = argv[optind++];
    if (wanted && !options->operand)
        return failure_set(failure, CERTENROLL_E_ARGUMENT, "%s", _("the FILE is missing"));
    if (optind < argc)
        return failure_set(failure, CERTENROLL_E_ARGUMENT, _("\"%s\" is one argument too many"),
                           argv[optind]);
    return CERTENROLL_OK;
}

void options_clear(struct options *options)
{
    free(options->alt_names);
    options->alt_names = NULL;
    options->alt_names_count = 0;
}

void options_describe(int groups, FILE *stream)
{
    for (size_t i = 0; i < ROWS; i++) {
        char left[64];

        if (!(rows[i].group & groups) || rows[i].kind == SECRET)
            continue;
        snprintf(left, sizeof(left), "--%s%s%s", rows[i].name, rows[i].value ? " " : "",
                 rows[i].value ? rows[i].value : "");
        fprintf(stream, "  %-29s %s\n", left, _(rows[i].help));
    }
}
