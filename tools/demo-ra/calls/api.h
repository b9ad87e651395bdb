/* SPDX-License-Identifier: Apache-2.0 */
/* The bank tools' calls (docs/ra.md): JSON at "/api/" of the hosts "entry" and "login"; and the
 * CRL. */
#ifndef DEMO_RA_API_H
#define DEMO_RA_API_H

#include "http/reply.h"
#include "http/request.h"

/* Answers when the path is one of these, and returns whether it was. For the hosts "entry" and
 * "login": call it before the pages. */
int api_answer(struct reply *reply, const struct request *request);

#endif
