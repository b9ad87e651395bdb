/* SPDX-License-Identifier: Apache-2.0 */
#include "ground/token_text.h"

#include "base/openssl_error.h"
#include "base/platform.h"
#include "base/text.h"
#include "common/tool_message.h"
#include "ground/diagnostics.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <string.h>

int token_text_new(char *out, size_t size)
{
    certenroll_error *error = NULL;
    unsigned char bytes[64];
    size_t count = (size - 1) / 2;

    out[0] = '\0';
    if (count > sizeof(bytes) || ce_random(bytes, count) < 0) {
        certenroll_error_set_errno(&error, _("cannot get random numbers"));
        log_error(&error);
        return -1;
    }
    ce_hex(out, size, bytes, count);
    ce_wipe(bytes, sizeof(bytes));
    return 0;
}

int token_text_is(const char *text, size_t count)
{
    return strlen(text) == count && strspn(text, "0123456789abcdef") == count;
}

int token_text_hash(unsigned char out[TOKEN_HASH_LENGTH], const char *text)
{
    certenroll_error *error = NULL;

    if (EVP_Digest(text, strlen(text), out, NULL, EVP_sha256(), NULL) == 1)
        return 0;
    ce_fail_openssl(&error, CERTENROLL_E_INTERNAL, _("cannot hash a token"));
    log_error(&error);
    return -1;
}

int token_text_matches(const unsigned char hash[TOKEN_HASH_LENGTH], const char *text)
{
    unsigned char computed[TOKEN_HASH_LENGTH];

    return token_text_hash(computed, text) == 0 &&
           CRYPTO_memcmp(computed, hash, sizeof(computed)) == 0;
}
