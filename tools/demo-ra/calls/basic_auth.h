/* SPDX-License-Identifier: Apache-2.0 */
/* HTTP Basic (RFC 7617): an account's name and password, or a job's id and token. */
#ifndef DEMO_RA_BASIC_AUTH_H
#define DEMO_RA_BASIC_AUTH_H

#include "ca/policy.h"
#include "rules/job.h"
#include "rules/ra.h"

/* Checks the value of an Authorization header (may be NULL). NULL when it is right; `*out` then is
 * the account. 401 is always the same text, whether the account or the password is wrong.
 * With `job`, a job's credentials do too: `job->id` is "" where none came. */
const struct refusal *basic_auth_check(struct account *out, struct job *job, struct ra *ra,
                                       const char *authorization);

#endif
