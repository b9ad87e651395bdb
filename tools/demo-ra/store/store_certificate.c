/* SPDX-License-Identifier: Apache-2.0 */
#define _DEFAULT_SOURCE /* timegm */

#include "store/store_clock.h"
#include "store/store_query.h"

#include <openssl/bn.h>
#include <openssl/evp.h>

#include <stdio.h>
#include <string.h>
#include <time.h>

static int fingerprint(unsigned char *out, X509 *certificate)
{
    unsigned length = 0;

    return X509_digest(certificate, EVP_sha256(), out, &length) && length == FINGERPRINT_LENGTH
               ? 0
               : -1;
}

static int hash_key(unsigned char out[FINGERPRINT_LENGTH], EVP_PKEY *key)
{
    unsigned char *der = NULL;
    int length = i2d_PUBKEY(key, &der);
    int hashed = length > 0 && EVP_Digest(der, (size_t)length, out, NULL, EVP_sha256(), NULL);

    OPENSSL_free(der);
    return hashed ? 0 : -1;
}

static int64_t seconds(const ASN1_TIME *time)
{
    struct tm utc;

    return ASN1_TIME_to_tm(time, &utc) ? (int64_t)timegm(&utc) : 0;
}

/* The serial number as "0A1B..." of whole octets; OPENSSL_free. */
static char *serial_text(X509 *certificate)
{
    BIGNUM *number = ASN1_INTEGER_to_BN(X509_get0_serialNumber(certificate), NULL);
    char *text = number ? BN_bn2hex(number) : NULL;

    BN_free(number);
    return text;
}

enum store_result store_certificate_add(struct store *store, X509 *certificate, int64_t account_id,
                                        int64_t predecessor)
{
    unsigned char print[FINGERPRINT_LENGTH], hash[FINGERPRINT_LENGTH], *der = NULL;
    int length = i2d_X509(certificate, &der);
    char *serial = serial_text(certificate);
    char *subject = X509_NAME_oneline(X509_get_subject_name(certificate), NULL, 0);
    enum store_result result = STORE_FAILED;

    if (serial && subject && length > 0 && fingerprint(print, certificate) == 0 &&
        hash_key(hash, X509_get0_pubkey(certificate)) == 0)
        result = store_change(store,
                              "INSERT INTO certificate(account, serial, fingerprint, key_hash,"
                              " subject, not_before, not_after, der, predecessor)"
                              " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                              VALUES(INTEGER(account_id), TEXT(serial), BLOB(print, sizeof(print)),
                                     BLOB(hash, sizeof(hash)), TEXT(subject),
                                     INTEGER(seconds(X509_get0_notBefore(certificate))),
                                     INTEGER(seconds(X509_get0_notAfter(certificate))),
                                     BLOB(der, (size_t)length), INTEGER_OR_NULL(predecessor)));
    if (result == STORE_OK && predecessor)
        result = store_change(store,
                              "UPDATE certificate SET superseded_by ="
                              " (SELECT id FROM certificate WHERE serial = ?) WHERE id = ?",
                              VALUES(TEXT(serial), INTEGER(predecessor)));
    OPENSSL_free(der);
    OPENSSL_free(serial);
    OPENSSL_free(subject);
    return result;
}

enum store_result store_certificate_find(struct store *store, struct certificate_record *out,
                                         X509 *certificate)
{
    unsigned char print[FINGERPRINT_LENGTH];
    sqlite3_stmt *statement;
    enum store_result result;

    memset(out, 0, sizeof(*out));
    if (fingerprint(print, certificate) < 0)
        return STORE_FAILED;
    result = store_start(store, &statement,
                         "SELECT c.id, a.id, a.name, c.serial, c.not_before, c.not_after,"
                         " a.removed_at IS NOT NULL, c.revoked_at IS NOT NULL"
                         " FROM certificate c JOIN account a ON a.id = c.account"
                         " WHERE c.fingerprint = ?",
                         VALUES(BLOB(print, sizeof(print))));
    if (result == STORE_OK) {
        out->id = sqlite3_column_int64(statement, 0);
        out->account_id = sqlite3_column_int64(statement, 1);
        store_take_text(out->account_name, sizeof(out->account_name), statement, 2);
        store_take_text(out->serial, sizeof(out->serial), statement, 3);
        out->not_before = sqlite3_column_int64(statement, 4);
        out->not_after = sqlite3_column_int64(statement, 5);
        out->account_removed = sqlite3_column_int(statement, 6);
        out->revoked = sqlite3_column_int(statement, 7);
    }
    return store_finish(store, statement, result);
}

