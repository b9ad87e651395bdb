/* SPDX-License-Identifier: Apache-2.0 */
#include "signing_keys.h"

#include "check.h"
#include "shim.h"
#include "test_ca.h"

#include <openssl/x509.h>

#include <stdlib.h>

const certenroll_key_type signing_key_types[SIGNING_KEYS_MAX + 1] = {
    CERTENROLL_KEY_RSA_2048, CERTENROLL_KEY_P256,    CERTENROLL_KEY_P384,
    CERTENROLL_KEY_P521,     CERTENROLL_KEY_ED25519, 0,
};

/* Through DER, so that nothing of the token key's provider is left in it. */
static EVP_PKEY *public_half(EVP_PKEY *pkey)
{
    unsigned char *der = NULL;
    const unsigned char *next;
    int length = i2d_PUBKEY(pkey, &der);
    EVP_PKEY *public_key;

    assert_true(length > 0);
    next = der;
    public_key = d2i_PUBKEY(NULL, &next, length);
    assert_non_null(public_key);
    OPENSSL_free(der);
    return public_key;
}

static const EVP_MD *usual_digest(certenroll_key_type type)
{
    switch ((int)type) {
    case CERTENROLL_KEY_P384:
        return EVP_sha384();
    case CERTENROLL_KEY_P521:
        return EVP_sha512();
    case CERTENROLL_KEY_ED25519:
        return NULL;
    default:
        return EVP_sha256();
    }
}

static void generate(struct signing_keys *keys, certenroll_key_type type)
{
    struct signing_key *key = &keys->key[keys->count++];
    certenroll_key_options options = CERTENROLL_KEY_OPTIONS_INIT;
    certenroll_error *error = NULL;

    options.type = type;
    options.label = key->name = certenroll_key_type_name(type);
    assert_ok(certenroll_key_generate(&key->key, keys->token, &options, &error), error);
    assert_ok(certenroll_key_evp_pkey(&key->pkey, key->key, &error), error);
    key->public_key = public_half(key->pkey);
    key->digest = usual_digest(type);
}

struct signing_keys *signing_keys_new(const certenroll_key_type *types, int shimmed)
{
    struct signing_keys *keys = calloc(1, sizeof(*keys));
    certenroll_error *error = NULL;

    assert_non_null(keys);
    keys->pin = (struct test_pin)TEST_PIN;
    keys->hsm = softhsm_new((const char *[]){ "signing", NULL });
    if (shimmed)
        keys->shim = shim_new(softhsm_dir(keys->hsm));
    assert_ok(certenroll_context_new(&keys->context, &error), error);
    keys->token = softhsm_open_by(shimmed ? shim_module() : softhsm_module(), keys->context,
                                  "signing", &keys->pin);
    for (; *types != 0; types++)
        generate(keys, *types);
    return keys;
}

void signing_keys_free(struct signing_keys *keys)
{
    for (size_t i = 0; i < keys->count; i++) {
        EVP_PKEY_free(keys->key[i].public_key);
        EVP_PKEY_free(keys->key[i].pkey);
        certenroll_key_free(keys->key[i].key);
    }
    certenroll_token_free(keys->token);
    certenroll_context_free(keys->context);
    if (keys->shim != NULL)
        shim_free(keys->shim);
    softhsm_free(keys->hsm);
    free(keys);
}

X509 *signing_key_certificate(const struct signing_key *key)
{
    struct test_certificate details = TEST_CERTIFICATE_INIT;
    struct test_ca ca;
    X509 *certificate;

    details.key = key->pkey;
    details.subject = "CN=token key";
    details.is_ca = 1;
    details.key_usage = "critical,keyCertSign,digitalSignature";
    details.ext_key_usage = NULL;
    details.digest = key->digest != NULL ? EVP_MD_get0_name(key->digest) : NULL;
    test_ca_new_from(&ca, &details, NULL);
    certificate = ca.certificate;
    X509_up_ref(certificate);
    test_ca_clear(&ca);
    return certificate;
}
