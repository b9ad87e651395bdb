/* SPDX-License-Identifier: Apache-2.0 */
/* The table of all options: what each is called, where its value goes, and which commands take it.
 */
#ifndef CERTENROLL_TOOL_OPTIONS_TABLE_H
#define CERTENROLL_TOOL_OPTIONS_TABLE_H

#include <stddef.h>

enum option_kind {
    FLAG,   /* an int, set to 1 */
    TEXT,   /* a const char * */
    LIST,   /* alt_names */
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

/* Ends with a row without a name. */
extern const struct option_row option_rows[];
/* How many rows there are, without the last one. */
extern const size_t option_rows_count;

#endif
