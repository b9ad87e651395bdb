/* SPDX-License-Identifier: Apache-2.0 */
/* HTTP Basic (RFC 7617) against the accounts. */
#ifndef DEMO_RA_BASIC_AUTH_H
#define DEMO_RA_BASIC_AUTH_H

#include "policy.h"
#include "ra.h"

/* Checks the value of an Authorization header (may be NULL). NULL when it is right; `*out` then
 * is the account. 401 is always the same text, whether the account or the password is wrong. */
const struct refusal *basic_auth_check(struct account *out, struct ra *ra,
                                       const char *authorization);

#endif
