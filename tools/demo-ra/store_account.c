/* SPDX-License-Identifier: Apache-2.0 */
#include "store_query.h"

#include <string.h>

enum store_result store_account_add(struct store *store, const char *corporate_id,
                                    const char *user_id, const char *password_hash)
{
    static const char corporation[] =
        "INSERT INTO account(corporate_id, name, password_hash) VALUES (?1, ?1, ?2)";
    static const char user[] =
        "INSERT INTO account(corporate_id, user_id, corporation, name, password_hash)"
        " SELECT ?1, ?3, id, ?1 || ' ' || ?3, ?2 FROM account"
        " WHERE name = ?1 AND user_id IS NULL AND removed_at IS NULL";
    const struct value values[] = { TEXT(corporate_id), TEXT(password_hash), TEXT(user_id) };

    return store_change(store, user_id ? user : corporation, values, user_id ? 3 : 2);
}

enum store_result store_account_find(struct store *store, struct account *out, const char *name)
{
    const struct value values[] = { TEXT(name) };
    sqlite3_stmt *statement;
    enum store_result result =
        store_start(store, &statement,
                    "SELECT id, name, password_hash, wrong_tries FROM account"
                    " WHERE name = ? AND removed_at IS NULL",
                    values, COUNT(values));

    memset(out, 0, sizeof(*out));
    if (result == STORE_OK) {
        out->id = sqlite3_column_int64(statement, 0);
        store_take_text(out->name, sizeof(out->name), statement, 1);
        store_take_text(out->password_hash, sizeof(out->password_hash), statement, 2);
        out->wrong_tries = sqlite3_column_int(statement, 3);
    }
    return store_finish(store, statement, result);
}

enum store_result store_account_stands(struct store *store, int64_t id)
{
    const struct value values[] = { INTEGER(id) };

    return store_any(store, "SELECT 1 FROM account WHERE id = ? AND removed_at IS NULL", values,
                     COUNT(values));
}

enum store_result store_account_count_wrong(struct store *store, int64_t id)
{
    const struct value values[] = { INTEGER(id) };

    return store_change(store, "UPDATE account SET wrong_tries = wrong_tries + 1 WHERE id = ?",
                        values, COUNT(values));
}

enum store_result store_account_clear_wrong(struct store *store, int64_t id)
{
    const struct value values[] = { INTEGER(id) };

    return store_change(store, "UPDATE account SET wrong_tries = 0 WHERE id = ?", values,
                        COUNT(values));
}

enum store_result store_account_remove(struct store *store, int64_t id)
{
    const struct value values[] = { INTEGER(id) };

    return store_change(store,
                        "UPDATE account SET removed_at = unixepoch()"
                        " WHERE (id = ?1 OR corporation = ?1) AND removed_at IS NULL",
                        values, COUNT(values));
}
