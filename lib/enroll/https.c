/* SPDX-License-Identifier: Apache-2.0 */
/* One HTTPS exchange for an application, made as the library's own are. */
#include "base/message.h"
#include "base/option_struct.h"
#include "base/text.h"
#include "enroll/client_pair.h"
#include "protocol/http.h"
#include "protocol/url.h"

#include <certenroll/https.h>

#include <stdlib.h>
#include <string.h>

#define BODY_MAX ((size_t)64 * 1024)
#define FIELD_MAX 200

struct certenroll_https_response {
    struct http_response http;
};

/* --- what was asked --- */

/* A line end in it would begin a field of its own. */
static int check_field(const char *value, certenroll_error **error)
{
    size_t length = value ? strlen(value) : 0;

    if (length > FIELD_MAX)
        return certenroll_error_set(error, CERTENROLL_E_ARGUMENT,
                                    _("a header field is longer than %d bytes"), FIELD_MAX);
    for (size_t i = 0; i < length; i++)
        if (value[i] < ' ' || value[i] > '~')
            return certenroll_error_set(error, CERTENROLL_E_ARGUMENT,
                                        _("a header field has characters other than ASCII's"));
    return CERTENROLL_OK;
}

static int check_request(const certenroll_https_request *request, certenroll_error **error)
{
    int status = url_check_https(request->url, error);

    if (status == CERTENROLL_OK && !request->tls_anchors)
        status = certenroll_error_set(error, CERTENROLL_E_ARGUMENT, _("no trust anchor was given"));
    if (status == CERTENROLL_OK)
        status = check_field(request->content_type, error);
    if (status == CERTENROLL_OK)
        status = check_field(request->accept, error);
    if (status < 0)
        return status;
    if (request->body_length > BODY_MAX)
        return certenroll_error_set(error, CERTENROLL_E_ARGUMENT,
                                    _("the body is longer than %zu bytes"), BODY_MAX);
    if (!request->content_type && request->body_length > 0)
        return certenroll_error_set(error, CERTENROLL_E_ARGUMENT,
                                    _("the body has no content type"));
    if (!request->body && request->body_length > 0)
        return certenroll_error_set(error, CERTENROLL_E_ARGUMENT,
                                    _("a body was announced, and none given"));
    return request->token ? ce_id_check(request->id, request->id_length, error) : CERTENROLL_OK;
}

/* --- the exchange --- */

static int send_request(struct http_response *response, certenroll_context *context,
                        const certenroll_https_request *request, certenroll_error **error)
{
    struct ca_endpoint endpoint = { .context = context, .tls_anchors = request->tls_anchors };
    /* The body is sent from where it lies: no copy of what may be a password. */
    const struct http_request http = {
        .url = request->url,
        .content_type = request->content_type,
        .accept = request->accept ? request->accept : "*/*",
        .body = { (unsigned char *)(uintptr_t)request->body, request->body_length },
        .bearer = request->bearer,
        .stay = 1,
    };
    struct ce_client_pair pair = { 0 };
    int status = CERTENROLL_OK;

    if (request->token)
        status = ce_client_pair_open(&pair, request->token, request->id, request->id_length, error);
    ce_client_pair_use(&pair, &endpoint);
    if (status == CERTENROLL_OK)
        status = http_exchange(response, &endpoint, &http, error);
    ce_client_pair_clear(&pair);
    return status;
}

static void keep_type_alone(char *type)
{
    size_t length = strcspn(type, "; \t");

    type[length] = '\0';
    for (size_t i = 0; i < length; i++)
        type[i] = (char)ce_text_lower((unsigned char)type[i]);
}

int certenroll_https_exchange(certenroll_https_response **out, certenroll_context *context,
                              const certenroll_https_request *request, certenroll_error **error)
{
    certenroll_https_request own = CERTENROLL_HTTPS_REQUEST_INIT;
    int status = ce_options_take(&own, sizeof(own), request, error);

    *out = NULL;
    if (status == CERTENROLL_OK)
        status = check_request(&own, error);
    if (status != CERTENROLL_OK)
        return status;
    *out = calloc(1, sizeof(**out));
    if (!*out)
        return certenroll_error_set_memory(error);
    status = send_request(&(*out)->http, context, &own, error);
    if (status == CERTENROLL_OK) {
        keep_type_alone((*out)->http.content_type);
        return CERTENROLL_OK;
    }
    certenroll_https_response_free(*out);
    *out = NULL;
    return status;
}

/* --- the answer --- */

long certenroll_https_response_status(const certenroll_https_response *response)
{
    return response->http.status;
}

int64_t certenroll_https_response_retry_at(const certenroll_https_response *response)
{
    return response->http.retry_at;
}

const char *certenroll_https_response_type(const certenroll_https_response *response)
{
    return response->http.content_type;
}

const void *certenroll_https_response_body(const certenroll_https_response *response,
                                           size_t *length)
{
    *length = response->http.body.length;
    return response->http.body.data ? (const void *)response->http.body.data : "";
}

void certenroll_https_response_free(certenroll_https_response *response)
{
    if (!response)
        return;
    http_response_clear(&response->http);
    free(response);
}
