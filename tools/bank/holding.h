/* SPDX-License-Identifier: Apache-2.0 */
/* What the token holds under a name. */
#ifndef BANK_HOLDING_H
#define BANK_HOLDING_H

#include "bank.h"

enum look {
    LOOK_CERTIFICATES, /* no PIN, no network */
    LOOK_ONLINE,       /* no PIN; the bank may be asked for its CA certificates */
    LOOK_PAIRS,        /* the same, and with the keys: the PIN is asked for */
};

#define HOLDING_REVOKED_MAX 16

struct holding {
    int ask_revoked; /* before: whether they are looked up in the bank's list (LOOK_PAIRS) */
    certenroll_inventory *inventory;
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

/* Zero-initialise `out`, but for what it says; *out is cleared by holding_clear() also after a
 * failure. */
int holding_look(struct holding *out, struct bank *bank, const char *name, enum look look);
void holding_clear(struct holding *holding);
/* Takes the valid pair with this CKA_ID for the best. */
void holding_prefer(struct holding *holding, const unsigned char *id, size_t length);

/* The common name of the entry's certificate, "" when there is none of use. */
void holding_name(char out[NAME_SIZE], const certenroll_entry *entry);
/* Non-zero when it may be used now. */
int holding_is_valid(const certenroll_entry *entry);

/* Refuses, and says what to do, unless there is a certificate of this corporation or user that is
 * valid now; before any password is asked for. */
int holding_require(const struct holding *holding, struct bank *bank);
/* The pair of bank->name that the bank is talked to with: what the token says first, without a PIN,
 * and then with its keys. */
int holding_need_pair(struct holding *out, struct bank *bank);

#endif
