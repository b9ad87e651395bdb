/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE /* PTHREAD_MUTEX_RECURSIVE */

#include "store.h"

#include "common/message.h"
#include "diagnostics.h"
#include "store_schema.h"

#include <openssl/bn.h>
#include <openssl/evp.h>
#include <sys/stat.h>

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BUSY_MILLISECONDS 5000

struct store {
    sqlite3 *database;
    pthread_mutex_t mutex; /* recursive: held by store_begin through the calls of a transaction */
};

/* --- opening --- */

static struct store *store_new(void)
{
    struct store *store = calloc(1, sizeof(*store));
    pthread_mutexattr_t attributes;

    if (!store)
        return NULL;
    pthread_mutexattr_init(&attributes);
    pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_RECURSIVE);
    pthread_mutex_init(&store->mutex, &attributes);
    pthread_mutexattr_destroy(&attributes);
    return store;
}

int store_open(struct store **out, const char *path)
{
    struct store *store = store_new();
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_FULLMUTEX;
    int result = CERTENROLL_CLASS_OK;

    *out = NULL;
    if (!store)
        return fail(CERTENROLL_CLASS_SYSTEM, _("out of memory"));
    if (sqlite3_open_v2(path, &store->database, flags, NULL) != SQLITE_OK)
        result = fail(CERTENROLL_CLASS_SYSTEM, _("cannot open %s: %s"), path,
                      sqlite3_errmsg(store->database));
    else if (chmod(path, 0600) < 0)
        result = fail_errno(_("cannot protect %s"), path);
    else if (sqlite3_busy_timeout(store->database, BUSY_MILLISECONDS) != SQLITE_OK)
        result = fail(CERTENROLL_CLASS_SYSTEM, _("cannot set up %s"), path);
    else
        result = store_migrate(store->database);
    if (result) {
        store_close(store);
        return result;
    }
    *out = store;
    return result;
}

void store_close(struct store *store)
{
    if (!store)
        return;
    sqlite3_close(store->database);
    pthread_mutex_destroy(&store->mutex);
    free(store);
}

/* --- one statement --- */

/* The value of a parameter. */
struct value {
    enum { VALUE_NULL, VALUE_INTEGER, VALUE_TEXT, VALUE_BLOB } type;
    int64_t integer;
    const void *bytes;
    size_t length;
};

#define INTEGER(number) ((struct value){ VALUE_INTEGER, (number), NULL, 0 })
#define TEXT(string) ((struct value){ (string) ? VALUE_TEXT : VALUE_NULL, 0, (string), 0 })
#define BLOB(data, size) ((struct value){ VALUE_BLOB, 0, (data), (size) })

static int bind(sqlite3_stmt *statement, int index, const struct value *value)
{
    switch (value->type) {
    case VALUE_INTEGER:
        return sqlite3_bind_int64(statement, index, value->integer);
    case VALUE_TEXT:
        return sqlite3_bind_text(statement, index, value->bytes, -1, SQLITE_STATIC);
    case VALUE_BLOB:
        return sqlite3_bind_blob64(statement, index, value->bytes, value->length, SQLITE_STATIC);
    case VALUE_NULL:
    default:
        return sqlite3_bind_null(statement, index);
    }
}

static enum store_result failed(struct store *store)
{
    fail(CERTENROLL_CLASS_SYSTEM, _("the database failed: %s"), sqlite3_errmsg(store->database));
    return STORE_FAILED;
}

/* Prepares and runs up to the first row: STORE_OK there is one, STORE_NONE there is none. The
 * caller ends with finish(), whatever came out. */
static enum store_result start(struct store *store, sqlite3_stmt **statement, const char *sql,
                               const struct value *values, size_t count)
{
    pthread_mutex_lock(&store->mutex);
    *statement = NULL;
    if (sqlite3_prepare_v2(store->database, sql, -1, statement, NULL) != SQLITE_OK)
        return failed(store);
    for (size_t i = 0; i < count; i++)
        if (bind(*statement, (int)i + 1, &values[i]) != SQLITE_OK)
            return failed(store);
    switch (sqlite3_step(*statement)) {
    case SQLITE_ROW:
        return STORE_OK;
    case SQLITE_DONE:
        return STORE_NONE;
    default:
        if (sqlite3_extended_errcode(store->database) == SQLITE_CONSTRAINT_UNIQUE)
            return STORE_EXISTS;
        return failed(store);
    }
}

