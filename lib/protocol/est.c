/* SPDX-License-Identifier: Apache-2.0 */
/* Enrolment over Secure Transport (RFC 7030, with RFC 8951). */
#include "base/message.h"
#include "base/platform.h"
#include "base/text.h"
#include "protocol/base64.h"
#include "protocol/curl.h"
#include "protocol/http.h"
#include "protocol/protocol.h"
#include "protocol/url.h"
#include "x509/certs.h"

#include <string.h>

/* Seconds until the next try where a 202 lacks the Retry-After that it must have (RFC 7030
 * §4.2.3). */
#define DEFAULT_WAIT 60

/* As much of a server's own words as a person will read. */
#define WORDS_MAX 200

void ca_answer_clear(struct ca_answer *answer)
{
    sk_X509_pop_free(answer->certs, X509_free);
    *answer = (struct ca_answer){ NULL, 0 };
}

/* --- what an answer means --- */

static size_t length_of_ending(const char *words, size_t length, const char *ending)
{
    size_t size = strlen(ending);

    return length >= size && memcmp(words + length - size, ending, size) == 0 ? size : 0;
}

/* A full stop of ours follows the words. */
static void strip_full_stops(char *words)
{
    size_t length = strlen(words);
    size_t less;

    do {
        less = length_of_ending(words, length, ".") + length_of_ending(words, length, "。") +
               length_of_ending(words, length, " ");
        length -= less;
    } while (less > 0);
    words[length] = '\0';
}

/* The server's explanation: plain text, also where it names no type (RFC 7030 §4.2.3). A page of
 * HTML is not quoted: its first characters say nothing. */
static void words_of(char *out, size_t size, const struct http_response *response)
{
    const struct libcurl *curl = libcurl_load(NULL);
    const char *type = response->content_type;
    int plain = curl && (type[0] == '\0' || curl->strnequal(type, "text/", 5));

    out[0] = '\0';
    if (plain && !curl->strnequal(type, "text/html", 9) && response->body.length > 0)
        ce_text_clean(out, size, (const char *)response->body.data, response->body.length);
    strip_full_stops(out);
}

static void quote(const struct http_response *response, certenroll_error **error)
{
    char words[WORDS_MAX + 1];

    words_of(words, sizeof(words), response);
    if (words[0])
        ce_because(error, "HTTP %ld: %s", response->status, words);
    else
        ce_because(error, "HTTP %ld", response->status);
    ce_error_set_http_status(error, response->status);
}

static int fail_authentication(long http, const struct ca_endpoint *endpoint,
                               certenroll_error **error)
{
    if (endpoint->username)
        return ce_fail(error, CERTENROLL_E_AUTHENTICATION, _("the RA refuses the account \"%s\""),
                       endpoint->username);
    if (endpoint->client_certificate)
        return ce_fail(error, CERTENROLL_E_AUTHENTICATION, _("the RA refuses our certificate"));
    if (http == 401)
        return ce_fail(error, CERTENROLL_E_AUTHENTICATION,
                       _("the RA wants an account and password"));
    return ce_fail(error, CERTENROLL_E_AUTHENTICATION, _("the RA forbids the request"));
}

/* Every HTTP status that brings no certificate and no promise of one. */
static int fail_status(const struct http_response *response, const struct ca_endpoint *endpoint,
                       certenroll_error **error)
{
    long http = response->status;
    int status;

    if (http == 401 || http == 403)
        status = fail_authentication(http, endpoint, error);
    else if (http >= 400 && http < 500)
        status = ce_fail(error, CERTENROLL_E_REJECTED, _("the RA refuses the request"));
    else if (http >= 500)
        status = ce_fail(error, CERTENROLL_E_SERVER, _("the RA failed"));
    else
        status = ce_fail(error, CERTENROLL_E_SERVER, _("the RA's answer is not one of EST"));
    quote(response, error);
    if (http == 404)
        ce_advise(error, _("Check the EST address, or ask the RA's operator."));
    return status;
}

