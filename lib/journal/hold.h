/* SPDX-License-Identifier: Apache-2.0 */
/* Holds: who works on a key pair of a token, or enrols for a subject on it, holds that against
 * every other process of the user. Journals lie where an application wants them; the holds meet in
 * one directory. A hold is a locked file that names its holder. Where the holder dies it stays,
 * unlocked, as long as the journal that it names is not finished: what an unfinished enrolment
 * needs is not for others to take. */
#ifndef CE_JOURNAL_HOLD_H
#define CE_JOURNAL_HOLD_H

#include "journal/record.h"

enum ce_held_kind {
    CE_HELD_PAIR,    /* the key pair with this CKA_ID, and its certificates */
    CE_HELD_SUBJECT, /* the first enrolment for this subject, a Name in DER */
    CE_HELD_CA,      /* the CA certificate, in DER, while it is looked for and written */
};

struct ce_held {
    enum ce_held_kind kind;
    const char *token_label, *token_serial; /* NULL: "" */
    const struct ce_buffer *what;
};

struct ce_holder {
    const char *operation; /* one word, for a person */
    const char *directory; /* of the journals; also where the user has no directory of his own */
    const char *journal;   /* NULL: none, and the hold ends with the process */
};

struct ce_hold;

/* Takes it for the holder, or says who has it. Errors: CERTENROLL_E_BUSY, CERTENROLL_E_SYSTEM,
 * CERTENROLL_E_MEMORY. */
int ce_hold_take(struct ce_hold **out, const struct ce_held *held, const struct ce_holder *holder,
                 certenroll_error **error);

/* Nobody holds it any longer. NULL is allowed. */
void ce_hold_end(struct ce_hold *hold);

/* The journal does: whoever resumes that takes it again. NULL is allowed. */
void ce_hold_leave(struct ce_hold *hold);

/* Removes those that nobody has: of dead processes, whose journal is finished or gone, if there was
 * one. `instead`: as in ce_user_state_file. Returns how many. */
size_t ce_holds_clear(const char *instead);

#endif
