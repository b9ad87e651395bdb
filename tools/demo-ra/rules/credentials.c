/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/credentials.h"

#include "base/platform.h"
#include "base/text.h"
#include "common/tool_message.h"
#include "ground/operator_secret.h"
#include "ground/page_text.h"

#include <openssl/crypto.h>

#include <crypt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- IDs --- */

int account_id_is_sound(const char *id)
{
    size_t length = strlen(id);

    return length >= 1 && length <= ACCOUNT_ID_MAX &&
           strspn(id, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_.") ==
               length;
}

void account_name(char out[ACCOUNT_NAME_MAX + 1], const char *corporate_id, const char *user_id)
{
    snprintf(out, ACCOUNT_NAME_MAX + 1, "%.*s%s%.*s", ACCOUNT_ID_MAX, corporate_id,
             user_id ? " " : "", ACCOUNT_ID_MAX, user_id ? user_id : "");
}

/* --- passwords --- */

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
        ce_wipe(data, sizeof(*data));
    free(data);
    return result;
}

int password_is_sound(const char *password)
{
    size_t count = 0;

    for (const char *at = password; *at; at++)
        count += ((unsigned char)*at & 0xc0) != 0x80; /* what no character of UTF-8 begins with */
    return text_has_no_control(password) && count >= PASSWORD_LENGTH_MIN &&
           count <= PASSWORD_LENGTH_MAX && strlen(password) <= SECRET_MAX;
}

int password_hash(char out[PASSWORD_HASH_MAX + 1], const char *password, certenroll_error **error)
{
    char setting[CRYPT_GENSALT_OUTPUT_SIZE];

    if (!crypt_gensalt_rn(YESCRYPT, 0, NULL, 0, setting, (int)sizeof(setting)))
        return certenroll_error_set_errno(error, _("cannot make a salt"));
    if (hash_with(out, PASSWORD_HASH_MAX + 1, password, setting) < 0)
        return certenroll_error_set_errno(error, _("cannot hash the password"));
    return CERTENROLL_OK;
}

int password_matches(const char *hash, const char *password)
{
    char computed[CRYPT_OUTPUT_SIZE];

    if (hash_with(computed, sizeof(computed), password, hash ? hash : DUMMY_SETTING) < 0 || !hash)
        return 0;
    return strlen(computed) == strlen(hash) && CRYPTO_memcmp(computed, hash, strlen(hash)) == 0;
}
