/* SPDX-License-Identifier: Apache-2.0 */
/* RSASSA-PKCS1-v1_5 and RSASSA-PSS (RFC 8017 §8) from hashes. Never CKM_RSA_X_509: tokens that hold
 * certified keys refuse to sign what they did not pad themselves. */
#include "base/message.h"
#include "base/openssl_error.h"
#include "provider/signature.h"
#include "token/sign.h"

#include <openssl/x509.h>

/* --- PKCS#1 v1.5 --- */

/* DER of DigestInfo (RFC 8017 §9.2): CKM_RSA_PKCS pads, but does not wrap. */
static int digest_info(unsigned char **out, const EVP_MD *digest, const unsigned char *hash,
                       size_t length)
{
    X509_SIG *info = X509_SIG_new();
    X509_ALGOR *algorithm = NULL;
    ASN1_OCTET_STRING *value = NULL;
    int encoded = -1;

    if (info) {
        X509_SIG_getm(info, &algorithm, &value);
        if (X509_ALGOR_set0(algorithm, OBJ_nid2obj(EVP_MD_get_type(digest)), V_ASN1_NULL, NULL) &&
            ASN1_OCTET_STRING_set(value, hash, (int)length))
            encoded = i2d_X509_SIG(info, out);
    }
    X509_SIG_free(info);
    return encoded;
}

static int sign_pkcs1(struct ce_signature_bytes *out, const struct ce_signature *signature,
                      const unsigned char *data, size_t length, certenroll_error **error)
{
    const CK_MECHANISM mechanism = { CKM_RSA_PKCS, NULL, 0 };
    unsigned char *info = NULL;
    int info_length, status;

    if (!signature->digest) /* the caller wrapped, or wants none */
        return ce_key_sign(out, signature->key->key, &mechanism, data, length, error);
    info_length = digest_info(&info, signature->digest, data, length);
    if (info_length <= 0)
        return ce_fail_openssl(error, CERTENROLL_E_INTERNAL, _("cannot encode a DigestInfo"));
    status = ce_key_sign(out, signature->key->key, &mechanism, info, (size_t)info_length, error);
    OPENSSL_free(info);
    return status;
}

/* --- PSS --- */

static const struct pss_digest {
    int nid;
    CK_MECHANISM_TYPE hash;
    unsigned long mgf;
} pss_digests[] = {
    { NID_sha256, CKM_SHA256, CKG_MGF1_SHA256 }, { NID_sha384, CKM_SHA384, CKG_MGF1_SHA384 },
    { NID_sha512, CKM_SHA512, CKG_MGF1_SHA512 }, { NID_sha224, CKM_SHA224, CKG_MGF1_SHA224 },
    { NID_sha1, CKM_SHA_1, CKG_MGF1_SHA1 },
};

static const struct pss_digest *find_pss_digest(const EVP_MD *digest)
{
    for (size_t i = 0; digest && i < sizeof(pss_digests) / sizeof(pss_digests[0]); i++)
        if (pss_digests[i].nid == EVP_MD_get_type(digest))
            return &pss_digests[i];
    return NULL;
}

static int sign_pss(struct ce_signature_bytes *out, const struct ce_signature *signature,
                    const unsigned char *data, size_t length, certenroll_error **error)
{
    const struct pss_digest *hash = find_pss_digest(signature->digest);
    const struct pss_digest *mgf1 = signature->mgf1 ? find_pss_digest(signature->mgf1) : hash;
    CK_RSA_PKCS_PSS_PARAMS params = { 0 };
    const CK_MECHANISM mechanism = { CKM_RSA_PKCS_PSS, &params, sizeof(params) };
    int salt;

    if (!hash || !mgf1)
        return certenroll_error_set(error, CERTENROLL_E_UNSUPPORTED,
                                    _("PKCS#11 has no RSASSA-PSS with this digest"));
    salt = ce_signature_salt(signature);
    if (salt < 0)
        return certenroll_error_set(error, CERTENROLL_E_ARGUMENT,
                                    _("the RSA key is too short for this digest and salt"));
    params.hashAlg = hash->hash;
    params.mgf = mgf1->mgf;
    params.sLen = (unsigned long)salt;
    return ce_key_sign(out, signature->key->key, &mechanism, data, length, error);
}

static int sign_rsa(struct ce_signature_bytes *out, const struct ce_signature *signature,
                    const unsigned char *data, size_t length, certenroll_error **error)
{
    size_t modulus_length = (size_t)EVP_PKEY_get_size(signature->key->public_key);
    int status = signature->padding == RSA_PKCS1_PSS_PADDING
                     ? sign_pss(out, signature, data, length, error)
                     : sign_pkcs1(out, signature, data, length, error);

    if (status == CERTENROLL_OK && out->length != modulus_length)
        return certenroll_error_set(
            error, CERTENROLL_E_TOKEN,
            _("the token returned an RSA signature of %zu bytes instead of %zu"), out->length,
            modulus_length);
    return status;
}

const struct ce_algorithm ce_algorithm_rsa = {
    .name = "RSA",
    .signature_name = CE_SIGNATURE_RSA,
    .nid = NID_rsaEncryption,
    .hashes = 1,
    .has_padding = 1,
    .sign = sign_rsa,
};
