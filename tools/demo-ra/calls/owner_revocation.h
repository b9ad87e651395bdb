/* SPDX-License-Identifier: Apache-2.0 */
/* Revocation by the certificate's owner, beside EST. */
#ifndef DEMO_RA_OWNER_REVOCATION_H
#define DEMO_RA_OWNER_REVOCATION_H

#include "ground/problem.h"
#include "http/reply.h"

#define REVOKE_PATH "/.well-known/certenroll/revoke"

/* Answers a POST of a form with the fields "certificate" (DER in base64url without padding) and
 * "reason". Whoever asks is an account, by HTTP Basic or by one of its certificates, and may name
 * any certificate that was issued to it. */
enum problem revoke_answer(struct reply *reply, const struct request *request);

#endif
