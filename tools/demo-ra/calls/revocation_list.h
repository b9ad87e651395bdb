/* SPDX-License-Identifier: Apache-2.0 */
/* The revocation list (RFC 5280 §5), signed by the issuing CA's key in its token. */
#ifndef DEMO_RA_REVOCATION_LIST_H
#define DEMO_RA_REVOCATION_LIST_H

#include "http/http_request.h"
#include "http/reply.h"

#define CRL_PATH "/crl"

/* Answers when the path is the list's, and returns whether it was. */
int crl_answer(struct reply *reply, const struct request *request);

#endif
