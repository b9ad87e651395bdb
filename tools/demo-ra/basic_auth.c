/* SPDX-License-Identifier: Apache-2.0 */
#include "basic_auth.h"

#include "common/message.h"
#include "diagnostics.h"
#include "password.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <string.h>
#include <strings.h>

static const struct refusal needs_credentials = { 401, "Account name and password are needed.",
                                                  "アカウント名と暗証番号が必要です。" };
static const struct refusal wrong = {
    401, "Account name or password is wrong. After 5 wrong passwords the account is locked.",
    "アカウント名または暗証番号が正しくありません。5回続けて誤るとロックされます。"
};
static const struct refusal locked = {
    403, "The account is locked after too many wrong passwords. Ask the bank to unlock it.",
    "暗証番号の誤りが続いたためロックされています。銀行の窓口でロックの解除をご依頼ください。"
};

/* "user-id:password", the longest that can be right. */
#define PAIR_MAX (ACCOUNT_NAME_MAX + 1 + SECRET_MAX)
#define ENCODED_MAX ((PAIR_MAX + 2) / 3 * 4)

struct credentials {
    char pair[ENCODED_MAX / 4 * 3 + 1];
    const char *name;
    const char *password;
};

/* Decodes in place of trust: any flaw is -1. */
static int decode(struct credentials *out, const char *authorization)
{
    const char *encoded;
    size_t length;
    int decoded;
    char *colon;

    if (!authorization || strncasecmp(authorization, "Basic ", 6) != 0)
        return -1;
    encoded = authorization + 6 + strspn(authorization + 6, " ");
    length = strlen(encoded);
    if (length == 0 || length > ENCODED_MAX || length % 4 != 0)
        return -1;
    decoded =
        EVP_DecodeBlock((unsigned char *)out->pair, (const unsigned char *)encoded, (int)length);
    if (decoded < 0)
        return -1;
    /* EVP_DecodeBlock counts the padding as zero octets: they end the string, as they should. */
    out->pair[decoded] = '\0';
    colon = strchr(out->pair, ':');
    if (!colon)
        return -1;
    *colon = '\0';
    out->name = out->pair;
    out->password = colon + 1;
    return 0;
}

static const struct refusal *refuse_wrong(struct ra *ra, const struct account *account,
                                          const char *name)
{
    if (account->id && store_account_count_wrong(ra->store, account->id) != STORE_OK)
        return &refusal_internal;
    /* A name that is not ours is not logged: people type passwords into name fields. */
    if (store_audit(ra->store, "password-wrong", account->id ? name : NULL, NULL) != STORE_OK)
        return &refusal_internal;
    if (account->id)
        log_event(_("wrong password for the account \"%s\""), name);
    else
        log_event(_("wrong password for an account that does not exist"));
    return &wrong;
}

static const struct refusal *check_password(struct account *account, struct ra *ra,
                                            const struct credentials *credentials)
{
    enum store_result found = store_account_find(ra->store, account, credentials->name);
    int right;

    if (found == STORE_FAILED)
        return &refusal_internal;
    if (found == STORE_OK && account->wrong_tries >= WRONG_TRIES_MAX)
        return &locked;
    right =
        password_matches(found == STORE_OK ? account->password_hash : NULL, credentials->password);
    if (!right)
        return refuse_wrong(ra, account, credentials->name);
    if (account->wrong_tries > 0 && store_account_clear_wrong(ra->store, account->id) != STORE_OK)
        return &refusal_internal;
    return NULL;
}

const struct refusal *basic_auth_check(struct account *out, struct ra *ra,
                                       const char *authorization)
{
    struct credentials credentials;
    const struct refusal *refusal = &needs_credentials;

    memset(out, 0, sizeof(*out));
    if (decode(&credentials, authorization) == 0) {
        pthread_mutex_lock(&ra->passwords);
        refusal = check_password(out, ra, &credentials);
        pthread_mutex_unlock(&ra->passwords);
    }
    OPENSSL_cleanse(&credentials, sizeof(credentials));
    return refusal;
}
