/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"
#include "test_ca.h"
#include "x509/name.h"
#include "x509/request.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/objects.h>
#include <openssl/param_build.h>

#include <stdlib.h>

static const char *const alt_names[] = { "dns:pc1.example.com", "email:suzuki@example.com",
                                         "upn:suzuki@example.com" };

static certenroll_request_options options_of(const char *subject)
{
    certenroll_request_options options = CERTENROLL_REQUEST_OPTIONS_INIT;

    options.subject = subject;
    return options;
}

static struct ce_profile *new_profile(const certenroll_request_options *options)
{
    struct ce_profile *profile = NULL;
    certenroll_error *error = NULL;

    assert_ok(ce_profile_new(&profile, options, &error), error);
    return profile;
}

/* Signs, and reads the request again. */
static X509_REQ *make_request(const certenroll_request_options *options, EVP_PKEY *key)
{
    struct ce_profile *profile = new_profile(options);
    struct ce_buffer der;
    certenroll_error *error = NULL;
    const unsigned char *at;
    X509_REQ *request;

    assert_ok(ce_request_sign(&der, profile, key, &error), error);
    at = der.data;
    request = d2i_X509_REQ(NULL, &at, (long)der.length);
    assert_non_null(request);
    assert_ptr_equal(at, der.data + der.length);
    ce_buffer_clear(&der);
    ce_profile_free(profile);
    return request;
}

static void signs_with_the_digest_of_the_key(void **state)
{
    static const struct {
        const char *type;
        int signature;
    } keys[] = {
        { "P-256", NID_ecdsa_with_SHA256 },          { "P-384", NID_ecdsa_with_SHA384 },
        { "P-521", NID_ecdsa_with_SHA512 },          { "RSA:2048", NID_sha256WithRSAEncryption },
        { "RSA:3072", NID_sha256WithRSAEncryption }, { "ED25519", NID_ED25519 },
    };
    certenroll_request_options options = options_of("CN=Suzuki,O=Example,C=JP");

    (void)state;
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        EVP_PKEY *key = test_key_new(keys[i].type);
        X509_REQ *request = make_request(&options, key);

        assert_int_equal(X509_REQ_get_signature_nid(request), keys[i].signature);
        assert_int_equal(X509_REQ_verify(request, key), 1);
        assert_int_equal(X509_REQ_get_version(request), 0);
        X509_REQ_free(request);
        EVP_PKEY_free(key);
    }
}

static X509_EXTENSION *extension_of(STACK_OF(X509_EXTENSION) *extensions, int nid)
{
    int index = X509v3_get_ext_by_NID(extensions, nid, -1);

    assert_true(index >= 0);
    return X509v3_get_ext(extensions, index);
}

static void assert_key_usage(X509_EXTENSION *extension)
{
    ASN1_BIT_STRING *bits = X509V3_EXT_d2i(extension);
    static const int expected[] = { 1, 0, 1, 0, 1, 0, 0, 0, 0 };

    assert_true(X509_EXTENSION_get_critical(extension));
    assert_non_null(bits);
    for (int i = 0; i < 9; i++)
        assert_int_equal(ASN1_BIT_STRING_get_bit(bits, i), expected[i]);
    ASN1_BIT_STRING_free(bits);
}

static void assert_ext_key_usage(X509_EXTENSION *extension)
{
    EXTENDED_KEY_USAGE *usages = X509V3_EXT_d2i(extension);
    char oid[64];

    assert_false(X509_EXTENSION_get_critical(extension));
    assert_int_equal(sk_ASN1_OBJECT_num(usages), 2);
    assert_int_equal(OBJ_obj2nid(sk_ASN1_OBJECT_value(usages, 0)), NID_client_auth);
    OBJ_obj2txt(oid, sizeof(oid), sk_ASN1_OBJECT_value(usages, 1), 1);
    assert_string_equal(oid, "1.3.6.1.4.1.99999.1");
    EXTENDED_KEY_USAGE_free(usages);
}

static void assert_alt_names(X509_EXTENSION *extension)
{
    GENERAL_NAMES *names = X509V3_EXT_d2i(extension);
    char shown[128];

    assert_false(X509_EXTENSION_get_critical(extension));
    assert_int_equal(sk_GENERAL_NAME_num(names), 3);
    for (int i = 0; i < 3; i++) {
        ce_alt_name_describe(shown, sizeof(shown), sk_GENERAL_NAME_value(names, i));
        assert_string_equal(shown, alt_names[i]);
    }
    GENERAL_NAMES_free(names);
}

