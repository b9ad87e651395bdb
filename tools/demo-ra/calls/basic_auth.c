/* SPDX-License-Identifier: Apache-2.0 */
#include "calls/basic_auth.h"

#include "base/base64.h"
#include "base/platform.h"
#include "ground/token_text.h"
#include "rules/logon.h"

#include <string.h>
#include <strings.h>

/* "user-id:password", the longest that can be right, in base64. */
#define ENCODED_MAX ((ACCOUNT_NAME_MAX + 1 + SECRET_MAX + 2) / 3 * 4)

/* By name and password, or as a job. No account has a name of a job's form: an ID is at most 31
 * characters long. */
static enum problem check_credentials(struct account *out, struct job *job, struct ra *ra,
                                      const char *name, const char *password)
{
    enum problem problem;

    if (!job || !token_text_is(name, JOB_ID_SIZE - 1))
        return logon_check(out, ra, name, password);
    problem = job_by_credentials(job, ra, name, password);
    return problem
               ? problem
               : ra_problem(store_account_by_id(ra->store, out, job->account_id), PROBLEM_JOB_OVER);
}

enum problem basic_auth_check(struct account *out, struct job *job, struct ra *ra,
                              const char *authorization)
{
    struct ce_buffer encoded = { NULL, 0 }, pair = { NULL, 0 };
    enum problem problem = PROBLEM_CREDENTIALS_NONE;
    char *colon;

    memset(out, 0, sizeof(*out));
    if (job)
        memset(job, 0, sizeof(*job));
    if (!authorization || strncasecmp(authorization, "Basic ", 6) != 0 ||
        strlen(authorization) > 6 + ENCODED_MAX)
        return problem;
    encoded.data = (unsigned char *)(uintptr_t)(authorization + 6);
    encoded.length = strlen(authorization + 6);
    if (ce_base64_decode(&pair, &encoded) != CERTENROLL_OK)
        return problem;
    colon = strchr((char *)pair.data, ':');
    if (colon) {
        *colon = '\0';
        problem = check_credentials(out, job, ra, (char *)pair.data, colon + 1);
    }
    ce_wipe(pair.data, pair.length);
    ce_buffer_clear(&pair);
    return problem;
}
