/* SPDX-License-Identifier: Apache-2.0 */
/* Accounts, certificates and the audit log, in SQLite. All SQL of the RA is in store_*.c: the
 * tables in store_schema.c, the queries in the others, which store_order.h, store_session.h,
 * store_job.h and store_clock.h tell the rest of. Any thread may call; a transaction shuts the
 * others out. */
#ifndef DEMO_RA_STORE_H
#define DEMO_RA_STORE_H

#include <certenroll/error.h>

#include <openssl/x509.h>

#include <stddef.h>
#include <stdint.h>

/* "CORPORATE_ID" or "CORPORATE_ID USER_ID": what fits a common name (RFC 5280 ub-common-name). */
#define ACCOUNT_ID_MAX 31
#define ACCOUNT_NAME_MAX (2 * ACCOUNT_ID_MAX + 1)
#define PASSWORD_HASH_MAX 383 /* CRYPT_OUTPUT_SIZE - 1 */
#define WRONG_TRIES_MAX 5
#define FINGERPRINT_LENGTH 32 /* SHA-256 */
#define REASON_MAX 31
#define SERIAL_TEXT_MAX 40 /* 20 octets (RFC 5280 §4.1.2.2) in hexadecimal */

struct store;

enum store_result {
    STORE_OK = 0,
    STORE_NONE = 1,   /* no such row */
    STORE_EXISTS = 2, /* a row of that name is there already */
    STORE_FAILED =
        -1 /* the database failed: the server's log has the line, store_status() tells it */
};

/* What is tried with a password, each counted by itself (logon.h). */
enum password_use { PASSWORD_ALONE, PASSWORD_WITH_CERTIFICATE, PASSWORD_CONFIRMATION };
#define PASSWORD_USES 3

struct account {
    int64_t id;
    int64_t corporation_id; /* a user's; 0: it is one */
    char name[ACCOUNT_NAME_MAX + 1];
    char password_hash[PASSWORD_HASH_MAX + 1];
    char confirmation_hash[PASSWORD_HASH_MAX + 1]; /* "": has none */
    int wrong_tries[PASSWORD_USES];
    int needs_order; /* to get a certificate */
};

struct new_account {
    const char *corporate_id;
    const char *user_id; /* NULL: the corporation itself */
    const char *title;   /* the corporation's name for people; may be NULL */
    const char *password_hash;
    const char *confirmation_hash; /* may be NULL */
    int needs_order;
};

/* A certificate this RA issued. */
struct certificate_record {
    int64_t id;
    int64_t account_id;
    char account_name[ACCOUNT_NAME_MAX + 1];
    char serial[SERIAL_TEXT_MAX + 1];
    int64_t not_before; /* seconds since 1970-01-01T00:00:00Z */
    int64_t not_after;
    int account_removed;
    int revoked;
};

enum store_use {
    STORE_CREATE, /* made where it is missing */
    STORE_WRITE,
    STORE_SERVE, /* the same; what fails is logged, for a request has nobody else to tell */
    STORE_READ,  /* nothing in it is changed, nor brought up to date */
};

/* Opens the database in the RA's directory and brings its tables up to date. */
int store_open(struct store **out, const char *directory, enum store_use use,
               certenroll_error **error);
void store_close(struct store *store);
/* What a command returns for a result that it has no words of its own for: CERTENROLL_OK for
 * STORE_OK, else an error of the database. */
int store_status(const struct store *store, enum store_result result, certenroll_error **error);

/* A transaction, held by the calling thread until store_end; `keep` 0 rolls back. One within
 * another is a part of that: what it does not keep, the other cannot keep either. */
enum store_result store_begin(struct store *store);
enum store_result store_end(struct store *store, int keep);

/* STORE_NONE: the corporation is not there. */
enum store_result store_account_add(struct store *store, const struct new_account *account);
enum store_result store_account_find(struct store *store, struct account *out, const char *name);
enum store_result store_account_by_id(struct store *store, struct account *out, int64_t id);
enum store_result store_account_count_wrong(struct store *store, int64_t id, enum password_use use);
enum store_result store_account_clear_wrong(struct store *store, int64_t id, enum password_use use);
/* Clears all counts. */
enum store_result store_account_unlock(struct store *store, int64_t id);
/* Sets both and clears all counts. */
enum store_result store_account_set_passwords(struct store *store, int64_t id,
                                              const char *password_hash,
                                              const char *confirmation_hash);
