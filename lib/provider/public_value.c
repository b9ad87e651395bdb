/* SPDX-License-Identifier: Apache-2.0 */
/* From an EVP_PKEY of anybody's to the public value that the token layer compares keys by. */
#include "base/message.h"
#include "base/openssl_error.h"
#include "provider/provider.h"
#include "token/key_kind.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/objects.h>

#include <stdlib.h>
#include <string.h>

static int bad_key(certenroll_error **error)
{
    return ce_fail_openssl(error, CERTENROLL_E_UNSUPPORTED,
                           _("the public key is not one that a token's key is compared with"));
}

/* Big-endian, without leading zeros. */
static int take_number(struct ce_buffer *out, const EVP_PKEY *key, const char *name,
                       certenroll_error **error)
{
    BIGNUM *number = NULL;
    unsigned char *bytes = NULL;
    int length = 0, status;

    if (EVP_PKEY_get_bn_param(key, name, &number) == 1)
        length = BN_num_bytes(number);
    if (length > 0)
        bytes = malloc((size_t)length);
    if (bytes)
        status = ce_buffer_set(out, bytes, (size_t)BN_bn2bin(number, bytes), error);
    else
        status = length > 0 ? certenroll_error_set_memory(error) : bad_key(error);
    free(bytes);
    BN_free(number);
    return status;
}

static int take_octets(struct ce_buffer *out, const EVP_PKEY *key, const char *name,
                       certenroll_error **error)
{
    /* 0x04|X|Y of any curve that OpenSSL knows: sect571 is the largest. */
    unsigned char octets[256];
    size_t length = 0;

    if (EVP_PKEY_get_octet_string_param(key, name, octets, sizeof(octets), &length) != 1 ||
        length == 0)
        return bad_key(error);
    return ce_buffer_set(out, octets, length, error);
}

/* CKA_EC_PARAMS: the curve's OID in DER. Curves that are spelled out have none. */
static int take_curve(struct ce_buffer *out, int nid, certenroll_error **error)
{
    unsigned char *der = NULL;
    int length = nid != NID_undef ? i2d_ASN1_OBJECT(OBJ_nid2obj(nid), &der) : 0;
    int status = length > 0 ? ce_buffer_set(out, der, (size_t)length, error) : bad_key(error);

    OPENSSL_free(der);
    return status;
}

static int named_curve(const EVP_PKEY *key)
{
    char name[80];

    if (EVP_PKEY_get_utf8_string_param(key, OSSL_PKEY_PARAM_GROUP_NAME, name, sizeof(name), NULL) !=
        1)
        return NID_undef;
    return OBJ_txt2nid(name);
}

int ce_provider_public_value(struct ce_public_value *out, const EVP_PKEY *key,
                             certenroll_error **error)
{
    const char *point = NULL;
    int status;

    memset(out, 0, sizeof(*out));
    ERR_clear_error(); /* the reason must be this key's, not an older one's */
    if (EVP_PKEY_is_a(key, "RSA") || EVP_PKEY_is_a(key, "RSA-PSS")) {
        status = take_number(&out->modulus, key, OSSL_PKEY_PARAM_RSA_N, error);
        if (status == CERTENROLL_OK)
            status = take_number(&out->exponent, key, OSSL_PKEY_PARAM_RSA_E, error);
    } else if (EVP_PKEY_is_a(key, "EC")) {
        status = take_curve(&out->params, named_curve(key), error);
        /* the uncompressed point, whatever form the certificate has it in */
        point = OSSL_PKEY_PARAM_ENCODED_PUBLIC_KEY;
    } else if (EVP_PKEY_is_a(key, "ED25519")) {
        status = take_curve(&out->params, NID_ED25519, error);
        point = OSSL_PKEY_PARAM_PUB_KEY;
    } else {
        status = bad_key(error);
    }
    if (status == CERTENROLL_OK && point)
        status = take_octets(&out->point, key, point, error);
    ERR_clear_error(); /* of parameters that are not there */
    if (status == CERTENROLL_OK)
        ce_public_value_set_type(out);
    else
        ce_public_value_clear(out);
    return status;
}
