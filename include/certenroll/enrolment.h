/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file enrolment.h
 * The enrolment transaction: key, request, certificate, checks, write-back and proof as one.
 *
 *     certenroll_enrolment_new(&e, token, &options, &error);
 *     status = certenroll_enrolment_run(e, &error);      // 0, CERTENROLL_PENDING or negative
 *
 * The transaction is a table of states; certenroll_enrolment_run() goes as far as it can and
 * returns. It never sleeps.
 * A failed or pending enrolment can be run again: each step first looks whether its effect is
 * there already, so no second key is made and no certificate written twice.
 */
#ifndef CERTENROLL_ENROLMENT_H
#define CERTENROLL_ENROLMENT_H

#include <certenroll/certificate.h>

#ifdef __cplusplus
extern "C" {
#endif

/** How far an enrolment has come. */
typedef enum certenroll_state {
    CERTENROLL_STATE_NEW = 0,        /**< nothing is done yet */
    CERTENROLL_STATE_KEY_READY = 1,  /**< the key pair is on the token and safe */
    CERTENROLL_STATE_CSR_SIGNED = 2, /**< the request is signed and verified */
    CERTENROLL_STATE_SUBMITTED = 3,  /**< the request is with the CA */
    CERTENROLL_STATE_PENDING = 4,    /**< the CA asked for patience */
    CERTENROLL_STATE_ISSUED = 5,     /**< a certificate came back and passed every check */
    CERTENROLL_STATE_INSTALLED = 6,  /**< written to the token and read back */
    CERTENROLL_STATE_CONFIRMED = 7,  /**< key and certificate proven to belong together */
    CERTENROLL_STATE_REJECTED = 8,   /**< the CA said no */
} certenroll_state;

/** The state's name without prefix, "NEW", "KEY_READY" and so on. Never NULL; static storage. */
const char *certenroll_state_name(certenroll_state state);

/** Told of each state as it is reached, on the thread that runs the enrolment. */
typedef void (*certenroll_progress_callback)(void *user, certenroll_state state);

/** What to enrol and where. Start from CERTENROLL_ENROLMENT_OPTIONS_INIT. Everything is
 *  copied, and the anchors are kept alive; nothing needs to outlive the call. */
typedef struct certenroll_enrolment_options {
    size_t size; /**< sizeof(certenroll_enrolment_options) */

    /** EST server: "https://HOST[:PORT]" or with a path ("https://HOST/.well-known/est/LABEL",
     *  RFC 7030 §3.2.2). NULL: offline; certenroll_enrolment_run() returns CERTENROLL_PENDING
     *  until the certificate is handed in by certenroll_enrolment_supply(). */
    const char *est_url;
    const certenroll_anchors *anchors; /**< the certificate must chain to one of these; required */
    const certenroll_anchors *tls_anchors; /**< the same for the EST server; NULL: `anchors` */
    const char *username;                  /**< HTTP Basic account; NULL: none */
    certenroll_secret_callback secret;     /**< asked for the account's password */
    void *secret_user;

    const certenroll_request_options
        *request; /**< required, with a subject, unless `renew_id` is set */
    int ca_names; /**< non-zero: the CA decides subject and names; they are not compared */
    /** The key to generate; NULL: P-256. Without a label it gets the subject's common name; under
     *  an id that is in use, the key that is there is used, if it is of this type and safe. */
    const certenroll_key_options *key;

    /** CKA_ID of a key with a certificate, to renew it: a new certificate for the same key, asked
     *  for by simplereenroll under the present certificate (RFC 7030 §4.2.2) with the same subject
     *  and names; `request` and `key` are then not used. The old certificate is removed from the
     *  token once the new one is confirmed. NULL: a first enrolment. */
    const unsigned char *renew_id;
    size_t renew_id_length;

    certenroll_progress_callback progress; /**< may be NULL */
    void *progress_user;
} certenroll_enrolment_options;
#define CERTENROLL_ENROLMENT_OPTIONS_INIT                                                          \
    {                                                                                              \
        sizeof(certenroll_enrolment_options), NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, NULL,   \
            NULL, 0, NULL, NULL                                                                    \
    }

/** One enrolment. Not for use by two threads at once. Keeps its token open. */
typedef struct certenroll_enrolment certenroll_enrolment;

/** Prepares an enrolment; nothing is sent or written yet. `*out` is owned by the caller.
 *
 *  Errors: CERTENROLL_E_ARGUMENT, CERTENROLL_E_MEMORY. */
CERTENROLL_MUST_USE int certenroll_enrolment_new(certenroll_enrolment **out,
                                                 certenroll_token *token,
                                                 const certenroll_enrolment_options *options,
                                                 certenroll_error **error);

/** Goes on until confirmed (0), until the CA wants time (CERTENROLL_PENDING), or until something
 *  fails. May be called again after either.
 *
 *  Errors: CERTENROLL_E_CERT_* (the token's certificates are as before), CERTENROLL_E_NETWORK,
 *  CERTENROLL_E_TLS, CERTENROLL_E_AUTHENTICATION, CERTENROLL_E_REJECTED, CERTENROLL_E_SERVER,
 *  CERTENROLL_E_CANCELLED, and those of certenroll_key_generate() and certenroll_request_sign(). */
CERTENROLL_MUST_USE int certenroll_enrolment_run(certenroll_enrolment *enrolment,
                                                 certenroll_error **error);

/** How far it has come; after a failure, the last state that was reached. */
certenroll_state certenroll_enrolment_state(const certenroll_enrolment *enrolment);

/** When to run again after CERTENROLL_PENDING: seconds since 1970-01-01T00:00:00Z; 0 when unknown,
 *  as in an offline enrolment. */
int64_t certenroll_enrolment_retry_at(const certenroll_enrolment *enrolment);

/** The certification request in DER, `*length` bytes. Borrowed from the enrolment; NULL before
 *  CERTENROLL_STATE_CSR_SIGNED. */
const unsigned char *certenroll_enrolment_request(const certenroll_enrolment *enrolment,
                                                  size_t *length);

/** Hands in the certificate of an offline enrolment: PEM, DER or certs-only PKCS#7. It is checked
 *  and written by the next certenroll_enrolment_run(). `data` is copied.
 *
 *  Errors: CERTENROLL_E_STATE (no certificate is waited for), CERTENROLL_E_CERT_MALFORMED. */
CERTENROLL_MUST_USE int certenroll_enrolment_supply(certenroll_enrolment *enrolment,
                                                    const void *data, size_t length,
                                                    certenroll_error **error);

/** The issued certificate in DER, `*length` bytes. Borrowed from the enrolment; NULL before
 *  CERTENROLL_STATE_ISSUED. */
const unsigned char *certenroll_enrolment_certificate(const certenroll_enrolment *enrolment,
                                                      size_t *length);

/** The enrolment's key, borrowed from it; NULL before CERTENROLL_STATE_KEY_READY. */
certenroll_key *certenroll_enrolment_key(const certenroll_enrolment *enrolment);

/** Frees the enrolment; what is on the token stays. NULL is allowed. */
void certenroll_enrolment_free(certenroll_enrolment *enrolment);

#ifdef __cplusplus
}
#endif
#endif
