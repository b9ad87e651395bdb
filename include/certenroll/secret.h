/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file secret.h
 * The one way in which the library asks for a PIN or a password.
 *
 * The library keeps no secret longer than the call it is needed for: it asks each time, hands out
 * locked memory of its own to be filled, and wipes it. Whoever wants to spare a person a second
 * question remembers the answer on its own side.
 */
#ifndef CERTENROLL_SECRET_H
#define CERTENROLL_SECRET_H

#include <certenroll/error.h>

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Which secret is asked for. */
typedef enum certenroll_secret_kind {
    CERTENROLL_SECRET_USER_PIN = 1,    /**< CKU_USER: opens the token */
    CERTENROLL_SECRET_SO_PIN = 2,      /**< CKU_SO: the security officer's (or management) secret */
    CERTENROLL_SECRET_CONTEXT_PIN = 3, /**< CKU_CONTEXT_SPECIFIC: once more, for one signature */
    CERTENROLL_SECRET_PASSWORD = 4,    /**< the RA account's password (HTTP Basic, RFC 7617) */
    CERTENROLL_SECRET_NEW_PIN = 5,     /**< what the user PIN is to be: chosen, and typed twice */
    CERTENROLL_SECRET_NEW_SO_PIN = 6,  /**< what the SO PIN of an empty token is to be */
} certenroll_secret_kind;

/** What is asked for, and how its counter stands. Valid during the callback only. */
typedef struct certenroll_secret_request {
    size_t size; /**< sizeof(certenroll_secret_request) of the library: newer members come last */
    certenroll_secret_kind kind;
    const char *name;  /**< the token's label, or the account name for a password; UTF-8 */
    const char *place; /**< the token's serial number, or the RA's "host:port" */
    int count_low;     /**< a wrong PIN was given since the last right one */
    int final_try;     /**< the last try: asked only where the caller allowed it */
    int on_reader;     /**< the PIN is typed on the reader: tell the person, fill in nothing */
    unsigned long length_min; /**< in bytes, as the token says; what is shorter is refused if new */
    unsigned long length_max; /**< the same; 0 when the token does not say */
    const struct certenroll_stop *stop; /**< for certenroll_secret_is_cancelled() */
} certenroll_secret_request;

/** Fills `buffer` (at most `capacity` bytes, UTF-8, no terminator needed) and `*length`.
 *  Returns 0, or a negative status to refuse (CERTENROLL_E_CANCELLED); the call that asked then
 *  fails with it and the token is not touched, and so do calls of other threads that wait for the
 *  same user PIN. One that waits for a person asks certenroll_secret_is_cancelled() (cancel.h)
 *  meanwhile. It must not use the token that asks, nor keys of
 *  it: such calls fail with CERTENROLL_E_STATE. Called on the thread that made the call, with no
 *  lock held that would keep other threads from signing. */
typedef int (*certenroll_secret_callback)(void *user, const certenroll_secret_request *request,
                                          char *buffer, size_t capacity, size_t *length);

#ifdef __cplusplus
}
#endif
#endif