static void asks_for_extensions(void **state)
{
    certenroll_request_options options = options_of("CN=Suzuki");
    EVP_PKEY *key = test_key_new("P-256");
    STACK_OF(X509_EXTENSION) *extensions;
    X509_REQ *request;

    (void)state;
    options.alt_names = alt_names;
    options.alt_names_count = 3;
    options.key_usage = CERTENROLL_USAGE_DIGITAL_SIGNATURE | CERTENROLL_USAGE_KEY_ENCIPHERMENT |
                        CERTENROLL_USAGE_KEY_AGREEMENT;
    options.extended_key_usage = "clientAuth, 1.3.6.1.4.1.99999.1";
    request = make_request(&options, key);
    extensions = X509_REQ_get_extensions(request);
    assert_int_equal(X509v3_get_ext_count(extensions), 3);
    assert_key_usage(extension_of(extensions, NID_key_usage));
    assert_ext_key_usage(extension_of(extensions, NID_ext_key_usage));
    assert_alt_names(extension_of(extensions, NID_subject_alt_name));
    sk_X509_EXTENSION_pop_free(extensions, X509_EXTENSION_free);
    X509_REQ_free(request);
    EVP_PKEY_free(key);
}

static void asks_for_nothing(void **state)
{
    certenroll_request_options options = options_of("CN=Suzuki");
    EVP_PKEY *key = test_key_new("P-256");
    X509_REQ *request;

    (void)state;
    options.key_usage = 0;
    options.extended_key_usage = NULL;
    request = make_request(&options, key);
    assert_int_equal(X509_REQ_get_attr_count(request), 0);
    X509_REQ_free(request);
    EVP_PKEY_free(key);
}

/* --- keys that fail --- */

/* A key whose private half is `private_half`'s and whose public half is `public_half`'s: what a
 * token with two keys under one CKA_ID looks like. */
static EVP_PKEY *mix_keys(EVP_PKEY *private_half, EVP_PKEY *public_half)
{
    unsigned char point[65];
    size_t length = 0;
    BIGNUM *number = NULL;
    OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
    OSSL_PARAM *parameters;
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
    EVP_PKEY *mixed = NULL;

    assert_true(EVP_PKEY_get_bn_param(private_half, OSSL_PKEY_PARAM_PRIV_KEY, &number));
    assert_true(EVP_PKEY_get_octet_string_param(public_half, OSSL_PKEY_PARAM_PUB_KEY, point,
                                                sizeof(point), &length));
    OSSL_PARAM_BLD_push_utf8_string(builder, OSSL_PKEY_PARAM_GROUP_NAME, "P-256", 0);
    OSSL_PARAM_BLD_push_octet_string(builder, OSSL_PKEY_PARAM_PUB_KEY, point, length);
    OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_PRIV_KEY, number);
    parameters = OSSL_PARAM_BLD_to_param(builder);
    assert_int_equal(EVP_PKEY_fromdata_init(context), 1);
    assert_int_equal(EVP_PKEY_fromdata(context, &mixed, EVP_PKEY_KEYPAIR, parameters), 1);
    OSSL_PARAM_free(parameters);
    OSSL_PARAM_BLD_free(builder);
    EVP_PKEY_CTX_free(context);
    BN_free(number);
    return mixed;
}

static void refuses_a_wrong_signature(void **state)
{
    certenroll_request_options options = options_of("CN=Suzuki");
    struct ce_profile *profile = new_profile(&options);
    EVP_PKEY *one = test_key_new("P-256"), *two = test_key_new("P-256");
    EVP_PKEY *mixed = mix_keys(one, two);
    struct ce_buffer der;
    certenroll_error *error = NULL;

    (void)state;
    assert_int_equal(ce_request_sign(&der, profile, mixed, &error), CERTENROLL_E_TOKEN);
    assert_non_null(strstr(certenroll_error_what(error), "signature is wrong"));
    assert_null(der.data);
    certenroll_error_free(error);
    ce_profile_free(profile);
    EVP_PKEY_free(mixed);
    EVP_PKEY_free(one);
    EVP_PKEY_free(two);
}

static void says_why_a_key_does_not_sign(void **state)
{
    certenroll_request_options options = options_of("CN=Suzuki");
    struct ce_profile *profile = new_profile(&options);
    EVP_PKEY *key = test_key_new("ED25519"), *public_half;
    unsigned char octets[32];
    size_t length = sizeof(octets);
    struct ce_buffer der;
    certenroll_error *error = NULL;

    (void)state;
    assert_int_equal(EVP_PKEY_get_raw_public_key(key, octets, &length), 1);
    public_half = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, octets, length);
    assert_int_equal(ce_request_sign(&der, profile, public_half, &error), CERTENROLL_E_TOKEN);
    assert_non_null(strstr(certenroll_error_what(error), "did not sign"));
    assert_non_null(strstr(certenroll_error_why(error), "OpenSSL"));
    assert_true(certenroll_error_openssl(error) != 0);
    assert_null(der.data);
    certenroll_error_free(error);
    EVP_PKEY_free(public_half);
    EVP_PKEY_free(key);
    ce_profile_free(profile);
}

