/* SPDX-License-Identifier: Apache-2.0 */
/* Public keys of certificates and of anybody's, in the form that the token layer compares keys in.
 */
#include "check.h"
#include "provider/provider.h"
#include "shimmed_token.h"
#include "test_ca.h"
#include "token/key.h"

#include <certenroll/openssl.h>

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/rsa.h>

#include <stdlib.h>

static const certenroll_key_type types[] = {
    CERTENROLL_KEY_RSA_2048, CERTENROLL_KEY_RSA_3072, CERTENROLL_KEY_RSA_4096, CERTENROLL_KEY_P256,
    CERTENROLL_KEY_P384,     CERTENROLL_KEY_P521,     CERTENROLL_KEY_ED25519,
};
#define TYPES (sizeof(types) / sizeof(types[0]))

/* What everybody else reads off a certificate with this key. */
static EVP_PKEY *through_a_certificate(EVP_PKEY *pkey)
{
    struct test_certificate details = TEST_CERTIFICATE_INIT;
    unsigned char *der;
    const unsigned char *next;
    struct test_ca ca;
    X509 *issued, *read;
    EVP_PKEY *public_key;
    size_t length;

    test_ca_new(&ca, "CN=Root,O=Test", NULL);
    details.key = pkey;
    issued = test_ca_issue(&ca, &details);
    next = der = test_der(&length, issued);
    read = d2i_X509(NULL, &next, (long)length);
    public_key = X509_get_pubkey(read);
    assert_non_null(public_key);
    X509_free(read);
    X509_free(issued);
    free(der);
    test_ca_clear(&ca);
    return public_key;
}

static void assert_value(EVP_PKEY *pkey, const struct ce_public_value *expected)
{
    struct ce_public_value value;
    certenroll_error *error = NULL;

    assert_ok(ce_provider_public_value(&value, pkey, &error), error);
    assert_int_equal(value.type, expected->type);
    assert_true(ce_public_value_equal(&value, expected));
    ce_public_value_clear(&value);
}

static void a_tokens_key_is_told_by_its_certificate(void **state)
{
    struct shimmed_token *f = *state;
    certenroll_key *former = NULL;

    for (size_t i = 0; i < TYPES; i++) {
        certenroll_key_options options = CERTENROLL_KEY_OPTIONS_INIT;
        struct ce_public_value value;
        certenroll_key *key = NULL;
        EVP_PKEY *pkey = NULL, *public_key;

        options.type = types[i];
        assert_ok(certenroll_key_generate(&key, f->token, &options, &f->error), f->error);
        assert_ok(certenroll_key_evp_pkey(&pkey, key, &f->error), f->error);
        public_key = through_a_certificate(pkey);
        assert_value(pkey, ce_key_public(key));
        assert_value(public_key, ce_key_public(key));

        assert_ok(ce_provider_public_value(&value, public_key, &f->error), f->error);
        assert_false(former && ce_public_value_equal(&value, ce_key_public(former)));
        ce_public_value_clear(&value);
        EVP_PKEY_free(public_key);
        EVP_PKEY_free(pkey);
        certenroll_key_free(former);
        former = key;
    }
    certenroll_key_free(former);
}

static void two_keys_of_a_kind_differ(void **state)
{
    static const char *const names[] = { "RSA:2048", "P-256", "P-384", "P-521", "ED25519" };
    certenroll_error *error = NULL;

    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        EVP_PKEY *one = test_key_new(names[i]), *other = test_key_new(names[i]);
        struct ce_public_value value, another;

        assert_ok(ce_provider_public_value(&value, one, &error), error);
        assert_ok(ce_provider_public_value(&another, other, &error), error);
        assert_int_equal(value.type, another.type);
        assert_false(ce_public_value_equal(&value, &another));
        assert_value(one, &value);
        ce_public_value_clear(&another);
        ce_public_value_clear(&value);
        EVP_PKEY_free(other);
        EVP_PKEY_free(one);
    }
}

/* RFC 5480 §2.2 lets a certificate hold the point compressed. */
static void a_compressed_point_is_the_same_key(void **state)
{
    static const char *const names[] = { "P-256", "P-384", "P-521" };
    certenroll_error *error = NULL;

    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        EVP_PKEY *key = test_key_new(names[i]), *read;
        struct ce_public_value value;
        unsigned char *whole = NULL, *compressed = NULL;
        const unsigned char *next;
        int whole_length, length;

        assert_ok(ce_provider_public_value(&value, key, &error), error);
        whole_length = i2d_PUBKEY(key, &whole);
        assert_int_equal(EVP_PKEY_set_utf8_string_param(
                             key, OSSL_PKEY_PARAM_EC_POINT_CONVERSION_FORMAT, "compressed"),
                         1);
        length = i2d_PUBKEY(key, &compressed);
        assert_true(length > 0 && length < whole_length);
        next = compressed;
        read = d2i_PUBKEY(NULL, &next, length);
        assert_non_null(read);
        assert_value(key, &value);
        assert_value(read, &value);
        EVP_PKEY_free(read);
        OPENSSL_free(compressed);
        OPENSSL_free(whole);
        ce_public_value_clear(&value);
        EVP_PKEY_free(key);
    }
}

