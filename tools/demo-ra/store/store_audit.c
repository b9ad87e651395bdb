/* SPDX-License-Identifier: Apache-2.0 */
#include "store/store_clock.h"
#include "store/store_query.h"

enum store_result store_audit(struct store *store, const char *event, const char *account,
                              const char *detail)
{
    const struct value values[] = { INTEGER(store_now(store)), TEXT(event), TEXT(account),
                                    TEXT(detail) };

    return store_change(store, "INSERT INTO audit(at, event, account, detail) VALUES (?, ?, ?, ?)",
                        values, COUNT(values));
}

enum store_result store_audit_list(struct store *store,
                                   int (*take)(void *user, const struct audit_entry *entry),
                                   void *user)
{
    sqlite3_stmt *statement;
    enum store_result result = store_start(
        store, &statement, "SELECT at, event, account, detail FROM audit ORDER BY id", NULL, 0);

    for (; result == STORE_OK; result = store_next(store, statement)) {
        const struct audit_entry entry = { sqlite3_column_int64(statement, 0),
                                           (const char *)sqlite3_column_text(statement, 1),
                                           (const char *)sqlite3_column_text(statement, 2),
                                           (const char *)sqlite3_column_text(statement, 3) };

        if (take(user, &entry))
            break;
    }
    return store_finish(store, statement, result == STORE_FAILED ? result : STORE_OK);
}
