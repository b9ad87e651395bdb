/* SPDX-License-Identifier: Apache-2.0 */
/* The calls to the RA about a job (docs/ra.md, "The agent's calls"). */
#ifndef CE_RA_JOB_CALLS_H
#define CE_RA_JOB_CALLS_H

#include "ra/launch_file.h"

#define JOB_TOKEN_MAX 256 /* bytes */
#define JOB_NAME_MAX 64   /* of a common name, RFC 5280's upper bound */
#define JOB_NUMBER_DIGITS 6

/* What a launch file's code is given for. In locked memory. */
struct redeemed {
    char token[JOB_TOKEN_MAX + 1];
    char number[JOB_NUMBER_DIGITS + 1]; /* what page and program both show */
    char name[JOB_NAME_MAX + 1];        /* the certificate's: letters, digits, " ._-@" */
    int64_t expires;
};

/* Of `what` context and RA are used, and for the confirmation the token. */

/* Gives the code, which is spent by that. *out is freed by redeemed_free(). */
int job_redeem(struct redeemed **out, const certenroll_ra_collection *what,
               const struct launch_file *file, certenroll_error **error);
void redeemed_free(struct redeemed *redeemed); /* NULL is allowed */

/* 0: Execute was pressed; CERTENROLL_PENDING: not yet; CERTENROLL_E_CANCELLED: by the page, by
 * time.
 */
int job_ask_state(const certenroll_ra_collection *what, const certenroll_ra_job *job,
                  certenroll_error **error);
/* The same end when the RA never says it. */
int job_fail_expired(certenroll_error **error);

/* Over TLS with the pair, whose end of validity is the answer. */
int job_confirm(certenroll_ra_collected *pair, const certenroll_ra_collection *what,
                const certenroll_ra_job *job, certenroll_error **error);

/* Tells the RA, and with it the job's page, that nothing comes of it. That it could not be told
 * changes nothing. */
void job_tell_failure(const certenroll_ra_collection *what, const certenroll_ra_job *job,
                      int status);

#endif
