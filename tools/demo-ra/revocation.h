/* SPDX-License-Identifier: Apache-2.0 */
/* Revocation by the certificate's owner, beside EST, and what is written down about any. */
#ifndef DEMO_RA_REVOCATION_H
#define DEMO_RA_REVOCATION_H

#include "policy.h"
#include "server.h"

#define REVOCATION_PATH "/.well-known/certenroll/revoke"

/* Revokes and adds to the audit log, in a transaction of the caller's. `account_name` NULL: the
 * operator did it. STORE_NONE: there is no such certificate that is not revoked yet. */
enum store_result revocation_record(struct store *store, const char *account_name,
                                    const char *serial, const char *reason);

/* Answers a POST of a form with the fields "certificate" (DER in base64url without padding) and
 * "reason". Whoever asks is an account, by HTTP Basic or by one of its certificates, and may name
 * any certificate that was issued to it. NULL, or why not. */
const struct refusal *revocation_answer(struct reply *reply, const struct request *request);

#endif