/* id-RSASSA-PSS in the SubjectPublicKeyInfo (RFC 4055 §1.2): the key is an RSA key all the same. */
static void an_rsa_pss_key_is_an_rsa_key(void **state)
{
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "RSA-PSS", NULL);
    EVP_PKEY *key = NULL;
    struct ce_public_value value;
    certenroll_error *error = NULL;

    (void)state;
    assert_int_equal(EVP_PKEY_keygen_init(context), 1);
    assert_int_equal(EVP_PKEY_CTX_set_rsa_keygen_bits(context, 2048), 1);
    assert_int_equal(EVP_PKEY_generate(context, &key), 1);
    EVP_PKEY_CTX_free(context);
    assert_ok(ce_provider_public_value(&value, key, &error), error);
    assert_int_equal(value.type, CERTENROLL_KEY_RSA_2048);
    assert_int_equal(value.modulus.length, 256);
    assert_int_equal(value.exponent.length, 3);
    ce_public_value_clear(&value);
    EVP_PKEY_free(key);
}

static void keys_that_are_not_generated_are_other(void **state)
{
    static const unsigned char curve[] = { 0x06, 0x09, 0x2b, 0x24, 0x03, 0x03,
                                           0x02, 0x08, 0x01, 0x01, 0x07 };
    EVP_PKEY *key = EVP_EC_gen("brainpoolP256r1");
    struct ce_public_value value;
    certenroll_error *error = NULL;

    (void)state;
    assert_non_null(key);
    assert_ok(ce_provider_public_value(&value, key, &error), error);
    assert_int_equal(value.type, CERTENROLL_KEY_OTHER);
    assert_int_equal(value.params.length, sizeof(curve));
    assert_memory_equal(value.params.data, curve, sizeof(curve));
    assert_int_equal(value.point.length, 65);
    ce_public_value_clear(&value);
    EVP_PKEY_free(key);
}

static EVP_PKEY *curve_spelled_out(void)
{
    EVP_PKEY *named = EVP_EC_gen("P-256"), *key = NULL;
    unsigned char *der = NULL;
    const unsigned char *next;
    int length;

    assert_int_equal(EVP_PKEY_set_utf8_string_param(named, OSSL_PKEY_PARAM_EC_ENCODING, "explicit"),
                     1);
    length = i2d_PUBKEY(named, &der);
    next = der;
    key = d2i_PUBKEY(NULL, &next, length);
    OPENSSL_free(der);
    EVP_PKEY_free(named);
    return key;
}

static void other_algorithms_are_unsupported(void **state)
{
    EVP_PKEY *keys[] = { EVP_PKEY_Q_keygen(NULL, NULL, "X25519"),
                         EVP_PKEY_Q_keygen(NULL, NULL, "ED448") };
    struct ce_public_value value;
    certenroll_error *error = NULL;

    (void)state;
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        assert_non_null(keys[i]);
        assert_fails(ce_provider_public_value(&value, keys[i], &error), CERTENROLL_E_UNSUPPORTED,
                     error);
        assert_null(value.point.data);
        EVP_PKEY_free(keys[i]);
    }
}

/* OpenSSL finds the name of a curve whose numbers it knows; the key is then that key. */
static void a_curve_that_is_spelled_out_is_the_same_curve(void **state)
{
    EVP_PKEY *key = curve_spelled_out();
    struct ce_public_value value;
    certenroll_error *error = NULL;

    (void)state;
    assert_non_null(key);
    assert_ok(ce_provider_public_value(&value, key, &error), error);
    assert_int_equal(value.type, CERTENROLL_KEY_P256);
    assert_int_equal(value.point.length, 65);
    ce_public_value_clear(&value);
    EVP_PKEY_free(key);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_tokens_key_is_told_by_its_certificate,
                                        shimmed_token_set_up, shimmed_token_tear_down),
        cmocka_unit_test(two_keys_of_a_kind_differ),
        cmocka_unit_test(a_compressed_point_is_the_same_key),
        cmocka_unit_test(an_rsa_pss_key_is_an_rsa_key),
        cmocka_unit_test(keys_that_are_not_generated_are_other),
        cmocka_unit_test(other_algorithms_are_unsupported),
        cmocka_unit_test(a_curve_that_is_spelled_out_is_the_same_curve),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
