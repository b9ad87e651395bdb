/* SPDX-License-Identifier: Apache-2.0 */
/* Key pairs on a token: their public value, and signing. */
#ifndef CE_TOKEN_KEY_H
#define CE_TOKEN_KEY_H

#include "token/object.h"
#include "token/token.h"

#include <p11-kit/pkcs11.h>

/* CKA_IDs that we choose: as long as a SHA-1, for software that takes the ID for one. */
#define CE_RANDOM_ID_LENGTH 20

/* Another reference to the same key. */
certenroll_key *ce_key_ref(certenroll_key *key);

/* Borrowed from the key. */
certenroll_token *ce_key_token(const certenroll_key *key);
const struct ce_public_value *ce_key_public(const certenroll_key *key);

/* C_SignInit + C_Sign in one session, with the context-specific login between them where the key
 * wants it (CKA_ALWAYS_AUTHENTICATE). Logs in if need be; a session or handle that died is opened
 * and resolved again once. `signature` has room for `capacity` bytes: give the largest that the
 * key can make, for tokens do not report lengths reliably. Any number of threads at once.
 * Errors: CERTENROLL_E_UNSUPPORTED (the mechanism), CERTENROLL_E_TOKEN_*, CERTENROLL_E_PIN_*. */
int ce_key_sign(certenroll_key *key, const CK_MECHANISM *mechanism, const unsigned char *data,
                size_t data_length, unsigned char *signature, size_t capacity,
                size_t *signature_length, certenroll_error **error);

/* All private keys of the token with their public values. Logs in. *out is an array of *count
 * references, freed by ce_keys_free. A key whose public value cannot be learnt is left out and
 * logged. */
int ce_keys_read(certenroll_key ***out, size_t *count, certenroll_token *token,
                 certenroll_error **error);
void ce_keys_free(certenroll_key **keys, size_t count);

#endif
