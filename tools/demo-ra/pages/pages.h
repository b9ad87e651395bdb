/* SPDX-License-Identifier: Apache-2.0 */
/* The pages for people, in Japanese and English: which there are, and who may have them. */
#ifndef DEMO_RA_PAGES_H
#define DEMO_RA_PAGES_H

#include "http/http_request.h"
#include "http/reply.h"

/* Answers requests to the hosts "entry" and "login". */
void pages_answer(struct reply *reply, const struct request *request);

#endif