/* --- profiles --- */

static void refuse_profile(const certenroll_request_options *options, const char *clause)
{
    struct ce_profile *profile = NULL;
    certenroll_error *error = NULL;

    if (ce_profile_new(&profile, options, &error) != CERTENROLL_E_ARGUMENT ||
        !strstr(certenroll_error_message(error), clause))
        fail_msg("\"%s\" where \"%s\" was expected", certenroll_error_message(error), clause);
    assert_null(profile);
    certenroll_error_free(error);
}

static void refuses_what_cannot_be_asked_for(void **state)
{
    static const struct {
        const char *list;
        const char *clause;
    } usages[] = {
        { "clientauth", "\"clientauth\" is no extended key usage" },
        { "clientAuth,", "\"\" is no extended key usage" },
        { ",clientAuth", "\"\" is no extended key usage" },
        { "1.2..3", "\"1.2..3\" is no extended key usage" },
        { "1,1,1", "\"1\" is no extended key usage" },
        { "a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q", "is no extended key usage" },
        { "1.1,1.2,1.3,1.4,1.5,1.6,1.7,1.8,1.9,1.10,1.11,1.12,1.13,1.14,1.15,1.16,1.17",
          "more than 16" },
    };
    static const char *const with_null[] = { "dns:a", NULL };
    certenroll_request_options options = options_of(NULL);

    (void)state;
    refuse_profile(&options, "no subject");
    options = options_of("CN=");
    refuse_profile(&options, "character 4");
    options = options_of("CN=a");
    options.key_usage = 1 << 5;
    refuse_profile(&options, "0x20");
    options = options_of("CN=a");
    options.alt_names = with_null;
    options.alt_names_count = 2;
    refuse_profile(&options, "is NULL");
    options.alt_names_count = 65;
    refuse_profile(&options, "64 alternative names");
    options = options_of("CN=a");
    options.size = 1;
    refuse_profile(&options, "size");
    for (size_t i = 0; i < sizeof(usages) / sizeof(usages[0]); i++) {
        options = options_of("CN=a");
        options.extended_key_usage = usages[i].list;
        refuse_profile(&options, usages[i].clause);
    }
}

static void copies_a_certificate(void **state)
{
    struct test_certificate details = TEST_CERTIFICATE_INIT;
    struct test_ca ca;
    struct ce_profile *profile = NULL;
    certenroll_error *error = NULL;
    X509 *leaf;

    (void)state;
    test_ca_new(&ca, "CN=Root", NULL);
    details.key = ca.key;
    details.alt_names = "DNS:a.example,email:b@c";
    details.key_usage = "critical,digitalSignature,keyAgreement,keyCertSign";
    details.ext_key_usage = "clientAuth,emailProtection";
    leaf = test_ca_issue(&ca, &details);
    assert_ok(ce_profile_from_certificate(&profile, leaf, &error), error);
    assert_int_equal(X509_NAME_cmp(profile->subject, X509_get_subject_name(leaf)), 0);
    assert_int_equal(sk_GENERAL_NAME_num(profile->alt_names), 2);
    assert_int_equal(profile->key_usage,
                     CERTENROLL_USAGE_DIGITAL_SIGNATURE | CERTENROLL_USAGE_KEY_AGREEMENT);
    assert_int_equal(sk_ASN1_OBJECT_num(profile->ext_key_usage), 2);
    ce_profile_free(profile);
    ce_profile_free(NULL);
    X509_free(leaf);

    details.alt_names = details.key_usage = details.ext_key_usage = NULL;
    leaf = test_ca_issue(&ca, &details);
    assert_ok(ce_profile_from_certificate(&profile, leaf, &error), error);
    assert_null(profile->alt_names);
    assert_null(profile->ext_key_usage);
    assert_int_equal(profile->key_usage, 0);
    ce_profile_free(profile);
    X509_free(leaf);
    test_ca_clear(&ca);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(signs_with_the_digest_of_the_key),
        cmocka_unit_test(asks_for_extensions),
        cmocka_unit_test(asks_for_nothing),
        cmocka_unit_test(refuses_a_wrong_signature),
        cmocka_unit_test(says_why_a_key_does_not_sign),
        cmocka_unit_test(refuses_what_cannot_be_asked_for),
        cmocka_unit_test(copies_a_certificate),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
