/* SPDX-License-Identifier: Apache-2.0 */
/* Where a tool's PINs and passwords come from: a file, a descriptor, or the person at the
 * terminal. Never an argument, never the environment. */
#ifndef TOOLS_COMMON_SECRETS_H
#define TOOLS_COMMON_SECRETS_H

#include <certenroll/secret.h>

struct held_secret;

/* Zero-initialise and set the sources. Not for several threads at once. */
struct secrets {
    const char *pin_source;     /* "FILE" or "fd:N", for user and context PINs; NULL: terminal */
    const char *so_pin_source;  /* the same for the security officer's */
    const char *new_pin_source; /* the same for a PIN that is to be set */
    const char *new_so_pin_source;
    const char *password_source; /* the same for the RA account's password */
    int hold_typed_passwords;    /* ask for each account's password once */
    char why[512];               /* why the last question was not answered; "" when it was */
    struct held_secret *held;    /* what was read or typed */
    struct held_secret *offered; /* the one that was offered last */
};

/* The certenroll_secret_callback; `user` is the struct secrets. For each token and each account a
 * source is read once - the first line of a file, the next one of a descriptor - and the line held
 * in locked memory until secrets_clear(). A PIN that is typed is not held. A PIN that proved wrong
 * is not offered again. One that is to be set is typed twice, and both again where they differ; it
 * is not held either. */
int secrets_answer(void *user, const certenroll_secret_request *request, char *buffer,
                   size_t capacity, size_t *length);

/* What was offered last proved wrong: it is offered no more, and if it came from a file, that is
 * not tried on another token or account either. */
void secrets_reject(struct secrets *secrets);

/* Wipes what is held of a source. */
void secrets_forget(struct secrets *secrets, const char *source);

/* Non-zero when the token's URI names a pin-source (RFC 7512 §2.4). The library reads that by
 * itself, but only where nobody else is there to be asked. */
int secrets_in_uri(const char *uri);

/* Wipes what is remembered. */
void secrets_clear(struct secrets *secrets);

#endif
