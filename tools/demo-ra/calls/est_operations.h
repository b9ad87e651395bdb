/* SPDX-License-Identifier: Apache-2.0 */
/* EST (RFC 7030): cacerts, csrattrs, simpleenroll, simplereenroll; and what else is asked for at
 * EST's host. */
#ifndef DEMO_RA_EST_OPERATIONS_H
#define DEMO_RA_EST_OPERATIONS_H

#include "http/http_request.h"
#include "http/reply.h"

void est_answer(struct reply *reply, const struct request *request);

#endif
