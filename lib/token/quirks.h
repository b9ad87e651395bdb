/* SPDX-License-Identifier: Apache-2.0 */
/* What has to be known of a token beforehand, because finding it out would do harm: the one place
 * for that. What a token answers is learnt where it answers it. */
#ifndef CE_TOKEN_QUIRKS_H
#define CE_TOKEN_QUIRKS_H

#include <p11-kit/pkcs11.h>

#include <stddef.h>

struct ce_quirks {
    const char *manufacturer; /* the beginning of CK_TOKEN_INFO.manufacturerID */
    const char *model;        /* the beginning of CK_TOKEN_INFO.model */
    /* CKA_IDs are key slots of one byte, and a pair generated under one that is in use overwrites
     * what is there. Those we choose for a new pair come first, in that order. None: the token
     * keeps any ID. */
    const unsigned char *slots;
    size_t slot_count;
    size_t choice_count;
    unsigned first_slot, last_slot;
    /* C_DestroyObject says CKR_OK to a private key, which is out of sight then until the token is
     * opened anew. The slot stays in use. */
    int keeps_private_keys;
    size_t certificate_max; /* bytes; what is larger is answered by CKR_FUNCTION_FAILED. 0: not
                               known */
    /* Whatever keeps the SO from logging in is called a wrong PIN, also that the token was pulled:
     * its sessions are closed, so that the driver looks whether it is still there. */
    int blames_so_pin;
};

/* Never NULL. */
const struct ce_quirks *ce_quirks_of(const CK_TOKEN_INFO *info);

#endif
