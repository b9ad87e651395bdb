/* SPDX-License-Identifier: Apache-2.0 */
/* The list of a batch: who is to be enrolled, from CSV or JSON, checked as a whole. */
#ifndef CERTENROLL_TOOL_ROW_LIST_H
#define CERTENROLL_TOOL_ROW_LIST_H

#include "common/named_file.h"
#include "tool.h"

#include <jansson.h>

/* What a row says; the names of columns and members are in row_list.c. */
enum batch_field {
    BATCH_SUBJECT,
    BATCH_LABEL,
    BATCH_KEY_TYPE,
    BATCH_ALT_NAMES, /* of CSV; JSON has an array */
    BATCH_TOKEN,
    BATCH_USER,
    BATCH_PASSWORD_SOURCE,
    BATCH_FIELDS,
};

struct batch_row {
    size_t line; /* where it is in the file, from 1 */
    /* Borrowed from the list or the options; NULL or "" never stands for a value. */
    const char *fields[BATCH_FIELDS];
    const char **alt_names;
    size_t alt_names_count;
    certenroll_key_type key_type;
};

struct batch_list {
    const struct options *options;
    struct batch_row *rows;
    size_t count, capacity;
    size_t bad; /* problems that were told of */

    struct ce_buffer text; /* what CSV fields are borrowed from */
    json_t *json;          /* the same for JSON */
};

/* Reads the list of the command line ("-": standard input), fills in what the options say for all,
 * and checks every row. Each problem is told of with its line; then the call fails. `list` is
 * zero-initialised, and cleared by the caller in any case. `request` has the usages to ask for. */
int batch_list_read(struct batch_list *list, const struct options *options,
                    const certenroll_request_options *request, certenroll_error **error);
void batch_list_clear(struct batch_list *list);

/* --- for the readers of the two forms --- */

/* The field of this name; BATCH_FIELDS: there is none. */
enum batch_field batch_field_named(const char *name);

/* Another row. CERTENROLL_E_ARGUMENT without an error: there are more than a list may have, which
 * has been told. */
int batch_list_add(struct batch_row **out, struct batch_list *list, size_t line,
                   certenroll_error **error);

/* A row's field has this value; "" is none. */
void batch_row_set(struct batch_list *list, struct batch_row *row, enum batch_field field,
                   const char *value);

/* One more alternative name, borrowed. Fails as batch_list_add() does. */
int batch_row_add_alt_name(struct batch_list *list, struct batch_row *row, const char *name,
                           certenroll_error **error);

/* Tells of a problem on stderr. */
void batch_problem(struct batch_list *list, size_t line, const char *what, ...)
    CERTENROLL_PRINTF(3, 4);

/* 0, or negative when nothing more can be read: without memory with the error, else it has been
 * told. Problems of single rows are no failure. */
int batch_read_csv(struct batch_list *list, certenroll_error **error);
int batch_read_json(struct batch_list *list, certenroll_error **error);

#endif
