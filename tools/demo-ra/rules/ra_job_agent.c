/* SPDX-License-Identifier: Apache-2.0 */
/* The job as the agent and EST see it. */
#include "base/platform.h"
#include "common/tool_message.h"
#include "ground/diagnostics.h"
#include "rules/ra_job_change.h"

#include <stdio.h>
#include <string.h>

#define NUMBERS 1000000U

/* Each of the million numbers is as likely as the others. */
static int new_number(char out[JOB_NUMBER_SIZE])
{
    const uint32_t limit = UINT32_MAX - UINT32_MAX % NUMBERS;
    certenroll_error *error = NULL;
    uint32_t random;

    do {
        if (ce_random(&random, sizeof(random)) < 0) {
            certenroll_error_set_errno(&error, _("cannot get random numbers"));
            log_error(&error);
            return -1;
        }
    } while (random >= limit);
    snprintf(out, JOB_NUMBER_SIZE, "%06u", (unsigned)(random % NUMBERS));
    return 0;
}

static int new_token(char token[JOB_TOKEN_SIZE], struct job_row *row)
{
    row->has_token = 1;
    return token_text_new(token, JOB_TOKEN_SIZE) == 0 ? token_text_hash(row->token_hash, token)
                                                      : -1;
}

/* --- beginning --- */

/* A wrong code is told from an unknown job by nobody but the audit log. */
static enum problem count_wrong_code(struct ra *ra, struct job_row *row, const char *account_name)
{
    if (store_job_count_wrong(ra->store, row->job.id) != STORE_OK ||
        store_audit(ra->store, "job-wrong-code", account_name, row->job.id) != STORE_OK)
        return PROBLEM_FAILED;
    if (row->wrong_codes + 1 >= JOB_WRONG_CODES) {
        snprintf(row->job.reason, sizeof(row->job.reason), "WRONG_CODES");
        if (job_end(ra, row, JOB_FAILED) != STORE_OK)
            return PROBLEM_FAILED;
    }
    return PROBLEM_JOB_OVER;
}

enum problem job_redeem(struct job *out, char token[JOB_TOKEN_SIZE], struct ra *ra, const char *id,
                        const char *code)
{
    struct account account;
    struct job_row row;
    enum problem problem = job_transaction(ra);

    if (problem)
        return problem;
    problem = ra_problem(job_find(&row, &account, ra, id), PROBLEM_JOB_OVER);
    if (!problem && row.job.state != JOB_CREATED)
        problem = PROBLEM_JOB_OVER;
    if (!problem && (!row.has_code || !token_text_matches(row.code_hash, code)))
        problem = count_wrong_code(ra, &row, account.name);
    if (!problem && (new_number(row.job.number) < 0 || new_token(token, &row) < 0))
        problem = PROBLEM_FAILED;
    if (!problem)
        problem =
            ra_problem(job_move(ra, &row, JOB_REDEEMED, account.name, NULL), PROBLEM_JOB_OVER);
    if (!problem)
        *out = row.job;
    return job_transaction_end(ra, problem);
}

/* The same job under another token. */
static enum problem take_over(struct ra *ra, struct job_row *row, const struct job_row *former)
{
    struct account account;

    row->job = former->job;
    row->made_certificate = former->made_certificate;
    row->job.expires_at = ra_now(ra) + JOB_SECONDS;
    if (store_account_by_id(ra->store, &account, row->job.account_id) != STORE_OK ||
        store_job_move(ra->store, row, former->job.state) != STORE_OK ||
        store_audit(ra->store, "job-taken-over", account.name, row->job.id) != STORE_OK)
        return PROBLEM_FAILED;
    return PROBLEM_NONE;
}

enum problem job_can_take_over(int *out, struct ra *ra, int64_t account_id)
{
    struct job_row row;
    enum store_result result =
        job_sweep(ra) == STORE_OK ? store_job_open(ra->store, &row, account_id) : STORE_FAILED;

    *out = result == STORE_OK && row.job.session_id == 0;
    return result == STORE_FAILED ? PROBLEM_FAILED : PROBLEM_NONE;
}

enum problem job_begin_executed(struct job *out, char token[JOB_TOKEN_SIZE], struct ra *ra,
                                int64_t account_id)
{
    struct job_row row = { .job = { .state = JOB_EXECUTED, .account_id = account_id } };
    struct job_row former;
    enum store_result found;
    enum problem problem = new_token(token, &row) < 0 ? PROBLEM_FAILED : job_transaction(ra);

    if (problem)
        return problem;
    found = store_job_open(ra->store, &former, account_id);
    if (found == STORE_FAILED)
        problem = PROBLEM_FAILED;
    else if (found == STORE_OK && former.job.session_id == 0)
        problem = take_over(ra, &row, &former);
    else
        problem = job_add(ra, &row);
    *out = row.job;
    return job_transaction_end(ra, problem);
}

