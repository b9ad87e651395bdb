/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE /* PTHREAD_MUTEX_RECURSIVE */

#include "common/tool_message.h"
#include "ground/diagnostics.h"
#include "ground/ra_directory.h"
#include "store/store_query.h"
#include "store/store_schema.h"

#include <sys/stat.h>

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define BUSY_MILLISECONDS 5000

/* --- opening --- */

static int open_database(struct store *store, const char *path, certenroll_error **error)
{
    int flags = SQLITE_OPEN_FULLMUTEX |
                (store->use == STORE_READ ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE) |
                (store->use == STORE_CREATE ? SQLITE_OPEN_CREATE : 0);
    int opened = sqlite3_open_v2(path, &store->database, flags, NULL) == SQLITE_OK;

    if (opened && store->use == STORE_CREATE && chmod(path, 0600) < 0)
        return certenroll_error_set_errno(error, _("cannot protect %s"), path);
    if (!opened || sqlite3_busy_timeout(store->database, BUSY_MILLISECONDS) != SQLITE_OK) {
        certenroll_error_set(error, CERTENROLL_E_SYSTEM, _("cannot open %s"), path);
        certenroll_error_because(error, "%s", sqlite3_errmsg(store->database));
        return CERTENROLL_E_SYSTEM;
    }
    return store->use == STORE_READ ? store_check(store->database, error)
                                    : store_migrate(store->database, error);
}

int store_open(struct store **out, const char *directory, enum store_use use,
               certenroll_error **error)
{
    struct store *store = calloc(1, sizeof(*store));
    char *path = store ? ra_directory_path(directory, STORE_FILE) : NULL;
    pthread_mutexattr_t attributes;
    int status;

    *out = NULL;
    if (!path) {
        free(store);
        return certenroll_error_set_memory(error);
    }
    store->use = use;
    pthread_mutexattr_init(&attributes);
    pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_RECURSIVE);
    pthread_mutex_init(&store->mutex, &attributes);
    pthread_mutexattr_destroy(&attributes);
    if (use != STORE_CREATE && access(path, F_OK) < 0)
        status = certenroll_error_set_errno(error, _("%s is no RA; run \"demo-ra init\" first"),
                                            directory);
    else
        status = open_database(store, path, error);
    free(path);
    if (!status)
        *out = store;
    else
        store_close(store);
    return status;
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

/* With the mutex held. */
static enum store_result failed(struct store *store)
{
    snprintf(store->why, sizeof(store->why), "%s", sqlite3_errmsg(store->database));
    if (store->use == STORE_SERVE)
        log_event(_("the database failed: %s"), store->why);
    return STORE_FAILED;
}

int store_status(const struct store *store, enum store_result result, certenroll_error **error)
{
    if (result == STORE_OK)
        return CERTENROLL_OK;
    certenroll_error_set(error, CERTENROLL_E_SYSTEM, _("the database failed"));
    if (store->why[0])
        certenroll_error_because(error, "%s", store->why);
    return CERTENROLL_E_SYSTEM;
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
    enum store_result result = store_any(store, sql, values, count);

    if (result == STORE_FAILED)
        return result;
    return result == STORE_OK ? STORE_EXISTS : STORE_OK;
}

enum store_result store_number(struct store *store, int64_t *out, const char *sql,
                               const struct value *values, size_t count)
{
    sqlite3_stmt *statement;
    enum store_result result = store_start(store, &statement, sql, values, count);

    if (result == STORE_OK) {
        *out = sqlite3_column_int64(statement, 0);
        result = store_next(store, statement) == STORE_NONE ? STORE_OK : STORE_FAILED;
    }
    return store_finish(store, statement, result);
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

enum store_result store_end(struct store *store, int keep)
{
    enum store_result result = STORE_OK;
    int commits = keep && !store->spoilt;

    store->depth--;
    if (store->depth > 0) {
        store->spoilt = store->spoilt || !keep;
    } else {
        if (keep && !commits)
            result = STORE_FAILED;
        store->spoilt = 0;
        if (sqlite3_exec(store->database, commits ? "COMMIT" : "ROLLBACK", NULL, NULL, NULL) !=
            SQLITE_OK) {
            result = failed(store);
            (void)sqlite3_exec(store->database, "ROLLBACK", NULL, NULL, NULL);
        }
    }
    pthread_mutex_unlock(&store->mutex);
    return result;
}
