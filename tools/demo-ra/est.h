/* SPDX-License-Identifier: Apache-2.0 */
/* EST (RFC 7030): cacerts, csrattrs, simpleenroll, simplereenroll. */
#ifndef DEMO_RA_EST_H
#define DEMO_RA_EST_H

#include "server.h"

void est_answer(struct reply *reply, const struct request *request);

#endif
