/* SPDX-License-Identifier: Apache-2.0 */
/* The five steps after a PC was replaced, or a certificate was revoked or ran out: which apply,
 * which are done, what comes next and how. */
#ifndef BANK_STEPS_H
#define BANK_STEPS_H

#include "bank.h"

/* What is known of the token; looked up without a PIN. */
struct standing {
    int corporate_valid, user_valid;
    int is_due;            /* one of those that are valid ends soon */
    char user_id[ID_SIZE]; /* whose; "" when no user is known */
};

int steps_look(struct standing *out, struct bank *bank);

/* An array of {"step", "state": "done", "next" or "later", "what", "command"}; NULL: no memory. */
json_t *steps_json(const struct standing *standing, const struct bank *bank);
/* The same for a person. */
void steps_show(const struct standing *standing, const struct bank *bank);
/* Looks, and shows what comes after this command; only where the purpose is known. */
int steps_show_next(struct bank *bank);

#endif
