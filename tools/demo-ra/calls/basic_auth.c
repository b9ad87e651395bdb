/* SPDX-License-Identifier: Apache-2.0 */
#include "calls/basic_auth.h"

#include "base/token_text.h"
#include "rules/logon.h"
#include "rules/standing.h"

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

static const struct refusal *refusal_of(enum problem problem)
{
    switch (problem) {
    case PROBLEM_NONE:
        return NULL;
    case PROBLEM_WRONG_PASSWORD:
        return &wrong;
    case PROBLEM_LOCKED:
        return &locked;
    case PROBLEM_JOB_OVER:
        return &refusal_job_over;
    default:
        return &refusal_internal;
    }
}

static enum problem check_job(struct account *out, struct job *job, struct ra *ra,
                              const struct credentials *credentials)
{
    enum problem problem = job_by_credentials(job, ra, credentials->name, credentials->password);

    if (problem == PROBLEM_NONE)
        problem = store_account_by_id(ra->store, out, job->account_id) == STORE_OK
                      ? PROBLEM_NONE
                      : PROBLEM_JOB_OVER;
    return problem;
}

/* No account has a name of that form: an ID is at most 31 characters long. */
static int names_job(const char *name)
{
    return token_text_is(name, JOB_ID_SIZE - 1);
}

const struct refusal *basic_auth_check(struct account *out, struct job *job, struct ra *ra,
                                       const char *authorization)
{
    struct credentials credentials;
    const struct refusal *refusal = &needs_credentials;

    memset(out, 0, sizeof(*out));
    if (job)
        memset(job, 0, sizeof(*job));
    if (decode(&credentials, authorization) == 0)
        refusal = refusal_of(job && names_job(credentials.name)
                                 ? check_job(out, job, ra, &credentials)
                                 : logon_check(out, ra, credentials.name, credentials.password));
    OPENSSL_cleanse(&credentials, sizeof(credentials));
    return refusal;
}
