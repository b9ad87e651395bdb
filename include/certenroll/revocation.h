/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file revocation.h
 * Having a certificate revoked by the RA that issued it, and finding out whether one has been.
 *
 * EST has no operation to revoke; this is the call that this project's RA offers beside it: POST to
 * /.well-known/certenroll/revoke (docs/decisions.md). An RA without it is told apart:
 * CERTENROLL_E_UNSUPPORTED.
 *
 * Whether a certificate has been revoked is in the list of its issuer (CRL, RFC 5280 §5). One list
 * answers for any number of certificates:
 *
 *     certenroll_crl_fetch(&crl, context, "https://...", tls_anchors, &error);
 *     options.issuers = issuers;
 *     options.entry = entry;
 *     certenroll_crl_check(&revocation, crl, &options, &error);
 *     if (revocation.state == CERTENROLL_REVOCATION_REVOKED) ...
 */
#ifndef CERTENROLL_REVOCATION_H
#define CERTENROLL_REVOCATION_H

#include <certenroll/certificate.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Why a certificate is revoked (CRLReason, RFC 5280 §5.3.1). */
typedef enum certenroll_revocation_reason {
    CERTENROLL_REVOKE_UNSPECIFIED = 0,
    CERTENROLL_REVOKE_KEY_COMPROMISE = 1,      /**< the key may be in other hands: token stolen */
    CERTENROLL_REVOKE_AFFILIATION_CHANGED = 3, /**< its owner has another name or place */
    CERTENROLL_REVOKE_SUPERSEDED = 4,          /**< another certificate has taken its place */
    CERTENROLL_REVOKE_CESSATION = 5,           /**< it is no longer needed */
    CERTENROLL_REVOKE_PRIVILEGE_WITHDRAWN = 9, /**< its owner may no longer do what it is for */
} certenroll_revocation_reason;

/** The reason's name, "unspecified", "keyCompromise", "affiliationChanged", "superseded",
 *  "cessationOfOperation" or "privilegeWithdrawn" as RFC 5280 has it; NULL when it is none. Static
 *  storage. */
const char *certenroll_revocation_reason_name(certenroll_revocation_reason reason);
/** The reason with this name; -1 when there is none. */
int certenroll_revocation_reason_from_name(const char *name);

/** Whom to ask and why. Start from CERTENROLL_REVOKE_OPTIONS_INIT. */
typedef struct certenroll_revoke_options {
    size_t size;         /**< sizeof(certenroll_revoke_options) */
    const char *est_url; /**< as for the enrolment; required */
    const certenroll_anchors
        *tls_anchors; /**< the server's certificate must chain to one; required */
    certenroll_revocation_reason reason;
    /** CKA_ID of a pair on `token` whose certificate says who we are: that which is to be revoked,
     *  or another of the same owner. NULL: the account says so. */
    const unsigned char *id;
    size_t id_length;
    const char *username;              /**< HTTP Basic account; NULL: none */
    certenroll_secret_callback secret; /**< asked for the account's password */
    void *secret_user;
} certenroll_revoke_options;
#define CERTENROLL_REVOKE_OPTIONS_INIT                                                             \
    {                                                                                              \
        sizeof(certenroll_revoke_options), NULL, NULL, CERTENROLL_REVOKE_UNSPECIFIED, NULL, 0,     \
            NULL, NULL, NULL                                                                       \
    }

/** Has the RA revoke the certificate `der`, `length` bytes. It stays on the token. `token` may be
 *  NULL without `id`. A certificate that is revoked already is no failure.
 *
 *  Errors: CERTENROLL_E_ARGUMENT, CERTENROLL_E_UNSUPPORTED (the RA has no such call),
 *  CERTENROLL_E_CERT_MALFORMED, CERTENROLL_E_OBJECT_NOT_FOUND (no pair with this CKA_ID),
 *  CERTENROLL_E_NETWORK, CERTENROLL_E_TLS, CERTENROLL_E_AUTHENTICATION, CERTENROLL_E_REJECTED,
 *  CERTENROLL_E_SERVER, and those of the token. */
CERTENROLL_MUST_USE int certenroll_certificate_revoke(certenroll_context *context,
                                                      certenroll_token *token,
                                                      const unsigned char *der, size_t length,
                                                      const certenroll_revoke_options *options,
                                                      certenroll_error **error);

