/* SPDX-License-Identifier: Apache-2.0 */
#include "protocol/revoke_call.h"

#include "base/base64.h"
#include "base/message.h"
#include "protocol/answer.h"
#include "protocol/http.h"
#include "protocol/url.h"
#include "x509/certs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Both values are of characters that a form needs not escape. */
static const char form[] = "certificate=%s&reason=%s";

static int compose(struct ce_buffer *body, const struct ce_buffer *certificate,
                   certenroll_revocation_reason reason, certenroll_error **error)
{
    const char *name = certenroll_revocation_reason_name(reason);
    char *encoded;
    size_t size;
    int length;

    if (!name)
        return certenroll_error_set(error, CERTENROLL_E_ARGUMENT,
                                    _("%d is no reason for a revocation"), (int)reason);
    if (certificate->length > CE_CERTS_MAX_BYTES)
        return certenroll_error_set(error, CERTENROLL_E_CERT_MALFORMED,
                                    _("the certificate is too large"));
    encoded = base64url_encode(certificate);
    size = encoded ? sizeof(form) + strlen(encoded) + strlen(name) : 0;
    body->data = size ? malloc(size) : NULL;
    length = body->data ? snprintf((char *)body->data, size, form, encoded, name) : -1;
    free(encoded);
    if (length < 0)
        return certenroll_error_set_memory(error);
    body->length = (size_t)length;
    return CERTENROLL_OK;
}

static int fail_unsupported(const struct http_response *response, certenroll_error **error)
{
    certenroll_error_set(error, CERTENROLL_E_UNSUPPORTED, _("the RA offers no revocation"));
    answer_quote(response, error);
    certenroll_error_advise(error, _("Ask the RA's operator to revoke the certificate."));
    return CERTENROLL_E_UNSUPPORTED;
}

static int read_answer(const struct http_response *response, const struct ca_endpoint *endpoint,
                       certenroll_error **error)
{
    switch (response->status) {
    case 200:
    case 204:
        return CERTENROLL_OK;
    case 404:
    case 405:
        return fail_unsupported(response, error);
    default:
        break;
    }
    if (response->status >= 400)
        return answer_refused(response, endpoint, error);
    certenroll_error_set(error, CERTENROLL_E_SERVER,
                         _("the RA's answer does not say that the certificate is revoked"));
    answer_quote(response, error);
    return CERTENROLL_E_SERVER;
}

static int post(const struct ca_endpoint *endpoint, const struct http_request *request,
                certenroll_error **error)
{
    struct http_response response = { 0 };
    int status = http_exchange(&response, endpoint, request, error);

    if (status == CERTENROLL_OK)
        status = read_answer(&response, endpoint, error);
    http_response_clear(&response);
    return status;
}

int revoke_over_https(const struct ca_endpoint *endpoint, const struct ce_buffer *certificate,
                      certenroll_revocation_reason reason, certenroll_error **error)
{
    struct ca_endpoint who = *endpoint;
    struct http_request request = { .content_type = "application/x-www-form-urlencoded",
                                    .accept = "text/plain" };
    char *url = NULL;
    int status = url_of_well_known(&url, endpoint->url, "certenroll/revoke", error);

    /* One of the two says who we are; the certificate needs no person. */
    if (who.client_certificate)
        who.username = NULL;
    request.authenticate = who.username != NULL;
    request.url = url;
    if (status == CERTENROLL_OK)
        status = compose(&request.body, certificate, reason, error);
    if (status == CERTENROLL_OK)
        status = post(&who, &request, error);
    ce_buffer_clear(&request.body);
    certenroll_buffer_free(url);
    return status;
}