/* --- going on --- */

enum problem job_by_token(struct job *out, struct ra *ra, const char *token)
{
    unsigned char hash[TOKEN_HASH_LENGTH];
    struct job_row row;
    enum problem problem;

    if (!token_text_is(token, JOB_TOKEN_SIZE - 1))
        return PROBLEM_JOB_OVER;
    if (token_text_hash(hash, token) < 0 || job_sweep(ra) != STORE_OK)
        return PROBLEM_FAILED;
    problem = ra_problem(store_job_by_token(ra->store, &row, hash), PROBLEM_JOB_OVER);
    if (!problem)
        *out = row.job;
    return problem;
}

enum problem job_fail(struct ra *ra, const struct job *job, const char *reason)
{
    struct job_row row;
    enum problem problem = job_transaction(ra);

    if (problem)
        return problem;
    problem = ra_problem(store_job_find(ra->store, &row, job->id), PROBLEM_JOB_OVER);
    if (!problem && job_is_over(row.job.state))
        problem = PROBLEM_JOB_OVER;
    snprintf(row.job.reason, sizeof(row.job.reason), "%s", reason);
    if (!problem)
        problem = ra_problem(job_end(ra, &row, JOB_FAILED), PROBLEM_JOB_OVER);
    return job_transaction_end(ra, problem);
}

enum problem job_confirm(struct ra *ra, const struct job *job, int64_t certificate_id)
{
    struct account account;
    struct job_row row;
    enum problem problem = job_transaction(ra);

    if (problem)
        return problem;
    problem = ra_problem(job_find(&row, &account, ra, job->id), PROBLEM_JOB_OVER);
    if (!problem && row.job.state != JOB_ISSUED && row.job.state != JOB_CONFIRMED)
        problem = PROBLEM_JOB_OVER;
    if (!problem && (certificate_id == 0 || row.job.certificate_id != certificate_id))
        problem = PROBLEM_CERTIFICATE_OTHER;
    /* JOB_CONFIRMED: the answer was lost. */
    if (!problem && row.job.state == JOB_ISSUED)
        problem =
            ra_problem(job_move(ra, &row, JOB_CONFIRMED, account.name, NULL), PROBLEM_JOB_OVER);
    return job_transaction_end(ra, problem);
}

/* --- EST's --- */

static int may_have_certificate(enum job_state state)
{
    return state == JOB_EXECUTED || state == JOB_ISSUED;
}

enum problem job_by_credentials(struct job *out, struct ra *ra, const char *id, const char *token)
{
    struct job_row row;
    enum problem problem = ra_problem(job_sweep(ra), PROBLEM_FAILED);

    if (!problem)
        problem = ra_problem(store_job_find(ra->store, &row, id), PROBLEM_JOB_OVER);
    if (!problem && (!row.has_token || !token_text_matches(row.token_hash, token) ||
                     !may_have_certificate(row.job.state)))
        problem = PROBLEM_JOB_OVER;
    if (!problem)
        *out = row.job;
    return problem;
}

enum problem job_still(struct job *out, struct ra *ra, const struct job *job)
{
    struct job_row row;
    enum problem problem = ra_problem(store_job_find(ra->store, &row, job->id), PROBLEM_JOB_OVER);

    *out = row.job;
    if (!problem && (row.job.expires_at <= ra_now(ra) || !may_have_certificate(row.job.state)))
        problem = PROBLEM_JOB_OVER;
    return problem;
}

enum store_result job_take_back(struct ra *ra, const struct job *job)
{
    struct account account;
    struct job_row row;
    enum store_result result = job_find(&row, &account, ra, job->id);

    if (result == STORE_OK)
        result = job_revoke_made(ra, &row, account.name);
    if (result != STORE_OK)
        return result;
    row.job.certificate_id = 0;
    row.made_certificate = 0;
    return job_move(ra, &row, JOB_EXECUTED, account.name, "for another key");
}

enum store_result job_issued(struct ra *ra, const struct job *job, int64_t certificate_id, int made)
{
    char serial[SERIAL_TEXT_MAX + 1];
    struct account account;
    struct job_row row;
    enum store_result result = job_find(&row, &account, ra, job->id);

    if (result == STORE_OK)
        result = store_certificate_serial(ra->store, serial, certificate_id);
    if (result == STORE_OK && row.job.state != JOB_EXECUTED)
        result = STORE_NONE;
    if (result != STORE_OK)
        return result;
    row.job.certificate_id = certificate_id;
    row.job.expires_at = ra_now(ra) + JOB_SECONDS;
    row.made_certificate = made;
    result = job_move(ra, &row, JOB_ISSUED, account.name, serial);
    if (result == STORE_OK &&
        store_order_collect(ra->store, row.job.account_id, certificate_id) == STORE_FAILED)
        result = STORE_FAILED;
    return result;
}
