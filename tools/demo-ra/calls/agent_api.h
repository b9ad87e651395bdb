/* SPDX-License-Identifier: Apache-2.0 */
/* The agent's calls (docs/ra.md): the job, as JSON, at EST's host. */
#ifndef DEMO_RA_AGENT_API_H
#define DEMO_RA_AGENT_API_H

#include "http/http_request.h"
#include "http/reply.h"

/* Answers when the path is one of these, and returns whether it was. */
int agent_api_answer(struct reply *reply, const struct request *request);

#endif
