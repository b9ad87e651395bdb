/* SPDX-License-Identifier: Apache-2.0 */
/* Calls to the bank's "login" host, with the pair of this corporation or user and the password. */
#ifndef BANK_TALK_H
#define BANK_TALK_H

#include "common/secret_line.h"
#include "holding.h"

struct talk {
    struct holding holding; /* with the pair */
    struct secret_line *password;
};

/* Starts, refuses where there is no pair of this name, and only then asks for the password.
 * Zero-initialise. */
int talk_begin(struct talk *talk, struct bank *bank);
/* One call; `body` gets the password, and is taken over. */
int talk_call(json_t **answer, struct talk *talk, struct bank *bank, const char *path,
              json_t *body);
void talk_end(struct talk *talk);

/* The question for the password of --password-source. */
const char *talk_question(const struct bank *bank);

#endif
