/* SPDX-License-Identifier: Apache-2.0 */
/* One signature operation under way: what OpenSSL calls a signature context. */
#ifndef CE_PROVIDER_SIGNATURE_H
#define CE_PROVIDER_SIGNATURE_H

#include "provider/keydata.h"

#include <openssl/rsa.h>

/* OpenSSL 3.1 and later: the hash's length, or less where the modulus leaves no room for it. */
#define CE_SALT_AUTO_DIGEST_MAX (-4)

struct ce_signature {
    struct ce_keydata *key;
    EVP_MD *digest;   /* NULL: none named */
    EVP_MD_CTX *hash; /* while we hash for the caller (digest_sign, digest_verify); else NULL */
    int padding;      /* RSA_PKCS1_PADDING or RSA_PKCS1_PSS_PADDING */
    int salt_length;  /* in bytes, or one of OpenSSL's RSA_PSS_SALTLEN_ */
    EVP_MD *mgf1;     /* NULL: as `digest` */
};

/* --- signature_params.c --- */
int ce_signature_set_digest(struct ce_signature *signature, const char *name);
int ce_signature_set_params(struct ce_signature *signature, const OSSL_PARAM params[]);
int ce_signature_get_params(struct ce_signature *signature, OSSL_PARAM params[]);
/* `signature` may be NULL: nothing is known of the key then. */
const OSSL_PARAM *ce_signature_settable(const struct ce_signature *signature);
const OSSL_PARAM *ce_signature_gettable(const struct ce_signature *signature);

/* --- algorithm_id.c --- */
/* DER of the AlgorithmIdentifier (RFC 5280 §4.1.1.2); *out is OPENSSL_malloc'ed. 0: failed. */
int ce_signature_algorithm_id(unsigned char **out, const struct ce_signature *signature);
/* The salt's length in bytes, worked out (RFC 8017 §9.1.1); -1 when the modulus is too short. */
int ce_signature_salt(const struct ce_signature *signature);

/* --- signature_verify.c: with the public key, in software. 1: verifies --- */
int ce_signature_verify(const struct ce_signature *signature, const unsigned char *value,
                        size_t value_length, const unsigned char *data, size_t length);

#endif
