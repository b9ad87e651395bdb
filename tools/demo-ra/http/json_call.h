/* SPDX-License-Identifier: Apache-2.0 */
/* Calls of programs (docs/ra.md): a POST of one JSON object with exactly the members that the call
 * has, answered by another; and what goes wrong, in both languages. */
#ifndef DEMO_RA_JSON_CALL_H
#define DEMO_RA_JSON_CALL_H

#include "ground/problem.h"
#include "http/reply.h"

#include <jansson.h>

#define JSON_CALL_MEMBERS 5

/* What was asked. */
struct json_call {
    const struct request *request;
    const char *members[JSON_CALL_MEMBERS]; /* texts, in the call's order; NULL: left out */
};

/* What came of it. */
struct fault {
    enum problem problem;
    const char *field;    /* of PROBLEM_FIELD */
    int64_t effective_at; /* of PROBLEM_ORDER_LATER */
};
#define FAULT(problem) ((struct fault){ (problem), NULL, 0 })
/* None, but that there may have been no memory for the answer. */
#define FAULT_WITHOUT(answer) FAULT((answer) ? PROBLEM_NONE : PROBLEM_FAILED)
#define FAULT_FIELD(field) ((struct fault){ PROBLEM_FIELD, (field), 0 })

struct json_operation {
    enum host host;
    const char *path;
    int versioned;                          /* has "version": 1, too */
    const char *optional;                   /* a member that may be left out; NULL: none */
    const char *members[JSON_CALL_MEMBERS]; /* all of them texts */
    /* `*answer` stays NULL where there is a fault. */
    struct fault (*run)(json_t **answer, const struct json_call *call);
};

/* The JSON as the reply, none where `answer` is NULL for want of memory; frees it, wiped. */
void json_send_new(struct reply *reply, unsigned status, json_t *answer);
/* Answers, and writes a line of the log where something is wrong. */
void json_call_answer(struct reply *reply, const struct request *request,
                      const struct json_operation *operations, size_t count);

#endif
