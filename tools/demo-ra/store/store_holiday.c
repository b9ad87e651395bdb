/* SPDX-License-Identifier: Apache-2.0 */
#include "store/store_clock.h"
#include "store/store_query.h"

enum store_result store_holiday_add(struct store *store, const char *day, const char *name)
{
    const struct value values[] = { TEXT(day), TEXT(name) };
    enum store_result result = store_change(
        store, "INSERT OR IGNORE INTO holiday(day, name) VALUES (?, ?)", values, COUNT(values));

    return result == STORE_NONE ? STORE_EXISTS : result;
}

enum store_result store_holiday_remove(struct store *store, const char *day)
{
    const struct value values[] = { TEXT(day) };

    return store_change(store, "DELETE FROM holiday WHERE day = ?", values, COUNT(values));
}

enum store_result store_holiday_is(struct store *store, const char *day)
{
    const struct value values[] = { TEXT(day) };

    return store_any(store, "SELECT 1 FROM holiday WHERE day = ?", values, COUNT(values));
}

enum store_result store_holiday_after(struct store *store, const char *day)
{
    const struct value values[] = { TEXT(day) };

    return store_any(store, "SELECT 1 FROM holiday WHERE day > ? LIMIT 1", values, COUNT(values));
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
