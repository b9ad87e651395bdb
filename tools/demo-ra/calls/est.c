/* SPDX-License-Identifier: Apache-2.0 */
#include "calls/est.h"

#include "base/diagnostics.h"
#include "calls/basic_auth.h"
#include "calls/crl.h"
#include "calls/job_api.h"
#include "calls/revoke.h"
#include "common/message.h"
#include "rules/enrol.h"

#include <openssl/evp.h>

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define EST_PATH "/.well-known/est/"

static const struct refusal not_found = { 404, "There is no such operation.",
                                          "その操作はありません。" };
static const struct refusal too_large = { 413, "The request is too large.",
                                          "要求が大きすぎます。" };
static const struct refusal wrong_method = { 405, "This operation needs another method.",
                                             "この操作には別のメソッドが必要です。" };
static const struct refusal wrong_type = {
    415, "The request's Content-Type must be application/pkcs10.",
    "要求のContent-Typeはapplication/pkcs10でなければなりません。"
};
static const struct refusal not_base64 = { 400, "The request is not base64.",
                                           "要求がBase64形式ではありません。" };

static void refuse(struct reply *reply, const struct refusal *refusal)
{
    reply->status = refusal->http_status;
    reply->content_type = "text/plain; charset=utf-8";
    text_addf(&reply->body, "%s / %s\n", refusal->english, refusal->japanese);
    if (refusal->http_status == 401)
        reply_add_header(reply, "WWW-Authenticate",
                         "Basic realm=\"Demo Bank RA\", charset=\"UTF-8\"");
}

/* On one line, with a length: some clients read neither wrapped base64 nor chunks. */
static void send_certificates(struct reply *reply, const struct request *request, X509 *leaf)
{
    char *encoded = issuer_certs_only(&request->ra->issuer, leaf);

    if (!encoded) {
        refuse(reply, &refusal_internal);
        return;
    }
    reply->status = 200;
    reply->content_type = "application/pkcs7-mime; smime-type=certs-only";
    reply_add_header(reply, "Content-Transfer-Encoding", "base64");
    text_add(&reply->body, encoded);
    free(encoded);
}

/* RFC 9110 §5.6.7; strftime would name day and month in the operator's language. */
static void http_date(char *out, size_t size, int64_t when)
{
    static const char days[][4] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" };
    static const char months[][4] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
    time_t seconds = (time_t)when;
    struct tm utc;

    gmtime_r(&seconds, &utc);
    snprintf(out, size, "%s, %02d %s %d %02d:%02d:%02d GMT", days[utc.tm_wday], utc.tm_mday,
             months[utc.tm_mon], utc.tm_year + 1900, utc.tm_hour, utc.tm_min, utc.tm_sec);
}

/* By the computer's clock, as the Date field: --clock-offset is for certificates. */
static void send_wait(struct reply *reply, const struct ra *ra, int64_t wait)
{
    char value[REPLY_HEADER_SIZE];

    if (ra->retry_after_date)
        http_date(value, sizeof(value), (int64_t)time(NULL) + wait);
    else
        snprintf(value, sizeof(value), "%lld", (long long)wait);
    reply->status = 202;
    reply->content_type = "text/plain; charset=utf-8";
    reply_add_header(reply, "Retry-After", value);
    text_add(&reply->body, "The request is being looked at. / 要求を審査しています。\n");
}

static void send_enrolled(struct reply *reply, const struct request *request,
                          const struct enrolled *enrolled)
{
    if (enrolled->certificate)
        send_certificates(reply, request, enrolled->certificate);
    else
        send_wait(reply, request->ra, enrolled->wait);
}

/* --- the request's body --- */

/* The body without white space, NUL-terminated. */
static char *squeeze(const unsigned char *body, size_t length)
{
    char *squeezed = malloc(length + 1);
    size_t used = 0;

    if (!squeezed)
        return NULL;
    for (size_t i = 0; i < length; i++)
        if (!isspace(body[i]))
            squeezed[used++] = (char)body[i];
    squeezed[used] = '\0';
    return squeezed;
}