/** A list of revoked certificates, or the reason why there is none. Immutable; may be shared by
 *  threads. */
typedef struct certenroll_crl certenroll_crl;

/** Gets a list with one GET of `url` ("https://HOST[:PORT]/PATH", at most 10 MiB, no redirect
 *  followed; see <certenroll/https.h>). `*out` is owned by the caller. That no list can be had is
 * no failure: certenroll_crl_check() then answers CERTENROLL_REVOCATION_UNKNOWN, and says why.
 *
 *  Errors: CERTENROLL_E_ARGUMENT, CERTENROLL_E_MEMORY. */
CERTENROLL_MUST_USE int certenroll_crl_fetch(certenroll_crl **out, certenroll_context *context,
                                             const char *url, const certenroll_anchors *tls_anchors,
                                             certenroll_error **error);
/** The same from a list that is there: `length` bytes, DER or PEM.
 *
 *  Errors: CERTENROLL_E_ARGUMENT, CERTENROLL_E_MEMORY. */
CERTENROLL_MUST_USE int certenroll_crl_new(certenroll_crl **out, const void *data, size_t length,
                                           certenroll_error **error);
/** Frees it. NULL is allowed. */
void certenroll_crl_free(certenroll_crl *crl);

/** What is known of a certificate. */
typedef enum certenroll_revocation_state {
    CERTENROLL_REVOCATION_UNKNOWN = 0, /**< the list does not tell; `why` has the reason */
    CERTENROLL_REVOCATION_GOOD =
        1, /**< it is not on the list, which is its issuer's, and of today */
    /** It must not be used now, but may come back into force: certificateHold, or a reason that
     *  cannot be read. */
    CERTENROLL_REVOCATION_ON_HOLD = 2,
    CERTENROLL_REVOCATION_REVOKED = 3, /**< for good */
} certenroll_revocation_state;

/** What a list says of a certificate. Start from CERTENROLL_REVOCATION_INIT. */
typedef struct certenroll_revocation {
    size_t size; /**< sizeof(certenroll_revocation) */
    certenroll_revocation_state state;
    int reason;    /**< revoked or on hold: its number in RFC 5280 §5.3.1; -1: not known */
    int64_t since; /**< revoked or on hold: the list's date of it; 0: not known */
    char why[512]; /**< unknown: one clause for a person, as certenroll_error_why(); else "" */
} certenroll_revocation;
#define CERTENROLL_REVOCATION_INIT                                                                 \
    {                                                                                              \
        sizeof(certenroll_revocation), CERTENROLL_REVOCATION_UNKNOWN, -1, 0, ""                    \
    }

/** Which certificate is looked up. Start from CERTENROLL_CRL_CHECK_OPTIONS_INIT. Everything is
 *  borrowed for the call. */
typedef struct certenroll_crl_check_options {
    size_t size;                   /**< sizeof(certenroll_crl_check_options) */
    certenroll_issuers *issuers;   /**< required */
    const certenroll_entry *entry; /**< its certificate is looked up; NULL: `der` is */
    const unsigned char *der;
    size_t der_length;
    int64_t now; /**< 0: this computer's clock */
} certenroll_crl_check_options;
#define CERTENROLL_CRL_CHECK_OPTIONS_INIT                                                          \
    {                                                                                              \
        sizeof(certenroll_crl_check_options), NULL, NULL, NULL, 0, 0                               \
    }

/** What the list says of a certificate now. It says something when it is complete, covers the
 *  certificate, is signed with the key that the certificate itself is signed with (RFC 5280
 * §6.3.3), and is of today: its thisUpdate and nextUpdate have 120 seconds of tolerance, for clocks
 * differ, and one without a nextUpdate is of no day. The certificate's own dates play no part: one
 * that has expired may have been revoked before. All else is CERTENROLL_REVOCATION_UNKNOWN, and
 * that is no failure.
 *
 *  Errors: CERTENROLL_E_ARGUMENT, CERTENROLL_E_OBJECT_NOT_FOUND (the entry has no certificate),
 *  CERTENROLL_E_CERT_MALFORMED, CERTENROLL_E_MEMORY. */
CERTENROLL_MUST_USE int certenroll_crl_check(certenroll_revocation *out, const certenroll_crl *crl,
                                             const certenroll_crl_check_options *options,
                                             certenroll_error **error);

#ifdef __cplusplus
}
#endif
#endif
