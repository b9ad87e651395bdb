/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file error.h
 * What a call returns, and what it can tell a person when it fails.
 *
 * Every function that can fail returns an `int`: 0 is success, CERTENROLL_PENDING (positive)
 * means "not yet, come back later", a negative value is one of the CERTENROLL_E_ codes below.
 * Such functions take `certenroll_error **error` as their last parameter. It may be NULL. When it
 * is not, it must point to NULL, and on a negative result it holds an error owned by the caller.
 */
#ifndef CERTENROLL_ERROR_H
#define CERTENROLL_ERROR_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__) || defined(__clang__)
#define CERTENROLL_MUST_USE __attribute__((warn_unused_result))
#define CERTENROLL_PRINTF(string, first) __attribute__((format(printf, string, first)))
#else
#define CERTENROLL_MUST_USE
#define CERTENROLL_PRINTF(string, first)
#endif

/** The outcome of a call. The numbers are part of the ABI and never change. */
typedef enum certenroll_status {
    CERTENROLL_OK = 0,
    CERTENROLL_PENDING = 1, /**< the CA has not decided yet; see the call's own "retry at" */

    /* the caller's side */
    CERTENROLL_E_ARGUMENT = -1,  /**< a parameter, option or text that makes no sense */
    CERTENROLL_E_MEMORY = -2,    /**< out of memory */
    CERTENROLL_E_SYSTEM = -3,    /**< a file or system call failed */
    CERTENROLL_E_CANCELLED = -4, /**< a callback, that is the person or the application, refused */
    CERTENROLL_E_STATE = -5,     /**< the call does not fit the object's present state */
    CERTENROLL_E_INTERNAL = -6,  /**< a fault of this library or of OpenSSL; please report it */
    CERTENROLL_E_BUSY = -7,      /**< another thread or process works on this enrolment or pair */
    CERTENROLL_E_JOURNAL = -8,   /**< an enrolment's journal is torn, altered, or too new */
    CERTENROLL_E_EXISTS = -9,    /**< a valid pair for the same subject is on the token already */

    /* finding and opening a token */
    CERTENROLL_E_MODULE = -10,          /**< the PKCS#11 module cannot be loaded or started */
    CERTENROLL_E_TOKEN_NOT_FOUND = -11, /**< no token matches */
    CERTENROLL_E_TOKEN_AMBIGUOUS = -12, /**< more than one token matches */
    CERTENROLL_E_TOKEN_REMOVED = -13,   /**< the token was there and is gone */

    /* the PIN */
    CERTENROLL_E_PIN_INCORRECT = -20, /**< wrong PIN: one try is spent */
    CERTENROLL_E_PIN_LOCKED = -21,    /**< no try is left; nothing was sent to the token */
    CERTENROLL_E_PIN_FINAL_TRY = -22, /**< one try is left and was not spent */
    CERTENROLL_E_PIN_EXPIRED = -23,   /**< the PIN must be changed before the token may be used */
    CERTENROLL_E_PIN_NOT_SET = -24,   /**< the token has no user PIN yet */
    CERTENROLL_E_PIN_INVALID = -25,   /**< length or characters the token does not take */

    /* working with the token */
    CERTENROLL_E_TOKEN = -30,      /**< the token failed; certenroll_error_ck_rv() has the code */
    CERTENROLL_E_TOKEN_FULL = -31, /**< no room for another object or session */
    CERTENROLL_E_TOKEN_READ_ONLY = -32,  /**< write-protected, or not initialised */
    CERTENROLL_E_UNSUPPORTED = -33,      /**< the token cannot do this key type or mechanism */
    CERTENROLL_E_ID_IN_USE = -34,        /**< an object with this CKA_ID is there already */
    CERTENROLL_E_KEY_UNSAFE = -35,       /**< the private key can leave the token; it was removed */
    CERTENROLL_E_OBJECT_NOT_FOUND = -36, /**< no such key or certificate on the token */

    /* the certificate came back and does not fit: nothing was written */
    CERTENROLL_E_CERT_MALFORMED = -40, /**< not a certificate, not certs-only PKCS#7, too large */
    CERTENROLL_E_CERT_KEY = -41,       /**< for another key */
    CERTENROLL_E_CERT_ISSUER = -42,    /**< does not chain to the trust anchor */
    CERTENROLL_E_CERT_DATES = -43,     /**< expired or not yet valid */
    CERTENROLL_E_CERT_NAME = -44,      /**< subject or subjectAltName differ from the request */
    CERTENROLL_E_CERT_USAGE = -45,     /**< CA:TRUE, or key usage / EKU that does not fit */
    CERTENROLL_E_CERT_ALGORITHM = -46, /**< signature algorithm or key too weak */

    /* the RA or CA */
    CERTENROLL_E_NETWORK = -50,        /**< no connection, or it broke */
    CERTENROLL_E_TLS = -51,            /**< the server could not be authenticated */
    CERTENROLL_E_AUTHENTICATION = -52, /**< the RA did not accept who we are (401, 403) */
    CERTENROLL_E_REJECTED = -53,       /**< the RA refused the request (other 4xx) */
    CERTENROLL_E_SERVER = -54, /**< the RA failed (5xx), or its answer breaks the protocol */
} certenroll_status;

