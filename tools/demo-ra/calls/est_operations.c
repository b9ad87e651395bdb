/* SPDX-License-Identifier: Apache-2.0 */
#include "calls/est_operations.h"

#include "base/base64.h"
#include "ca/request_policy.h"
#include "calls/agent_api.h"
#include "calls/basic_auth.h"
#include "calls/owner_revocation.h"
#include "calls/revocation_list.h"
#include "common/tool_message.h"
#include "ground/diagnostics.h"
#include "rules/enrol.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EST_PATH "/.well-known/est/"

/* One line of plain text in both languages, as EST's clients show it (RFC 7030 §4.2.3). */
static void refuse(struct reply *reply, enum problem problem)
{
    const struct problem_text *text = problem_text(problem);

    reply_plain(reply, text->http_status, "");
    text_addf(&reply->body, "%s %s (R-%d) / %s%s\n", text->title[LANGUAGE_EN],
              text->advice[LANGUAGE_EN], (int)text->problem, text->title[LANGUAGE_JA],
              text->advice[LANGUAGE_JA]);
    if (text->http_status == 401)
        reply_add_header(reply, "WWW-Authenticate",
                         "Basic realm=\"Demo Bank RA\", charset=\"UTF-8\"");
}

/* On one line, with a length: some clients read neither wrapped base64 nor chunks. */
static enum problem send_certificates(struct reply *reply, const struct request *request,
                                      X509 *leaf)
{
    char *encoded = issuer_certs_only(&request->ra->issuer, leaf);

    if (!encoded)
        return PROBLEM_FAILED;
    reply->status = 200;
    reply->content_type = "application/pkcs7-mime; smime-type=certs-only";
    reply_add_header(reply, "Content-Transfer-Encoding", "base64");
    text_add(&reply->body, encoded);
    free(encoded);
    return PROBLEM_NONE;
}

static void send_wait(struct reply *reply, const struct ra *ra, int64_t wait)
{
    char value[REPLY_HEADER_SIZE];

    snprintf(value, sizeof(value), "%lld", (long long)wait);
    if (ra->retry_after_date)
        reply_add_date(reply, "Retry-After", ra_now(ra) + wait);
    else
        reply_add_header(reply, "Retry-After", value);
    reply_plain(reply, 202, "The request is being looked at. / 要求を審査しています。\n");
}

/* Content-Transfer-Encoding is ignored: EST's bodies are base64 always (RFC 8951 §2.1). */
static enum problem read_request(X509_REQ **out, const struct request *request)
{
    const struct ce_buffer base64 = { (unsigned char *)(uintptr_t)request->body,
                                      request->body_length };
    struct ce_buffer der = { NULL, 0 };
    enum problem problem;

    *out = NULL;
    if (!request_has_type(request, "application/pkcs10"))
        return PROBLEM_REQUEST_TYPE;
    if (ce_base64_decode(&der, &base64) != CERTENROLL_OK)
        return PROBLEM_REQUEST_BASE64;
    problem = policy_accept(out, der.data, der.length);
    ce_buffer_clear(&der);
    return problem;
}

/* --- the operations --- */

static enum problem cacerts(struct reply *reply, const struct request *request)
{
    return send_certificates(reply, request, NULL);
}

/* No attribute is wanted (RFC 7030 §4.5.2). */
static enum problem csrattrs(struct reply *reply, const struct request *request)
{
    (void)request;
    reply->status = 204;
    return PROBLEM_NONE;
}

/* The certificate, or when to come again. */
static enum problem send_enrolled(struct reply *reply, const struct request *request,
                                  struct enrolled *enrolled)
{
    enum problem problem = PROBLEM_NONE;

    if (enrolled->certificate)
        problem = send_certificates(reply, request, enrolled->certificate);
    else
        send_wait(reply, request->ra, enrolled->wait);
    X509_free(enrolled->certificate);
    return problem;
}

static enum problem simpleenroll(struct reply *reply, const struct request *request)
{
    struct account account;
    struct job job;
    X509_REQ *csr = NULL;
    struct enrolled enrolled = { 0 };
    enum problem problem = basic_auth_check(&account, &job, request->ra, request->authorization);

    if (!problem)
        problem = read_request(&csr, request);
    if (!problem)
        problem = job.id[0] ? enrol_for_job(&enrolled, request->ra, &account, &job, csr)
                            : enrol_first(&enrolled, request->ra, &account, csr);
    X509_REQ_free(csr);
    return problem ? problem : send_enrolled(reply, request, &enrolled);
}

static enum problem simplereenroll(struct reply *reply, const struct request *request)
{
    struct peer peer;
    X509_REQ *csr = NULL;
    struct enrolled enrolled = { 0 };
    enum problem problem = read_request(&csr, request);

    peer_judge(&peer, request->ra, request->session);
    if (!problem)
        problem = enrol_again(&enrolled, request->ra, &peer, csr);
    X509_REQ_free(csr);
    peer_clear(&peer);
    return problem ? problem : send_enrolled(reply, request, &enrolled);
}

static const struct operation {
    const char *path;
    const char *method;
    enum problem (*run)(struct reply *reply, const struct request *request);
} operations[] = {
    { EST_PATH "cacerts", "GET", cacerts },
    { EST_PATH "csrattrs", "GET", csrattrs },
    { EST_PATH "simpleenroll", "POST", simpleenroll },
    { EST_PATH "simplereenroll", "POST", simplereenroll },
    { REVOKE_PATH, "POST", revoke_answer },
};

void est_answer(struct reply *reply, const struct request *request)
{
    const struct operation *operation = NULL;
    enum problem problem;

    if (agent_api_answer(reply, request) || crl_answer(reply, request))
        return;
    for (size_t i = 0; i < sizeof(operations) / sizeof(operations[0]); i++)
        if (strcmp(request->path, operations[i].path) == 0)
            operation = &operations[i];
    if (request->too_large) {
        problem = PROBLEM_TOO_LARGE;
    } else if (!operation) {
        problem = PROBLEM_NOT_FOUND;
    } else if (strcmp(operation->method, request->method) != 0) {
        problem = PROBLEM_METHOD;
        reply_add_header(reply, "Allow", operation->method);
    } else {
        problem = operation->run(reply, request);
    }
    if (problem) {
        refuse(reply, problem);
        log_event(_("EST %s: R-%d %s"), operation ? strrchr(operation->path, '/') + 1 : "?",
                  (int)problem, problem_told(problem));
    }
}
