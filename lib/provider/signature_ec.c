/* SPDX-License-Identifier: Apache-2.0 */
/* ECDSA from hashes, and Ed25519. */
#include "base/message.h"
#include "base/openssl_error.h"
#include "provider/signature.h"
#include "token/sign.h"

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/objects.h>

/* --- ECDSA --- */

/* r and s as numbers into ECDSA-Sig-Value (RFC 3279 §2.2.3). */
static int encode_ecdsa(struct ce_signature_bytes *out, const struct ce_signature_bytes *raw)
{
    int half = (int)(raw->length / 2);
    ECDSA_SIG *value = ECDSA_SIG_new();
    BIGNUM *r = BN_bin2bn(raw->bytes, half, NULL);
    BIGNUM *s = BN_bin2bn(raw->bytes + half, half, NULL);
    unsigned char *end = out->bytes;
    int length;

    if (!value || !r || !s || BN_is_zero(r) || BN_is_zero(s) || !ECDSA_SIG_set0(value, r, s)) {
        BN_free(r);
        BN_free(s);
        ECDSA_SIG_free(value);
        return 0;
    }
    length = i2d_ECDSA_SIG(value, &end);
    out->length = length > 0 ? (size_t)length : 0;
    ECDSA_SIG_free(value);
    return length > 0;
}

/* The token returns r and s each as long as the order, or both shorter by as much
 * (PKCS#11 v2.40 §2.3.1). */
static int sign_ecdsa(struct ce_signature_bytes *out, const struct ce_signature *signature,
                      const unsigned char *data, size_t length, certenroll_error **error)
{
    const CK_MECHANISM mechanism = { CKM_ECDSA, NULL, 0 };
    size_t order_length = ((size_t)EVP_PKEY_get_bits(signature->key->public_key) + 7) / 8;
    struct ce_signature_bytes raw;
    int status;

    /* FIPS 186-5 §6.4.1 takes the leftmost bits of a longer hash; ykcs11 fails instead. */
    if (length > order_length)
        length = order_length;
    status = ce_key_sign(&raw, signature->key->key, &mechanism, data, length, error);
    if (status != CERTENROLL_OK)
        return status;
    if (raw.length == 0 || raw.length % 2 != 0 || raw.length > 2 * order_length)
        return certenroll_error_set(
            error, CERTENROLL_E_TOKEN,
            _("the token returned an ECDSA signature of %zu bytes instead of %zu"), raw.length,
            2 * order_length);
    if (!encode_ecdsa(out, &raw))
        return ce_fail_openssl(error, CERTENROLL_E_TOKEN, _("cannot encode an ECDSA signature"));
    return CERTENROLL_OK;
}

const struct ce_algorithm ce_algorithm_ec = {
    .name = "EC",
    .signature_name = CE_SIGNATURE_EC,
    .nid = NID_X9_62_id_ecPublicKey,
    .hashes = 1,
    .sign = sign_ecdsa,
};

/* --- Ed25519 --- */

#define ED25519_SIGNATURE_LENGTH 64

/* CKM_EDDSA without parameters is pure Ed25519 (PKCS#11 v3.0 §2.3.14). */
static int sign_ed25519(struct ce_signature_bytes *out, const struct ce_signature *signature,
                        const unsigned char *data, size_t length, certenroll_error **error)
{
    const CK_MECHANISM mechanism = { CKM_EDDSA, NULL, 0 };
    int status = ce_key_sign(out, signature->key->key, &mechanism, data, length, error);

    if (status == CERTENROLL_OK && out->length != ED25519_SIGNATURE_LENGTH)
        return certenroll_error_set(error, CERTENROLL_E_TOKEN,
                                    _("the token returned an Ed25519 signature of %zu bytes"),
                                    out->length);
    return status;
}

const struct ce_algorithm ce_algorithm_ed25519 = {
    .name = "ED25519",
    .signature_name = CE_SIGNATURE_ED25519,
    .nid = NID_ED25519,
    .sign = sign_ed25519,
};
