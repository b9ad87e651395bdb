/* SPDX-License-Identifier: Apache-2.0 */
/* A PIN or password while it is needed, and not longer. */
#ifndef CE_BASE_SECRET_H
#define CE_BASE_SECRET_H

#include <certenroll/error.h>
#include <certenroll/secret.h>

/* No token takes a longer PIN; RFC 7617 passwords are far below. */
#define CE_SECRET_MAX 1024

struct ce_secret {
    size_t length;
    char bytes[CE_SECRET_MAX]; /* in locked memory */
};

/* Where secrets come from: an application's callback. */
struct ce_secret_source {
    certenroll_secret_callback callback;
    void *user;
};

/* Asks for a secret. *out is freed (and wiped) by ce_secret_free, also when empty.
 * Errors: CERTENROLL_E_CANCELLED without a callback, or whatever the callback returned. */
int ce_secret_ask(struct ce_secret **out, const struct ce_secret_source *source,
                  const certenroll_secret_request *request, certenroll_error **error);

/* The secret in a file: its first line. */
int ce_secret_read(struct ce_secret **out, const char *path, certenroll_error **error);

void ce_secret_free(struct ce_secret *secret);

#endif
