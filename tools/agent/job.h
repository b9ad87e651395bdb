/* SPDX-License-Identifier: Apache-2.0 */
/* The agent's calls to the RA about its job (docs/ra.md, "The agent's calls"). */
#ifndef AGENT_JOB_H
#define AGENT_JOB_H

#include "common/ra_config.h"
#include "launch.h"

#include <certenroll/context.h>

#include <stdint.h>

#define JOB_TOKEN_MAX 256 /* bytes */
#define JOB_NAME_MAX 64   /* of a common name, RFC 5280's upper bound */
#define JOB_DIGITS 6

/* In locked memory. */
struct job {
    certenroll_context *context;
    const struct ra_place *place;
    char id[LAUNCH_DIGITS + 1];
    char token[JOB_TOKEN_MAX + 1];
    char number[JOB_DIGITS + 1]; /* what page and agent both show */
    char name[JOB_NAME_MAX + 1]; /* the certificate's: letters, digits, " ._-@" */
    int64_t expires;
};

/* Gives the launch file's code, which is spent by that. *out is freed by job_free(). */
int job_redeem(struct job **out, certenroll_context *context, const struct ra_place *place,
               const struct launch *launch, struct failure *failure);

/* Asks every two seconds until the person has pressed Execute on the page. A network that fails is
 * waited for, too. CERTENROLL_E_CANCELLED: by the page, by time, by Ctrl-C. */
int job_wait(struct job *job, struct failure *failure);

/* Tells the RA that nothing comes of it. That it could not be told changes nothing. */
void job_fail(const struct job *job, int status);

void job_free(struct job *job); /* NULL is allowed */

#endif
