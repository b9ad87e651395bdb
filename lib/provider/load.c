/* SPDX-License-Identifier: Apache-2.0 */
/* From a key on the token to an EVP_PKEY. */
#include "base/message.h"
#include "base/openssl_error.h"
#include "provider/keydata.h"
#include "provider/provider.h"

#include <certenroll/openssl.h>

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/objects.h>
#include <openssl/param_build.h>

static int no_context(certenroll_error **error)
{
    return ce_fail_openssl(error, CERTENROLL_E_INTERNAL, _("OpenSSL refuses the token's provider"));
}

/* --- the public half --- */

/* NID of the named curve; NID_undef for explicit parameters and names in PrintableString. */
static int curve_nid(const struct ce_public_value *value)
{
    const unsigned char *der = value->params.data;
    ASN1_OBJECT *curve = der ? d2i_ASN1_OBJECT(NULL, &der, (long)value->params.length) : NULL;
    int nid = curve ? OBJ_obj2nid(curve) : NID_undef;

    ASN1_OBJECT_free(curve);
    return nid;
}

/* CERTENROLL_KEY_OTHER also stands for curves of another algorithm (Ed448, RFC 8410). */
static int is_ec_curve(int nid)
{
    EC_GROUP *group = nid != NID_undef ? EC_GROUP_new_by_curve_name(nid) : NULL;
    int is_known = group != NULL;

    EC_GROUP_free(group);
    return is_known;
}

/* NULL: none of ours. */
static const struct ce_algorithm *find_algorithm(const struct ce_public_value *value)
{
    switch (value->type) {
    case CERTENROLL_KEY_P256:
    case CERTENROLL_KEY_P384:
    case CERTENROLL_KEY_P521:
        return &ce_algorithm_ec;
    case CERTENROLL_KEY_ED25519:
        return &ce_algorithm_ed25519;
    default:
        break;
    }
    if (value->modulus.length > 0)
        return &ce_algorithm_rsa;
    return is_ec_curve(curve_nid(value)) ? &ce_algorithm_ec : NULL;
}

static int make_public(EVP_PKEY **out, const char *name, OSSL_PARAM *params)
{
    EVP_PKEY_CTX *context =
        EVP_PKEY_CTX_new_from_name(ce_provider_libctx(), name, CE_QUERY_SOFTWARE);
    int made = params && context && EVP_PKEY_fromdata_init(context) == 1 &&
               EVP_PKEY_fromdata(context, out, EVP_PKEY_PUBLIC_KEY, params) == 1;

    EVP_PKEY_CTX_free(context);
    return made;
}

static int make_rsa(EVP_PKEY **out, const struct ce_public_value *value)
{
    OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
    OSSL_PARAM *params = NULL;
    BIGNUM *n = NULL, *e = NULL;
    int made;

    if (value->modulus.length <= CE_SIGNATURE_MAX && value->exponent.length <= CE_SIGNATURE_MAX) {
        n = BN_bin2bn(value->modulus.data, (int)value->modulus.length, NULL);
        e = BN_bin2bn(value->exponent.data, (int)value->exponent.length, NULL);
    }
    if (builder && n && e && OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_N, n) &&
        OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_E, e))
        params = OSSL_PARAM_BLD_to_param(builder);
    made = make_public(out, ce_algorithm_rsa.name, params);
    OSSL_PARAM_free(params);
    OSSL_PARAM_BLD_free(builder);
    BN_free(n);
    BN_free(e);
    return made;
}

/* OpenSSL makes sure that the point is on the curve, and 32 bytes for Ed25519. */
static int make_curve(EVP_PKEY **out, const struct ce_algorithm *algorithm,
                      const struct ce_public_value *value)
{
    OSSL_PARAM params[3] = {
        OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, value->point.data,
                                          value->point.length),
        OSSL_PARAM_construct_end(),
        OSSL_PARAM_construct_end(),
    };

    if (algorithm == &ce_algorithm_ec)
        params[1] = OSSL_PARAM_construct_utf8_string(
            OSSL_PKEY_PARAM_GROUP_NAME, (char *)(uintptr_t)OBJ_nid2sn(curve_nid(value)), 0);
    return make_public(out, algorithm->name, params);
}

/* The key belongs to the private context's default provider. Comparing (EVP_PKEY_eq,
 * X509_check_private_key) and verifying work across contexts, for OpenSSL carries public values
 * from one to the other; and here a default provider is sure to be there, whereas the application
 * may have replaced or restricted its own. */
int ce_provider_public_key(EVP_PKEY **out, const certenroll_key *key, certenroll_error **error)
{
    const struct ce_public_value *value = ce_key_public(key);
    const struct ce_algorithm *algorithm;

    *out = NULL;
    ERR_clear_error(); /* the reason must be this key's, not an older one's */
    if (!ce_provider_libctx())
        return no_context(error);
    algorithm = find_algorithm(value);
    if (!algorithm) {
        ERR_clear_error(); /* of looking for the curve */
        return certenroll_error_set(
            error, CERTENROLL_E_UNSUPPORTED,
            _("the key \"%s\" is neither RSA, nor on a curve for ECDSA, nor Ed25519"),
            certenroll_key_get_label(key));
    }
    if (algorithm == &ce_algorithm_rsa ? make_rsa(out, value) : make_curve(out, algorithm, value))
        return CERTENROLL_OK;
    return ce_fail_openssl(error, CERTENROLL_E_UNSUPPORTED,
                           _("OpenSSL cannot use the public key that the token shows"));
}

/* --- the whole --- */

int certenroll_key_evp_pkey(EVP_PKEY **out, certenroll_key *key, certenroll_error **error)
{
    struct ce_keydata keydata = { .key = key };
    const struct ce_keydata *given = &keydata;
    OSSL_PARAM params[2] = {
        OSSL_PARAM_construct_octet_string(CE_PARAM_KEYDATA, &given, sizeof(given)),
        OSSL_PARAM_construct_end(),
    };
    EVP_PKEY_CTX *context;
    int status;

    *out = NULL;
    status = ce_provider_public_key(&keydata.public_key, key, error);
    if (status != CERTENROLL_OK)
        return status;
    keydata.algorithm = find_algorithm(ce_key_public(key));
    context =
        EVP_PKEY_CTX_new_from_name(ce_provider_libctx(), keydata.algorithm->name, CE_QUERY_OURS);
    /* keymgmt.c takes its own references to what `keydata` holds. */
    if (!context || EVP_PKEY_fromdata_init(context) != 1 ||
        EVP_PKEY_fromdata(context, out, EVP_PKEY_KEYPAIR, params) != 1)
        status = no_context(error);
    EVP_PKEY_CTX_free(context);
    EVP_PKEY_free(keydata.public_key);
    return status;
}
