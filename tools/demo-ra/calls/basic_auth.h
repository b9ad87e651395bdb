/* SPDX-License-Identifier: Apache-2.0 */
/* HTTP Basic (RFC 7617): an account's name and password, or a job's id and token. */
#ifndef DEMO_RA_BASIC_AUTH_H
#define DEMO_RA_BASIC_AUTH_H

#include "rules/ra_job.h"

/* Checks the value of an Authorization header (may be NULL): PROBLEM_NONE when it is right; `*out`
 * then is the account. PROBLEM_WRONG_PASSWORD, whether the account or the password is wrong,
 * PROBLEM_LOCKED, PROBLEM_CREDENTIALS_NONE.
 * With `job`, a job's credentials do too (PROBLEM_JOB_OVER): `job->id` is "" where none came. */
enum problem basic_auth_check(struct account *out, struct job *job, struct ra *ra,
                              const char *authorization);

#endif
