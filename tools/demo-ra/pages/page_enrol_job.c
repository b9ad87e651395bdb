/* SPDX-License-Identifier: Apache-2.0 */
/* What the three steps' buttons do, and the state that the page's script asks for. */
#include "pages/page_handlers.h"
#include "rules/job.h"
#include "rules/order.h"

#include <openssl/crypto.h>

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* --- state --- */

/* Adds the JSON to the reply, and frees it. */
static void send_json(struct page *page, json_t *root)
{
    char *text = root ? json_dumps(root, JSON_COMPACT) : NULL;

    page->reply->status = 200;
    page->reply->content_type = "application/json";
    if (text)
        text_add(page->body, text);
    else
        page_refuse(page, PROBLEM_FAILED);
    free(text);
    json_decref(root);
}

void enrol_state_show(struct page *page)
{
    struct job job = { 0 };
    enum store_result found = job_of_session(&job, page->request->ra, page->session.id);

    if (found == STORE_FAILED)
        page_refuse(page, PROBLEM_FAILED);
    else
        send_json(page,
                  json_pack("{s:s, s:s}", "state",
                            found == STORE_OK ? job_state_name(job.state) : "none", "number",
                            found == STORE_OK && job.state == JOB_REDEEMED ? job.number : ""));
}

/* --- the launch file --- */

static void expiry(char out[32], int64_t seconds)
{
    time_t at = (time_t)seconds;
    struct tm utc;

    if (!gmtime_r(&at, &utc) || strftime(out, 32, "%Y-%m-%dT%H:%M:%SZ", &utc) == 0)
        out[0] = '\0';
}

static void send_launch_file(struct page *page, const struct job *job, const char *code)
{
    char origin[64], expires[32], disposition[REPLY_HEADER_SIZE];

    snprintf(origin, sizeof(origin), "https://est.localhost:%u", (unsigned)page->request->port);
    expiry(expires, job->expires_at);
    snprintf(disposition, sizeof(disposition), "attachment; filename=\"%s.cenroll\"",
             page->account.name);
    send_json(page, json_pack("{s:i, s:s, s:s, s:s, s:s}", "version", 1, "origin", origin, "job",
                              job->id, "code", code, "expires", expires));
    if (page->reply->status != 200)
        return;
    page->reply->content_type = "application/vnd.certenroll.launch+json";
    reply_add_header(page->reply, "Content-Disposition", disposition);
}

void enrol_launch_take(struct page *page)
{
    struct ra *ra = page->request->ra;
    char code[JOB_CODE_SIZE];
    struct job job;

    page->problem = order_may_collect(ra, page->account.id, &page->effective_at);
    if (!page->problem)
        page->problem = job_create(&job, code, ra, page->account.id, page->session.id);
    if (page->problem)
        enrol_show(page);
    else
        send_launch_file(page, &job, code);
    OPENSSL_cleanse(code, sizeof(code));
}

/* --- execute and cancel --- */

static enum problem find_job(struct job *out, struct page *page)
{
    enum store_result found = job_of_session(out, page->request->ra, page->session.id);

    if (found == STORE_NONE)
        return PROBLEM_JOB_OVER;
    return found == STORE_OK ? PROBLEM_NONE : PROBLEM_FAILED;
}

static void finish(struct page *page, enum problem problem)
{
    page->problem = problem;
    if (problem)
        enrol_show(page);
    else
        page_go(page, "/enrol");
}

/* Only what the person has seen: the number of the page is the job's. */
void enrol_execute_take(struct page *page)
{
    struct job job;
    enum problem problem = find_job(&job, page);

    if (!problem && strcmp(form_text(&page->form, "number"), job.number) != 0)
        problem = PROBLEM_JOB_OVER;
    if (!problem)
        problem = job_execute(page->request->ra, job.id, page->session.id);
    finish(page, problem);
}

void enrol_cancel_take(struct page *page)
{
    struct job job;
    enum problem problem = find_job(&job, page);

    if (!problem)
        problem = job_cancel(page->request->ra, job.id, page->session.id);
    finish(page, problem);
}
