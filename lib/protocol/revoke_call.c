/* SPDX-License-Identifier: Apache-2.0 */
#include "protocol/revoke_call.h"

#include "base/base64.h"
#include "base/message.h"
#include "protocol/answer.h"
#include "protocol/http.h"
#include "protocol/url.h"
#include "x509/certs.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- why --- */

static const struct {
    certenroll_revocation_reason reason;
    const char *name;
} rows[] = {
    { CERTENROLL_REVOKE_UNSPECIFIED, "unspecified" },
    { CERTENROLL_REVOKE_KEY_COMPROMISE, "keyCompromise" },
    { CERTENROLL_REVOKE_AFFILIATION_CHANGED, "affiliationChanged" },
    { CERTENROLL_REVOKE_SUPERSEDED, "superseded" },
    { CERTENROLL_REVOKE_CESSATION, "cessationOfOperation" },
    { CERTENROLL_REVOKE_PRIVILEGE_WITHDRAWN, "privilegeWithdrawn" },
};

const char *certenroll_revocation_reason_name(certenroll_revocation_reason reason)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (rows[i].reason == reason)
            return rows[i].name;
    return NULL;
}

int certenroll_revocation_reason_from_name(const char *name)
{
    for (size_t i = 0; name && i < sizeof(rows) / sizeof(rows[0]); i++)
        if (strcmp(rows[i].name, name) == 0)
            return (int)rows[i].reason;
    return -1;
}

/* --- the call --- */

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

static int read_answer(const struct http_response *response, const struct ca_endpoint *endpoint,
                       certenroll_error **error)
{
    switch (response->status) {
    case 200:
    case 204:
        return CERTENROLL_OK;
    case 404:
    case 405:
        certenroll_error_set(error, CERTENROLL_E_UNSUPPORTED, _("the RA offers no revocation"));
        answer_quote(response, error);
        certenroll_error_advise(error, _("Ask the RA's operator to revoke the certificate."));
        return CERTENROLL_E_UNSUPPORTED;
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

int revoke_over_https(const struct ca_endpoint *endpoint, const struct ce_buffer *certificate,
                      certenroll_revocation_reason reason, certenroll_error **error)
{
    struct ca_endpoint who = *endpoint;
    struct http_request request = { .content_type = "application/x-www-form-urlencoded",
                                    .accept = "text/plain" };
    struct http_response response = { 0 };
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
        status = http_exchange(&response, &who, &request, error);
    if (status == CERTENROLL_OK)
        status = read_answer(&response, &who, error);
    http_response_clear(&response);
    ce_buffer_clear(&request.body);
    certenroll_buffer_free(url);
    return status;
}
