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

/* All private keys of the token with their public values. Logs in. *out is an array of *count
 * references, freed by ce_keys_free. A key whose public value cannot be learnt is left out and
 * logged. */
int ce_keys_read(certenroll_key ***out, size_t *count, certenroll_token *token,
                 certenroll_error **error);
void ce_keys_free(certenroll_key **keys, size_t count);

#endif