/* The newest for this key that is good at `now` and belongs to what ?1 is. */
static enum store_result newest_for_key(struct store *store, X509 **out, const char *sql,
                                        int64_t id, EVP_PKEY *key, int64_t now)
{
    unsigned char hash[FINGERPRINT_LENGTH];
    sqlite3_stmt *statement;
    enum store_result result;

    *out = NULL;
    if (hash_key(hash, key) < 0)
        return STORE_FAILED;
    result = store_start(store, &statement, sql,
                         VALUES(INTEGER(id), BLOB(hash, sizeof(hash)), INTEGER(now)));
    if (result == STORE_OK) {
        const unsigned char *der = sqlite3_column_blob(statement, 0);

        *out = d2i_X509(NULL, &der, sqlite3_column_bytes(statement, 0));
        if (!*out)
            result = STORE_FAILED;
    }
    return store_finish(store, statement, result);
}

#define SELECT_NEWEST(condition)                                                                   \
    "SELECT der FROM certificate WHERE key_hash = ?2 AND revoked_at IS NULL AND " condition        \
    " AND ?3 BETWEEN not_before AND not_after ORDER BY id DESC LIMIT 1"

enum store_result store_certificate_for_key(struct store *store, X509 **out, EVP_PKEY *key,
                                            int64_t account_id, int64_t now)
{
    return newest_for_key(store, out, SELECT_NEWEST("account = ?1 AND superseded_by IS NULL"),
                          account_id, key, now);
}

enum store_result store_certificate_successor(struct store *store, X509 **out, int64_t id,
                                              EVP_PKEY *key, int64_t now)
{
    return newest_for_key(store, out, SELECT_NEWEST("predecessor = ?1"), id, key, now);
}

enum store_result store_key_is_free(struct store *store, EVP_PKEY *key, const char *account_name)
{
    unsigned char hash[FINGERPRINT_LENGTH];

    if (hash_key(hash, key) < 0)
        return STORE_FAILED;
    return store_none(store,
                      "SELECT 1 FROM certificate c JOIN account a ON a.id = c.account"
                      " WHERE c.key_hash = ? AND a.name <> ? LIMIT 1",
                      VALUES(BLOB(hash, sizeof(hash)), TEXT(account_name)));
}

enum store_result store_key_is_unrevoked(struct store *store, EVP_PKEY *key)
{
    unsigned char hash[FINGERPRINT_LENGTH];

    if (hash_key(hash, key) < 0)
        return STORE_FAILED;
    return store_none(
        store, "SELECT 1 FROM certificate WHERE key_hash = ? AND revoked_at IS NOT NULL LIMIT 1",
        VALUES(BLOB(hash, sizeof(hash))));
}

enum store_result store_certificate_stands(struct store *store, int64_t id)
{
    return store_any(store, "SELECT 1 FROM certificate WHERE id = ? AND revoked_at IS NULL",
                     VALUES(INTEGER(id)));
}

enum store_result store_certificate_revoke(struct store *store, const char *account_name,
                                           const char *serial, const char *reason)
{
    char detail[SERIAL_TEXT_MAX + 1 + REASON_MAX + 1];
    enum store_result result =
        store_change(store,
                     "UPDATE certificate SET revoked_at = ?3, revocation_reason = ?2"
                     " WHERE serial = upper(?1) AND revoked_at IS NULL",
                     VALUES(TEXT(serial), TEXT(reason), INTEGER(store_now(store))));

    snprintf(detail, sizeof(detail), "%s %s", serial, reason);
    return result == STORE_OK ? store_audit(store, "certificate-revoked", account_name, detail)
                              : result;
}

