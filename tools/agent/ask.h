/* SPDX-License-Identifier: Apache-2.0 */
/* The person is asked: for consent, for the PIN, whether what is there is kept. By pinentry, or on
 * the terminal where none is configured. */
#ifndef AGENT_ASK_H
#define AGENT_ASK_H

#include "common/failure.h"

#include <certenroll/secret.h>
#include <certenroll/token.h>

#include <stdint.h>

struct asking {
    const char *pinentry;   /* absolute path; NULL: the terminal */
    int was_wrong;          /* the PIN that was given last */
    struct failure failure; /* why the PIN was not given */
};

/* "What is to be done": the RA's name and host, the certificate's name, the token. Everything is
 * shown as it is, so it is clean. */
struct plan {
    const char *ra;
    const char *host;
    const char *name;
    const certenroll_token_info *token;
};

/* 0: the person agrees; CERTENROLL_E_CANCELLED: not. */
int ask_consent(struct asking *asking, const struct plan *plan, struct failure *failure);

/* *keep is set where the person keeps the certificate that is there and valid until `not_after`;
 * `is_sure` 0: whether it was revoked is not known. */
int ask_keep(struct asking *asking, int *keep, const struct plan *plan, int64_t not_after,
             int is_sure, struct failure *failure);

/* A certenroll_secret_callback for PINs; `user` is the struct asking. */
int ask_pin(void *user, const certenroll_secret_request *request, char *buffer, size_t capacity,
            size_t *length);

#endif
