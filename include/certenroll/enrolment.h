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
 *
 * Before and after every step the enrolment is written to its journal, a file (journal.h,
 * docs/journal.md). Whatever ends the process, certenroll_enrolment_resume() goes on from there in
 * another one; certenroll_enrolment_abandon() takes back what was done instead.
 */
#ifndef CERTENROLL_ENROLMENT_H
#define CERTENROLL_ENROLMENT_H

#include <certenroll/cancel.h>
#include <certenroll/certificate.h>
#include <certenroll/journal.h>
#include <certenroll/revocation.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Told of each state as it is reached, on the thread that runs the enrolment. */
typedef void (*certenroll_progress_callback)(void *user, certenroll_state state);

/** Bytes in DER, borrowed. */
typedef struct certenroll_der {
    const unsigned char *data;
    size_t length;
} certenroll_der;

/** What a first enrolment may be begun beside on purpose. */
typedef enum certenroll_another {
    CERTENROLL_ANOTHER_NONE = 0, /**< nothing: a valid pair for the subject is told of instead */
    CERTENROLL_ANOTHER_PAIR = 1, /**< a valid pair for the subject */
    /** that, and an enrolment for the subject that is not finished */
    CERTENROLL_ANOTHER_ENROLMENT = 2,
} certenroll_another;

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
        *request; /**< required, with a subject, for a first enrolment */
    int ca_names; /**< non-zero: the CA decides subject and names; they are not compared */
    /** The key to generate; NULL: P-256. Without a label it gets the subject's common name; under
     *  an id that is in use, the key that is there is used, if it is of this type and safe. */
    const certenroll_key_options *key;

    /** What is done. CERTENROLL_RENEW gets a new certificate for the key with `present_id`,
     *  CERTENROLL_REKEY one for a new key in its place. Both ask by simplereenroll under the
     * present certificate (RFC 7030 §4.2.2) for the same subject and names, so `request` is not
     * used; of `key`, a renewal uses nothing, and a re-key without one makes a key of the same type
     * and label. 0: CERTENROLL_ENROLL. */
    certenroll_operation operation;
    /** CKA_ID of the key whose certificate is renewed or which is replaced; else NULL. */
    const unsigned char *present_id;
    size_t present_id_length;
    /** What becomes of the pair, or certificate, that the new one takes the place of. It is not
     *  touched before the new one is proven: by the token, and by a TLS handshake with the CA's
     *  server where that asks for a certificate. 0: CERTENROLL_RETIRE_DELETE. */
    certenroll_retirement retirement;

    /** Directory of the journals, made if missing; NULL: that of certenroll_journal_list_new(). A
     *  relative one is taken from the working directory of each call. */
    const char *journal_directory;
    /** The journal's name, 1 to 64 of a-z, 0-9 and "-"; so that an application finds again what it
     *  began. NULL: a random one. */
    const char *journal_name;
    /** Non-zero: its journal stays when it is finished, until certenroll_journal_remove(). */
    int keep_journal;

    certenroll_progress_callback progress; /**< may be NULL */
    void *progress_user;

    /** For CERTENROLL_ENROLL: what a new pair may come to be beside. */
    certenroll_another another;
    /** Certificates that the RA is to revoke once the new one is proven, `revoke_count` of them,
     * and with `revoke_replaced` non-zero the one that a renewal or re-key takes the place of. It
     * is done before that is retired. Until it is done the enrolment is not finished. */
    int revoke_replaced;
    certenroll_revocation_reason revoke_reason; /**< 0: CERTENROLL_REVOKE_UNSPECIFIED */
    const certenroll_der *revoke;
    size_t revoke_count;

    /** Ends a run, beside that of the context; kept alive. NULL: none. */
    certenroll_cancel *cancel;
    /** How long one run may take, in milliseconds, counted from its beginning; a call to the token
     *  is let end. 0: as long as it takes. */
    unsigned run_limit_ms;
    /** How long the RA may take for one answer, in milliseconds, the handshake and what a person
     *  types for it counted in: CERTENROLL_E_NETWORK. 0: 300 seconds. */
    unsigned exchange_limit_ms;
} certenroll_enrolment_options;
#define CERTENROLL_ENROLMENT_OPTIONS_INIT                                                          \
    {                                                                                              \
        sizeof(certenroll_enrolment_options), NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, NULL,   \
            CERTENROLL_ENROLL, NULL, 0, CERTENROLL_RETIRE_DELETE, NULL, NULL, 0, NULL, NULL,       \
            CERTENROLL_ANOTHER_NONE, 0, CERTENROLL_REVOKE_UNSPECIFIED, NULL, 0, NULL, 0, 0         \
    }

