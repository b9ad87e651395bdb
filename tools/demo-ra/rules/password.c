/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/password.h"

#include "base/diagnostics.h"
#include "base/operator_secret.h"
#include "base/page_text.h"
#include "common/message.h"

#include <openssl/crypto.h>

#include <crypt.h>
#include <stdlib.h>
#include <string.h>

/* "$y$" at libcrypt's default cost. */
#define YESCRYPT "$y$"
/* A salt of the same method and cost, for accounts that are not there. */
#define DUMMY_SETTING "$y$j9T$WfDvLnBEzJBMgYeCqMd9L/"

/* Writes the hash of `password` under `setting`; 0, or -1 when libcrypt refuses. */
static int hash_with(char *out, size_t size, const char *password, const char *setting)
{
    struct crypt_data *data = calloc(1, sizeof(*data));
    const char *hash = data ? crypt_rn(password, setting, data, (int)sizeof(*data)) : NULL;
    int result = -1;

    if (hash && strlen(hash) < size) {
        memcpy(out, hash, strlen(hash) + 1);
        result = 0;
    }
    if (data)
        OPENSSL_cleanse(data, sizeof(*data));
    free(data);
    return result;
}

int password_is_sound(const char *password)
{
    size_t count = 0;

    for (const char *at = password; *at; at++)
        count += ((unsigned char)*at & 0xc0) != 0x80; /* what no character of UTF-8 begins with */
    return text_is_plain(password) && count >= PASSWORD_LENGTH_MIN &&
           count <= PASSWORD_LENGTH_MAX && strlen(password) <= SECRET_MAX;
}

int password_hash(char *out, size_t size, const char *password)
{
    char setting[CRYPT_GENSALT_OUTPUT_SIZE];

    if (!crypt_gensalt_rn(YESCRYPT, 0, NULL, 0, setting, (int)sizeof(setting)))
        return fail_errno(_("cannot make a salt"));
    if (hash_with(out, size, password, setting) < 0)
        return fail_errno(_("cannot hash the password"));
    return CERTENROLL_CLASS_OK;
}

int password_matches(const char *hash, const char *password)
{
    char computed[CRYPT_OUTPUT_SIZE];

    if (hash_with(computed, sizeof(computed), password, hash ? hash : DUMMY_SETTING) < 0 || !hash)
        return 0;
    return strlen(computed) == strlen(hash) && CRYPTO_memcmp(computed, hash, strlen(hash)) == 0;
}
