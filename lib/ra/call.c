/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE /* asprintf */

#include "common/ra_call.h"

#include "common/locked.h"
#include "common/message.h"
#include "common/strict_json.h"
#include "common/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BODY_MAX ((size_t)16 * 1024)
#define ANSWER_DEPTH 6
#define ERROR_TEXT_MAX 400 /* bytes */

/* --- the RA's own errors --- */

static int answer_status(long http_status)
{
    if (http_status == 401 || http_status == 403)
        return CERTENROLL_E_AUTHENTICATION;
    return http_status >= 400 && http_status < 500 ? CERTENROLL_E_REJECTED : CERTENROLL_E_SERVER;
}

static void take_code(char out[RA_CODE_SIZE], const json_t *error)
{
    static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-";
    const char *code = json_string_value(json_object_get(error, "code"));

    out[0] = '\0';
    if (code && strlen(code) < RA_CODE_SIZE && code[strspn(code, allowed)] == '\0')
        memcpy(out, code, strlen(code) + 1);
}

/* In the person's language, else in the other; freed by free(). */
static char *take_error_text(const json_t *error)
{
    /* TRANSLATORS: "en" or "ja": the language in which the RA's texts are shown. */
    const char *text = json_string_value(json_object_get(error, _("en")));
    char *clean;

    if (!text)
        text = json_string_value(json_object_get(error, "en"));
    clean = text_clean(text ? text : "");
    if (clean && strlen(clean) > ERROR_TEXT_MAX) {
        size_t end = ERROR_TEXT_MAX;

        while (end > 0 && ((unsigned char)clean[end] & 0xc0) == 0x80) /* within a character */
            end--;
        clean[end] = '\0';
    }
    return clean;
}

static int fail_by_answer(long http_status, const json_t *answer, char code[RA_CODE_SIZE],
                          struct failure *failure)
{
    const json_t *error = json_object_get(answer, "error");
    char *text = take_error_text(error);
    int status = answer_status(http_status);

    take_code(code, error);
    if (http_status >= 300 && http_status < 400)
        failure_set(failure, status, _("the RA redirects, which is not followed"));
    else if (code[0])
        failure_set(failure, status, _("the RA says no (%s)"), code);
    else
        failure_set(failure, status, _("the RA says no"));
    if (text && text[0])
        failure_because(failure, "%s", text);
    else
        failure_because(failure, "HTTP %ld", http_status);
    failure->http_status = http_status;
    free(text);
    return status;
}

/* --- the answer --- */

static int read_answer(json_t **out, const certenroll_https_response *response,
                       char code[RA_CODE_SIZE], struct failure *failure)
{
    long http_status = certenroll_https_response_status(response);
    const char *type = certenroll_https_response_type(response);
    struct failure none = { 0 };
    json_t *answer = NULL;
    size_t length = 0;
    const char *body = certenroll_https_response_body(response, &length);
    int status = CERTENROLL_E_SERVER;

    if (strcmp(type, "application/json") == 0)
        status = strict_json_read(&answer, body, length, ANSWER_DEPTH, _("the RA's answer"),
                                  CERTENROLL_E_SERVER, http_status == 200 ? failure : &none);
    else if (http_status == 200)
        failure_set(failure, status, "%s", _("the RA's answer is no JSON"));
    if (http_status != 200)
        status = fail_by_answer(http_status, answer, code, failure);
    if (status == CERTENROLL_OK)
        *out = answer;
    else
        strict_json_free(answer);
    return status;
}

/* --- the request --- */

/* The body in locked memory; *length is 0 when it does not fit. */
static char *write_body(size_t *length, const json_t *body)
{
    char *text = locked_new(BODY_MAX);

    *length = text ? json_dumpb(body, text, BODY_MAX, JSON_COMPACT) : 0;
    if (*length > BODY_MAX)
        *length = 0;
    return text;
}

static int exchange(json_t **answer, const struct ra_call *call, const char *url, const char *text,
                    size_t length, char code[RA_CODE_SIZE], struct failure *failure)
{
    certenroll_https_request request = CERTENROLL_HTTPS_REQUEST_INIT;
    certenroll_https_response *response = NULL;
    certenroll_error *error = NULL;
    int status;

    request.url = url;
    request.tls_anchors = call->place->anchors;
    request.content_type = "application/json";
    request.accept = "application/json";
    request.bearer = call->bearer;
    request.body = text;
    request.body_length = length;
    request.token = call->token;
    request.id = call->id;
    request.id_length = call->id_length;
    if (certenroll_https_exchange(&response, call->context, &request, &error) < 0)
        return failure_take(failure, error);
    status = read_answer(answer, response, code, failure);
    certenroll_https_response_free(response);
    return status;
}

int ra_call(json_t **answer, const struct ra_call *call, char code[RA_CODE_SIZE],
            struct failure *failure)
{
    char own_code[RA_CODE_SIZE];
    char *url = NULL, *text;
    size_t length = 0;
    int status;

    *answer = NULL;
    if (!code)
        code = own_code;
    code[0] = '\0';
    text = call->body ? write_body(&length, call->body) : NULL;
    strict_json_free(call->body);
    if (!text || asprintf(&url, "%s%s", call->origin, call->path) < 0)
        status = failure_memory(failure);
    else if (length == 0)
        status = failure_set(failure, CERTENROLL_E_ARGUMENT, "%s",
                             _("what is to be sent to the RA is too long"));
    else
        status = exchange(answer, call, url, text, length, code, failure);
    free(url);
    locked_free(text, BODY_MAX);
    return status;
}

const char *ra_answer_text(const json_t *answer, const char *name)
{
    const char *text = json_string_value(json_object_get(answer, name));
    char *clean = text ? text_clean(text) : NULL;
    int is_plain = clean && strcmp(clean, text) == 0;

    free(clean);
    return is_plain ? text : NULL;
}