/** One enrolment. Not for use by two threads at once. Keeps its token open. */
typedef struct certenroll_enrolment certenroll_enrolment;

/** Prepares an enrolment, or goes on with one. Where the journal directory has one that is not
 * finished and is about the same - the token, the operation, and the present pair or
 * (CERTENROLL_ENROLL) the subject - this is it, in the state it has come to:
 * certenroll_enrolment_begun_at() tells. What the options say otherwise takes effect: account,
 * address, anchors, names, usages. With a `journal_name` only the journal of that name is looked
 * at; those that an application keeps (`keep_journal`) are gone on with by their name alone, and
 * with CERTENROLL_ANOTHER_ENROLMENT none is.
 *
 *  Nothing is sent yet, and without one to go on with nothing is written. `*out` is owned by the
 *  caller.
 *
 *  Errors: CERTENROLL_E_ARGUMENT (also: the one that is to be gone on with has a key of another
 * type or ID), CERTENROLL_E_BUSY (another thread or process works on it), CERTENROLL_E_SYSTEM,
 *  CERTENROLL_E_MEMORY. */
CERTENROLL_MUST_USE int certenroll_enrolment_new(certenroll_enrolment **out,
                                                 certenroll_token *token,
                                                 const certenroll_enrolment_options *options,
                                                 certenroll_error **error);

/** How to go on with an enrolment from its journal, and what had been wrong about it. Start from
 *  CERTENROLL_RESUME_OPTIONS_INIT. Everything is copied, and the anchors are kept alive. */
typedef struct certenroll_resume_options {
    size_t size;                       /**< sizeof(certenroll_resume_options) */
    const char *journal_directory;     /**< as in certenroll_enrolment_options */
    certenroll_secret_callback secret; /**< asked for the RA account's password */
    void *secret_user;
    certenroll_progress_callback progress; /**< may be NULL */
    void *progress_user;
    certenroll_cancel *cancel; /**< these three as in certenroll_enrolment_options */
    unsigned run_limit_ms;
    unsigned exchange_limit_ms;

    /** What is said anew; NULL, and 0 of `ca_names`: as the journal says. Each is as in
     *  certenroll_enrolment_options and certenroll_request_options. It is written down by the next
     *  run, before anything is sent. */
    const char *est_url;
    const char *username; /**< "": none */
    const certenroll_anchors *anchors;
    const certenroll_anchors *tls_anchors;
    int ca_names;
    /** Of a first enrolment that has no certificate yet the request is signed anew by these; one
     * that came is judged by them. */
    const char *subject;
    const char *const *alt_names; /**< all of them, `alt_names_count`; which may be 0 */
    size_t alt_names_count;
    const uint32_t *key_usage;
    const char *extended_key_usage; /**< "": none */
} certenroll_resume_options;
#define CERTENROLL_RESUME_OPTIONS_INIT                                                             \
    {                                                                                              \
        sizeof(certenroll_resume_options), NULL, NULL, NULL, NULL, NULL, NULL, 0, 0, NULL, NULL,   \
            NULL, NULL, 0, NULL, NULL, 0, NULL, NULL                                               \
    }

/** Takes up the enrolment whose journal has this name, in the state it has come to; nothing is sent
 *  or written yet. `token` is the one that the journal names. `options` may be NULL. `*out` is
 *  owned by the caller.
 *
 *  Errors: CERTENROLL_E_BUSY, CERTENROLL_E_JOURNAL, CERTENROLL_E_SYSTEM (the file),
 *  CERTENROLL_E_OBJECT_NOT_FOUND (there is no such journal), CERTENROLL_E_TOKEN_NOT_FOUND (it is
 *  for another token), CERTENROLL_E_ARGUMENT (what is said anew makes no sense, or comes too late;
 *  or this library does not take what another version took), CERTENROLL_E_UNSUPPORTED (libcurl is
 * missing), CERTENROLL_E_MEMORY. */