/* Bounded by the server's limit on bodies. NULL when it is not base64; freed by the caller. */
static unsigned char *decode_base64(const struct request *request, size_t *length)
{
    char *text = squeeze(request->body, request->body_length);
    size_t size = text ? strlen(text) : 0;
    unsigned char *der = size > 0 && size % 4 == 0 ? malloc(size / 4 * 3) : NULL;
    int decoded = der ? EVP_DecodeBlock(der, (const unsigned char *)text, (int)size) : -1;

    *length = 0;
    if (decoded > 0)
        *length = (size_t)decoded - (text[size - 1] == '=') - (text[size - 2] == '=');
    if (*length == 0) {
        free(der);
        der = NULL;
    }
    free(text);
    return der;
}

/* Content-Transfer-Encoding is ignored: EST's bodies are base64 always (RFC 8951 §2.1). */
static const struct refusal *read_request(X509_REQ **out, const struct request *request)
{
    const struct refusal *refusal;
    unsigned char *der;
    size_t length;

    *out = NULL;
    if (!request_has_type(request, "application/pkcs10"))
        return &wrong_type;
    der = decode_base64(request, &length);
    if (!der)
        return &not_base64;
    refusal = policy_accept(out, der, length);
    free(der);
    return refusal;
}

/* --- the operations --- */

static const struct refusal *cacerts(struct reply *reply, const struct request *request)
{
    send_certificates(reply, request, NULL);
    return NULL;
}

/* No attribute is wanted (RFC 7030 §4.5.2). */
static const struct refusal *csrattrs(struct reply *reply, const struct request *request)
{
    (void)request;
    reply->status = 204;
    return NULL;
}

static const struct refusal *simpleenroll(struct reply *reply, const struct request *request)
{
    struct account account;
    struct job job;
    X509_REQ *csr = NULL;
    struct enrolled enrolled = { 0 };
    const struct refusal *refusal =
        basic_auth_check(&account, &job, request->ra, request->authorization);

    if (!refusal)
        refusal = read_request(&csr, request);
    if (!refusal)
        refusal = job.id[0] ? enrol_for_job(&enrolled, request->ra, &account, &job, csr)
                            : enrol_first(&enrolled, request->ra, &account, csr);
    if (!refusal)
        send_enrolled(reply, request, &enrolled);
    X509_free(enrolled.certificate);
    X509_REQ_free(csr);
    return refusal;
}

static const struct refusal *simplereenroll(struct reply *reply, const struct request *request)
{
    struct peer peer;
    X509_REQ *csr = NULL;
    struct enrolled enrolled = { 0 };
    const struct refusal *refusal = read_request(&csr, request);

    peer_judge(&peer, request->ra, request->session);
    if (!refusal)
        refusal = enrol_again(&enrolled, request->ra, &peer, csr);
    if (!refusal)
        send_enrolled(reply, request, &enrolled);
    X509_free(enrolled.certificate);
    X509_REQ_free(csr);
    peer_clear(&peer);
    return refusal;
}

static const struct operation {
    const char *path;
    const char *method;
    const struct refusal *(*run)(struct reply *reply, const struct request *request);
} operations[] = {
    { EST_PATH "cacerts", "GET", cacerts },
    { EST_PATH "csrattrs", "GET", csrattrs },
    { EST_PATH "simpleenroll", "POST", simpleenroll },
    { EST_PATH "simplereenroll", "POST", simplereenroll },
    { REVOKE_PATH, "POST", revoke_answer },
};

static const struct operation *find(const char *path)
{
    for (size_t i = 0; i < sizeof(operations) / sizeof(operations[0]); i++)
        if (strcmp(path, operations[i].path) == 0)
            return &operations[i];
    return NULL;
}

void est_answer(struct reply *reply, const struct request *request)
{
    const struct operation *operation = find(request->path);
    const struct refusal *refusal;

    if (job_api_answer(reply, request) || crl_answer(reply, request))
        return;
    if (request->too_large) {
        refusal = &too_large;
    } else if (!operation) {
        refusal = &not_found;
    } else if (strcmp(operation->method, request->method) != 0) {
        refusal = &wrong_method;
        reply_add_header(reply, "Allow", operation->method);
    } else {
        refusal = operation->run(reply, request);
    }
    if (refusal) {
        refuse(reply, refusal);
        log_event(_("EST %s: %u %s"), operation ? strrchr(operation->path, '/') + 1 : "?",
                  refusal->http_status,
                  operator_reads_japanese() ? refusal->japanese : refusal->english);
    }
}
