/* SPDX-License-Identifier: Apache-2.0 */
#include "http/json_call.h"

#include "base/platform.h"
#include "common/tool_message.h"
#include "ground/diagnostics.h"
#include "ground/japan_time.h"
#include "json/strict_json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BODY_MAX 4096

/* --- the answer --- */

void json_send_new(struct reply *reply, unsigned status, json_t *answer)
{
    char *text = answer ? json_dumps(answer, JSON_COMPACT) : NULL;

    reply->status = status;
    reply->content_type = "application/json";
    if (text) {
        text_add(&reply->body, text);
        ce_wipe(text, strlen(text)); /* there may be a token in it */
    } else {
        text_spoil(&reply->body);
    }
    free(text);
    strict_json_free(answer);
}

/* What happened, its particulars, and what to do, as one text. */
static json_t *fault_text(const struct fault *fault, enum language language)
{
    const struct problem_text *text = problem_text(fault->problem);
    const char *space = language == LANGUAGE_EN ? " " : "";
    char particulars[JAPAN_MOMENT_SIZE + 64] = "";
    char moment[JAPAN_MOMENT_SIZE];

    if (fault->field) {
        snprintf(particulars, sizeof(particulars), language == LANGUAGE_EN ? "(%.40s)" : "(%.40s)",
                 fault->field);
    } else if (fault->effective_at) {
        japan_moment(moment, fault->effective_at, language == LANGUAGE_JA);
        snprintf(particulars, sizeof(particulars),
                 language == LANGUAGE_EN ? "It does on %s." : "有効になる日時は%sです。", moment);
    }
    return json_sprintf("%s%s%s%s%s", text->title[language], space, particulars,
                        particulars[0] ? space : "", text->advice[language]);
}

/* `path` is a call's own: what a stranger has asked for could be a line of the log by its look. */
static void send_fault(struct reply *reply, const char *path, const struct fault *fault)
{
    const struct problem_text *text = problem_text(fault->problem);
    json_t *answer =
        json_pack("{s:{s:o, s:o, s:o}}", "error", "code", json_sprintf("R-%d", (int)text->problem),
                  "en", fault_text(fault, LANGUAGE_EN), "ja", fault_text(fault, LANGUAGE_JA));

    json_send_new(reply, text->http_status, answer);
    if (text->problem == PROBLEM_METHOD)
        reply_add_header(reply, "Allow", "POST");
    log_event(_("call %s: R-%d %s"), path, (int)text->problem, problem_told(fault->problem));
}

/* --- the question --- */

/* The name of the member that is wrong, NULL when none is. */
static const char *take_members(struct json_call *call, const struct json_operation *operation,
                                const json_t *body)
{
    size_t count = 0;

    for (size_t i = 0; i < JSON_CALL_MEMBERS && operation->members[i]; i++) {
        const char *name = operation->members[i];
        const json_t *member = json_object_get(body, name);

        if (!member && operation->optional && strcmp(operation->optional, name) == 0)
            continue;
        if (!json_is_string(member))
            return name;
        call->members[i] = json_string_value(member);
        count++;
    }
    if (operation->versioned) {
        const json_t *version = json_object_get(body, "version");

        if (!json_is_integer(version) || json_integer_value(version) != 1)
            return "version";
        count++;
    }
    return json_object_size(body) == count ? NULL : "JSON";
}

static struct fault operate(json_t **answer, const struct json_operation *operation,
                            const struct request *request)
{
    struct json_call call = { .request = request };
    struct fault fault;
    const char *wrong;
    json_t *body = NULL;

    if (strcmp(request->method, "POST") != 0)
        return FAULT(PROBLEM_METHOD);
    if (request->too_large || request->body_length > BODY_MAX)
        return FAULT(PROBLEM_TOO_LARGE);
    /* Programs tell no origin; a page of another one has no business here. */
    if (request_is_foreign(request))
        return FAULT(PROBLEM_FOREIGN_REQUEST);
    if (!request_has_type(request, "application/json"))
        return FAULT_FIELD("Content-Type: application/json");
    if (strict_json_read(&body, (const char *)request->body, request->body_length, 1, "",
                         CERTENROLL_E_ARGUMENT, NULL))
        return FAULT_FIELD("JSON");
    wrong = take_members(&call, operation, body);
    fault = wrong ? FAULT_FIELD(wrong) : operation->run(answer, &call);
    strict_json_free(body);
    return fault;
}

void json_call_answer(struct reply *reply, const struct request *request,
                      const struct json_operation *operations, size_t count)
{
    struct fault fault = FAULT(PROBLEM_NOT_FOUND);
    const char *path = "?";
    json_t *answer = NULL;

    for (size_t i = 0; i < count; i++)
        if (operations[i].host == request->host && strcmp(operations[i].path, request->path) == 0) {
            path = operations[i].path;
            fault = operate(&answer, &operations[i], request);
        }
    if (fault.problem)
        send_fault(reply, path, &fault);
    else
        json_send_new(reply, 200, answer);
}