CERTENROLL_MUST_USE int certenroll_enrolment_resume(certenroll_enrolment **out,
                                                    certenroll_token *token, const char *name,
                                                    const certenroll_resume_options *options,
                                                    certenroll_error **error);

/** Goes on until confirmed (0) and what it replaces is retired, until the CA wants time
 *  (CERTENROLL_PENDING), or until something fails. May be called again after either.
 *  With CERTENROLL_RETIRE_AT_EXPIRY 0 is returned in CERTENROLL_STATE_CONFIRMED and the journal
 *  stays: run it again at certenroll_enrolment_retire_at().
 *
 *  A certificate that the CA has returned is kept from then on (CERTENROLL_STATE_RECEIVED). If it
 * is refused, CERTENROLL_E_CERT_*, another run judges it again, by options that may have been
 *  corrected, and asks the CA for none: only for one that was for another key, could not be read at
 *  all, or has expired meanwhile. One that is not valid yet, but will be within ten minutes, is
 *  CERTENROLL_PENDING until then.
 *
 *  Before a key is made the RA is looked at (GET /cacerts): CERTENROLL_E_NETWORK and
 *  CERTENROLL_E_TLS, and CERTENROLL_E_CERT_DATES where no anchor is valid by this computer's clock,
 *  then leave nothing behind.
 *
 *  What was promised to be revoked is, once the new certificate is proven and before what it
 *  replaces is retired. Where that fails it stays in CERTENROLL_STATE_CONFIRMED, with the error of
 *  certenroll_certificate_revoke(); the new pair is in use, and another run asks again.
 *
 *  Whoever runs it holds the pair, or the subject, against all other processes of the user until
 * its journal ends: see docs/journal.md.
 *
 *  Errors: CERTENROLL_E_BUSY (another process works on the pair or the subject, or an unfinished
 *  enrolment needs it), CERTENROLL_E_EXISTS (a valid pair for the subject is there; see `another`),
 *  CERTENROLL_E_STATE (there is a journal of this name, or the enrolment was abandoned),
 * CERTENROLL_E_SYSTEM (the journal cannot be written: the step that comes next was not done),
 * CERTENROLL_E_OBJECT_NOT_FOUND (the key of the enrolment, or what it replaces, is gone),
 * CERTENROLL_E_CERT_* (the token's certificates are as before), CERTENROLL_E_NETWORK,
 *  CERTENROLL_E_TLS, CERTENROLL_E_AUTHENTICATION, CERTENROLL_E_REJECTED, CERTENROLL_E_SERVER,
 *  CERTENROLL_E_CANCELLED (also: by a cancel, or run_limit_ms is over; which of them, is said, and
 * a further run goes on), and those of certenroll_key_generate() and certenroll_request_sign(). */
CERTENROLL_MUST_USE int certenroll_enrolment_run(certenroll_enrolment *enrolment,
                                                 certenroll_error **error);

/** How to take an enrolment back. Start from CERTENROLL_ABANDON_OPTIONS_INIT. */
typedef struct certenroll_abandon_options {
    size_t size; /**< sizeof(certenroll_abandon_options) */
    /** Non-zero: the RA revokes what it has issued for it, before anything is removed from the
     *  token. Where it may have issued what was not received, it is asked for that first, by the
     *  same request. The account of the enrolment asks, where there is one; else the present pair,
     *  or the new one itself. */
    int revoke;
    certenroll_revocation_reason reason; /**< 0: CERTENROLL_REVOKE_UNSPECIFIED */
} certenroll_abandon_options;
#define CERTENROLL_ABANDON_OPTIONS_INIT                                                            \
    {                                                                                              \
        sizeof(certenroll_abandon_options), 0, CERTENROLL_REVOKE_UNSPECIFIED                       \
    }

