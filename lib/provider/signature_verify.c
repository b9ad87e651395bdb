/* SPDX-License-Identifier: Apache-2.0 */
#include "provider/provider.h"
#include "provider/signature.h"

static int copy_settings(EVP_PKEY_CTX *context, const struct ce_signature *signature)
{
    if (signature->digest && EVP_PKEY_CTX_set_signature_md(context, signature->digest) != 1)
        return 0;
    if (!signature->key->algorithm->has_padding)
        return 1;
    if (EVP_PKEY_CTX_set_rsa_padding(context, signature->padding) != 1)
        return 0;
    if (signature->padding != RSA_PKCS1_PSS_PADDING)
        return 1;
    return EVP_PKEY_CTX_set_rsa_pss_saltlen(context, signature->salt_length) == 1 &&
           (!signature->mgf1 || EVP_PKEY_CTX_set_rsa_mgf1_md(context, signature->mgf1) == 1);
}

static int verify_hash(const struct ce_signature *signature, const unsigned char *value,
                       size_t value_length, const unsigned char *hash, size_t length)
{
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_pkey(
        ce_provider_libctx(), signature->key->public_key, CE_QUERY_SOFTWARE);
    int good = context && EVP_PKEY_verify_init(context) == 1 && copy_settings(context, signature) &&
               EVP_PKEY_verify(context, value, value_length, hash, length) == 1;

    EVP_PKEY_CTX_free(context);
    return good;
}

static int verify_message(const struct ce_signature *signature, const unsigned char *value,
                          size_t value_length, const unsigned char *message, size_t length)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    int good = context &&
               EVP_DigestVerifyInit_ex(context, NULL, NULL, ce_provider_libctx(), CE_QUERY_SOFTWARE,
                                       signature->key->public_key, NULL) == 1 &&
               EVP_DigestVerify(context, value, value_length, message, length) == 1;

    EVP_MD_CTX_free(context);
    return good;
}

int ce_signature_verify(const struct ce_signature *signature, const unsigned char *value,
                        size_t value_length, const unsigned char *data, size_t length)
{
    return signature->key->algorithm->hashes
               ? verify_hash(signature, value, value_length, data, length)
               : verify_message(signature, value, value_length, data, length);
}
