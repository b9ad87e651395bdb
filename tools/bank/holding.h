/* SPDX-License-Identifier: Apache-2.0 */
/* What the token holds under a name. */
#ifndef BANK_HOLDING_H
#define BANK_HOLDING_H

#include "bank.h"

enum look {
    LOOK_OFFLINE, /* no PIN, no network: what may be the bank's is taken for it, for some tokens
                     have no room for issuers */
    LOOK_ONLINE,  /* no PIN; the bank may be asked for its CA certificates */
    LOOK_PAIRS,   /* the same, and with the keys: the PIN is asked for */
    LOOK_REVOKED, /* the same, and those that are valid are looked up in the bank's list */
};

#define HOLDING_REVOKED_MAX 16

/* Entries are bank->inventory's: the next look takes them away. */
struct holding {
    /* Of the bank's certificates of this name, the one to use: one that is valid and ends last, or
     * what comes nearest. NULL: there is none. */
    const certenroll_entry *best;
    int is_revoked; /* it is on that list, for good or on hold */
    /* Those that are on it for good before their end, the best or not; more than so many are not
     * noted. */
    const certenroll_entry *revoked[HOLDING_REVOKED_MAX];
    size_t revoked_count;
    size_t of_name;   /* how many certificates of this name are the bank's */
    size_t of_others; /* how many of the name are another CA's */
    char names[512];  /* the other names on the token, for a person */
};

/* Looks at the token, for what it holds under bank->name. */
int holding_look(struct holding *out, struct bank *bank, enum look look, certenroll_error **error);
/* The same for any name, in what was seen last. */
int holding_find(struct holding *out, struct bank *bank, const char *name, enum look look,
                 certenroll_error **error);
/* The valid pair with this CKA_ID is the best. */
void holding_prefer(struct holding *holding, const struct bank *bank, const unsigned char *id,
                    size_t length);

/* Non-zero when it may be used now. */
int holding_is_valid(const certenroll_entry *entry);

/* Refuses, and says what to do, unless there is a certificate of this corporation or user that is
 * valid now; before any password is asked for. */
int holding_require(const struct holding *holding, const struct bank *bank,
                    certenroll_error **error);
/* The pair of bank->name that the bank is talked to with: what the token says first, without a PIN,
 * and then with its keys. */
int holding_need_pair(struct holding *out, struct bank *bank, certenroll_error **error);

/* --- revoked_pairs.c: pairs of the name that the bank has revoked are of no use, and still in
 * every program's picker --- */

/* Offers on the terminal to remove each; where nobody is there to ask, and where the answer is no,
 * it stays and the command that removes it is told. Returns how many were removed. What fails is
 * told, and no failure of what was done before. */
size_t revoked_offer(struct bank *bank, const struct holding *holding);

/* For programs, which are not asked: an object for each with its "id" and the "command"; NULL: no
 * memory. */
json_t *revoked_json(const struct bank *bank, const struct holding *holding);

/* --- five_steps.c: the five steps after a PC was replaced, or a certificate was revoked or ran
 * out: which apply, which are done, what comes next and how --- */

/* By what holding_look() has seen: an array of {"step", "state": "done", "next" or "later", "what",
 * "command"}, NULL where there is no memory. *is_due: a certificate that is valid ends soon. */
int steps_find(json_t **out, int *is_due, struct bank *bank, certenroll_error **error);
/* The same for a person. */
void steps_print(const json_t *found, const struct bank *bank);

#endif
