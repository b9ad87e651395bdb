/* SPDX-License-Identifier: Apache-2.0 */
/* Key pairs on a token and their public values. Signing is in sign.h. */
#ifndef CE_TOKEN_KEY_H
#define CE_TOKEN_KEY_H

#include "token/object.h"
#include "token/token.h"

/* CKA_IDs that we choose: as long as a SHA-1, for software that takes the ID for one. */
#define CE_RANDOM_ID_LENGTH 20

/* Another reference to the same key. */
certenroll_key *ce_key_ref(certenroll_key *key);

/* Borrowed from the key. */
certenroll_token *ce_key_token(const certenroll_key *key);
const struct ce_public_value *ce_key_public(const certenroll_key *key);

/* Non-zero when the token said, as the key was read, that the private key is sensitive and not
 * extractable. A generated key always is; one that was found may not be. */
int ce_key_is_safe(const certenroll_key *key);

/* Whether a caller's CKA_ID is one: CERTENROLL_E_ARGUMENT. */
int ce_id_check(const unsigned char *id, size_t length, certenroll_error **error);

/* 1 when an object on the token bears this CKA_ID, 0 when none does, negative on failure. */
int ce_id_in_use(certenroll_token *token, const struct ce_buffer *id, certenroll_error **error);

/* A CKA_ID for a new key pair: random, or on a token whose IDs are slots the first that is free;
 * then it logs in. CERTENROLL_E_TOKEN_FULL: none is. */
int ce_choose_id(certenroll_token *token, struct ce_buffer *out, certenroll_error **error);

/* What a caller knows of the pair that he wants to be new. */
struct ce_key_novelty {
    /* He has just drawn the ID at random, and never tried it before: it is not looked for, which
     * many tokens would read all of their objects for. */
    int id_is_new;
    /* The public value of the pair in whose place the new one is to be; NULL: none. */
    const struct ce_public_value *not_this;
};

/* certenroll_key_generate(), with more known. What it gives was seen to be new: CERTENROLL_E_TOKEN
 * where the token gave a pair that may have been there before, and then nothing was removed. */
int ce_key_generate(certenroll_key **out, certenroll_token *token,
                    const certenroll_key_options *options, const struct ce_key_novelty *novelty,
                    certenroll_error **error);

/* The private keys of the token, or those with this CKA_ID (id NULL: all), with their public
 * values. Logs in. *out is an array of *count references, freed by ce_keys_free. A key whose public
 * value cannot be learnt, because another one has its CKA_ID or its public half is not there, comes
 * without: its ce_key_public() has the type 0, and it is good for nothing but to be told of. One
 * that was never finished is left out and logged. */
int ce_keys_read(certenroll_key ***out, size_t *count, certenroll_token *token,
                 const struct ce_buffer *id, certenroll_error **error);
void ce_keys_free(certenroll_key **keys, size_t count);

/* Removes key objects that bear `id`, the private ones first; logs in. Other objects with the ID,
 * a certificate for one, stay. Nothing there is no failure: so it may be called again after
 * whatever stopped it.
 *
 * With `value`: the pair with this public value alone, or what is left of it.
 * CERTENROLL_E_ID_IN_USE and nothing is removed where a private key may be the one, or be another
 * under the same ID. Without: every private and public key object with the ID. That is for an ID
 * that the caller chose at random.
 *
 * CERTENROLL_E_TOKEN: the token says that it removed one of them, and keeps it. */
int ce_key_destroy(certenroll_token *token, const struct ce_buffer *id,
                   const struct ce_public_value *value, certenroll_error **error);

/* Whether ce_key_destroy() with a value could tell the key from others: CERTENROLL_E_ID_IN_USE
 * where not. For who removes more than the key, and removes nothing where that stays. */
int ce_key_check_told(certenroll_token *token, const struct ce_buffer *id,
                      const struct ce_public_value *value, certenroll_error **error);

#endif