static int read_certs(STACK_OF(X509) **out, const struct http_response *response,
                      certenroll_error **error)
{
    struct ce_buffer der;
    int status = base64_decode(&der, &response->body);

    if (status == CERTENROLL_E_MEMORY)
        return ce_fail_memory(error);
    if (status != CERTENROLL_OK) {
        ce_fail(error, CERTENROLL_E_CERT_MALFORMED, _("the RA's answer is not base64"));
        ce_because(error, _("it calls itself \"%s\""), response->content_type);
        ce_error_set_http_status(error, response->status);
        return CERTENROLL_E_CERT_MALFORMED;
    }
    if (der.length > 0)
        status = ce_certs_parse(out, der.data, der.length, error);
    else
        status = ce_fail(error, CERTENROLL_E_SERVER, _("the RA's answer is empty"));
    ce_error_set_http_status(error, response->status);
    ce_buffer_clear(&der);
    return status;
}

/* --- the operations --- */

static int exchange(struct http_response *response, const struct ca_endpoint *endpoint,
                    const char *operation, struct http_request *request, certenroll_error **error)
{
    char *url = NULL;
    int status = url_of_operation(&url, endpoint->url, operation, error);

    if (status != CERTENROLL_OK)
        return status;
    request->url = url;
    status = http_exchange(response, endpoint, request, error);
    certenroll_buffer_free(url);
    return status;
}

static int est_check(const char *url, certenroll_error **error)
{
    char *operation = NULL;
    int status = url_of_operation(&operation, url, "simpleenroll", error);

    certenroll_buffer_free(operation);
    return status;
}

static int est_cacerts(STACK_OF(X509) **out, const struct ca_endpoint *endpoint,
                       certenroll_error **error)
{
    struct http_request request = { .accept = "application/pkcs7-mime" };
    struct http_response response = { 0 };
    int status = exchange(&response, endpoint, "cacerts", &request, error);

    *out = NULL;
    if (status != CERTENROLL_OK)
        return status;
    if (response.status == 200)
        status = read_certs(out, &response, error);
    else
        status = fail_status(&response, endpoint, error);
    http_response_clear(&response);
    return status;
}

static int read_answer(struct ca_answer *answer, const struct http_response *response,
                       const struct ca_endpoint *endpoint, certenroll_error **error)
{
    /* RFC 7030 has only 200, but some servers say that they created something. */
    if (response->status == 200 || response->status == 201)
        return read_certs(&answer->certs, response, error);
    if (response->status != 202)
        return fail_status(response, endpoint, error);
    answer->retry_at = response->retry_at ? response->retry_at : ce_now() + DEFAULT_WAIT;
    return CERTENROLL_PENDING;
}

static int submit(struct ca_answer *answer, const struct ca_endpoint *endpoint,
                  const char *operation, const struct ce_buffer *pkcs10, certenroll_error **error)
{
    struct http_request request = {
        .content_type = "application/pkcs10",
        .accept = "application/pkcs7-mime",
        .transfer_encoding = "base64", /* RFC 8951 §3.1 lets it go, RFC 7030 servers may want it */
        .authenticate = 1,
    };
    struct http_response response = { 0 };
    int status = base64_encode(&request.body, pkcs10, error);

    *answer = (struct ca_answer){ NULL, 0 };
    if (status != CERTENROLL_OK)
        return status;
    status = exchange(&response, endpoint, operation, &request, error);
    if (status == CERTENROLL_OK)
        status = read_answer(answer, &response, endpoint, error);
    http_response_clear(&response);
    ce_buffer_clear(&request.body);
    return status;
}

static int est_enroll(struct ca_answer *answer, const struct ca_endpoint *endpoint,
                      const struct ce_buffer *request, certenroll_error **error)
{
    return submit(answer, endpoint, "simpleenroll", request, error);
}

static int est_reenroll(struct ca_answer *answer, const struct ca_endpoint *endpoint,
                        const struct ce_buffer *request, certenroll_error **error)
{
    return submit(answer, endpoint, "simplereenroll", request, error);
}

const struct ca_protocol ca_protocol_est = {
    .name = "EST",
    .check = est_check,
    .cacerts = est_cacerts,
    .enroll = est_enroll,
    .reenroll = est_reenroll,
};
