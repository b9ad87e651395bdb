/* SPDX-License-Identifier: Apache-2.0 */
/* The bank tools' calls (docs/ra.md): JSON at "/api/" of the hosts "entry" and "login"; and the
 * CRL. */
#ifndef DEMO_RA_BANK_API_H
#define DEMO_RA_BANK_API_H

#include "http/http_request.h"
#include "http/reply.h"

/* Answers when the path is one of these, and returns whether it was. For the hosts "entry" and
 * "login": call it before the pages. */
int bank_api_answer(struct reply *reply, const struct request *request);

#endif