static enum store_result finish(struct store *store, sqlite3_stmt *statement,
                                enum store_result result)
{
    sqlite3_finalize(statement);
    pthread_mutex_unlock(&store->mutex);
    return result;
}

/* A statement that returns no row. STORE_NONE: it changed nothing. */
static enum store_result change(struct store *store, const char *sql, const struct value *values,
                                size_t count)
{
    sqlite3_stmt *statement;
    enum store_result result = start(store, &statement, sql, values, count);

    if (result == STORE_NONE && sqlite3_changes(store->database) > 0)
        result = STORE_OK;
    return finish(store, statement, result);
}

/* Whether a query finds anything: STORE_OK or STORE_NONE. */
static enum store_result any(struct store *store, const char *sql, const struct value *values,
                             size_t count)
{
    sqlite3_stmt *statement;
    enum store_result result = start(store, &statement, sql, values, count);

    return finish(store, statement, result);
}

/* Whether a query finds nothing: STORE_OK or STORE_EXISTS. */
static enum store_result none(struct store *store, const char *sql, const struct value *values,
                              size_t count)
{
    switch (any(store, sql, values, count)) {
    case STORE_OK:
        return STORE_EXISTS;
    case STORE_NONE:
        return STORE_OK;
    default:
        return STORE_FAILED;
    }
}

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void take_text(char *out, size_t size, sqlite3_stmt *statement, int column)
{
    const unsigned char *text = sqlite3_column_text(statement, column);

    snprintf(out, size, "%s", text ? (const char *)text : "");
}

/* --- transactions --- */

enum store_result store_begin(struct store *store)
{
    pthread_mutex_lock(&store->mutex);
    if (sqlite3_exec(store->database, "BEGIN IMMEDIATE", NULL, NULL, NULL) == SQLITE_OK)
        return STORE_OK;
    (void)failed(store);
    pthread_mutex_unlock(&store->mutex);
    return STORE_FAILED;
}

enum store_result store_end(struct store *store, int keep)
{
    enum store_result result = STORE_OK;

    if (sqlite3_exec(store->database, keep ? "COMMIT" : "ROLLBACK", NULL, NULL, NULL) !=
        SQLITE_OK) {
        result = failed(store);
        (void)sqlite3_exec(store->database, "ROLLBACK", NULL, NULL, NULL);
    }
    pthread_mutex_unlock(&store->mutex);
    return result;
}

/* --- accounts --- */

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

    return change(store, user_id ? user : corporation, values, user_id ? 3 : 2);
}

enum store_result store_account_find(struct store *store, struct account *out, const char *name)
{
    const struct value values[] = { TEXT(name) };
    sqlite3_stmt *statement;
    enum store_result result = start(store, &statement,
                                     "SELECT id, name, password_hash, wrong_tries FROM account"
                                     " WHERE name = ? AND removed_at IS NULL",
                                     values, COUNT(values));

    memset(out, 0, sizeof(*out));
    if (result == STORE_OK) {
        out->id = sqlite3_column_int64(statement, 0);
        take_text(out->name, sizeof(out->name), statement, 1);
        take_text(out->password_hash, sizeof(out->password_hash), statement, 2);
        out->wrong_tries = sqlite3_column_int(statement, 3);
    }
    return finish(store, statement, result);
}

enum store_result store_account_stands(struct store *store, int64_t id)
{
    const struct value values[] = { INTEGER(id) };

    return any(store, "SELECT 1 FROM account WHERE id = ? AND removed_at IS NULL", values,
               COUNT(values));
}

enum store_result store_account_count_wrong(struct store *store, int64_t id)
{
    const struct value values[] = { INTEGER(id) };

    return change(store, "UPDATE account SET wrong_tries = wrong_tries + 1 WHERE id = ?", values,
                  COUNT(values));
}

enum store_result store_account_clear_wrong(struct store *store, int64_t id)
{
    const struct value values[] = { INTEGER(id) };