/* A corporation goes with its users. Their certificates stay, and log nobody on any more. */
enum store_result store_account_remove(struct store *store, int64_t id);

/* Records an issued certificate. `predecessor` is the one it renews, 0 when there is none. */
enum store_result store_certificate_add(struct store *store, X509 *certificate, int64_t account_id,
                                        int64_t predecessor);
enum store_result store_certificate_find(struct store *store, struct certificate_record *out,
                                         X509 *certificate);
/* The account's newest certificate for this key which is valid at `now`. `*out` is the caller's. */
enum store_result store_certificate_for_key(struct store *store, X509 **out, EVP_PKEY *key,
                                            int64_t account_id, int64_t now);
/* The newest certificate for this key, valid at `now`, that took the place of the certificate `id`.
 */
enum store_result store_certificate_successor(struct store *store, X509 **out, int64_t id,
                                              EVP_PKEY *key, int64_t now);
/* STORE_EXISTS when an account of another name has had a certificate for this key. */
enum store_result store_key_is_free(struct store *store, EVP_PKEY *key, const char *account_name);
/* STORE_EXISTS when a certificate for this key has been revoked. */
enum store_result store_key_is_unrevoked(struct store *store, EVP_PKEY *key);
/* STORE_NONE: the account has been removed. */
enum store_result store_account_stands(struct store *store, int64_t id);
/* STORE_NONE: the certificate has been revoked. */
enum store_result store_certificate_stands(struct store *store, int64_t id);
/* Revokes and adds to the audit log, in a transaction of the caller's. `account_name` NULL: the
 * operator did it; `reason` as RFC 5280 §5.3.1 names it. STORE_NONE: no certificate with this
 * serial number that is not revoked yet. */
enum store_result store_certificate_revoke(struct store *store, const char *account_name,
                                           const char *serial, const char *reason);
/* The serial number of one of the account's that is neither revoked nor over at `now`. */
enum store_result store_certificate_usable(struct store *store, char serial[SERIAL_TEXT_MAX + 1],
                                           int64_t account_id, int64_t now);
enum store_result store_certificate_serial(struct store *store, char serial[SERIAL_TEXT_MAX + 1],
                                           int64_t id);

/* A certificate as the operator sees it. */
struct certificate_entry {
    char serial[SERIAL_TEXT_MAX + 1];
    char account_name[ACCOUNT_NAME_MAX + 1];
    unsigned char key_hash[FINGERPRINT_LENGTH]; /* SHA-256 of the SubjectPublicKeyInfo */
    int64_t not_before;
    int64_t not_after;
    int revoked;
    int superseded;
    char reason[REASON_MAX + 1];           /* of the revocation; "" when none was given */
    char predecessor[SERIAL_TEXT_MAX + 1]; /* the serial number; "": it renews none */
};
/* Calls `take` with each in the order of issue until it returns non-zero; `account_name` NULL:
 * those of all accounts. STORE_NONE: there is none. */
enum store_result
store_certificate_list(struct store *store, const char *account_name,
                       int (*take)(void *user, const struct certificate_entry *entry), void *user);

/* When the account first asked for a certificate for this key, which is `now` when it never has.
 * It is kept until store_request_done. */
enum store_result store_request_seen(struct store *store, int64_t *first, int64_t account_id,
                                     EVP_PKEY *key, int64_t now);
enum store_result store_request_done(struct store *store, int64_t account_id, EVP_PKEY *key);

/* Adds to the audit log, with the time of the RA's clock. `account` and `detail` may be NULL. */
enum store_result store_audit(struct store *store, const char *event, const char *account,
                              const char *detail);
struct audit_entry {
    int64_t at;
    const char *event;
    const char *account; /* NULL: none */
    const char *detail;  /* NULL: none */
};
/* Calls `take` with each in the order of time until it returns non-zero. */
enum store_result store_audit_list(struct store *store,
                                   int (*take)(void *user, const struct audit_entry *entry),
                                   void *user);

#endif
