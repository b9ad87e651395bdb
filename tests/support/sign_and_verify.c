/* SPDX-License-Identifier: Apache-2.0 */
#include "sign_and_verify.h"

int sign_and_verify(EVP_PKEY *pkey, int number)
{
    const unsigned char *data = (const unsigned char *)&number;
    unsigned char signature[1024];
    size_t length = sizeof(signature);
    EVP_MD_CTX *signer = EVP_MD_CTX_new(), *verifier = EVP_MD_CTX_new();
    int good = EVP_DigestSignInit(signer, NULL, EVP_sha256(), NULL, pkey) == 1 &&
               EVP_DigestSign(signer, signature, &length, data, sizeof(number)) == 1 &&
               EVP_DigestVerifyInit(verifier, NULL, EVP_sha256(), NULL, pkey) == 1 &&
               EVP_DigestVerify(verifier, signature, length, data, sizeof(number)) == 1;

    EVP_MD_CTX_free(signer);
    EVP_MD_CTX_free(verifier);
    return good;
}
