/* SPDX-License-Identifier: Apache-2.0 */
#include "calls/agent_api.h"

#include "base/platform.h"
#include "ground/token_text.h"
#include "http/json_call.h"
#include "rules/logon.h"
#include "rules/ra_job.h"

#include <string.h>
#include <strings.h>

#define JOB_PATH "/.well-known/certenroll/job/"
#define REASON_LENGTH_MAX 31

static struct fault redeem(json_t **answer, const struct json_call *call)
{
    struct ra *ra = call->request->ra;
    char token[JOB_TOKEN_SIZE];
    struct account account;
    struct job job;
    enum problem problem;

    if (!token_text_is(call->members[0], JOB_ID_SIZE - 1))
        return FAULT_FIELD("job");
    if (!token_text_is(call->members[1], JOB_CODE_SIZE - 1))
        return FAULT_FIELD("code");
    problem = job_redeem(&job, token, ra, call->members[0], call->members[1]);
    if (!problem && store_account_by_id(ra->store, &account, job.account_id))
        problem = PROBLEM_FAILED;
    if (problem)
        return FAULT(problem);
    *answer = json_pack("{s:i, s:s, s:s, s:s, s:s, s:I}", "version", 1, "token", token, "number",
                        job.number, "name", account.name, "kind",
                        account.corporation_id ? "user" : "corporate", "expires",
                        (json_int_t)job.expires_at);
    ce_wipe(token, sizeof(token));
    return FAULT_WITHOUT(*answer);
}

/* The job whose token came (RFC 6750 §2.1). */
static enum problem identify(struct job *job, const struct request *request)
{
    const char *value = request->authorization;

    if (!value || strncasecmp(value, "Bearer ", 7) != 0)
        return PROBLEM_JOB_OVER;
    return job_by_token(job, request->ra, value + 7);
}

static struct fault state(json_t **answer, const struct json_call *call)
{
    struct job job;
    enum problem problem = identify(&job, call->request);

    if (problem)
        return FAULT(problem);
    *answer = json_pack("{s:s}", "state", job_state_name(job.state));
    return FAULT_WITHOUT(*answer);
}

static int is_status_name(const char *text)
{
    size_t length = strlen(text);

    return length >= 1 && length <= REASON_LENGTH_MAX &&
           strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") == length;
}

static struct fault report_failure(json_t **answer, const struct json_call *call)
{
    struct job job;
    enum problem problem = identify(&job, call->request);

    if (!problem && !is_status_name(call->members[0]))
        return FAULT_FIELD("reason");
    if (!problem)
        problem = job_fail(call->request->ra, &job, call->members[0]);
    if (problem)
        return FAULT(problem);
    *answer = json_pack("{s:s}", "state", job_state_name(JOB_FAILED));
    return FAULT_WITHOUT(*answer);
}

static struct fault confirm(json_t **answer, const struct json_call *call)
{
    struct ra *ra = call->request->ra;
    struct job job;
    struct peer peer;
    enum problem problem = identify(&job, call->request);

    if (problem)
        return FAULT(problem);
    peer_judge(&peer, ra, call->request->session);
    problem = logon_certificate_problem(&peer);
    /* A job that is over says so whatever certificate came: the one it had may be revoked by now.
     */
    if (job.state != JOB_ISSUED && job.state != JOB_CONFIRMED)
        problem = PROBLEM_JOB_OVER;
    if (!problem)
        problem = job_confirm(ra, &job, peer.record.id);
    peer_clear(&peer);
    if (problem)
        return FAULT(problem);
    *answer = json_pack("{s:s, s:I}", "state", job_state_name(JOB_CONFIRMED), "not_after",
                        (json_int_t)peer.record.not_after);
    return FAULT_WITHOUT(*answer);
}

static const struct json_operation operations[] = {
    { HOST_EST, JOB_PATH "redeem", 1, NULL, { "job", "code" }, redeem },
    { HOST_EST, JOB_PATH "state", 0, NULL, { NULL }, state },
    { HOST_EST, JOB_PATH "fail", 0, NULL, { "reason" }, report_failure },
    { HOST_EST, JOB_PATH "confirm", 0, NULL, { NULL }, confirm },
};

int agent_api_answer(struct reply *reply, const struct request *request)
{
    if (strncmp(request->path, JOB_PATH, sizeof(JOB_PATH) - 1) != 0)
        return 0;
    json_call_answer(reply, request, operations, sizeof(operations) / sizeof(operations[0]));
    return 1;
}
