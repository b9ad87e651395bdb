/* SPDX-License-Identifier: Apache-2.0 */
/* Enrolment over Secure Transport (RFC 7030, with RFC 8951). */
#include "base/base64.h"
#include "base/message.h"
#include "base/platform.h"
#include "protocol/answer.h"
#include "protocol/http.h"
#include "protocol/protocol.h"
#include "protocol/revoke_call.h"
#include "protocol/url.h"
#include "x509/certs.h"

/* Seconds until the next try where a 202 lacks the Retry-After that it must have (RFC 7030
 * §4.2.3). */
#define DEFAULT_WAIT 60

void ca_answer_clear(struct ca_answer *answer)
{
    sk_X509_pop_free(answer->certs, X509_free);
    *answer = (struct ca_answer){ 0 };
}

/* --- what an answer means --- */

static int read_certs(STACK_OF(X509) **out, const struct http_response *response,
                      certenroll_error **error)
{
    struct ce_buffer der;
    int status = ce_base64_decode(&der, &response->body);

    if (status == CERTENROLL_E_MEMORY)
        return certenroll_error_set_memory(error);
    if (status != CERTENROLL_OK) {
        certenroll_error_set(error, CERTENROLL_E_CERT_MALFORMED,
                             _("the RA's answer is not base64"));
        certenroll_error_because(error, _("it calls itself \"%s\""), response->content_type);
        certenroll_error_set_http_status(error, response->status);
        return CERTENROLL_E_CERT_MALFORMED;
    }
    if (der.length > 0)
        status = ce_certs_parse(out, der.data, der.length, error);
    else
        status = certenroll_error_set(error, CERTENROLL_E_SERVER, _("the RA's answer is empty"));
    if (status == CERTENROLL_E_CERT_MALFORMED) /* what came is nothing that a person has given */
        certenroll_error_advise(error, _("Ask the CA's operator; no certificate was written."));
    certenroll_error_set_http_status(error, response->status);
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

static int est_cacerts(struct ca_answer *answer, const struct ca_endpoint *endpoint,
                       certenroll_error **error)
{
    struct http_request request = { .accept = "application/pkcs7-mime" };
    struct http_response response = { 0 };
    int status = exchange(&response, endpoint, "cacerts", &request, error);

    *answer = (struct ca_answer){ .skew = response.skew };
    if (status != CERTENROLL_OK)
        return status;
    if (response.status == 200)
        status = read_certs(&answer->certs, &response, error);
    else
        status = answer_refused(&response, endpoint, error);
    http_response_clear(&response);
    return status;
}

static int read_answer(struct ca_answer *answer, const struct http_response *response,
                       const struct ca_endpoint *endpoint, certenroll_error **error)
{
    /* RFC 7030 has only 200, but some servers say that they created something. */
    if (response->status == 200 || response->status == 201)
        return read_certs(&answer->certs, response, error);
    answer->is_busy = answer_is_busy(response);
    if (response->status != 202 && !answer->is_busy)
        return answer_refused(response, endpoint, error);
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
    int status = ce_base64_encode(&request.body, pkcs10, error);

    *answer = (struct ca_answer){ 0 };
    if (status != CERTENROLL_OK)
        return status;
    status = exchange(&response, endpoint, operation, &request, error);
    answer->skew = response.skew;
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

/* /cacerts is there for everybody (RFC 7030 §4.1.1): what counts is the handshake on the way to it.
 * A server that verifies only after its side of a TLS 1.3 handshake has done so before it answers.
 */
static int est_prove(const struct ca_endpoint *endpoint, certenroll_error **error)
{
    struct http_request request = { .accept = "application/pkcs7-mime" };
    struct http_response response = { 0 };
    struct ca_endpoint by_certificate = *endpoint;
    int status;

    by_certificate.username = NULL;
    status = exchange(&response, &by_certificate, "cacerts", &request, error);
    if (status != CERTENROLL_OK)
        return status;
    if (response.status >= 200 && response.status < 300)
        status = response.client_proven;
    else
        status = answer_refused(&response, &by_certificate, error);
    http_response_clear(&response);
    return status;
}

const struct ca_protocol ca_protocol_est = {
    .name = "EST",
    .check = est_check,
    .cacerts = est_cacerts,
    .enroll = est_enroll,
    .reenroll = est_reenroll,
    .prove = est_prove,
    .revoke = revoke_over_https,
};
