/* SPDX-License-Identifier: Apache-2.0 */
/* One key of each kind on a SoftHSM token behind the shim, as EVP_PKEYs. */
#ifndef TEST_SIGNING_KEYS_H
#define TEST_SIGNING_KEYS_H

#include "softhsm.h"

#include <certenroll/openssl.h>

#define SIGNING_KEYS_MAX 5

struct signing_key {
    const char *name;
    certenroll_key *key;
    EVP_PKEY *pkey;       /* signs in the token */
    EVP_PKEY *public_key; /* read from its SubjectPublicKeyInfo by OpenSSL alone */
    const EVP_MD *digest; /* to sign with; NULL where the algorithm has its own */
};

struct signing_keys {
    struct softhsm *hsm;
    struct shim *shim; /* NULL: SoftHSM itself */
    struct test_pin pin;
    certenroll_context *context;
    certenroll_token *token;
    size_t count;
    struct signing_key key[SIGNING_KEYS_MAX];
};

/* Generates the keys `types`, a list that ends with 0. With `shimmed`, calls go through the shim.
 */
struct signing_keys *signing_keys_new(const certenroll_key_type *types, int shimmed);
void signing_keys_free(struct signing_keys *keys);

/* A self-signed certificate, signed by the token key. */
X509 *signing_key_certificate(const struct signing_key *key);

/* Every kind there is one of. */
extern const certenroll_key_type signing_key_types[SIGNING_KEYS_MAX + 1];

#endif
