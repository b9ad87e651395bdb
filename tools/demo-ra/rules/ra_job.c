/* SPDX-License-Identifier: Apache-2.0 */
/* What is common to all of a job's parties, and the page's side. */
#include "rules/order.h"
#include "rules/ra_job_change.h"

#include <stdio.h>
#include <string.h>

/* --- changes, each in a transaction of the caller's --- */

enum store_result job_move(struct ra *ra, struct job_row *row, enum job_state to,
                           const char *account_name, const char *detail)
{
    enum job_state from = row->job.state;
    char event[32], what[JOB_ID_SIZE + 96];
    enum store_result result;

    row->job.state = to;
    result = store_job_move(ra->store, row, from);
    snprintf(event, sizeof(event), "job-%s", job_state_name(to));
    snprintf(what, sizeof(what), "%s%s%s", row->job.id, detail ? " " : "", detail ? detail : "");
    return result == STORE_OK ? store_audit(ra->store, event, account_name, what) : result;
}

enum store_result job_revoke_made(struct ra *ra, const struct job_row *row,
                                  const char *account_name)
{
    char serial[SERIAL_TEXT_MAX + 1];
    enum store_result result;

    if (row->job.certificate_id == 0 || !row->made_certificate)
        return STORE_OK;
    result = store_certificate_serial(ra->store, serial, row->job.certificate_id);
    if (result == STORE_OK)
        result = store_certificate_revoke(ra->store, account_name, serial, "cessationOfOperation");
    /* STORE_NONE: its owner, or the operator, was quicker. */
    if (result == STORE_FAILED ||
        store_order_reopen(ra->store, row->job.certificate_id) == STORE_FAILED)
        return STORE_FAILED;
    return STORE_OK;
}

enum store_result job_end(struct ra *ra, struct job_row *row, enum job_state to)
{
    struct account account;
    enum store_result found = store_account_by_id(ra->store, &account, row->job.account_id);
    const char *name = found == STORE_OK ? account.name : NULL;
    enum store_result result;

    if (found == STORE_FAILED)
        return found;
    result = job_revoke_made(ra, row, name);
    return result == STORE_OK
               ? job_move(ra, row, to, name, row->job.reason[0] ? row->job.reason : NULL)
               : result;
}

enum store_result job_end_all(struct ra *ra, const struct account *account)
{
    struct job_row row;
    enum store_result result = store_job_open(ra->store, &row, account->id);

    if (result == STORE_OK)
        return job_end(ra, &row, JOB_CANCELLED);
    return result == STORE_NONE ? STORE_OK : result;
}

/* --- time --- */

static enum store_result sweep(struct ra *ra)
{
    struct job_row row;
    enum store_result result;

    while ((result = store_job_expired(ra->store, &row, ra_now(ra))) == STORE_OK)
        if (job_end(ra, &row, row.job.state == JOB_ISSUED ? JOB_REVOKED : JOB_EXPIRED) != STORE_OK)
            return STORE_FAILED;
    return result == STORE_NONE ? STORE_OK : result;
}

/* Mostly there is nothing, and then nothing is locked. */
enum store_result job_sweep(struct ra *ra)
{
    struct job_row row;
    enum store_result result = store_job_expired(ra->store, &row, ra_now(ra));

    if (result != STORE_OK)
        return result == STORE_NONE ? STORE_OK : result;
    result = store_begin(ra->store);
    if (result != STORE_OK)
        return result;
    result = sweep(ra);
    return store_end(ra->store, result == STORE_OK) == STORE_OK ? result : STORE_FAILED;
}

enum problem job_transaction(struct ra *ra)
{
    if (store_begin(ra->store) != STORE_OK)
        return PROBLEM_FAILED;
    if (sweep(ra) == STORE_OK)
        return PROBLEM_NONE;
    (void)store_end(ra->store, 0);
    return PROBLEM_FAILED;
}

enum problem job_transaction_end(struct ra *ra, enum problem problem)
{
    return store_end(ra->store, problem != PROBLEM_FAILED) == STORE_OK ? problem : PROBLEM_FAILED;
}

