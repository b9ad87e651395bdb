/* SPDX-License-Identifier: Apache-2.0 */
#include "store/store_session.h"

#include "store/store_clock.h"
#include "store/store_query.h"

#define USE_STEP 10

enum store_result store_session_add(struct store *store, struct session_row *row,
                                    const unsigned char token_hash[TOKEN_HASH_LENGTH])
{
    return store_number(
        store, &row->id,
        "INSERT INTO session(token_hash, host, account, certificate, begun_at, used_at)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?5) RETURNING id",
        VALUES(BLOB(token_hash, TOKEN_HASH_LENGTH), INTEGER(row->host),
               INTEGER_OR_NULL(row->account_id), INTEGER_OR_NULL(row->certificate_id),
               INTEGER(store_now(store))));
}

enum store_result store_session_find(struct store *store, struct session_row *out,
                                     const unsigned char token_hash[TOKEN_HASH_LENGTH],
                                     int64_t begun_after, int64_t used_after)
{
    sqlite3_stmt *statement;
    enum store_result result = store_start(
        store, &statement,
        "SELECT s.id, s.host, s.account, s.certificate FROM session s"
        " LEFT JOIN account a ON a.id = s.account"
        " WHERE s.token_hash = ? AND s.begun_at > ? AND s.used_at > ?"
        " AND a.removed_at IS NULL",
        VALUES(BLOB(token_hash, TOKEN_HASH_LENGTH), INTEGER(begun_after), INTEGER(used_after)));

    *out = (struct session_row){ 0 };
    if (result == STORE_OK)
        *out = (struct session_row){ sqlite3_column_int64(statement, 0),
                                     sqlite3_column_int(statement, 1),
                                     sqlite3_column_int64(statement, 2),
                                     sqlite3_column_int64(statement, 3) };
    return store_finish(store, statement, result);
}

enum store_result store_session_use(struct store *store, int64_t id)
{
    enum store_result result = store_change(
        store, "UPDATE session SET used_at = ?2 WHERE id = ?1 AND abs(?2 - used_at) >= ?3",
        VALUES(INTEGER(id), INTEGER(store_now(store)), INTEGER(USE_STEP)));

    return result == STORE_FAILED ? result : STORE_OK;
}

enum store_result store_session_remove(struct store *store, int64_t id)
{
    return store_change(store, "DELETE FROM session WHERE id = ?", VALUES(INTEGER(id)));
}

enum store_result store_session_remove_all(struct store *store, int64_t account_id)
{
    return store_change(store, "DELETE FROM session WHERE account = ?",
                        VALUES(INTEGER(account_id)));
}

enum store_result store_session_remove_old(struct store *store, int64_t begun_after,
                                           int64_t used_after)
{
    return store_change(store, "DELETE FROM session WHERE begun_at <= ? OR used_at <= ?",
                        VALUES(INTEGER(begun_after), INTEGER(used_after)));
}
