/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file certificate.h
 * Certificates: trust anchors, what is on a token, and writing one back beside its key.
 */
#ifndef CERTENROLL_CERTIFICATE_H
#define CERTENROLL_CERTIFICATE_H

#include <certenroll/journal.h>
#include <certenroll/request.h>

#ifdef __cplusplus
extern "C" {
#endif

/** CA certificates that are trusted because the caller says so (RFC 5280 §6.1.1). The system's own
 *  list is never consulted. Immutable; may be shared by threads. */
typedef struct certenroll_anchors certenroll_anchors;

/** Reads one or more PEM certificates, at most 1 MiB. `*out` is owned by the caller.
 *
 *  Errors: CERTENROLL_E_CERT_MALFORMED, CERTENROLL_E_MEMORY. */
CERTENROLL_MUST_USE int certenroll_anchors_new(certenroll_anchors **out, const void *pem,
                                               size_t length, certenroll_error **error);
/** The same from a file.
 *
 *  Errors: CERTENROLL_E_SYSTEM (the file cannot be read), CERTENROLL_E_CERT_MALFORMED,
 *  CERTENROLL_E_MEMORY. */
CERTENROLL_MUST_USE int certenroll_anchors_load(certenroll_anchors **out, const char *path,
                                                certenroll_error **error);
/** Drops the caller's reference; an enrolment that uses the anchors keeps them. NULL is allowed. */
void certenroll_anchors_free(certenroll_anchors *anchors);

/** Which checks a returned certificate must pass, beside those that are always made: its public
 *  key is the token key's, it chains to an anchor, it is valid now, it is no CA, and its
 *  signature algorithm is sound. Start from CERTENROLL_INSTALL_OPTIONS_INIT. */
typedef struct certenroll_install_options {
    size_t size;                       /**< sizeof(certenroll_install_options) */
    const certenroll_anchors *anchors; /**< required */
    /** What was asked for: subject, names and extended key usages must be exactly as here, and the
     *  key usages must be there. NULL: the CA decides the name; only clientAuth is insisted on. */
    const certenroll_request_options *request;
    const char *label; /**< CKA_LABEL of the certificate; NULL: its common name */
} certenroll_install_options;
#define CERTENROLL_INSTALL_OPTIONS_INIT                                                            \
    {                                                                                              \
        sizeof(certenroll_install_options), NULL, NULL, NULL                                       \
    }

/** Checks a returned certificate and writes it, and the CA certificates that came with it and
 *  lead to the anchor, beside its key. `data` is PEM, DER, or certs-only PKCS#7 in either, or the
 * base64 of one alone; the key is found by its public value. Written objects are read back, and the
 * key is made to sign once to prove the pair. Installing the same certificate again changes
 * nothing. `key` may be NULL; otherwise `*key` receives the key, owned by the caller.
 *
 *  Errors: CERTENROLL_E_ARGUMENT (no anchors, or an unusable request), CERTENROLL_E_CERT_* (the
 *  token is unchanged), CERTENROLL_E_TOKEN_*, CERTENROLL_E_PIN_*. */
CERTENROLL_MUST_USE int certenroll_certificate_install(certenroll_key **key,
                                                       certenroll_token *token, const void *data,
                                                       size_t length,
                                                       const certenroll_install_options *options,
                                                       certenroll_error **error);

/** What is on a token: each entry is a key pair with its certificate, or one of the two alone.
 *  Keys and certificates are paired by public key, not by CKA_ID. A snapshot; immutable. */
typedef struct certenroll_inventory certenroll_inventory;
/** One of them. Borrowed from its inventory. */
typedef struct certenroll_entry certenroll_entry;

/** What to look at. Start from CERTENROLL_INVENTORY_OPTIONS_INIT. */
typedef struct certenroll_inventory_options {
    size_t size; /**< sizeof(certenroll_inventory_options) */
    /** Non-zero: no login, and so certificates alone; whether their keys are there is not known. */
    int certificates_only;
    /** A certificate is due when it ends within so many days. */
    int due_days;
    /** To mark what unfinished enrolments have left; NULL: none are known. Borrowed during the
     *  call. */
    const certenroll_journal_list *journals;
    /** Only pairs with this CKA_ID, or with this label on the certificate; NULL: all. They are
     *  searched for, which costs the same whatever else is on the token. With a label of which
     *  nothing comes, or one with a key under another CKA_ID than its certificate, only the whole
     *  inventory tells more. Not with `certificates_only`. */
    const unsigned char *id;
    size_t id_length;  /**< in bytes, 1 .. CERTENROLL_ID_MAX; 0 with id NULL */
    const char *label; /**< CKA_LABEL, UTF-8 */
} certenroll_inventory_options;
#define CERTENROLL_INVENTORY_OPTIONS_INIT                                                          \
    {                                                                                              \
        sizeof(certenroll_inventory_options), 0, 30, NULL, NULL, 0, NULL                           \
    }

/** Lists keys and end-entity and CA certificates. Logs in, for private keys are hidden before.
 *  `options` may be NULL. `*out` is owned by the caller, may be read from any thread, and keeps the
 *  token open.
 *
 *  Errors: CERTENROLL_E_ARGUMENT (the options), CERTENROLL_E_TOKEN_*, CERTENROLL_E_PIN_*,
 *  CERTENROLL_E_MEMORY. */
CERTENROLL_MUST_USE int certenroll_inventory_new(certenroll_inventory **out,
                                                 certenroll_token *token,
                                                 const certenroll_inventory_options *options,
                                                 certenroll_error **error);
/** The number of entries. */
size_t certenroll_inventory_count(const certenroll_inventory *inventory);
/** The entry at `index`, from 0. Borrowed from `inventory`; NULL when `index` is out of range. */
const certenroll_entry *certenroll_inventory_at(const certenroll_inventory *inventory,
                                                size_t index);
/** The pair whose certificate is valid now for this subject (RFC 4514), of several the one that is
 *  valid longest; `*out` is NULL when there is none. Borrowed from `inventory`.
 *
 *  Errors: CERTENROLL_E_ARGUMENT (the subject), CERTENROLL_E_MEMORY. */
CERTENROLL_MUST_USE int certenroll_inventory_find_valid(const certenroll_entry **out,
                                                        const certenroll_inventory *inventory,
                                                        const char *subject,
                                                        certenroll_error **error);
/** Frees the list with its entries. NULL is allowed. */
void certenroll_inventory_free(certenroll_inventory *inventory);

/** How an entry stands, at the time of the inventory. */
typedef enum certenroll_mark {
    CERTENROLL_MARK_VALID = 1,              /**< a pair that works */
    CERTENROLL_MARK_DUE = 2,                /**< the same, but its certificate ends soon */
    CERTENROLL_MARK_EXPIRED = 3,            /**< its certificate has ended */
    CERTENROLL_MARK_NOT_YET_VALID = 4,      /**< its certificate's time has not begun */
    CERTENROLL_MARK_UNFINISHED = 5,         /**< of an enrolment that is under way (journal.h) */
    CERTENROLL_MARK_ORPHAN_KEY = 6,         /**< a key without a certificate */
    CERTENROLL_MARK_ORPHAN_CERTIFICATE = 7, /**< an end entity's certificate without its key */
    CERTENROLL_MARK_CA = 8,                 /**< a CA certificate, whatever its dates */
} certenroll_mark;

/** The entry's mark. Of a list of certificates alone, none is an orphan. */
certenroll_mark certenroll_entry_mark(const certenroll_entry *entry);
/** The mark's name, "valid", "due", "expired", "not-yet-valid", "unfinished", "orphan-key",
 *  "orphan-certificate" or "ca": stable, for programs. Never NULL; static storage. */
const char *certenroll_mark_name(certenroll_mark mark);
/** Non-zero when another key's objects bear the same CKA_ID: software that goes by the ID alone may
 *  take one for the other. */
int certenroll_entry_has_duplicate_id(const certenroll_entry *entry);

/** Non-zero when the private key is on the token. */
int certenroll_entry_has_key(const certenroll_entry *entry);
/** Non-zero when there is a certificate. */
int certenroll_entry_has_certificate(const certenroll_entry *entry);
/** The type of the key, or of the certificate's public key where there is no private one. */
certenroll_key_type certenroll_entry_key_type(const certenroll_entry *entry);
/** CKA_ID, `*length` bytes: the key's, or the certificate's where there is no key. Borrowed from
 *  the entry. */
const unsigned char *certenroll_entry_id(const certenroll_entry *entry, size_t *length);
/** CKA_LABEL: the certificate's, or the key's where there is no certificate. Borrowed from the
 *  entry, never NULL. */
const char *certenroll_entry_label(const certenroll_entry *entry);
/** What the certificate says; "" or 0 where there is none. Names are text by RFC 4514, the serial
 *  number is hexadecimal, times are seconds since 1970-01-01T00:00:00Z. Texts are borrowed from the
 *  entry. */
const char *certenroll_entry_subject(const certenroll_entry *entry);
const char *certenroll_entry_issuer(const certenroll_entry *entry);
const char *certenroll_entry_serial(const certenroll_entry *entry);
int64_t certenroll_entry_not_before(const certenroll_entry *entry);
int64_t certenroll_entry_not_after(const certenroll_entry *entry);
/** The subject's last common name, which is the most specific one, as it is: to compare, not made
 *  safe to show. "" where there is none, or one with a NUL. Borrowed from the entry. */
const char *certenroll_entry_common_name(const certenroll_entry *entry);
/** Non-zero for a CA certificate (basicConstraints cA). */
int certenroll_entry_is_ca(const certenroll_entry *entry);
/** The certificate in DER, `*length` bytes. Borrowed from the entry; NULL where there is none. */
const unsigned char *certenroll_entry_certificate(const certenroll_entry *entry, size_t *length);

/** Removes the pair with this CKA_ID: every certificate of its key, whatever CKA_ID that bears,
 *  then the private key, then the public one. Those of its issuers stay. Logs in if need be. Nobody
 * can bring the key back: ask before. Called again after whatever stopped it, it goes on.
 *
 *  A key that cannot be told from another one stays, and so does all that is with it. A token of
 * the kind that certenroll_token_keeps_private_keys() is left with the private key alone: that is
 * 0.
 *
 *  `journals`: a pair that an unfinished enrolment works on, by these, is not removed; NULL: none
 *  are known. Borrowed during the call.
 *
 *  Errors: CERTENROLL_E_ARGUMENT, CERTENROLL_E_OBJECT_NOT_FOUND (no private key has the CKA_ID, or
 *  its public half is not there), CERTENROLL_E_ID_IN_USE (several keys have it), CERTENROLL_E_STATE
 *  (an enrolment is not finished: resume or abandon it), CERTENROLL_E_UNSUPPORTED (a kind of key
 *  that OpenSSL does not know), CERTENROLL_E_TOKEN_*, CERTENROLL_E_PIN_*. */
CERTENROLL_MUST_USE int certenroll_pair_remove(certenroll_token *token, const unsigned char *id,
                                               size_t id_length,
                                               const certenroll_journal_list *journals,
                                               certenroll_error **error);

/** Where the path of a certificate may lead through, and must end. May be shared by threads. */
typedef struct certenroll_issuers certenroll_issuers;

/** What they are. Start from CERTENROLL_ISSUERS_OPTIONS_INIT. */
typedef struct certenroll_issuers_options {
    size_t size; /**< sizeof(certenroll_issuers_options) */
    /** The path must end at one of these; an intermediate CA that is among them is enough.
     *  Required. */
    const certenroll_anchors *anchors;
    const certenroll_inventory *inventory; /**< its CA certificates are known; NULL: none */
    const void *certificates; /**< further CA certificates: PEM, DER or PKCS#7; NULL: none */
    size_t certificates_length;
    /** The RA to ask for its CA certificates (RFC 7030 §4.1), once, when one is missing; NULL:
     *  nobody is asked. As for the enrolment. */
    const char *est_url;
    const certenroll_anchors *tls_anchors; /**< the RA's server must chain to one of these */
} certenroll_issuers_options;
#define CERTENROLL_ISSUERS_OPTIONS_INIT                                                            \
    {                                                                                              \
        sizeof(certenroll_issuers_options), NULL, NULL, NULL, 0, NULL, NULL                        \
    }

/** Collects them; asks nobody yet. `*out` is owned by the caller, and keeps what it needs of the
 *  options.
 *
 *  Errors: CERTENROLL_E_ARGUMENT, CERTENROLL_E_CERT_MALFORMED, CERTENROLL_E_SYSTEM (libcurl, which
 *  reads `est_url`, is missing), CERTENROLL_E_MEMORY. */
CERTENROLL_MUST_USE int certenroll_issuers_new(certenroll_issuers **out,
                                               certenroll_context *context,
                                               const certenroll_issuers_options *options,
                                               certenroll_error **error);
/** Frees them. NULL is allowed. */
void certenroll_issuers_free(certenroll_issuers *issuers);

/** Whether a certificate leads to an anchor. */
typedef enum certenroll_issued {
    CERTENROLL_ISSUED_BY_OTHERS = 0,  /**< it does not */
    CERTENROLL_ISSUED = 1,            /**< it does */
    CERTENROLL_ISSUED_BY_UNKNOWN = 2, /**< an issuer's certificate is missing: it may */
} certenroll_issued;

/** Whether the certificate `der`, `length` bytes, leads to an anchor, whatever its dates and those
 *  of the CA certificates. Nothing else is checked. Some tokens have no room for issuers: where the
 *  RA is not asked, CERTENROLL_ISSUED_BY_UNKNOWN is the most that can be said of what they hold.
 *
 *  Errors: CERTENROLL_E_ARGUMENT, CERTENROLL_E_CERT_MALFORMED, CERTENROLL_E_MEMORY, and, when the
 * RA is asked in vain, CERTENROLL_E_NETWORK, CERTENROLL_E_TLS, CERTENROLL_E_AUTHENTICATION,
 *  CERTENROLL_E_REJECTED, CERTENROLL_E_SERVER, CERTENROLL_E_SYSTEM (libcurl is missing). */
CERTENROLL_MUST_USE int certenroll_issuers_check(certenroll_issued *out,
                                                 certenroll_issuers *issuers,
                                                 const unsigned char *der, size_t length,
                                                 certenroll_error **error);

#ifdef __cplusplus
}
#endif
#endif