/** What kind of remedy a status calls for. The tools' exit status is this number. */
typedef enum certenroll_class {
    CERTENROLL_CLASS_OK = 0,
    CERTENROLL_CLASS_INTERNAL = 1,    /**< report it */
    CERTENROLL_CLASS_ARGUMENT = 2,    /**< correct the call */
    CERTENROLL_CLASS_SYSTEM = 3,      /**< mend the machine: files, memory */
    CERTENROLL_CLASS_MODULE = 4,      /**< insert or name the right token or module */
    CERTENROLL_CLASS_PIN = 5,         /**< the PIN needs a person's attention */
    CERTENROLL_CLASS_TOKEN = 6,       /**< the token cannot or did not do it */
    CERTENROLL_CLASS_CERTIFICATE = 7, /**< the CA returned what must not be installed */
    CERTENROLL_CLASS_RA = 8,          /**< the RA said no: talk to its operator */
    CERTENROLL_CLASS_NETWORK = 9,     /**< try again, or mend the connection or trust anchor */
    CERTENROLL_CLASS_PENDING = 10,    /**< come back later */
    CERTENROLL_CLASS_CANCELLED = 11,  /**< somebody said no */
} certenroll_class;

/** What happened, why, and what to do next. Immutable; may be read from any thread. */
typedef struct certenroll_error certenroll_error;

/** The class of a status. Unknown numbers are CERTENROLL_CLASS_INTERNAL. */
certenroll_class certenroll_status_class(int status);

/** The status's symbolic name without prefix, e.g. "PIN_LOCKED": stable, for programs and logs.
 *  Never NULL; static storage. */
const char *certenroll_status_name(int status);

/** The status, a negative number. 0 when `error` is NULL. */
int certenroll_error_status(const certenroll_error *error);

/** What happened: one clause in the language of LC_MESSAGES, UTF-8. Borrowed from `error`, never
 *  NULL. */
const char *certenroll_error_what(const certenroll_error *error);

/** Why: names the CK_RV, the OpenSSL reason or the HTTP status. "" when nothing is known. Borrowed
 *  from `error`, never NULL. */
const char *certenroll_error_why(const certenroll_error *error);

/** What to do next. Borrowed from `error`, never NULL. */
const char *certenroll_error_advice(const certenroll_error *error);

/** What the RA gave as its reason, in its own words and language: UTF-8 without characters that act
 *  on a display, cut to a few sentences. Nothing in them is ours, and nobody has checked them. ""
 *  when it gave none. Borrowed from `error`, never NULL. */