/** Takes back what an enrolment did: removes from the token the key pair that it made and the
 *  certificate that it wrote, never anything that was there before, and then its journal. A key
 * that somebody has got another certificate for since stays, as do the CA certificates. May be run
 *  again after a failure. `options` may be NULL.
 *  What was issued for it, and not revoked, is still in force:
 *  certenroll_enrolment_revoke_at() and certenroll_enrolment_unanswered_at() tell of it afterwards.
 *  Where the RA does not revoke it nothing is removed from the token and the journal stays; without
 *  `revoke` it is then taken back all the same.
 *  One that is confirmed is in use and stays, but for a first enrolment whose journal is kept
 *  (`keep_journal`) and that was taken up by certenroll_enrolment_resume(): whoever keeps it may
 *  have more to do, as telling the RA, before anybody relies on the certificate.
 *
 *  Errors: CERTENROLL_E_ARGUMENT, CERTENROLL_E_STATE (it is confirmed and in use),
 *  CERTENROLL_E_BUSY, CERTENROLL_E_SYSTEM, CERTENROLL_E_TOKEN_*, CERTENROLL_E_PIN_*; with `revoke`
 *  those of certenroll_certificate_revoke(). */
CERTENROLL_MUST_USE int certenroll_enrolment_abandon(certenroll_enrolment *enrolment,
                                                     const certenroll_abandon_options *options,
                                                     certenroll_error **error);

/** When it was begun: seconds since 1970-01-01T00:00:00Z; 0 before the first run. Not 0 after
 *  certenroll_enrolment_new(): it is one that was begun before. */
int64_t certenroll_enrolment_begun_at(const certenroll_enrolment *enrolment);

/** Takes back the promise to have certificates revoked, as far as it is not kept yet: where the RA
 *  cannot do it, and its operator is told instead. certenroll_enrolment_run() then goes on without.
 *
 *  Errors: CERTENROLL_E_SYSTEM (the journal cannot be written). */
CERTENROLL_MUST_USE int certenroll_enrolment_drop_revocation(certenroll_enrolment *enrolment,
                                                             certenroll_error **error);

/** The certificates that are still to be revoked, in DER, `*length` bytes: what was promised, and
 *  of one that was abandoned what was issued for it. By index from 0; NULL behind the last.
 * Borrowed from the enrolment, until it is run. */
const unsigned char *certenroll_enrolment_revoke_at(const certenroll_enrolment *enrolment,
                                                    size_t index, size_t *length);

/** The EST servers that may have issued a certificate for the request that was never received: it
 *  may be in force. "" is a CA that is asked by hand. By index from 0; NULL behind the last.
 *  Borrowed from the enrolment, until it is run. */
const char *certenroll_enrolment_unanswered_at(const certenroll_enrolment *enrolment, size_t index);

/** Its journal's name. Borrowed from the enrolment. */
const char *certenroll_enrolment_name(const certenroll_enrolment *enrolment);

/** How far it has come; after a failure, the last state that was reached. */
certenroll_state certenroll_enrolment_state(const certenroll_enrolment *enrolment);

/** When to run again after CERTENROLL_PENDING: seconds since 1970-01-01T00:00:00Z by this
 * computer's clock; 0 when unknown, as in an offline enrolment. In CERTENROLL_STATE_RECEIVED it is
 * when the certificate begins: nobody is asked then. */
int64_t certenroll_enrolment_retry_at(const certenroll_enrolment *enrolment);

/** Non-zero when CERTENROLL_PENDING of the last run was not about this request: the RA has no time
 *  for anybody (HTTP 429, 503) until certenroll_enrolment_retry_at(). Who has more to ask of it
 *  waits with all of that. */
int certenroll_enrolment_is_ra_busy(const certenroll_enrolment *enrolment);

/** When what it replaces is to be retired, under CERTENROLL_RETIRE_AT_EXPIRY: seconds since
 *  1970-01-01T00:00:00Z; 0 when nothing is left to retire. */
int64_t certenroll_enrolment_retire_at(const certenroll_enrolment *enrolment);

/** The certification request in DER, `*length` bytes. Borrowed from the enrolment; NULL before
 *  CERTENROLL_STATE_CSR_SIGNED. */
const unsigned char *certenroll_enrolment_request(const certenroll_enrolment *enrolment,
                                                  size_t *length);

/** Hands in the certificate of an offline enrolment: PEM, DER or certs-only PKCS#7, or the base64
 * of one alone. It is checked and written by the next certenroll_enrolment_run(). `data` is copied.
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

/** Frees the enrolment; what is on the token stays, and so does its journal. NULL is allowed. */
void certenroll_enrolment_free(certenroll_enrolment *enrolment);

#ifdef __cplusplus
}
#endif
#endif
