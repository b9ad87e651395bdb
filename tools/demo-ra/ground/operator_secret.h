/* SPDX-License-Identifier: Apache-2.0 */
/* PINs and passwords: read once, kept in locked memory for the server's life, wiped. */
#ifndef DEMO_RA_OPERATOR_SECRET_H
#define DEMO_RA_OPERATOR_SECRET_H

#include <certenroll/secret.h>

#include <stdatomic.h>

#define SECRET_MAX 255

struct secret {
    size_t length;
    char bytes[SECRET_MAX + 1]; /* NUL-terminated */
    atomic_int given;           /* the token has had it */
};

/* Reads the first line of "FILE" or "fd:N"; with `source` NULL asks on the terminal, twice when
 * `confirm` is set. `*out` is freed by secret_free; NULL where it fails. */
int secret_read(struct secret **out, const char *source, const char *question, int confirm,
                certenroll_error **error);
void secret_free(struct secret *secret);

/* The library's callback; `user` is the struct secret. Any thread may call it. A PIN that proved
 * wrong is not given again. */
int secret_give(void *user, const certenroll_secret_request *request, char *buffer, size_t capacity,
                size_t *length);

#endif
