/* SPDX-License-Identifier: Apache-2.0 */
/* The AlgorithmIdentifier that X509_sign and CMS_sign put beside a signature. */
#include "base/message.h"
#include "provider/raise.h"
#include "provider/signature.h"

#include <openssl/asn1t.h>
#include <openssl/objects.h>
#include <openssl/x509.h>

int ce_signature_salt(const struct ce_signature *signature)
{
    int hash_length = EVP_MD_get_size(signature->digest);
    /* emLen - hLen - 2, where emLen is short of the modulus by one bit (RFC 8017 §9.1.1) */
    int room = (EVP_PKEY_get_bits(signature->key->public_key) + 6) / 8 - hash_length - 2;
    int salt = signature->salt_length;

    if (salt == RSA_PSS_SALTLEN_DIGEST)
        salt = hash_length;
    else if (salt == RSA_PSS_SALTLEN_AUTO || salt == RSA_PSS_SALTLEN_MAX)
        salt = room;
    else if (salt == CE_SALT_AUTO_DIGEST_MAX)
        salt = hash_length < room ? hash_length : room;
    return salt >= 0 && salt <= room ? salt : -1;
}

/* --- RSASSA-PSS-params (RFC 4055 §3.1) --- */

/* The digest with NULL as its parameters, as RFC 4055 §2.1 has it. */
static X509_ALGOR *digest_algorithm(const EVP_MD *digest)
{
    X509_ALGOR *algorithm = X509_ALGOR_new();

    if (algorithm &&
        X509_ALGOR_set0(algorithm, OBJ_nid2obj(EVP_MD_get_type(digest)), V_ASN1_NULL, NULL) == 1)
        return algorithm;
    X509_ALGOR_free(algorithm);
    return NULL;
}

/* `object` packed as the parameters of `nid`. */
static int set_sequence(X509_ALGOR *algorithm, int nid, const ASN1_ITEM *item, void *object)
{
    ASN1_STRING *packed = ASN1_item_pack(object, item, NULL);

    if (packed && X509_ALGOR_set0(algorithm, OBJ_nid2obj(nid), V_ASN1_SEQUENCE, packed) == 1)
        return 1;
    ASN1_STRING_free(packed);
    return 0;
}

static X509_ALGOR *mgf1_algorithm(const EVP_MD *digest)
{
    X509_ALGOR *algorithm = X509_ALGOR_new(), *inner = digest_algorithm(digest);
    int made =
        algorithm && inner && set_sequence(algorithm, NID_mgf1, ASN1_ITEM_rptr(X509_ALGOR), inner);

    X509_ALGOR_free(inner);
    if (made)
        return algorithm;
    X509_ALGOR_free(algorithm);
    return NULL;
}

/* DER leaves defaults out: SHA-1 twice, and a salt of 20 bytes. */
static int fill_pss(RSA_PSS_PARAMS *params, const struct ce_signature *signature)
{
    const EVP_MD *mgf1 = signature->mgf1 ? signature->mgf1 : signature->digest;
    int salt = ce_signature_salt(signature);

    if (salt < 0)
        return 0;
    if (EVP_MD_get_type(signature->digest) != NID_sha1)
        params->hashAlgorithm = digest_algorithm(signature->digest);
    if (EVP_MD_get_type(mgf1) != NID_sha1)
        params->maskGenAlgorithm = mgf1_algorithm(mgf1);
    if (salt != 20)
        params->saltLength = ASN1_INTEGER_new();
    return (params->hashAlgorithm || EVP_MD_get_type(signature->digest) == NID_sha1) &&
           (params->maskGenAlgorithm || EVP_MD_get_type(mgf1) == NID_sha1) &&
           (salt == 20 || (params->saltLength && ASN1_INTEGER_set_int64(params->saltLength, salt)));
}

static int set_pss(X509_ALGOR *algorithm, const struct ce_signature *signature)
{
    RSA_PSS_PARAMS *params = RSA_PSS_PARAMS_new();
    int set = params && fill_pss(params, signature) &&
              set_sequence(algorithm, NID_rsassaPss, ASN1_ITEM_rptr(RSA_PSS_PARAMS), params);

    RSA_PSS_PARAMS_free(params);
    return set;
}

/* --- all --- */

/* RSA's parameters are NULL (RFC 4055 §5); those of ECDSA and Ed25519 are absent (RFC 5758 §3.2,
 * RFC 8410 §3). */
static int set_algorithm(X509_ALGOR *algorithm, const struct ce_signature *signature)
{
    const struct ce_algorithm *kind = signature->key->algorithm;
    int nid = kind->nid;

    if (kind->hashes && !signature->digest)
        return 0;
    if (kind->has_padding && signature->padding == RSA_PKCS1_PSS_PADDING)
        return set_pss(algorithm, signature);
    if (kind->hashes && !OBJ_find_sigid_by_algs(&nid, EVP_MD_get_type(signature->digest), nid))
        return 0;
    return X509_ALGOR_set0(algorithm, OBJ_nid2obj(nid),
                           kind->has_padding ? V_ASN1_NULL : V_ASN1_UNDEF, NULL);
}

int ce_signature_algorithm_id(unsigned char **out, const struct ce_signature *signature)
{
    X509_ALGOR *algorithm = X509_ALGOR_new();
    int length = 0;

    if (algorithm && set_algorithm(algorithm, signature))
        length = i2d_X509_ALGOR(algorithm, out);
    X509_ALGOR_free(algorithm);
    return length > 0 ? length
                      : ce_provider_refuse(CERTENROLL_E_UNSUPPORTED,
                                           _("no AlgorithmIdentifier for this key and digest"));
}
