/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE /* getopt_long */

#include "common/option_rows.h"

#include "common/tool_message.h"

#include <getopt.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* --- getopt_long's own table --- */

static const int arguments[] = {
    [OPTION_FLAG] = no_argument,
    [OPTION_TEXT] = required_argument,
    [OPTION_LIST] = required_argument,
    [OPTION_SECRET] = optional_argument,
};

/* A row's `val` in it is its index behind every character, for '?' and ':' are answers of
 * getopt_long's own. */
#define FIRST_ROW (UCHAR_MAX + 1)

/* --- values --- */

void option_list_clear(struct option_list *list)
{
    free(list->values);
    memset(list, 0, sizeof(*list));
}

static int store(void *out, const struct option_row *row, const char *value,
                 certenroll_error **error)
{
    void *member = (char *)out + row->offset;
    const char **text = member, **grown;
    struct option_list *list = member;

    switch (row->kind) {
    case OPTION_FLAG:
        *(int *)member = 1;
        return CERTENROLL_OK;
    case OPTION_TEXT:
        if (*text)
            return certenroll_error_set(error, CERTENROLL_E_ARGUMENT, _("--%s is given twice"),
                                        row->name);
        *text = value;
        return CERTENROLL_OK;
    case OPTION_LIST:
        grown = realloc(list->values, (list->count + 1) * sizeof(*grown));
        if (!grown)
            return certenroll_error_set_memory(error);
        grown[list->count++] = value;
        list->values = grown;
        return CERTENROLL_OK;
    case OPTION_SECRET:
        break;
    }
    certenroll_error_set(error, CERTENROLL_E_ARGUMENT, _("there is no option --%s"), row->name);
    certenroll_error_because(error,
                             _("every user of this computer can read a program's arguments"));
    certenroll_error_advise(error, _("Use %s, or let it be asked on the terminal."), row->value);
    return CERTENROLL_E_ARGUMENT;
}

/* --- reading --- */

/* getopt_long returned ':' or '?'. An option of "--name=value" is shown without its value, which
 * may be a secret with a misspelt name. */
static int refuse(const struct option_rows *rows, char **argv, int result, certenroll_error **error)
{
    const char *given = argv[optind - 1];
    int name_length = (int)strcspn(given, "="), status = CERTENROLL_E_ARGUMENT;

    if (result == ':')
        return certenroll_error_set(error, status, _("%.*s needs a value"), name_length, given);
    if (optopt >= FIRST_ROW)
        return certenroll_error_set(error, status, _("--%s takes no value"),
                                    rows->list[optopt - FIRST_ROW].name);
    if (optopt > 0)
        return certenroll_error_set(error, status, _("there are no one-letter options"));
    return certenroll_error_set(error, status, _("there is no option %.*s here"), name_length,
                                given);
}

/* Goes on after the first mistake, so that a --json behind it is heeded. */
static int read_options(void *out, const struct option_rows *rows, int groups, const char *style,
                        struct argument_line *line, certenroll_error **error)
{
    struct option table[OPTION_ROWS_MAX + 1] = { { 0 } };
    int result, status = CERTENROLL_OK;
    size_t used = 0;

    for (size_t i = 0; i < rows->count && i < OPTION_ROWS_MAX; i++)
        if (rows->list[i].groups & groups)
            table[used++] = (struct option){ .name = rows->list[i].name,
                                             .has_arg = arguments[rows->list[i].kind],
                                             .val = (int)i + FIRST_ROW };
    optind = 0; /* glibc: start anew, also with the ordering in `style` */
    opterr = 0;
    while ((result = getopt_long(line->argc, line->argv, style, table, NULL)) != -1) {
        certenroll_error **first = status < 0 ? NULL : error;
        int next = result < FIRST_ROW ? refuse(rows, line->argv, result, first)
                                      : store(out, &rows->list[result - FIRST_ROW], optarg, first);

        status = status < 0 ? status : next;
    }
    line->next = optind;
    return status;
}

int option_rows_read_leading(void *out, const struct option_rows *rows, int groups,
                             struct argument_line *line, certenroll_error **error)
{
    return read_options(out, rows, groups, "+:", line, error);
}

int option_rows_read(void *out, const struct option_rows *rows, int groups,
                     struct argument_line *line, certenroll_error **error)
{
    return read_options(out, rows, groups, ":", line, error);
}

int option_rows_operand(const char **operand, const char *missing, const struct argument_line *line,
                        certenroll_error **error)
{
    int next = line->next;

    if (missing && next < line->argc)
        *operand = line->argv[next++];
    if (missing && !*operand)
        return certenroll_error_set(error, CERTENROLL_E_ARGUMENT, "%s", missing);
    if (next < line->argc)
        return certenroll_error_set(error, CERTENROLL_E_ARGUMENT,
                                    _("\"%s\" is one argument too many"), line->argv[next]);
    return CERTENROLL_OK;
}

int option_number(const char *text, int most)
{
    char *end = NULL;
    long value = strtol(text, &end, 10);

    return end != text && *end == '\0' && value >= 0 && value <= most ? (int)value : -1;
}

/* --- help --- */

void option_rows_describe(const struct option_rows *rows, int groups, FILE *stream)
{
    for (size_t i = 0; i < rows->count; i++) {
        const struct option_row *row = &rows->list[i];
        char left[64];

        if (!(row->groups & groups) || row->kind == OPTION_SECRET)
            continue;
        snprintf(left, sizeof(left), "--%s%s%s", row->name, row->value ? " " : "",
                 row->value ? row->value : "");
        fprintf(stream, "  %-29s %s\n", left, _(row->help));
    }
}
