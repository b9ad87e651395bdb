/* SPDX-License-Identifier: Apache-2.0 */
#include "ca/policy.h"

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

const struct refusal refusal_internal = {
    500, "The registration authority failed. Try again later.",
    "登録局で障害が発生しました。しばらくしてからやり直してください。"
};

static const struct refusal malformed = {
    400, "The request is not exactly one PKCS#10 certification request.",
    "要求が単一のPKCS#10証明書署名要求ではありません。"
};
static const struct refusal weak_key = {
    400,
    "The key is too weak or of an unknown kind: RSA of 2048 to 8192 bits with an exponent of "
    "at least 65537, P-256, P-384, P-521 or Ed25519 is needed.",
    "鍵が弱いか未対応の種類です。RSA 2048～8192ビット(公開指数は65537以上)、P-256、P-384、P-521、"
    "Ed25519のいずれかが必要です。"
};
static const struct refusal compressed_point = {
    400, "The key's point must be in the uncompressed form (RFC 5480, section 2.2).",
    "鍵の点は非圧縮形式(RFC 5480 2.2節)でなければなりません。"
};
static const struct refusal bad_signature = {
    400, "The request's own signature does not verify under its key.",
    "要求自身の署名を要求内の公開鍵で検証できません。"
};
static const struct refusal weak_signature = {
    400, "The request is signed with an outdated hash (MD5 or SHA-1).",
    "要求の署名に古いハッシュ(MD5またはSHA-1)が使われています。"
};
static const struct refusal bad_extensions = { 400, "The extensions asked for cannot be read.",
                                               "要求された拡張領域を読み取れません。" };
static const struct refusal asks_for_ca = {
    400, "The request asks for the rights of a certification authority.",
    "要求が認証局の権限を求めています。"
};

/* --- key --- */

/* An odd number of so many bits is at least 65537. */
static int exponent_is_sound(const EVP_PKEY *key)
{
    BIGNUM *exponent = NULL;
    int sound = EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_E, &exponent) &&
                BN_is_odd(exponent) && BN_num_bits(exponent) >= EXPONENT_BITS_MIN;

    BN_free(exponent);
    return sound;
}

static int rsa_is_sound(const EVP_PKEY *key)
{
    int bits = EVP_PKEY_get_bits(key);

    return bits >= RSA_BITS_MIN && bits <= RSA_BITS_MAX && exponent_is_sound(key);
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

/* Written in another way the key would have another hash, and pass for one that has not been seen:
 * one that was revoked, or another account's. */
static int is_written_as_others(const EVP_PKEY *key)
{
    char form[32] = "";

    return EVP_PKEY_get_base_id(key) != EVP_PKEY_EC ||
           (EVP_PKEY_get_utf8_string_param(key, OSSL_PKEY_PARAM_EC_POINT_CONVERSION_FORMAT, form,
                                           sizeof(form), NULL) &&
            strcmp(form, OSSL_PKEY_EC_POINT_CONVERSION_FORMAT_UNCOMPRESSED) == 0);
}

static int key_is_sound(const EVP_PKEY *key)
{
    switch (EVP_PKEY_get_base_id(key)) {
    case EVP_PKEY_RSA:
        return rsa_is_sound(key);
    case EVP_PKEY_EC:
        return ec_is_sound(key);
    case EVP_PKEY_ED25519:
        return 1;
    default:
        return 0;
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

static const struct refusal *check_constraints(const STACK_OF(X509_EXTENSION) *extensions)
{
    int found;
    BASIC_CONSTRAINTS *constraints =
        X509V3_get_d2i(extensions, NID_basic_constraints, &found, NULL);
    int ca = constraints && constraints->ca;

    BASIC_CONSTRAINTS_free(constraints);
    if (ca)
        return &asks_for_ca;
    /* -1 is "absent"; anything else without a value is doubled or malformed. */
    return !constraints && found != -1 ? &bad_extensions : NULL;
}

enum { USAGE_KEY_ENCIPHERMENT = 2, USAGE_KEY_CERT_SIGN = 5, USAGE_CRL_SIGN = 6 };

static const struct refusal *check_usage(const STACK_OF(X509_EXTENSION) *extensions)
{
    int found;
    ASN1_BIT_STRING *usage = X509V3_get_d2i(extensions, NID_key_usage, &found, NULL);
    int ca = usage && (ASN1_BIT_STRING_get_bit(usage, USAGE_KEY_CERT_SIGN) ||
                       ASN1_BIT_STRING_get_bit(usage, USAGE_CRL_SIGN));

    ASN1_BIT_STRING_free(usage);
    if (ca)
        return &asks_for_ca;
    return !usage && found != -1 ? &bad_extensions : NULL;
}

static const struct refusal *check_extensions(X509_REQ *request)
{
    int attributes = extension_attributes(request);
    STACK_OF(X509_EXTENSION) *extensions;
    const struct refusal *refusal;

    if (attributes == 0)
        return NULL;
    extensions = attributes == 1 ? X509_REQ_get_extensions(request) : NULL;
    if (!extensions)
        return &bad_extensions;
    refusal = check_constraints(extensions);
    if (!refusal)
        refusal = check_usage(extensions);
    sk_X509_EXTENSION_pop_free(extensions, X509_EXTENSION_free);
    return refusal;
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

static const struct refusal *check_signature(X509_REQ *request, EVP_PKEY *key)
{
    int digest = NID_undef;

    if (OBJ_find_sigid_algs(X509_REQ_get_signature_nid(request), &digest, NULL) &&
        (digest == NID_md5 || digest == NID_sha1))
        return &weak_signature;
    return X509_REQ_verify(request, key) == 1 ? NULL : &bad_signature;
}

/* The key comes first: only a key of sane size is worth a verification. */
static const struct refusal *check(X509_REQ *request)
{
    EVP_PKEY *key = X509_REQ_get0_pubkey(request);
    const struct refusal *refusal = key && key_is_sound(key) ? NULL : &weak_key;

    if (!refusal && !is_written_as_others(key))
        refusal = &compressed_point;
    if (!refusal)
        refusal = check_signature(request, key);
    if (!refusal)
        refusal = check_extensions(request);
    return refusal;
}

const struct refusal *policy_accept(X509_REQ **out, const unsigned char *der, size_t length)
{
    const unsigned char *end = der;
    const struct refusal *refusal;
    X509_REQ *request = length <= LONG_MAX ? d2i_X509_REQ(NULL, &end, (long)length) : NULL;

    *out = NULL;
    refusal = request && end == der + length ? check(request) : &malformed;
    ERR_clear_error();
    if (refusal) {
        X509_REQ_free(request);
        return refusal;
    }
    *out = request;
    return NULL;
}