    return change(store, "UPDATE account SET wrong_tries = 0 WHERE id = ?", values, COUNT(values));
}

enum store_result store_account_remove(struct store *store, int64_t id)
{
    const struct value values[] = { INTEGER(id) };

    return change(store,
                  "UPDATE account SET removed_at = unixepoch()"
                  " WHERE (id = ?1 OR corporation = ?1) AND removed_at IS NULL",
                  values, COUNT(values));
}

/* --- certificates --- */

static int fingerprint(unsigned char *out, X509 *certificate)
{
    unsigned length = 0;

    return X509_digest(certificate, EVP_sha256(), out, &length) && length == FINGERPRINT_LENGTH
               ? 0
               : -1;
}

static int key_hash(unsigned char *out, EVP_PKEY *key)
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

static enum store_result supersede(struct store *store, int64_t predecessor, const char *serial)
{
    const struct value values[] = { TEXT(serial), INTEGER(predecessor) };

    return change(store,
                  "UPDATE certificate SET superseded_by ="
                  " (SELECT id FROM certificate WHERE serial = ?) WHERE id = ?",
                  values, COUNT(values));
}

static enum store_result insert(struct store *store, X509 *certificate, int64_t account_id,
                                int64_t predecessor, const char *serial, const char *subject)
{
    unsigned char print[FINGERPRINT_LENGTH], hash[FINGERPRINT_LENGTH];
    unsigned char *der = NULL;
    int length = i2d_X509(certificate, &der);
    enum store_result result = STORE_FAILED;

    if (length > 0 && fingerprint(print, certificate) == 0 &&
        key_hash(hash, X509_get0_pubkey(certificate)) == 0) {
        const struct value values[] = { INTEGER(account_id),
                                        TEXT(serial),
                                        BLOB(print, sizeof(print)),
                                        BLOB(hash, sizeof(hash)),
                                        TEXT(subject),
                                        INTEGER(seconds(X509_get0_notBefore(certificate))),
                                        INTEGER(seconds(X509_get0_notAfter(certificate))),
                                        BLOB(der, (size_t)length) };
        result = change(store,
                        "INSERT INTO certificate(account, serial, fingerprint, key_hash, subject,"
                        " not_before, not_after, der) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                        values, COUNT(values));
    }
    if (result == STORE_OK && predecessor)
        result = supersede(store, predecessor, serial);
    OPENSSL_free(der);
    return result;
}

enum store_result store_certificate_add(struct store *store, X509 *certificate, int64_t account_id,
                                        int64_t predecessor)
{
    char *serial = serial_text(certificate);
    char *subject = X509_NAME_oneline(X509_get_subject_name(certificate), NULL, 0);
    enum store_result result = STORE_FAILED;

    if (serial && subject)
        result = insert(store, certificate, account_id, predecessor, serial, subject);
    OPENSSL_free(serial);
    OPENSSL_free(subject);
    return result;
}

enum store_result store_certificate_find(struct store *store, struct certificate_record *out,
                                         X509 *certificate)
{
    unsigned char print[FINGERPRINT_LENGTH];
    const struct value values[] = { BLOB(print, sizeof(print)) };
    sqlite3_stmt *statement;
    enum store_result result;

    memset(out, 0, sizeof(*out));
    if (fingerprint(print, certificate) < 0)
        return STORE_FAILED;
    result = start(store, &statement,
                   "SELECT c.id, a.id, a.name, c.serial, c.not_before, c.not_after,"
                   " a.removed_at IS NOT NULL, c.revoked_at IS NOT NULL"
                   " FROM certificate c JOIN account a ON a.id = c.account"
                   " WHERE c.fingerprint = ?",
                   values, COUNT(values));
    if (result == STORE_OK) {
        out->id = sqlite3_column_int64(statement, 0);
        out->account_id = sqlite3_column_int64(statement, 1);
        take_text(out->account_name, sizeof(out->account_name), statement, 2);
        take_text(out->serial, sizeof(out->serial), statement, 3);
        out->not_before = sqlite3_column_int64(statement, 4);
        out->not_after = sqlite3_column_int64(statement, 5);
        out->account_removed = sqlite3_column_int(statement, 6);
        out->revoked = sqlite3_column_int(statement, 7);
    }
    return finish(store, statement, result);
}

/* Runs a query whose one column is a certificate. */
static enum store_result one_certificate(struct store *store, X509 **out, const char *sql,
                                         const struct value *values, size_t count)
{
    sqlite3_stmt *statement;
    enum store_result result = start(store, &statement, sql, values, count);

    *out = NULL;
    if (result == STORE_OK) {
        const unsigned char *der = sqlite3_column_blob(statement, 0);

        *out = d2i_X509(NULL, &der, sqlite3_column_bytes(statement, 0));
        if (!*out)
            result = STORE_FAILED;
    }
    return finish(store, statement, result);
}

enum store_result store_certificate_for_key(struct store *store, X509 **out, EVP_PKEY *key,
                                            int64_t account_id, int64_t now)
{
    unsigned char hash[FINGERPRINT_LENGTH];
    const struct value values[] = { BLOB(hash, sizeof(hash)), INTEGER(account_id), INTEGER(now) };

    *out = NULL;
    if (key_hash(hash, key) < 0)
        return STORE_FAILED;
    return one_certificate(store, out,
                           "SELECT der FROM certificate WHERE key_hash = ?1 AND account = ?2"
                           " AND revoked_at IS NULL AND superseded_by IS NULL"
                           " AND ?3 BETWEEN not_before AND not_after ORDER BY id DESC LIMIT 1",
                           values, COUNT(values));
}

enum store_result store_certificate_successor(struct store *store, X509 **out, int64_t id,
                                              EVP_PKEY *key, int64_t now)
{
    unsigned char hash[FINGERPRINT_LENGTH];
    const struct value values[] = { INTEGER(id), BLOB(hash, sizeof(hash)), INTEGER(now) };

    *out = NULL;
    if (key_hash(hash, key) < 0)
        return STORE_FAILED;
    return one_certificate(store, out,
                           "SELECT n.der FROM certificate o JOIN certificate n"
                           " ON n.id = o.superseded_by"
                           " WHERE o.id = ?1 AND n.key_hash = ?2 AND n.revoked_at IS NULL"
                           " AND ?3 BETWEEN n.not_before AND n.not_after",
                           values, COUNT(values));
}

enum store_result store_key_is_free(struct store *store, EVP_PKEY *key, const char *account_name)
{
    unsigned char hash[FINGERPRINT_LENGTH];
    const struct value values[] = { BLOB(hash, sizeof(hash)), TEXT(account_name) };

    if (key_hash(hash, key) < 0)
        return STORE_FAILED;
    return none(store,
                "SELECT 1 FROM certificate c JOIN account a ON a.id = c.account"
                " WHERE c.key_hash = ? AND a.name <> ? LIMIT 1",
                values, COUNT(values));
}

enum store_result store_key_is_unrevoked(struct store *store, EVP_PKEY *key)
{
    unsigned char hash[FINGERPRINT_LENGTH];
    const struct value values[] = { BLOB(hash, sizeof(hash)) };

    if (key_hash(hash, key) < 0)
        return STORE_FAILED;
    return none(store,
                "SELECT 1 FROM certificate WHERE key_hash = ? AND revoked_at IS NOT NULL LIMIT 1",
                values, COUNT(values));
}

enum store_result store_certificate_stands(struct store *store, int64_t id)
{
    const struct value values[] = { INTEGER(id) };

    return any(store, "SELECT 1 FROM certificate WHERE id = ? AND revoked_at IS NULL", values,
               COUNT(values));
}

enum store_result store_certificate_revoke(struct store *store, const char *serial)
{
    const struct value values[] = { TEXT(serial) };

    return change(store,
                  "UPDATE certificate SET revoked_at = unixepoch()"
                  " WHERE serial = upper(?) AND revoked_at IS NULL",
                  values, COUNT(values));
}

/* --- audit log --- */

enum store_result store_audit(struct store *store, const char *event, const char *account,
                              const char *detail)
{
    const struct value values[] = { TEXT(event), TEXT(account), TEXT(detail) };

    return change(store, "INSERT INTO audit(event, account, detail) VALUES (?, ?, ?)", values,
                  COUNT(values));
}