const char *certenroll_error_ra_words(const certenroll_error *error);

/** All of them in one line, for a person: the RA's words stand last, in quotes, so that they can
 *  say nothing in our name. Borrowed from `error`, never NULL. */
const char *certenroll_error_message(const certenroll_error *error);

/** The same without the RA's words, for who shows them apart: a command at the end of the advice
 *  then ends the line. Borrowed from `error`, never NULL. */
const char *certenroll_error_own_message(const certenroll_error *error);

/** The raw CK_RV, vendor codes whole; 0 (CKR_OK) where no token call failed. */
unsigned long certenroll_error_ck_rv(const certenroll_error *error);

/** The OpenSSL error code (for ERR_reason_error_string); 0 where there is none. */
unsigned long certenroll_error_openssl(const certenroll_error *error);

/** The HTTP status the RA answered with; 0 where there is none. */
long certenroll_error_http_status(const certenroll_error *error);

/** When the RA asked to be left alone until (Retry-After): seconds since 1970-01-01T00:00:00Z by
 *  this computer's clock; 0 where it named no time. */
int64_t certenroll_error_retry_at(const certenroll_error *error);

/** Non-zero when the advice is of the place that failed, zero when it is what the status table says
 *  of every such failure: whoever knows better may then replace it. */
int certenroll_error_is_advised(const certenroll_error *error);

/* --- making errors: for callbacks, and for what is built on this library and reports as it does
 * ---
 *
 * `error` may be NULL everywhere. Texts are formats of printf(3) in UTF-8: `what` and `why` are one
 * clause each without a full stop, `advice` is whole sentences. They are copied; what is longer
 * than a kilobyte is cut. */

/** Sets *error to `status` with the status's own advice; an error that is there already is
 * replaced. Returns `status`. Without memory the error says that. */
int certenroll_error_set(certenroll_error **error, int status, const char *what, ...)
    CERTENROLL_PRINTF(3, 4);
/** The same for want of memory: allocates nothing. Returns CERTENROLL_E_MEMORY. */
int certenroll_error_set_memory(certenroll_error **error);
/** The same for a failed system call, with errno's text as the reason. Returns CERTENROLL_E_SYSTEM,
 *  or CERTENROLL_E_MEMORY for ENOMEM. */
int certenroll_error_set_errno(certenroll_error **error, const char *what, ...)
    CERTENROLL_PRINTF(2, 3);

/** Puts a reason to the error that is there, in the place of the one that it has; without effect
 *  where there is none. */
void certenroll_error_because(certenroll_error **error, const char *why, ...)
    CERTENROLL_PRINTF(2, 3);
/** The same for the advice. */
void certenroll_error_advise(certenroll_error **error, const char *advice, ...)
    CERTENROLL_PRINTF(2, 3);
/** The same for the RA's own words, in UTF-8 as they came: they are made safe to show. */
void certenroll_error_set_ra_words(certenroll_error **error, const char *words);
/** The same for the raw CK_RV, the OpenSSL error code, the HTTP status. */
void certenroll_error_set_ck_rv(certenroll_error **error, unsigned long ck_rv);
void certenroll_error_set_openssl(certenroll_error **error, unsigned long code);
void certenroll_error_set_http_status(certenroll_error **error, long http_status);
/** The same for the time to try again, which the advice then says. */
void certenroll_error_set_retry_at(certenroll_error **error, int64_t retry_at);

/** A copy of `error`, NULL for NULL, owned by the caller; without memory it is the error that says
 *  so. */
certenroll_error *certenroll_error_copy(const certenroll_error *error);
/** Frees *error and sets it to NULL: what failed does not matter any more. */
void certenroll_error_clear(certenroll_error **error);
/** Frees an error. NULL is allowed. */
void certenroll_error_free(certenroll_error *error);

#ifdef __cplusplus
}
#endif
#endif
