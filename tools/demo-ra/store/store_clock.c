/* SPDX-License-Identifier: Apache-2.0 */
#include "store/store_clock.h"

#include "base/platform.h"
#include "store/store_query.h"

enum store_result store_clock_offset(struct store *store, int64_t *out)
{
    enum store_result result;

    *out = 0;
    result =
        store_number(store, out, "SELECT value FROM setting WHERE name = 'clock-offset'", NULL, 0);
    return result == STORE_NONE ? STORE_OK : result;
}

enum store_result store_clock_set_offset(struct store *store, int64_t seconds)
{
    return store_change(store,
                        "INSERT INTO setting(name, value) VALUES ('clock-offset', ?)"
                        " ON CONFLICT(name) DO UPDATE SET value = excluded.value",
                        VALUES(INTEGER(seconds)));
}

void store_clock_shift(struct store *store, int64_t seconds)
{
    store->clock_shift = seconds;
}

/* A failure has been told; what needs the time needs the store too, and fails by itself. */
int64_t store_now(struct store *store)
{
    int64_t offset;

    (void)store_clock_offset(store, &offset);
    return ce_now() + offset + store->clock_shift;
}

/* --- the bank's days off --- */

enum store_result store_holiday_add(struct store *store, const char *day, const char *name)
{
    enum store_result result =
        store_change(store, "INSERT OR IGNORE INTO holiday(day, name) VALUES (?, ?)",
                     VALUES(TEXT(day), TEXT(name)));

    return result == STORE_NONE ? STORE_EXISTS : result;
}

enum store_result store_holiday_remove(struct store *store, const char *day)
{
    return store_change(store, "DELETE FROM holiday WHERE day = ?", VALUES(TEXT(day)));
}

enum store_result store_holiday_is(struct store *store, const char *day)
{
    return store_any(store, "SELECT 1 FROM holiday WHERE day = ?", VALUES(TEXT(day)));
}

enum store_result store_holiday_after(struct store *store, const char *day)
{
    return store_any(store, "SELECT 1 FROM holiday WHERE day > ? LIMIT 1", VALUES(TEXT(day)));
}

enum store_result store_holiday_list(struct store *store,
                                     int (*take)(void *user, const char *day, const char *name),
                                     void *user)
{
    sqlite3_stmt *statement;
    enum store_result result =
        store_start(store, &statement, "SELECT day, name FROM holiday ORDER BY day", NULL, 0);

    for (; result == STORE_OK; result = store_next(store, statement))
        if (take(user, (const char *)sqlite3_column_text(statement, 0),
                 (const char *)sqlite3_column_text(statement, 1)))
            break;
    return store_finish(store, statement, result == STORE_FAILED ? result : STORE_OK);
}
