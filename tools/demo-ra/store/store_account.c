/* SPDX-License-Identifier: Apache-2.0 */
#include "store/store_clock.h"
#include "store/store_query.h"

#include <string.h>

enum store_result store_account_add(struct store *store, const struct new_account *account)
{
    static const char corporation[] =
        "INSERT INTO account(corporate_id, name, password_hash, confirmation_hash, title,"
        " needs_order, created_at) VALUES (?1, ?1, ?2, ?3, ?4, ?5, ?6)";
    static const char user[] =
        "INSERT INTO account(corporate_id, user_id, corporation, name, password_hash,"
        " confirmation_hash, title, needs_order, created_at)"
        " SELECT ?1, ?7, id, ?1 || ' ' || ?7, ?2, ?3, ?4, ?5, ?6 FROM account"
        " WHERE name = ?1 AND user_id IS NULL AND removed_at IS NULL";
    const struct value values[] = { TEXT(account->corporate_id),
                                    TEXT(account->password_hash),
                                    TEXT(account->confirmation_hash),
                                    TEXT(account->title),
                                    INTEGER(account->needs_order),
                                    INTEGER(store_now(store)),
                                    TEXT(account->user_id) };

    return store_change(store, account->user_id ? user : corporation, values,
                        account->user_id ? 7 : 6);
}

static enum store_result find_account(struct store *store, struct account *out, const char *sql,
                                      const struct value *value)
{
    sqlite3_stmt *statement;
    enum store_result result = store_start(store, &statement, sql, value, 1);

    memset(out, 0, sizeof(*out));
    if (result == STORE_OK) {
        out->id = sqlite3_column_int64(statement, 0);
        out->corporation_id = sqlite3_column_int64(statement, 1);
        store_take_text(out->name, sizeof(out->name), statement, 2);
        store_take_text(out->password_hash, sizeof(out->password_hash), statement, 3);
        store_take_text(out->confirmation_hash, sizeof(out->confirmation_hash), statement, 4);
        for (int use = 0; use < PASSWORD_USES; use++)
            out->wrong_tries[use] = sqlite3_column_int(statement, 5 + use);
        out->needs_order = sqlite3_column_int(statement, 8);
    }
    return store_finish(store, statement, result);
}

#define SELECT_ACCOUNT                                                                             \
    "SELECT id, corporation, name, password_hash, confirmation_hash, wrong_tries, wrong_logons,"   \
    " wrong_confirmations, needs_order FROM account WHERE removed_at IS NULL AND "

enum store_result store_account_find(struct store *store, struct account *out, const char *name)
{
    return find_account(store, out, SELECT_ACCOUNT "name = ?", &TEXT(name));
}

enum store_result store_account_by_id(struct store *store, struct account *out, int64_t id)
{
    return find_account(store, out, SELECT_ACCOUNT "id = ?", &INTEGER(id));
}

enum store_result store_account_stands(struct store *store, int64_t id)
{
    return store_any(store, "SELECT 1 FROM account WHERE id = ? AND removed_at IS NULL",
                     VALUES(INTEGER(id)));
}

enum store_result store_account_count_wrong(struct store *store, int64_t id, enum password_use use)
{
    static const char *const statements[] = {
        [PASSWORD_ALONE] = "UPDATE account SET wrong_tries = wrong_tries + 1 WHERE id = ?",
        [PASSWORD_WITH_CERTIFICATE] = "UPDATE account SET wrong_logons = wrong_logons + 1"
                                      " WHERE id = ?",
        [PASSWORD_CONFIRMATION] = "UPDATE account SET wrong_confirmations ="
                                  " wrong_confirmations + 1 WHERE id = ?",
    };

    return store_change(store, statements[use], VALUES(INTEGER(id)));
}

enum store_result store_account_clear_wrong(struct store *store, int64_t id, enum password_use use)
{
    static const char *const statements[] = {
        [PASSWORD_ALONE] = "UPDATE account SET wrong_tries = 0 WHERE id = ?",
        [PASSWORD_WITH_CERTIFICATE] = "UPDATE account SET wrong_logons = 0 WHERE id = ?",
        [PASSWORD_CONFIRMATION] = "UPDATE account SET wrong_confirmations = 0 WHERE id = ?",
    };

    return store_change(store, statements[use], VALUES(INTEGER(id)));
}

enum store_result store_account_unlock(struct store *store, int64_t id)
{
    return store_change(store,
                        "UPDATE account SET wrong_tries = 0, wrong_logons = 0,"
                        " wrong_confirmations = 0 WHERE id = ?",
                        VALUES(INTEGER(id)));
}

enum store_result store_account_set_passwords(struct store *store, int64_t id,
                                              const char *password_hash,
                                              const char *confirmation_hash)
{
    return store_change(store,
                        "UPDATE account SET password_hash = ?2, confirmation_hash = ?3,"
                        " wrong_tries = 0, wrong_logons = 0, wrong_confirmations = 0 WHERE id = ?1",
                        VALUES(INTEGER(id), TEXT(password_hash), TEXT(confirmation_hash)));
}

enum store_result store_account_remove(struct store *store, int64_t id)
{
    return store_change(store,
                        "UPDATE account SET removed_at = ?2"
                        " WHERE (id = ?1 OR corporation = ?1) AND removed_at IS NULL",
                        VALUES(INTEGER(id), INTEGER(store_now(store))));
}

/* --- the audit log of what is done with them --- */

enum store_result store_audit(struct store *store, const char *event, const char *account,
                              const char *detail)
{
    return store_change(
        store, "INSERT INTO audit(at, event, account, detail) VALUES (?, ?, ?, ?)",
        VALUES(INTEGER(store_now(store)), TEXT(event), TEXT(account), TEXT(detail)));
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
