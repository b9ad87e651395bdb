/* SPDX-License-Identifier: Apache-2.0 */
/* What the files that hold the queries share. */
#ifndef DEMO_RA_STORE_QUERY_H
#define DEMO_RA_STORE_QUERY_H

#include "store/store.h"

#include <pthread.h>
#include <sqlite3.h>

struct store {
    sqlite3 *database;
    pthread_mutex_t mutex; /* recursive: held by store_begin through the calls of a transaction */
    int depth;             /* of transactions within one another */
    int spoilt;            /* one of them is not kept */
    int64_t clock_shift;   /* of this process alone (store_clock.h) */
    enum store_use use;
    char why[256]; /* it failed last */
};

/* The value of a parameter. */
struct value {
    enum { VALUE_NULL, VALUE_INTEGER, VALUE_TEXT, VALUE_BLOB } type;
    int64_t integer;
    const void *bytes;
    size_t length;
};

#define INTEGER(number) ((struct value){ VALUE_INTEGER, (number), NULL, 0 })
#define INTEGER_OR_NULL(number)                                                                    \
    ((struct value){ (number) ? VALUE_INTEGER : VALUE_NULL, (number), NULL, 0 })
#define TEXT(string) ((struct value){ (string) ? VALUE_TEXT : VALUE_NULL, 0, (string), 0 })
#define BLOB(data, size) ((struct value){ VALUE_BLOB, 0, (data), (size) })

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
/* Those of a statement, and how many: the last two arguments of the calls below. */
#define VALUES(...)                                                                                \
    (const struct value[]){ __VA_ARGS__ }, COUNT(((const struct value[]){ __VA_ARGS__ }))

/* Prepares and runs up to the first row: STORE_OK there is one, STORE_NONE there is none. The
 * caller ends with store_finish(), whatever came out. */
enum store_result store_start(struct store *store, sqlite3_stmt **statement, const char *sql,
                              const struct value *values, size_t count);
/* On to the next row: STORE_OK, or STORE_NONE at the end. */
enum store_result store_next(struct store *store, sqlite3_stmt *statement);
enum store_result store_finish(struct store *store, sqlite3_stmt *statement,
                               enum store_result result);

/* A statement that returns no row. STORE_NONE: it changed nothing. */
enum store_result store_change(struct store *store, const char *sql, const struct value *values,
                               size_t count);
/* Whether a query finds anything: STORE_OK or STORE_NONE. */
enum store_result store_any(struct store *store, const char *sql, const struct value *values,
                            size_t count);
/* Whether a query finds nothing: STORE_OK or STORE_EXISTS. */
enum store_result store_none(struct store *store, const char *sql, const struct value *values,
                             size_t count);

/* The one number that a statement returns. */
enum store_result store_number(struct store *store, int64_t *out, const char *sql,
                               const struct value *values, size_t count);

/* A column, "" for NULL, cut to fit. */
void store_take_text(char *out, size_t size, sqlite3_stmt *statement, int column);

#endif
