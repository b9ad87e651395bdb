/* SPDX-License-Identifier: Apache-2.0 */
/* The command line, read by a table: what each option is called, where its value goes, and which
 * commands take it. */
#ifndef TOOLS_COMMON_OPTION_ROWS_H
#define TOOLS_COMMON_OPTION_ROWS_H

#include <certenroll/error.h>

#include <stddef.h>
#include <stdio.h>

enum option_kind {
    OPTION_FLAG,   /* an int, set to 1 */
    OPTION_TEXT,   /* a const char * */
    OPTION_LIST,   /* a struct option_list */
    OPTION_SECRET, /* not an option: a secret that somebody tries to give as an argument */
};

/* What an option that may be repeated was given. The texts are borrowed from argv, the array is
 * freed by option_list_clear(). */
struct option_list {
    const char **values;
    size_t count;
};
void option_list_clear(struct option_list *list);

struct option_row {
    const char *name;
    enum option_kind kind;
    int groups;        /* it is taken by a command that has one of these */
    size_t offset;     /* of its member in the program's own struct */
    const char *value; /* what the help calls the value; of a secret, what to use instead */
    const char *help;
};

/* A program's rows, at most OPTION_ROWS_MAX of them. */
struct option_rows {
    const struct option_row *list;
    size_t count;
};
#define OPTION_ROWS_MAX 100

/* Arguments; the first is a program's or a command's name. */
struct argument_line {
    int argc;
    char **argv;
    int next; /* after reading: the index of the first one that is no option */
};

/* Reads the options of these groups into `out`, which is all zeros or has what was read before; a
 * flag stays 0 and a text NULL where it was not given. */

/* Ends at the first argument that is no option. */
int option_rows_read_leading(void *out, const struct option_rows *rows, int groups,
                             struct argument_line *line, certenroll_error **error);
/* Takes options from all of the line; arguments that are none are moved to its end. */
int option_rows_read(void *out, const struct option_rows *rows, int groups,
                     struct argument_line *line, certenroll_error **error);
/* Then the one argument that is no option goes to *operand. `missing` says that it is not there;
 * NULL: the command takes none. */
int option_rows_operand(const char **operand, const char *missing, const struct argument_line *line,
                        certenroll_error **error);

/* The number from 0 to `most` that an option's text is; -1 when it is none. */
int option_number(const char *text, int most);

/* The options of these groups, one a line. */
void option_rows_describe(const struct option_rows *rows, int groups, FILE *stream);

#endif
