/* SPDX-License-Identifier: Apache-2.0 */
#include "store/store_crl.h"

#include "store/store_query.h"

#include <stdlib.h>
#include <string.h>

enum store_result store_revoked_list(struct store *store, int64_t now,
                                     int (*take)(void *user, const char *serial, int64_t revoked_at,
                                                 const char *reason),
                                     void *user)
{
    sqlite3_stmt *statement;
    enum store_result result = store_start(store, &statement,
                                           "SELECT serial, revoked_at, revocation_reason"
                                           " FROM certificate WHERE revoked_at IS NOT NULL"
                                           " AND not_after >= ? ORDER BY revoked_at, id",
                                           VALUES(INTEGER(now)));

    for (; result == STORE_OK; result = store_next(store, statement))
        if (take(user, (const char *)sqlite3_column_text(statement, 0),
                 sqlite3_column_int64(statement, 1),
                 (const char *)sqlite3_column_text(statement, 2)))
            break;
    return store_finish(store, statement, result == STORE_FAILED ? result : STORE_OK);
}

enum store_result store_revoked_count(struct store *store, int64_t *out)
{
    return store_number(store, out, "SELECT count(*) FROM certificate WHERE revoked_at IS NOT NULL",
                        NULL, 0);
}

enum store_result store_crl_find(struct store *store, unsigned char **der, size_t *length,
                                 int64_t revoked, int64_t since, int64_t now)
{
    sqlite3_stmt *statement;
    enum store_result result =
        store_start(store, &statement,
                    "SELECT der FROM revocation_list"
                    " WHERE number = (SELECT max(number) FROM revocation_list) AND revoked = ?"
                    " AND made_at BETWEEN ? AND ?",
                    VALUES(INTEGER(revoked), INTEGER(since), INTEGER(now)));

    *der = NULL;
    if (result == STORE_OK) {
        const void *found = sqlite3_column_blob(statement, 0);

        *length = (size_t)sqlite3_column_bytes(statement, 0);
        *der = found && *length > 0 ? malloc(*length) : NULL;
        if (*der)
            memcpy(*der, found, *length);
        else
            result = STORE_FAILED;
    }
    return store_finish(store, statement, result);
}

enum store_result store_crl_number(struct store *store, int64_t *out, int64_t revoked, int64_t now)
{
    return store_number(store, out,
                        "INSERT INTO revocation_list(made_at, revoked) VALUES (?, ?)"
                        " RETURNING number",
                        VALUES(INTEGER(now), INTEGER(revoked)));
}

enum store_result store_crl_keep(struct store *store, int64_t number, const unsigned char *der,
                                 size_t length)
{
    return store_change(store, "UPDATE revocation_list SET der = ?2 WHERE number = ?1",
                        VALUES(INTEGER(number), BLOB(der, length)));
}
