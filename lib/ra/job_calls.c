/* SPDX-License-Identifier: Apache-2.0 */
#include "ra/job_calls.h"

#include "base/message.h"
#include "base/platform.h"

#include <certenroll/ra_json.h>

#include <stdio.h>
#include <string.h>

static certenroll_ra_call call_of(const certenroll_ra_collection *what, const char *path,
                                  const char *token, json_t *body)
{
    certenroll_ra_call call = CERTENROLL_RA_CALL_INIT;

    call.ra = what->ra;
    call.origin = certenroll_ra_est(what->ra);
    call.path = path;
    call.bearer = token;
    call.body = body;
    return call;
}

static int refuse(certenroll_error **error, const char *member)
{
    return certenroll_error_set(error, CERTENROLL_E_SERVER,
                                _("the RA's \"%s\" is not what it should be"), member);
}

/* --- redeeming --- */

/* What is shown, asked consent for, and made a subject of has no character that could make it look
 * like something else. */
static int is_name(const char *text)
{
    static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
                                  "._-@ ";
    size_t length = strlen(text);

    return length > 0 && length <= JOB_NAME_MAX && strspn(text, allowed) == length &&
           text[0] != ' ' && text[length - 1] != ' ' && !strstr(text, "  ");
}

static int is_number(const char *text)
{
    return strlen(text) == JOB_NUMBER_DIGITS && strspn(text, "0123456789") == JOB_NUMBER_DIGITS;
}

static int is_token(const char *text)
{
    return text[0] && strlen(text) <= JOB_TOKEN_MAX;
}

static int take_text(char *out, const json_t *answer, const char *member,
                     int (*is_good)(const char *), certenroll_error **error)
{
    const char *text = certenroll_ra_json_text(answer, member);

    if (!text || !is_good(text))
        return refuse(error, member);
    memcpy(out, text, strlen(text) + 1);
    return CERTENROLL_OK;
}

static int take_answer(struct redeemed *redeemed, const json_t *answer, certenroll_error **error)
{
    const json_t *expires = json_object_get(answer, "expires");
    int status = take_text(redeemed->token, answer, "token", is_token, error);

    if (status == CERTENROLL_OK)
        status = take_text(redeemed->number, answer, "number", is_number, error);
    if (status == CERTENROLL_OK)
        status = take_text(redeemed->name, answer, "name", is_name, error);
    if (status == CERTENROLL_OK && !json_is_integer(expires))
        status = refuse(error, "expires");
    redeemed->expires = (int64_t)json_integer_value(expires);
    return status;
}

int job_redeem(struct redeemed **out, const certenroll_ra_collection *what,
               const struct launch_file *file, certenroll_error **error)
{
    const certenroll_ra_call call =
        call_of(what, "/.well-known/certenroll/job/redeem", NULL,
                json_pack("{s:i, s:s, s:s}", "version", 1, "job", file->job, "code", file->code));
    json_t *answer = NULL;
    int status = certenroll_ra_call_json(&answer, what->context, &call, NULL, error);

    *out = NULL;
    if (status == CERTENROLL_OK && !(*out = ce_locked_alloc(sizeof(**out))))
        status = certenroll_error_set_memory(error);
    if (status == CERTENROLL_OK)
        status = take_answer(*out, answer, error);
    certenroll_ra_json_free(answer);
    if (status == CERTENROLL_OK)
        return status;
    redeemed_free(*out);
    *out = NULL;
    return status;
}

void redeemed_free(struct redeemed *redeemed)
{
    ce_locked_free(redeemed, sizeof(*redeemed));
}

/* --- waiting --- */

int job_fail_expired(certenroll_error **error)
{
    return certenroll_error_set(error, CERTENROLL_E_CANCELLED,
                                _("nobody pressed \"Execute\" on the bank's page in time"));
}

static int judge_state(const char *state, certenroll_error **error)
{
    if (!state)
        return refuse(error, "state");
    if (strcmp(state, "executed") == 0)
        return CERTENROLL_OK;
    if (strcmp(state, "redeemed") == 0)
        return CERTENROLL_PENDING;
    if (strcmp(state, "expired") == 0)
        return job_fail_expired(error);
    if (strcmp(state, "cancelled") == 0)
        return certenroll_error_set(error, CERTENROLL_E_CANCELLED,
                                    _("it was cancelled on the bank's page"));
    return certenroll_error_set(error, CERTENROLL_E_SERVER,
                                _("the RA has come to an end with this by itself"));
}

int job_ask_state(const certenroll_ra_collection *what, const certenroll_ra_job *job,
                  certenroll_error **error)
{
    const certenroll_ra_call call =
        call_of(what, "/.well-known/certenroll/job/state", job->token, json_object());
    json_t *answer = NULL;
    int status = certenroll_ra_call_json(&answer, what->context, &call, NULL, error);

    if (status == CERTENROLL_OK)
        status = judge_state(certenroll_ra_json_text(answer, "state"), error);
    certenroll_ra_json_free(answer);
    return status;
}

/* --- the end --- */

int job_confirm(certenroll_ra_collected *pair, const certenroll_ra_collection *what,
                const certenroll_ra_job *job, certenroll_error **error)
{
    certenroll_ra_call call =
        call_of(what, "/.well-known/certenroll/job/confirm", job->token, json_object());
    json_t *answer = NULL;
    int status;

    call.token = what->token;
    call.id = pair->id;
    call.id_length = pair->id_length;
    status = certenroll_ra_call_json(&answer, what->context, &call, NULL, error);
    if (status == CERTENROLL_OK)
        pair->not_after = json_integer_value(json_object_get(answer, "not_after"));
    certenroll_ra_json_free(answer);
    return status;
}

void job_tell_failure(const certenroll_ra_collection *what, const certenroll_ra_job *job,
                      int status)
{
    const certenroll_ra_call call =
        call_of(what, "/.well-known/certenroll/job/fail", job->token,
                json_pack("{s:s}", "reason", certenroll_status_name(status)));
    json_t *answer = NULL;

    (void)!certenroll_ra_call_json(&answer, what->context, &call, NULL, NULL);
    certenroll_ra_json_free(answer);
}
