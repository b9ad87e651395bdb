/* SPDX-License-Identifier: Apache-2.0 */
/* Where a tool's PINs and passwords come from: a file, a descriptor, or the person at the
 * terminal. Never an argument, never the environment. */
#ifndef TOOLS_COMMON_SECRETS_H
#define TOOLS_COMMON_SECRETS_H

#include <certenroll/secret.h>

struct secret_line;

/* Zero-initialise and set the two sources. Not for several threads at once. */
struct secrets {
    const char *pin_source;      /* "FILE" or "fd:N", for user and context PINs; NULL: terminal */
    const char *password_source; /* the same for the RA account's password */
    char why[512];               /* why the last question was not answered; "" when it was */
    struct secret_line *pin;     /* what was read from the sources */
    struct secret_line *password;
};

/* The certenroll_secret_callback; `user` is the struct secrets. A source is read once and its
 * first line remembered in locked memory until secrets_clear(). A PIN that proved wrong is not
 * offered again. */
int secrets_answer(void *user, const certenroll_secret_request *request, char *buffer,
                   size_t capacity, size_t *length);

/* Non-zero when the token's URI names a pin-source (RFC 7512 §2.4). The library reads that by
 * itself, but only where nobody else is there to be asked. */
int secrets_in_uri(const char *uri);

/* Wipes what is remembered. */
void secrets_clear(struct secrets *secrets);

#endif