enum store_result job_find(struct job_row *row, struct account *account, struct ra *ra,
                           const char *id)
{
    enum store_result result = store_job_find(ra->store, row, id);

    return result == STORE_OK ? store_account_by_id(ra->store, account, row->job.account_id)
                              : result;
}

/* --- the beginning --- */

enum problem job_add(struct ra *ra, struct job_row *row)
{
    struct account account;
    struct job_row former;
    char event[32];
    int64_t effective_at;
    enum problem problem = order_may_collect(ra, row->job.account_id, &effective_at);
    enum store_result result;

    if (problem)
        return problem;
    result = store_job_open(ra->store, &former, row->job.account_id);
    if (result == STORE_OK && (former.job.state == JOB_EXECUTED || former.job.state == JOB_ISSUED))
        return PROBLEM_JOB_OVER;
    if (result == STORE_OK)
        result = job_end(ra, &former, JOB_CANCELLED);
    if (result == STORE_FAILED || token_text_new(row->job.id, sizeof(row->job.id)) < 0)
        return PROBLEM_FAILED;
    row->job.expires_at = ra_now(ra) + JOB_SECONDS;
    snprintf(event, sizeof(event), "job-%s", job_state_name(row->job.state));
    if (store_account_by_id(ra->store, &account, row->job.account_id) != STORE_OK ||
        store_job_add(ra->store, row) != STORE_OK ||
        store_audit(ra->store, event, account.name, row->job.id) != STORE_OK)
        return PROBLEM_FAILED;
    return PROBLEM_NONE;
}

enum problem job_create(struct job *out, char code[JOB_CODE_SIZE], struct ra *ra,
                        int64_t account_id, int64_t session_id)
{
    struct job_row row = {
        .job = { .state = JOB_CREATED, .account_id = account_id, .session_id = session_id },
        .has_code = 1
    };
    enum problem problem;

    if (token_text_new(code, JOB_CODE_SIZE) < 0 || token_text_hash(row.code_hash, code) < 0)
        return PROBLEM_FAILED;
    problem = job_transaction(ra);
    if (problem)
        return problem;
    problem = job_add(ra, &row);
    *out = row.job;
    return job_transaction_end(ra, problem);
}

/* --- the page's --- */

enum store_result job_of_session(struct job *out, struct ra *ra, int64_t session_id)
{
    struct job_row row;
    enum store_result result = job_sweep(ra);

    if (result == STORE_OK)
        result = store_job_by_session(ra->store, &row, session_id);
    if (result == STORE_OK)
        *out = row.job;
    return result;
}

/* `session_id` 0 is no session's. */
static enum problem find_of_session(struct job_row *row, struct ra *ra, const char *id,
                                    int64_t session_id)
{
    enum problem problem = ra_problem(store_job_find(ra->store, row, id), PROBLEM_JOB_OVER);

    if (!problem && (session_id == 0 || row->job.session_id != session_id))
        problem = PROBLEM_JOB_OVER;
    return problem;
}

enum problem job_execute(struct ra *ra, const char *id, int64_t session_id)
{
    struct account account;
    struct job_row row;
    enum problem problem = job_transaction(ra);

    if (problem)
        return problem;
    problem = find_of_session(&row, ra, id, session_id);
    if (!problem && row.job.state != JOB_REDEEMED)
        problem = PROBLEM_JOB_OVER;
    if (!problem)
        problem = ra_problem(store_account_by_id(ra->store, &account, row.job.account_id),
                             PROBLEM_JOB_OVER);
    row.job.expires_at = ra_now(ra) + JOB_SECONDS;
    if (!problem)
        problem =
            ra_problem(job_move(ra, &row, JOB_EXECUTED, account.name, NULL), PROBLEM_JOB_OVER);
    return job_transaction_end(ra, problem);
}

enum problem job_cancel(struct ra *ra, const char *id, int64_t session_id)
{
    struct job_row row;
    enum problem problem = job_transaction(ra);

    if (problem)
        return problem;
    problem = find_of_session(&row, ra, id, session_id);
    if (!problem && job_is_over(row.job.state))
        problem = PROBLEM_JOB_OVER;
    if (!problem)
        problem = ra_problem(job_end(ra, &row, JOB_CANCELLED), PROBLEM_JOB_OVER);
    return job_transaction_end(ra, problem);
}
