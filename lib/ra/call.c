/* SPDX-License-Identifier: Apache-2.0 */
/* One JSON call to an RA: the request as an object, the answer as an object, the RA's errors as a
 * person reads them. */
#define _GNU_SOURCE /* asprintf */

#include "base/buffer.h"
#include "base/message.h"
#include "base/option_struct.h"
#include "base/text.h"
#include "json/strict_json.h"

#include <certenroll/https.h>
#include <certenroll/ra_json.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BODY_MAX ((size_t)16 * 1024)
#define ANSWER_DEPTH 6

/* --- the RA's own errors --- */

static int answer_status(long http_status)
{
    if (http_status == 401 || http_status == 403)
        return CERTENROLL_E_AUTHENTICATION;
    return http_status >= 400 && http_status < 500 ? CERTENROLL_E_REJECTED : CERTENROLL_E_SERVER;
}

static void take_code(char out[CERTENROLL_RA_CODE_SIZE], const json_t *refusal)
{
    static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-";
    const char *code = json_string_value(json_object_get(refusal, "code"));

    if (code && strlen(code) < CERTENROLL_RA_CODE_SIZE && code[strspn(code, allowed)] == '\0')
        memcpy(out, code, strlen(code) + 1);
}

/* In the person's language, else in the other; NULL: none. */
static const char *take_text(const json_t *refusal)
{
    /* TRANSLATORS: "en" or "ja": the language in which the RA's texts are shown. */
    const char *text = json_string_value(json_object_get(refusal, _("en")));

    return text ? text : json_string_value(json_object_get(refusal, "en"));
}

static int fail_by_answer(const certenroll_https_response *response, const json_t *answer,
                          char code[CERTENROLL_RA_CODE_SIZE], certenroll_error **error)
{
    long http_status = certenroll_https_response_status(response);
    int64_t retry_at = certenroll_https_response_retry_at(response);
    const json_t *refusal = json_object_get(answer, "error");
    const char *text = take_text(refusal);
    int status = answer_status(http_status);

    take_code(code, refusal);
    if (http_status >= 300 && http_status < 400)
        certenroll_error_set(error, status, _("the RA redirects, which is not followed"));
    else if (code[0])
        certenroll_error_set(error, status, _("the RA says no (%s)"), code);
    else
        certenroll_error_set(error, status, _("the RA says no"));
    certenroll_error_because(error, "HTTP %ld", http_status);
    certenroll_error_set_http_status(error, http_status);
    certenroll_error_set_ra_words(error, text ? text : "");
    if (retry_at && (http_status == 429 || http_status == 503))
        certenroll_error_set_retry_at(error, retry_at);
    return status;
}

/* --- the exchange --- */

static int read_answer(json_t **out, const certenroll_https_response *response,
                       char code[CERTENROLL_RA_CODE_SIZE], certenroll_error **error)
{
    long http_status = certenroll_https_response_status(response);
    const char *type = certenroll_https_response_type(response);
    json_t *answer = NULL;
    size_t length = 0;
    const char *body = certenroll_https_response_body(response, &length);
    int status = CERTENROLL_E_SERVER;

    if (strcmp(type, "application/json") == 0)
        status = strict_json_read(&answer, body, length, ANSWER_DEPTH, _("the RA's answer"),
                                  CERTENROLL_E_SERVER, http_status == 200 ? error : NULL);
    else if (http_status == 200)
        certenroll_error_set(error, status, _("the RA's answer is no JSON"));
    if (http_status != 200)
        status = fail_by_answer(response, answer, code, error);
    if (status == CERTENROLL_OK)
        *out = answer;
    else
        strict_json_free(answer);
    return status;
}

static int exchange(json_t **answer, certenroll_context *context, const certenroll_ra_call *call,
                    const struct ce_buffer *body, char code[CERTENROLL_RA_CODE_SIZE],
                    certenroll_error **error)
{
    certenroll_https_request request = CERTENROLL_HTTPS_REQUEST_INIT;
    certenroll_https_response *response = NULL;
    char *url = NULL;
    int status;

    if (asprintf(&url, "%s%s", call->origin, call->path) < 0)
        return certenroll_error_set_memory(error);
    request.url = url;
    request.tls_anchors = certenroll_ra_anchors(call->ra);
    request.content_type = "application/json";
    request.accept = "application/json";
    request.bearer = call->bearer;
    request.body = body->data;
    request.body_length = body->length;
    request.token = call->token;
    request.id = call->id;
    request.id_length = call->id_length;
    status = certenroll_https_exchange(&response, context, &request, error);
    if (status == CERTENROLL_OK)
        status = read_answer(answer, response, code, error);
    certenroll_https_response_free(response);
    free(url);
    return status;
}

int certenroll_ra_call_json(json_t **answer, certenroll_context *context,
                            const certenroll_ra_call *call, char code[CERTENROLL_RA_CODE_SIZE],
                            certenroll_error **error)
{
    certenroll_ra_call own = CERTENROLL_RA_CALL_INIT;
    char own_code[CERTENROLL_RA_CODE_SIZE];
    struct ce_buffer body;
    int status = ce_options_take(&own, sizeof(own), call, error);

    *answer = NULL;
    code = code ? code : own_code;
    code[0] = '\0';
    if (status != CERTENROLL_OK) {
        strict_json_free(call->body);
        return status;
    }
    /* In locked memory; beyond our reach are the buffers that jansson reads and writes by. */
    body.data = ce_locked_alloc(BODY_MAX);
    body.length = body.data ? json_dumpb(own.body, (char *)body.data, BODY_MAX, JSON_COMPACT) : 0;
    if (!body.data || !own.body)
        status = certenroll_error_set_memory(error);
    else if (!own.ra || !own.origin || !own.path)
        status = certenroll_error_set(error, CERTENROLL_E_ARGUMENT,
                                      _("the call says neither whom nor what to ask"));
    else if (body.length == 0 || body.length > BODY_MAX)
        status = certenroll_error_set(error, CERTENROLL_E_ARGUMENT,
                                      _("what is to be sent to the RA is too long"));
    else
        status = exchange(answer, context, &own, &body, code, error);
    strict_json_free(own.body);
    ce_locked_free(body.data, BODY_MAX);
    return status;
}

/* --- the answer --- */

const char *certenroll_ra_json_text(const json_t *answer, const char *name)
{
    const char *text = json_string_value(json_object_get(answer, name));

    return text && ce_text_is_plain(text) ? text : NULL;
}

void certenroll_ra_json_free(json_t *json)
{
    strict_json_free(json);
}
