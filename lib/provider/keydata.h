/* SPDX-License-Identifier: Apache-2.0 */
/* What OpenSSL holds behind an EVP_PKEY of ours. */
#ifndef CE_PROVIDER_KEYDATA_H
#define CE_PROVIDER_KEYDATA_H

#include "base/platform.h"
#include "token/sign.h"

#include <openssl/core.h>
#include <openssl/evp.h>

/* Queries for the two providers of the private context. Both are always named: either one may
 * otherwise answer to "RSA". */
#define CE_QUERY_OURS "provider=certenroll"
#define CE_QUERY_SOFTWARE "provider=default"

/* Names of our signature operations, unlike any of OpenSSL's: EVP_DigestSignInit first looks for
 * the name that the key gives in the *caller's* library context, where "RSA" would be the default
 * provider's, which then asks for the private key (OpenSSL issue 16614). */
#define CE_SIGNATURE_RSA "certenroll-RSA"
#define CE_SIGNATURE_EC "certenroll-ECDSA"
#define CE_SIGNATURE_ED25519 "certenroll-ED25519"

/* The private parameter by which load.c hands a made-up ce_keydata to EVP_PKEY_fromdata: the bytes
 * of a `const struct ce_keydata *`. Valid during the call. */
#define CE_PARAM_KEYDATA "certenroll-keydata"

struct ce_signature;

/* What differs between RSA, EC and Ed25519. */
struct ce_algorithm {
    const char *name;           /* of the key, as OpenSSL's own key management calls it */
    const char *signature_name; /* of our signature operation */
    int nid;                    /* of the key in certificates */
    int hashes;                 /* the message is hashed by us before the token signs */
    int has_padding;            /* PKCS#1 v1.5 or PSS */
    /* Has the token sign a message, or its hash where `hashes`. */
    int (*sign)(struct ce_signature_bytes *out, const struct ce_signature *signature,
                const unsigned char *data, size_t length, certenroll_error **error);
};
extern const struct ce_algorithm ce_algorithm_rsa;     /* signature_rsa.c */
extern const struct ce_algorithm ce_algorithm_ec;      /* signature_ec.c */
extern const struct ce_algorithm ce_algorithm_ed25519; /* signature_ec.c */

/* Unchanging once it is made, thus shared between threads and duplicates without a lock. */
struct ce_keydata {
    ce_refcount references;
    const struct ce_algorithm *algorithm;
    certenroll_key *key;  /* NULL: a public key alone */
    EVP_PKEY *public_key; /* of OpenSSL's default provider; NULL before import */
};

/* NULL: out of memory. keymgmt.c */
struct ce_keydata *ce_keydata_new(const struct ce_algorithm *algorithm);
struct ce_keydata *ce_keydata_ref(struct ce_keydata *key);
void ce_keydata_free(struct ce_keydata *key);

/* The dispatch tables. keymgmt.c, signature.c */
extern const OSSL_DISPATCH ce_keymgmt_rsa[];
extern const OSSL_DISPATCH ce_keymgmt_ec[];
extern const OSSL_DISPATCH ce_keymgmt_ed25519[];
extern const OSSL_DISPATCH ce_signature_hashing[];  /* RSA and ECDSA */
extern const OSSL_DISPATCH ce_signature_one_shot[]; /* Ed25519 */

#endif
