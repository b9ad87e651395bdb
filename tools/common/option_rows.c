/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE /* getopt_long */

#include "common/option_rows.h"

#include "common/message.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

/* --- getopt_long's own table --- */

static int argument_of(enum option_kind kind)
{
    if (kind == OPTION_FLAG)
        return no_argument;
    return kind == OPTION_SECRET ? optional_argument : required_argument;
}

/* Of the rows in `groups`; `val` is the row's index plus 1. `table` is all zeros. */
static void fill_table(struct option table[OPTION_ROWS_MAX + 1], const struct option_rows *rows,
                       int groups)
{
    size_t used = 0;

    for (size_t i = 0; i < rows->count && i < OPTION_ROWS_MAX; i++) {
        if (!(rows->list[i].groups & groups))
            continue;
        table[used].name = rows->list[i].name;
        table[used].has_arg = argument_of(rows->list[i].kind);
        table[used++].val = (int)i + 1;
    }
}

/* --- values --- */

static int append(struct option_list *list, const char *value, struct failure *failure)
{
    const char **grown = realloc(list->values, (list->count + 1) * sizeof(*grown));

    if (!grown)
        return failure_memory(failure);
    grown[list->count++] = value;
    list->values = grown;
    return CERTENROLL_OK;
}

void option_list_clear(struct option_list *list)
{
    free(list->values);
    memset(list, 0, sizeof(*list));
}

static int store_text(const char **member, const struct option_row *row, const char *value,
                      struct failure *failure)
{
    if (*member)
        return failure_set(failure, CERTENROLL_E_ARGUMENT, _("--%s is given twice"), row->name);
    *member = value;
    return CERTENROLL_OK;
}

static int refuse_secret(const struct option_row *row, struct failure *failure)
{
    failure_set(failure, CERTENROLL_E_ARGUMENT, _("there is no option --%s"), row->name);
    failure_because(failure, "%s", _("every user of this computer can read a program's arguments"));
    failure_advise(failure, _("Use %s, or let it be asked on the terminal."), row->value);
    return CERTENROLL_E_ARGUMENT;
}

static int store(void *out, const struct option_row *row, const char *value,
                 struct failure *failure)
{
    void *member = (char *)out + row->offset;

    switch (row->kind) {
    case OPTION_FLAG:
        *(int *)member = 1;
        return CERTENROLL_OK;
    case OPTION_TEXT:
        return store_text(member, row, value, failure);
    case OPTION_LIST:
        return append(member, value, failure);
    case OPTION_SECRET:
        break;
    }
    return refuse_secret(row, failure);
}

/* --- reading --- */

/* getopt_long returned ':' or '?'. An option of "--name=value" is shown without its value, which
 * may be a secret with a misspelt name. */
static void refuse(const struct option_rows *rows, char **argv, int result, struct failure *failure)
{
    const char *given = argv[optind - 1];
    int name_length = (int)strcspn(given, "=");

    if (result == ':')
        failure_set(failure, CERTENROLL_E_ARGUMENT, _("%.*s needs a value"), name_length, given);
    else if (optopt > 0 && optopt <= (int)rows->count)
        failure_set(failure, CERTENROLL_E_ARGUMENT, _("--%s takes no value"),
                    rows->list[optopt - 1].name);
    else if (optopt > 0)
        failure_set(failure, CERTENROLL_E_ARGUMENT, "%s", _("there are no one-letter options"));
    else
        failure_set(failure, CERTENROLL_E_ARGUMENT, _("there is no option %.*s here"), name_length,
                    given);
}

/* Goes on after the first mistake, so that a --json behind it is heeded. */
static int read_options(void *out, const struct option_rows *rows, int groups, const char *style,
                        int argc, char **argv, struct failure *failure)
{
    struct option table[OPTION_ROWS_MAX + 1];
    int result;

    memset(table, 0, sizeof(table));
    fill_table(table, rows, groups);
    optind = 0; /* glibc: start anew, also with the ordering in `style` */
    opterr = 0;
    while ((result = getopt_long(argc, argv, style, table, NULL)) != -1) {
        if (result == '?' || result == ':')
            refuse(rows, argv, result, failure);
        else
            (void)store(out, &rows->list[result - 1], optarg, failure);
    }
    return failure->status;
}

int option_rows_read_leading(void *out, const struct option_rows *rows, int groups, int argc,
                             char **argv, int *next, struct failure *failure)
{
    int status = read_options(out, rows, groups, "+:", argc, argv, failure);

    *next = optind;
    return status;
}

int option_rows_read(void *out, const struct option_rows *rows, int groups, int argc, char **argv,
                     int *next, struct failure *failure)
{
    int status = read_options(out, rows, groups, ":", argc, argv, failure);

    *next = optind;
    return status;
}

int option_rows_operand(const char **operand, const char *missing, int argc, char **argv, int next,
                        struct failure *failure)
{
    if (missing && next < argc)
        *operand = argv[next++];
    if (missing && !*operand)
        return failure_set(failure, CERTENROLL_E_ARGUMENT, "%s", missing);
    if (next < argc)
        return failure_set(failure, CERTENROLL_E_ARGUMENT, _("\"%s\" is one argument too many"),
                           argv[next]);
    return CERTENROLL_OK;
}

/* --- help --- */

static void describe(const struct option_row *row, FILE *stream)
{
    char left[64];

    snprintf(left, sizeof(left), "--%s%s%s", row->name, row->value ? " " : "",
             row->value ? row->value : "");
    fprintf(stream, "  %-29s %s\n", left, _(row->help));
}

void option_rows_describe(const struct option_rows *rows, int groups, FILE *stream)
{
    for (size_t i = 0; i < rows->count; i++)
        if (rows->list[i].groups & groups && rows->list[i].kind != OPTION_SECRET)
            describe(&rows->list[i], stream);
}