static enum store_result one_serial(struct store *store, char serial[SERIAL_TEXT_MAX + 1],
                                    const char *sql, const struct value *values, size_t count)
{
    sqlite3_stmt *statement;
    enum store_result result = store_start(store, &statement, sql, values, count);

    serial[0] = '\0';
    if (result == STORE_OK)
        store_take_text(serial, SERIAL_TEXT_MAX + 1, statement, 0);
    return store_finish(store, statement, result);
}

enum store_result store_certificate_usable(struct store *store, char serial[SERIAL_TEXT_MAX + 1],
                                           int64_t account_id, int64_t now)
{
    return one_serial(store, serial,
                      "SELECT serial FROM certificate WHERE account = ? AND revoked_at IS NULL"
                      " AND not_after >= ? LIMIT 1",
                      VALUES(INTEGER(account_id), INTEGER(now)));
}

enum store_result store_certificate_serial(struct store *store, char serial[SERIAL_TEXT_MAX + 1],
                                           int64_t id)
{
    return one_serial(store, serial, "SELECT serial FROM certificate WHERE id = ?",
                      VALUES(INTEGER(id)));
}

/* --- for the operator --- */

static void take_entry(struct certificate_entry *out, sqlite3_stmt *statement)
{
    const void *hash = sqlite3_column_blob(statement, 2);

    *out = (struct certificate_entry){ .not_before = sqlite3_column_int64(statement, 3),
                                       .not_after = sqlite3_column_int64(statement, 4),
                                       .revoked = sqlite3_column_int(statement, 5),
                                       .superseded = sqlite3_column_int(statement, 6) };
    store_take_text(out->serial, sizeof(out->serial), statement, 0);
    store_take_text(out->account_name, sizeof(out->account_name), statement, 1);
    if (hash && sqlite3_column_bytes(statement, 2) == FINGERPRINT_LENGTH)
        memcpy(out->key_hash, hash, FINGERPRINT_LENGTH);
    store_take_text(out->reason, sizeof(out->reason), statement, 7);
    store_take_text(out->predecessor, sizeof(out->predecessor), statement, 8);
}

enum store_result
store_certificate_list(struct store *store, const char *account_name,
                       int (*take)(void *user, const struct certificate_entry *entry), void *user)
{
    sqlite3_stmt *statement;
    enum store_result found,
        result = store_start(store, &statement,
                             "SELECT c.serial, a.name, c.key_hash, c.not_before,"
                             " c.not_after, c.revoked_at IS NOT NULL,"
                             " c.superseded_by IS NOT NULL, c.revocation_reason,"
                             " p.serial FROM certificate c"
                             " JOIN account a ON a.id = c.account"
                             " LEFT JOIN certificate p ON p.id = c.predecessor"
                             " WHERE ?1 IS NULL OR a.name = ?1 ORDER BY c.id",
                             VALUES(TEXT(account_name)));

    for (found = result; found == STORE_OK; found = store_next(store, statement)) {
        struct certificate_entry entry;

        take_entry(&entry, statement);
        if (take(user, &entry))
            break;
    }
    return store_finish(store, statement, found == STORE_FAILED ? found : result);
}

/* --- requests that wait --- */

enum store_result store_request_seen(struct store *store, int64_t *first, int64_t account_id,
                                     EVP_PKEY *key, int64_t now)
{
    unsigned char hash[FINGERPRINT_LENGTH];

    if (hash_key(hash, key) < 0 ||
        store_change(store,
                     "INSERT OR IGNORE INTO request(account, key_hash, first_seen_at)"
                     " VALUES (?, ?, ?)",
                     VALUES(INTEGER(account_id), BLOB(hash, sizeof(hash)), INTEGER(now))) ==
            STORE_FAILED)
        return STORE_FAILED;
    return store_number(store, first,
                        "SELECT first_seen_at FROM request WHERE account = ? AND key_hash = ?",
                        VALUES(INTEGER(account_id), BLOB(hash, sizeof(hash))));
}

enum store_result store_request_done(struct store *store, int64_t account_id, EVP_PKEY *key)
{
    unsigned char hash[FINGERPRINT_LENGTH];

    if (hash_key(hash, key) < 0)
        return STORE_FAILED;
    return store_change(store, "DELETE FROM request WHERE account = ? AND key_hash = ?",
                        VALUES(INTEGER(account_id), BLOB(hash, sizeof(hash))));
}
