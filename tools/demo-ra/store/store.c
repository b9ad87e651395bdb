/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE /* PTHREAD_MUTEX_RECURSIVE */

#include "base/config.h"
#include "base/diagnostics.h"
#include "base/files.h"
#include "common/message.h"
#include "store/store_query.h"
#include "store/store_schema.h"

#include <sys/stat.h>

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define BUSY_MILLISECONDS 5000

/* --- opening --- */

static struct store *store_new(void)
{
    struct store *store = calloc(1, sizeof(*store));
    pthread_mutexattr_t attributes;

    if (!store)
        return NULL;
    pthread_mutexattr_init(&attributes);
    pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_RECURSIVE);
    pthread_mutex_init(&store->mutex, &attributes);
    pthread_mutexattr_destroy(&attributes);
    return store;
}

static int open_database(struct store *store, const char *path, enum store_use use)
{
    int flags = SQLITE_OPEN_FULLMUTEX |
                (use == STORE_READ ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE) |
                (use == STORE_CREATE ? SQLITE_OPEN_CREATE : 0);

    if (sqlite3_open_v2(path, &store->database, flags, NULL) != SQLITE_OK)
        return fail(CERTENROLL_CLASS_SYSTEM, _("cannot open %s: %s"), path,
                    sqlite3_errmsg(store->database));
    if (use == STORE_CREATE && chmod(path, 0600) < 0)
        return fail_errno(_("cannot protect %s"), path);
    if (sqlite3_busy_timeout(store->database, BUSY_MILLISECONDS) != SQLITE_OK)
        return fail(CERTENROLL_CLASS_SYSTEM, _("cannot set up %s"), path);
    return use == STORE_READ ? store_check(store->database) : store_migrate(store->database);
}

int store_open(struct store **out, const char *directory, enum store_use use)
{
    struct store *store = store_new();
    char *path = file_path(directory, STORE_FILE);
    int result;

    *out = NULL;
    if (!store || !path)
        result = fail(CERTENROLL_CLASS_SYSTEM, _("out of memory"));
    else if (use != STORE_CREATE && access(path, F_OK) < 0)
        result = fail_errno(_("%s is no RA; run \"demo-ra init\" first"), directory);
    else
        result = open_database(store, path, use);
    free(path);
    if (result) {
        store_close(store);
        return result;
    }
    *out = store;
    return result;
}

void store_close(struct store *store)
{
    if (!store)
        return;
    sqlite3_close(store->database);
    pthread_mutex_destroy(&store->mutex);
    free(store);
}

/* --- one statement --- */

static int bind(sqlite3_stmt *statement, int index, const struct value *value)
{
    switch (value->type) {
    case VALUE_INTEGER:
        return sqlite3_bind_int64(statement, index, value->integer);
    case VALUE_TEXT:
        return sqlite3_bind_text(statement, index, value->bytes, -1, SQLITE_STATIC);
    case VALUE_BLOB:
        return sqlite3_bind_blob64(statement, index, value->bytes, value->length, SQLITE_STATIC);
    case VALUE_NULL:
    default:
        return sqlite3_bind_null(statement, index);
    }
}

static enum store_result failed(struct store *store)
{
    fail(CERTENROLL_CLASS_SYSTEM, _("the database failed: %s"), sqlite3_errmsg(store->database));
    return STORE_FAILED;
}

enum store_result store_next(struct store *store, sqlite3_stmt *statement)
{
    switch (sqlite3_step(statement)) {
    case SQLITE_ROW:
        return STORE_OK;
    case SQLITE_DONE:
        return STORE_NONE;
    default:
        if (sqlite3_extended_errcode(store->database) == SQLITE_CONSTRAINT_UNIQUE)
            return STORE_EXISTS;
        return failed(store);
    }
}

enum store_result store_start(struct store *store, sqlite3_stmt **statement, const char *sql,
                              const struct value *values, size_t count)
{
    pthread_mutex_lock(&store->mutex);
    *statement = NULL;
    if (sqlite3_prepare_v2(store->database, sql, -1, statement, NULL) != SQLITE_OK)
        return failed(store);
    for (size_t i = 0; i < count; i++)
        if (bind(*statement, (int)i + 1, &values[i]) != SQLITE_OK)
            return failed(store);
    return store_next(store, *statement);
}

enum store_result store_finish(struct store *store, sqlite3_stmt *statement,
                               enum store_result result)
{
    sqlite3_finalize(statement);
    pthread_mutex_unlock(&store->mutex);
    return result;
}

enum store_result store_change(struct store *store, const char *sql, const struct value *values,
                               size_t count)
{
    sqlite3_stmt *statement;
    enum store_result result = store_start(store, &statement, sql, values, count);

    if (result == STORE_NONE && sqlite3_changes(store->database) > 0)
        result = STORE_OK;
    return store_finish(store, statement, result);
}

enum store_result store_any(struct store *store, const char *sql, const struct value *values,
                            size_t count)
{
    sqlite3_stmt *statement;
    enum store_result result = store_start(store, &statement, sql, values, count);

    return store_finish(store, statement, result);
}

enum store_result store_none(struct store *store, const char *sql, const struct value *values,
                             size_t count)
{
    switch (store_any(store, sql, values, count)) {
    case STORE_OK:
        return STORE_EXISTS;
    case STORE_NONE:
        return STORE_OK;
    default:
        return STORE_FAILED;
    }
}

void store_take_text(char *out, size_t size, sqlite3_stmt *statement, int column)
{
    const unsigned char *text = sqlite3_column_text(statement, column);

    snprintf(out, size, "%s", text ? (const char *)text : "");
}

/* --- transactions --- */

enum store_result store_begin(struct store *store)
{
    pthread_mutex_lock(&store->mutex);
    if (store->depth > 0 ||
        sqlite3_exec(store->database, "BEGIN IMMEDIATE", NULL, NULL, NULL) == SQLITE_OK) {
        store->depth++;
        return STORE_OK;
    }
    (void)failed(store);
    pthread_mutex_unlock(&store->mutex);
    return STORE_FAILED;
}

static enum store_result close_transaction(struct store *store, int keep)
{
    enum store_result result = keep && store->spoilt ? STORE_FAILED : STORE_OK;

    if (sqlite3_exec(store->database, keep && !store->spoilt ? "COMMIT" : "ROLLBACK", NULL, NULL,
                     NULL) != SQLITE_OK) {
        result = failed(store);
        (void)sqlite3_exec(store->database, "ROLLBACK", NULL, NULL, NULL);
    }
    store->spoilt = 0;
    return result;
}

enum store_result store_end(struct store *store, int keep)
{
    enum store_result result = STORE_OK;

    store->depth--;
    if (store->depth == 0)
        result = close_transaction(store, keep);
    else if (!keep)
        store->spoilt = 1;
    pthread_mutex_unlock(&store->mutex);
    return result;
}
