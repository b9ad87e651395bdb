/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE /* getopt_long */

#include "options.h"

#include "common/message.h"
#include "options_table.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

/* getopt_long's own table of the rows in `groups`; `val` is the row's index plus 1. `table` is all
 * zeros, and one row longer than ours. */
static void fill_table(struct option *table, int groups)
{
    size_t used = 0;

    for (size_t i = 0; i < option_rows_count; i++) {
        if (!(option_rows[i].groups & groups))
            continue;
        table[used].name = option_rows[i].name;
        table[used].has_arg = option_rows[i].kind == FLAG     ? no_argument
                              : option_rows[i].kind == SECRET ? optional_argument
                                                              : required_argument;
        table[used].flag = NULL;
        table[used++].val = (int)i + 1;
    }
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

static int store_text(struct options *options, const struct option_row *row, const char *value,
                      struct failure *failure)
{
    const char **member = (const char **)((char *)options + row->offset);

    if (*member)
        return failure_set(failure, CERTENROLL_E_ARGUMENT, _("--%s is given twice"), row->name);
    *member = value;
    return CERTENROLL_OK;
}

static int store(struct options *options, const struct option_row *row, const char *value,
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
    else if (optopt > 0 && optopt <= (int)option_rows_count)
        failure_set(failure, CERTENROLL_E_ARGUMENT, _("--%s takes no value"),
                    option_rows[optopt - 1].name);
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
    struct option *table = calloc(option_rows_count + 1, sizeof(*table));
    int result;

    if (!table)
        return failure_memory(failure);
    fill_table(table, groups);
    optind = 0; /* glibc: start anew, also with the ordering in `style` */
    opterr = 0;
    while ((result = getopt_long(argc, argv, style, table, NULL)) != -1) {
        if (result == '?' || result == ':')
            refuse(argv, result, failure);
        else
            (void)store(options, &option_rows[result - 1], optarg, failure);
    }
    free(table);
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
    for (size_t i = 0; i < option_rows_count; i++) {
        char left[64];

        if (!(option_rows[i].groups & groups) || option_rows[i].kind == SECRET)
            continue;
        snprintf(left, sizeof(left), "--%s%s%s", option_rows[i].name,
                 option_rows[i].value ? " " : "", option_rows[i].value ? option_rows[i].value : "");
        fprintf(stream, "  %-29s %s\n", left, _(option_rows[i].help));
    }
}
