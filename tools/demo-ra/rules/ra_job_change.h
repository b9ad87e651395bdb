/* SPDX-License-Identifier: Apache-2.0 */
/* What ra_job.c and ra_job_agent.c share: steps of a job within a transaction. */
#ifndef DEMO_RA_RA_JOB_CHANGE_H
#define DEMO_RA_RA_JOB_CHANGE_H

#include "rules/ra_job.h"
#include "store/store_job.h"
#include "store/store_order.h"

/* Begins a transaction in which nothing is open that time has ended. */
enum problem job_transaction(struct ra *ra);
/* Keeps it, unless the problem is PROBLEM_FAILED: a refusal may have been counted. Returns the
 * problem, or PROBLEM_FAILED. */
enum problem job_transaction_end(struct ra *ra, enum problem problem);

/* The job, and whose it is. */
enum store_result job_find(struct job_row *row, struct account *account, struct ra *ra,
                           const char *id);
/* Adds the job, under a new id, and ends the one before it. */
enum problem job_add(struct ra *ra, struct job_row *row);
/* On to the next state, with a line in the audit log. STORE_NONE: somebody else was quicker. */
enum store_result job_move(struct ra *ra, struct job_row *row, enum job_state to,
                           const char *account_name, const char *detail);
/* A certificate that it has made is revoked, and the order for it is open again: what nobody has
 * confirmed is nobody's. */
enum store_result job_revoke_made(struct ra *ra, const struct job_row *row,
                                  const char *account_name);
/* The end of one that is not over, with job_revoke_made(). */
enum store_result job_end(struct ra *ra, struct job_row *row, enum job_state to);

#endif
