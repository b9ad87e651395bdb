/* SPDX-License-Identifier: Apache-2.0 */
/* The pages' style sheet, script and icon, which the build has put into the program. */
#ifndef DEMO_RA_ASSETS_H
#define DEMO_RA_ASSETS_H

#include "http/reply.h"
#include "http/request.h"

/* Answers a GET of one of them, on either host, and returns whether it was. */
int assets_answer(struct reply *reply, const struct request *request);

#endif
