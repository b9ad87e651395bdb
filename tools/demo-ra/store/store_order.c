/* SPDX-License-Identifier: Apache-2.0 */
#include "store/store_order.h"

#include "store/store_clock.h"
#include "store/store_query.h"

/* ?1 is now. */
#define SELECT_RECORD                                                                              \
    "SELECT a.id, a.name, a.title,"                                                                \
    " max(a.wrong_tries, a.wrong_logons, a.wrong_confirmations),"                                  \
    " o.id IS NOT NULL, o.effective_at, c.id IS NOT NULL, c.revoked_at IS NOT NULL, c.not_after,"  \
    " c.serial FROM account a"                                                                     \
    " LEFT JOIN certificate_order o ON o.account = a.id AND o.closed_at IS NULL"                   \
    " LEFT JOIN certificate c ON c.id = (SELECT n.id FROM certificate n WHERE n.account = a.id"    \
    "  ORDER BY n.revoked_at IS NULL AND n.not_after >= ?1 DESC, n.id DESC LIMIT 1)"               \
    " WHERE a.removed_at IS NULL AND "

static void take_record(struct order_record *out, sqlite3_stmt *statement)
{
    *out = (struct order_record){
        .account_id = sqlite3_column_int64(statement, 0),
        .locked = sqlite3_column_int(statement, 3) >= WRONG_TRIES_MAX,
        .ordered = sqlite3_column_int(statement, 4),
        .effective_at = sqlite3_column_int64(statement, 5),
        .has_certificate = sqlite3_column_int(statement, 6),
        .revoked = sqlite3_column_int(statement, 7),
        .not_after = sqlite3_column_int64(statement, 8),
    };
    store_take_text(out->name, sizeof(out->name), statement, 1);
    store_take_text(out->title, sizeof(out->title), statement, 2);
    store_take_text(out->serial, sizeof(out->serial), statement, 9);
}

enum store_result store_order_find(struct store *store, struct order_record *out,
                                   int64_t account_id, int64_t now)
{
    sqlite3_stmt *statement;
    enum store_result result = store_start(store, &statement, SELECT_RECORD "a.id = ?2",
                                           VALUES(INTEGER(now), INTEGER(account_id)));

    if (result == STORE_OK)
        take_record(out, statement);
    return store_finish(store, statement, result);
}

static enum store_result each(struct store *store, const char *sql, const struct value *values,
                              int (*take)(void *user, const struct order_record *record),
                              void *user)
{
    sqlite3_stmt *statement;
    struct order_record record;
    enum store_result result = store_start(store, &statement, sql, values, 2);

    for (; result == STORE_OK; result = store_next(store, statement)) {
        take_record(&record, statement);
        if (take(user, &record))
            break;
    }
    return store_finish(store, statement, result == STORE_FAILED ? result : STORE_OK);
}

enum store_result store_order_users(struct store *store, int64_t corporation_id, int64_t now,
                                    int (*take)(void *user, const struct order_record *record),
                                    void *user)
{
    const struct value values[] = { INTEGER(now), INTEGER(corporation_id) };

    return each(store, SELECT_RECORD "a.corporation = ?2 ORDER BY a.user_id", values, take, user);
}

enum store_result store_order_search(struct store *store, const char *text, int64_t now,
                                     int (*take)(void *user, const struct order_record *record),
                                     void *user)
{
    const struct value values[] = { INTEGER(now), TEXT(text) };

    return each(store,
                SELECT_RECORD "a.corporation IS NULL AND (a.name = ?2 OR instr(a.title, ?2) > 0)"
                              " ORDER BY a.name",
                values, take, user);
}

enum store_result store_order_place(struct store *store, int64_t account_id, int64_t effective_at,
                                    const char *by)
{
    const struct value values[] = { INTEGER(account_id), INTEGER(store_now(store)), TEXT(by),
                                    INTEGER(effective_at) };

    if (store_change(store,
                     "UPDATE certificate_order SET closed_at = ?2"
                     " WHERE account = ?1 AND closed_at IS NULL",
                     values, 2) == STORE_FAILED)
        return STORE_FAILED;
    return store_change(store,
                        "INSERT INTO certificate_order(account, placed_at, placed_by, effective_at)"
                        " VALUES (?, ?, ?, ?)",
                        values, COUNT(values));
}

enum store_result store_order_collect(struct store *store, int64_t account_id,
                                      int64_t certificate_id)
{
    return store_change(
        store,
        "UPDATE certificate_order SET closed_at = ?2, certificate = ?3"
        " WHERE account = ?1 AND closed_at IS NULL AND effective_at <= ?2",
        VALUES(INTEGER(account_id), INTEGER(store_now(store)), INTEGER(certificate_id)));
}

enum store_result store_order_reopen(struct store *store, int64_t certificate_id)
{
    return store_change(store,
                        "UPDATE certificate_order SET closed_at = NULL, certificate = NULL"
                        " WHERE certificate = ?1 AND NOT EXISTS (SELECT 1 FROM certificate_order o"
                        "  WHERE o.account = certificate_order.account AND o.closed_at IS NULL)",
                        VALUES(INTEGER(certificate_id)));
}
