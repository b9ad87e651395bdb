/* SPDX-License-Identifier: Apache-2.0 */
#include "base/token_text.h"

#include "base/diagnostics.h"
#include "common/message.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include <string.h>

static const char digits[] = "0123456789abcdef";

int token_text_new(char *out, size_t size)
{
    unsigned char bytes[64];
    size_t count = (size - 1) / 2;

    out[0] = '\0';
    if (count > sizeof(bytes) || RAND_bytes(bytes, (int)count) != 1) {
        (void)fail_openssl(_("cannot get random numbers"));
        return -1;
    }
    for (size_t i = 0; i < count; i++) {
        out[2 * i] = digits[bytes[i] >> 4];
        out[2 * i + 1] = digits[bytes[i] & 15];
    }
    out[2 * count] = '\0';
    OPENSSL_cleanse(bytes, sizeof(bytes));
    return 0;
}

int token_text_is(const char *text, size_t count)
{
    return strlen(text) == count && strspn(text, digits) == count;
}

int token_text_hash(unsigned char out[TOKEN_HASH_LENGTH], const char *text)
{
    if (EVP_Digest(text, strlen(text), out, NULL, EVP_sha256(), NULL) == 1)
        return 0;
    (void)fail_openssl(_("cannot hash a token"));
    return -1;
}

int token_text_matches(const unsigned char hash[TOKEN_HASH_LENGTH], const char *text)
{
    unsigned char computed[TOKEN_HASH_LENGTH];

    return token_text_hash(computed, text) == 0 &&
           CRYPTO_memcmp(computed, hash, sizeof(computed)) == 0;
}
