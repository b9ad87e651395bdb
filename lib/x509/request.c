/* SPDX-License-Identifier: Apache-2.0 */
#include "x509/request.h"

#include "base/message.h"
#include "base/openssl_error.h"

#include <openssl/asn1.h>
#include <openssl/err.h>
#include <openssl/evp.h>

#include <string.h>

/* --- what is asked for --- */

static int add_extension(STACK_OF(X509_EXTENSION) **extensions, int nid, void *value, int critical,
                         certenroll_error **error)
{
    if (X509V3_add1_i2d(extensions, nid, value, critical, X509V3_ADD_DEFAULT) != 1)
        return ce_fail_openssl(error, CERTENROLL_E_INTERNAL,
                               _("the request's extension %s cannot be encoded"), OBJ_nid2sn(nid));
    return CERTENROLL_OK;
}

/* RFC 5280 §4.2.1.3: the set's bits have the numbers of the BIT STRING's; critical. */
static int add_key_usage(STACK_OF(X509_EXTENSION) **extensions, uint32_t key_usage,
                         certenroll_error **error)
{
    ASN1_BIT_STRING *bits = ASN1_BIT_STRING_new();
    int status = bits ? CERTENROLL_OK : certenroll_error_set_memory(error);

    for (int bit = 0; status == CERTENROLL_OK && key_usage >> bit; bit++)
        if ((key_usage >> bit & 1) && ASN1_BIT_STRING_set_bit(bits, bit, 1) != 1)
            status = certenroll_error_set_memory(error);
    if (status == CERTENROLL_OK)
        status = add_extension(extensions, NID_key_usage, bits, 1, error);
    ASN1_BIT_STRING_free(bits);
    return status;
}

static int add_extensions(X509_REQ *request, const struct ce_profile *profile,
                          certenroll_error **error)
{
    STACK_OF(X509_EXTENSION) *extensions = NULL;
    int status = CERTENROLL_OK;

    if (profile->key_usage)
        status = add_key_usage(&extensions, profile->key_usage, error);
    if (status == CERTENROLL_OK && profile->ext_key_usage)
        status = add_extension(&extensions, NID_ext_key_usage, profile->ext_key_usage, 0, error);
    if (status == CERTENROLL_OK && profile->alt_names)
        status = add_extension(&extensions, NID_subject_alt_name, profile->alt_names, 0, error);
    if (status == CERTENROLL_OK && extensions && X509_REQ_add_extensions(request, extensions) != 1)
        status = ce_fail_openssl(error, CERTENROLL_E_INTERNAL,
                                 _("the extensions cannot be put into the request"));
    sk_X509_EXTENSION_pop_free(extensions, X509_EXTENSION_free);
    return status;
}

static int fill(X509_REQ *request, const struct ce_profile *profile, EVP_PKEY *key,
                certenroll_error **error)
{
    int status;

    if (X509_REQ_set_version(request, X509_REQ_VERSION_1) != 1 ||
        X509_REQ_set_subject_name(request, profile->subject) != 1)
        return ce_fail_openssl(error, CERTENROLL_E_INTERNAL,
                               _("the subject cannot be put into the request"));
    if (X509_REQ_set_pubkey(request, key) != 1)
        return ce_fail_openssl(error, CERTENROLL_E_INTERNAL,
                               _("the public key cannot be put into the request"));
    status = add_extensions(request, profile, error);
    return status;
}

/* --- signing --- */

/* A digest as strong as the curve (RFC 5758 leaves it open, NIST SP 800-57 pairs them so);
 * NULL where the algorithm hashes by itself (RFC 8410). */
static const EVP_MD *digest_for(const EVP_PKEY *key)
{
    if (EVP_PKEY_is_a(key, "ED25519") || EVP_PKEY_is_a(key, "ED448"))
        return NULL;
    if (!EVP_PKEY_is_a(key, "EC") || EVP_PKEY_get_bits(key) <= 256)
        return EVP_sha256();
    return EVP_PKEY_get_bits(key) <= 384 ? EVP_sha384() : EVP_sha512();
}

static int sign(unsigned char **der, int *length, X509_REQ *request, EVP_PKEY *key,
                certenroll_error **error)
{
    ERR_clear_error(); /* the reason must be this signature's, not an older one's */
    if (X509_REQ_sign(request, key, digest_for(key)) <= 0)
        return ce_fail_openssl(error, CERTENROLL_E_TOKEN, _("the key did not sign the request"));
    *length = i2d_X509_REQ(request, der);
    if (*length <= 0)
        return ce_fail_openssl(error, CERTENROLL_E_INTERNAL, _("the request cannot be encoded"));
    return CERTENROLL_OK;
}

/* Verifies what leaves, by the public key in it and OpenSSL's own arithmetic: tokens have returned
 * signatures by another key that bears the same CKA_ID. */
static int verify(const unsigned char *der, int length, certenroll_error **error)
{
    const unsigned char *at = der;
    X509_REQ *request;
    int good;

    ERR_clear_error();
    request = d2i_X509_REQ(NULL, &at, length);
    good = request && X509_REQ_verify(request, X509_REQ_get0_pubkey(request)) == 1;
    X509_REQ_free(request);
    if (good)
        return CERTENROLL_OK;
    ce_fail_openssl(error, CERTENROLL_E_TOKEN,
                    _("the request's signature is wrong: it does not verify with the key's own "
                      "public half"));
    certenroll_error_advise(
        error, _("See whether two keys on the token bear the same CKA_ID; the request was "
                 "not sent."));
    return CERTENROLL_E_TOKEN;
}

int ce_request_sign(struct ce_buffer *out, const struct ce_profile *profile, EVP_PKEY *key,
                    certenroll_error **error)
{
    X509_REQ *request = X509_REQ_new();
    unsigned char *der = NULL;
    int length = 0, status;

    *out = (struct ce_buffer){ NULL, 0 };
    if (!request)
        return certenroll_error_set_memory(error);
    status = fill(request, profile, key, error);
    if (status == CERTENROLL_OK)
        status = sign(&der, &length, request, key, error);
    if (status == CERTENROLL_OK)
        status = verify(der, length, error);
    if (status == CERTENROLL_OK)
        status = ce_buffer_set(out, der, (size_t)length, error);
    OPENSSL_free(der);
    X509_REQ_free(request);
    return status;
}
