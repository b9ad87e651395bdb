/* SPDX-License-Identifier: Apache-2.0 */
/* Signing with a key on a token. Apart from key.h because it speaks PKCS#11, which only the
 * provider has to. */
#ifndef CE_TOKEN_SIGN_H
#define CE_TOKEN_SIGN_H

#include "token/key.h"

#include <p11-kit/pkcs11.h>

/* Longest signature of any key: RSA with OpenSSL's largest modulus, 16384 bits. */
#define CE_SIGNATURE_MAX 2048

/* There is room for the largest that any key makes, for tokens do not report lengths reliably. */
struct ce_signature_bytes {
    size_t length;
    unsigned char bytes[CE_SIGNATURE_MAX];
};

/* C_SignInit + C_Sign in one session, with the context-specific login between them where the key
 * wants it (CKA_ALWAYS_AUTHENTICATE). Logs in if need be; a session or handle that died is opened
 * and resolved again once. out->length is 0 after failure. Any number of threads at once.
 * Errors: CERTENROLL_E_UNSUPPORTED (the mechanism), CERTENROLL_E_TOKEN_*, CERTENROLL_E_PIN_*. */
int ce_key_sign(struct ce_signature_bytes *out, certenroll_key *key, const CK_MECHANISM *mechanism,
                const unsigned char *data, size_t data_length, certenroll_error **error);

#endif
