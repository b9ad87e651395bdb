/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE /* sigaction, clock_gettime */

#include "job.h"

#include "activity.h"
#include "common/locked.h"
#include "common/message.h"
#include "common/ra_call.h"
#include "common/strict_json.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define POLL_SECONDS 2
#define WAIT_SECONDS 900     /* whatever the RA says */
#define EXECUTED_SECONDS 600 /* what the RA gives from there on */

static int call_job(json_t **answer, const struct job *job, const char *path, json_t *body,
                    struct failure *failure)
{
    const struct ra_call call = {
        .context = job->context,
        .place = job->place,
        .origin = job->place->est,
        .path = path,
        .bearer = job->token[0] ? job->token : NULL,
        .body = body,
    };

    return ra_call(answer, &call, NULL, failure);
}

static int refuse(struct failure *failure, const char *member)
{
    return failure_set(failure, CERTENROLL_E_SERVER, _("the RA's \"%s\" is not what it should be"),
                       member);
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
    return strlen(text) == JOB_DIGITS && strspn(text, "0123456789") == JOB_DIGITS;
}

static int is_token(const char *text)
{
    return text[0] && strlen(text) <= JOB_TOKEN_MAX;
}

static int take_text(char *out, size_t size, const json_t *answer, const char *member,
                     int (*is_good)(const char *), struct failure *failure)
{
    const char *text = ra_answer_text(answer, member);

    if (!text || !is_good(text))
        return refuse(failure, member);
    snprintf(out, size, "%s", text);
    return CERTENROLL_OK;
}

static int take_answer(struct job *job, const json_t *answer, struct failure *failure)
{
    const json_t *expires = json_object_get(answer, "expires");
    int status = take_text(job->token, sizeof(job->token), answer, "token", is_token, failure);

    if (status == CERTENROLL_OK)
        status = take_text(job->number, sizeof(job->number), answer, "number", is_number, failure);
    if (status == CERTENROLL_OK)
        status = take_text(job->name, sizeof(job->name), answer, "name", is_name, failure);
    if (status == CERTENROLL_OK && !json_is_integer(expires))
        status = refuse(failure, "expires");
    job->expires = (int64_t)json_integer_value(expires);
    return status;
}

int job_redeem(struct job **out, certenroll_context *context, const struct ra_place *place,
               const struct launch *launch, struct failure *failure)
{
    struct job *job = locked_new(sizeof(*job));
    json_t *answer = NULL;
    int status;

    *out = NULL;
    if (!job)
        return failure_memory(failure);
    job->context = context;
    job->place = place;
    memcpy(job->id, launch->job, sizeof(job->id));
    status = call_job(
        &answer, job, "/.well-known/certenroll/job/redeem",
        json_pack("{s:i, s:s, s:s}", "version", 1, "job", launch->job, "code", launch->code),
        failure);
    if (status == CERTENROLL_OK)
        status = take_answer(job, answer, failure);
    strict_json_free(answer);
    if (status == CERTENROLL_OK)
        *out = job;
    else
        job_free(job);
    return status;
}

void job_free(struct job *job)
{
    locked_free(job, sizeof(*job));
}

/* --- waiting --- */

static volatile sig_atomic_t stopped;

static void note_signal(int number)
{
    (void)number;
    stopped = 1;
}

static const int stopping[] = { SIGHUP, SIGINT, SIGTERM };
enum { STOPPING = sizeof(stopping) / sizeof(stopping[0]) };

static void watch_signals(struct sigaction before[STOPPING])
{
    struct sigaction action = { .sa_handler = note_signal };

    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < STOPPING; i++) {
        sigaction(stopping[i], NULL, &before[i]);
        if (before[i].sa_handler != SIG_IGN)
            sigaction(stopping[i], &action, NULL);
    }
}

static void restore_signals(const struct sigaction before[STOPPING])
{
    for (size_t i = 0; i < STOPPING; i++)
        sigaction(stopping[i], &before[i], NULL);
}

static int fail_over(const char *state, struct failure *failure)
{
    if (strcmp(state, "cancelled") == 0)
        return failure_set(failure, CERTENROLL_E_CANCELLED, "%s",
                           _("it was cancelled on the bank's page"));
    if (strcmp(state, "expired") == 0)
        return failure_set(failure, CERTENROLL_E_CANCELLED, "%s",
                           _("nobody pressed \"Execute\" on the bank's page in time"));
    return failure_set(failure, CERTENROLL_E_SERVER,
                       _("the RA has come to an end with this by itself"));
}

/* 0: Execute was pressed; CERTENROLL_PENDING: not yet. */
static int ask_state(const struct job *job, struct failure *failure)
{
    json_t *answer = NULL;
    const char *state;
    int status =
        call_job(&answer, job, "/.well-known/certenroll/job/state", json_object(), failure);

    if (status < 0)
        return status;
    state = ra_answer_text(answer, "state");
    if (!state)
        status = refuse(failure, "state");
    else if (strcmp(state, "redeemed") == 0)
        status = CERTENROLL_PENDING;
    else if (strcmp(state, "executed") != 0)
        status = fail_over(state, failure);
    strict_json_free(answer);
    return status;
}

static int64_t uptime(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec;
}

/* Half a minute past the RA's own end, so that it is the RA who says it. */
static int64_t deadline_of(const struct job *job)
{
    int64_t left = job->expires - (int64_t)time(NULL) + 30;

    return uptime() + (left < 0 ? 0 : left > WAIT_SECONDS ? WAIT_SECONDS : left);
}

static int poll_state(const struct job *job, struct failure *failure)
{
    const struct timespec pause = { .tv_sec = POLL_SECONDS };
    int64_t deadline = deadline_of(job);
    int was_told = 0;

    while (!stopped && uptime() <= deadline) {
        struct failure last = { 0 };
        int status = ask_state(job, &last);

        if (status != CERTENROLL_PENDING && status != CERTENROLL_E_NETWORK) {
            *failure = last;
            return status;
        }
        if (status == CERTENROLL_E_NETWORK && !was_told++)
            activity(_("The RA cannot be reached; trying again."));
        nanosleep(&pause, NULL); /* a signal ends it early */
    }
    return stopped ? failure_set(failure, CERTENROLL_E_CANCELLED, "%s", _("the agent was ended"))
                   : fail_over("expired", failure);
}

int job_wait(struct job *job, struct failure *failure)
{
    struct sigaction before[STOPPING];
    int status;

    watch_signals(before);
    status = poll_state(job, failure);
    restore_signals(before);
    if (status == CERTENROLL_OK)
        job->expires = (int64_t)time(NULL) + EXECUTED_SECONDS;
    return status;
}

/* --- giving up --- */

void job_fail(const struct job *job, int status)
{
    struct failure untold = { 0 };
    json_t *answer = NULL;

    (void)!call_job(&answer, job, "/.well-known/certenroll/job/fail",
                    json_pack("{s:s}", "reason", certenroll_status_name(status)), &untold);
    strict_json_free(answer);
}
