/* SPDX-License-Identifier: Apache-2.0 */
#include "store/store_query.h"

enum store_result store_request_seen(struct store *store, int64_t *first, int64_t account_id,
                                     EVP_PKEY *key, int64_t now)
{
    unsigned char hash[FINGERPRINT_LENGTH];
    const struct value values[] = { INTEGER(account_id), BLOB(hash, sizeof(hash)), INTEGER(now) };
    sqlite3_stmt *statement;
    enum store_result result;

    if (store_key_hash(hash, key) < 0 ||
        store_change(store,
                     "INSERT OR IGNORE INTO request(account, key_hash, first_seen_at)"
                     " VALUES (?, ?, ?)",
                     values, 3) == STORE_FAILED)
        return STORE_FAILED;
    result = store_start(store, &statement,
                         "SELECT first_seen_at FROM request WHERE account = ? AND key_hash = ?",
                         values, 2);
    if (result == STORE_OK)
        *first = sqlite3_column_int64(statement, 0);
    return store_finish(store, statement, result);
}

enum store_result store_request_done(struct store *store, int64_t account_id, EVP_PKEY *key)
{
    unsigned char hash[FINGERPRINT_LENGTH];
    const struct value values[] = { INTEGER(account_id), BLOB(hash, sizeof(hash)) };

    if (store_key_hash(hash, key) < 0)
        return STORE_FAILED;
    return store_change(store, "DELETE FROM request WHERE account = ? AND key_hash = ?", values,
                        COUNT(values));
}
