/* SPDX-License-Identifier: Apache-2.0 */
#include "ca/request_policy.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509v3.h>

#include <limits.h>
#include <string.h>

#define RSA_BITS_MIN 2048
#define RSA_BITS_MAX 8192
#define EXPONENT_BITS_MIN 17

/* --- key --- */

static int rsa_is_sound(const EVP_PKEY *key)
{
    BIGNUM *exponent = NULL;
    int bits = EVP_PKEY_get_bits(key);
    /* An odd number of so many bits is at least 65537. */
    int is_sound = bits >= RSA_BITS_MIN && bits <= RSA_BITS_MAX &&
                   EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_E, &exponent) &&
                   BN_is_odd(exponent) && BN_num_bits(exponent) >= EXPONENT_BITS_MIN;

    BN_free(exponent);
    return is_sound;
}

/* A named curve (RFC 5480 §2.1.1), not parameters that happen to be equal to it. */
static int ec_is_sound(const EVP_PKEY *key)
{
    static const char *const curves[] = { "prime256v1", "secp384r1", "secp521r1" };
    char name[64] = "";
    int from_explicit = 0;

    if (!EVP_PKEY_get_utf8_string_param(key, OSSL_PKEY_PARAM_GROUP_NAME, name, sizeof(name), NULL))
        return 0;
    if (EVP_PKEY_get_int_param(key, OSSL_PKEY_PARAM_EC_DECODED_FROM_EXPLICIT_PARAMS,
                               &from_explicit) &&
        from_explicit)
        return 0;
    for (size_t i = 0; i < sizeof(curves) / sizeof(curves[0]); i++)
        if (strcmp(name, curves[i]) == 0)
            return 1;
    return 0;
}

static enum problem check_key(const EVP_PKEY *key)
{
    char form[32] = "";

    switch (key ? EVP_PKEY_get_base_id(key) : EVP_PKEY_NONE) {
    case EVP_PKEY_RSA:
        return rsa_is_sound(key) ? PROBLEM_NONE : PROBLEM_KEY_WEAK;
    case EVP_PKEY_ED25519:
        return PROBLEM_NONE;
    case EVP_PKEY_EC:
        if (!ec_is_sound(key))
            return PROBLEM_KEY_WEAK;
        /* Written in another way the key would have another hash, and pass for one that has not
         * been seen: one that was revoked, or another account's. */
        return EVP_PKEY_get_utf8_string_param(key, OSSL_PKEY_PARAM_EC_POINT_CONVERSION_FORMAT, form,
                                              sizeof(form), NULL) &&
                       strcmp(form, OSSL_PKEY_EC_POINT_CONVERSION_FORMAT_UNCOMPRESSED) == 0
                   ? PROBLEM_NONE
                   : PROBLEM_KEY_COMPRESSED;
    default:
        return PROBLEM_KEY_WEAK;
    }
}

/* --- extensions --- */

/* How many extensionRequest attributes there are, Microsoft's spelling counted too; a second one
 * could hide from the check what another program would read. */
static int extension_attributes(const X509_REQ *request)
{
    int count = 0;

    for (int i = 0; i < X509_REQ_get_attr_count(request); i++) {
        const X509_ATTRIBUTE *attribute = X509_REQ_get_attr(request, i);
        int nid = OBJ_obj2nid(X509_ATTRIBUTE_get0_object((X509_ATTRIBUTE *)attribute));

        if (nid == NID_ext_req || nid == NID_ms_ext_req)
            count += X509_ATTRIBUTE_count(attribute);
    }
    return count;
}

enum { USAGE_KEY_ENCIPHERMENT = 2, USAGE_KEY_CERT_SIGN = 5, USAGE_CRL_SIGN = 6 };

static enum problem check_extensions(X509_REQ *request)
{
    int attributes = extension_attributes(request);
    STACK_OF(X509_EXTENSION) *extensions =
        attributes == 1 ? X509_REQ_get_extensions(request) : NULL;
    BASIC_CONSTRAINTS *constraints;
    ASN1_BIT_STRING *usage;
    int constraints_found, usage_found, asks_for_ca, is_malformed;

    if (!extensions)
        return attributes == 0 ? PROBLEM_NONE : PROBLEM_EXTENSIONS;
    constraints = X509V3_get_d2i(extensions, NID_basic_constraints, &constraints_found, NULL);
    usage = X509V3_get_d2i(extensions, NID_key_usage, &usage_found, NULL);
    asks_for_ca = (constraints && constraints->ca) ||
                  (usage && (ASN1_BIT_STRING_get_bit(usage, USAGE_KEY_CERT_SIGN) ||
                             ASN1_BIT_STRING_get_bit(usage, USAGE_CRL_SIGN)));
    /* -1 is "absent"; anything else without a value is doubled or malformed. */
    is_malformed = (!constraints && constraints_found != -1) || (!usage && usage_found != -1);
    BASIC_CONSTRAINTS_free(constraints);
    ASN1_BIT_STRING_free(usage);
    sk_X509_EXTENSION_pop_free(extensions, X509_EXTENSION_free);
    if (asks_for_ca)
        return PROBLEM_ASKS_FOR_CA;
    return is_malformed ? PROBLEM_EXTENSIONS : PROBLEM_NONE;
}

int policy_key_encipherment(X509_REQ *request)
{
    STACK_OF(X509_EXTENSION) *extensions = X509_REQ_get_extensions(request);
    ASN1_BIT_STRING *usage = X509V3_get_d2i(extensions, NID_key_usage, NULL, NULL);
    int asked = usage && ASN1_BIT_STRING_get_bit(usage, USAGE_KEY_ENCIPHERMENT);

    ASN1_BIT_STRING_free(usage);
    sk_X509_EXTENSION_pop_free(extensions, X509_EXTENSION_free);
    return asked && EVP_PKEY_get_base_id(X509_REQ_get0_pubkey(request)) == EVP_PKEY_RSA;
}

/* --- the whole --- */

static enum problem check_signature(X509_REQ *request)
{
    int digest = NID_undef;

    if (OBJ_find_sigid_algs(X509_REQ_get_signature_nid(request), &digest, NULL) &&
        (digest == NID_md5 || digest == NID_sha1))
        return PROBLEM_SIGNATURE_WEAK;
    return X509_REQ_verify(request, X509_REQ_get0_pubkey(request)) == 1 ? PROBLEM_NONE
                                                                        : PROBLEM_SIGNATURE_WRONG;
}

enum problem policy_accept(X509_REQ **out, const unsigned char *der, size_t length)
{
    const unsigned char *end = der;
    X509_REQ *request = length <= LONG_MAX ? d2i_X509_REQ(NULL, &end, (long)length) : NULL;
    enum problem problem = request && end == der + length ? PROBLEM_NONE : PROBLEM_REQUEST_FORM;

    /* The key comes first: only a key of sane size is worth a verification. */
    if (!problem)
        problem = check_key(X509_REQ_get0_pubkey(request));
    if (!problem)
        problem = check_signature(request);
    if (!problem)
        problem = check_extensions(request);
    ERR_clear_error();
    if (problem) {
        X509_REQ_free(request);
        request = NULL;
    }
    *out = request;
    return problem;
}
