/* SPDX-License-Identifier: Apache-2.0 */
/* The built-in OpenSSL provider and the private library context it lives in. */
#ifndef CE_PROVIDER_PROVIDER_H
#define CE_PROVIDER_PROVIDER_H

#include "token/object.h"

#include <certenroll/error.h>
#include <certenroll/key.h>

#include <openssl/evp.h>

/* The process-lifetime OSSL_LIB_CTX with OpenSSL's default provider and ours. NULL when OpenSSL
 * could not set it up. Never freed: keys may outlive everything else. */
OSSL_LIB_CTX *ce_provider_libctx(void);

/* The key's public half as a plain software key of OpenSSL's default provider (for comparing and
 * verifying). *out is owned by the caller. */
int ce_provider_public_key(EVP_PKEY **out, const certenroll_key *key, certenroll_error **error);

/* The other way: the public half of any RSA, EC or Ed25519 key, a certificate's for one, as the
 * token layer has it (ce_public_value_equal). Cleared by ce_public_value_clear, also after failure.
 * CERTENROLL_E_UNSUPPORTED: another algorithm, or a curve without a name. */
int ce_provider_public_value(struct ce_public_value *out, const EVP_PKEY *key,
                             certenroll_error **error);

#endif
