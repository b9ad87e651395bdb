/* SPDX-License-Identifier: Apache-2.0 */
/* What the three steps' buttons do, and the state that the page's script asks for. */
#include "base/platform.h"
#include "base/time.h"
#include "http/json_call.h"
#include "pages/page_handlers.h"
#include "rules/order.h"
#include "rules/ra_job.h"

#include <stdio.h>
#include <string.h>

/* --- state --- */

void enrol_state_show(struct page *page)
{
    struct job job = { 0 };
    enum store_result found = job_of_session(&job, page->request->ra, page->session.id);

    if (found == STORE_FAILED)
        page_refuse(page, PROBLEM_FAILED);
    else
        json_send_new(page->reply, 200,
                      json_pack("{s:s, s:s}", "state",
                                found == STORE_OK ? job_state_name(job.state) : "none", "number",
                                found == STORE_OK && job.state == JOB_REDEEMED ? job.number : ""));
}

/* --- the launch file --- */

static void send_launch_file(struct page *page, const struct job *job, const char *code)
{
    char origin[HOST_ORIGIN_SIZE], expires[CE_TIME_SIZE], disposition[REPLY_HEADER_SIZE];

    host_origin(origin, HOST_EST, page->request->port);
    ce_time_format(expires, job->expires_at);
    snprintf(disposition, sizeof(disposition), "attachment; filename=\"%s.cenroll\"",
             page->account.name);
    json_send_new(page->reply, 200,
                  json_pack("{s:i, s:s, s:s, s:s, s:s}", "version", 1, "origin", origin, "job",
                            job->id, "code", code, "expires", expires));
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
    ce_wipe(code, sizeof(code));
}

/* --- execute and cancel --- */

static enum problem find_job(struct job *out, struct page *page)
{
    return ra_problem(job_of_session(out, page->request->ra, page->session.id), PROBLEM_JOB_OVER);
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
