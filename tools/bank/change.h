/* SPDX-License-Identifier: Apache-2.0 */
/* What every change to a user takes: the certificate, the password and the confirmation password of
 * the corporation. */
#ifndef BANK_CHANGE_H
#define BANK_CHANGE_H

#include "talk.h"

/* talk_begin() for a change to USER of the command line, which the corporation must have; tells
 * how that user's certificate stands. `has_certificate` may be NULL: whether one is in force. */
int change_begin(struct talk *talk, struct bank *bank, int *has_certificate);
/* The confirmation password. */
int change_ask(struct bank *bank, struct secret_line **out);
/* The call itself; `body` is taken over. */
int change_call(json_t **answer, struct talk *talk, struct bank *bank, const char *path,
                json_t *body, const struct secret_line *confirmation);

#endif
