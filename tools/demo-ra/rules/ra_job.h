/* SPDX-License-Identifier: Apache-2.0 */
/* One collection of one certificate, from the launch file to the confirmation (docs/ra.md, "The
 * job"). What time has ended is found so by whoever looks first. */
#ifndef DEMO_RA_RA_JOB_H
#define DEMO_RA_RA_JOB_H

#include "ground/problem.h"
#include "rules/ra.h"
#include "store/store_job.h"

#define JOB_SECONDS 600    /* for each of: redeem and execute, enrol, confirm */
#define JOB_WRONG_CODES 10 /* end it */

/* --- the page's --- */

/* Ends the account's open job, in a transaction of the caller's. */
enum store_result job_end_all(struct ra *ra, const struct account *account);

/* A new job for the account; the one before it ends, unless it has been executed: PROBLEM_JOB_OVER.
 * Where the account may not collect: PROBLEM_NO_ORDER, PROBLEM_ORDER_LATER.
 * `code` is for the launch file and is nowhere else. */
enum problem job_create(struct job *out, char code[JOB_CODE_SIZE], struct ra *ra,
                        int64_t account_id, int64_t session_id);
/* The session's newest; STORE_NONE: it has begun none. */
enum store_result job_of_session(struct job *out, struct ra *ra, int64_t session_id);
/* PROBLEM_JOB_OVER when it is not JOB_REDEEMED, or not the session's. */
enum problem job_execute(struct ra *ra, const char *id, int64_t session_id);
/* In any state that is not over; a certificate that was issued is revoked. */
enum problem job_cancel(struct ra *ra, const char *id, int64_t session_id);

/* --- the agent's --- */

/* Once, for whoever has the code. Two that race: one wins. PROBLEM_JOB_OVER for everything else. */
enum problem job_redeem(struct job *out, char token[JOB_TOKEN_SIZE], struct ra *ra, const char *id,
                        const char *code);
/* A job in JOB_EXECUTED with its token, for a program that has the password itself. Where there is
 * one already that was begun so, it is the same job again under another token: the program may have
 * died in the middle. */
enum problem job_begin_executed(struct job *out, char token[JOB_TOKEN_SIZE], struct ra *ra,
                                int64_t account_id);
/* Whether it would be the same job under another token: one that such a program has begun and that
 * is not over. Its order may be used up already. */
enum problem job_can_take_over(int *out, struct ra *ra, int64_t account_id);
/* The job of this bearer token. */
enum problem job_by_token(struct job *out, struct ra *ra, const char *token);
/* `reason` is at most 31 characters; a certificate that was issued is revoked. */
enum problem job_fail(struct ra *ra, const struct job *job, const char *reason);
/* `certificate_id` is of the certificate that the connection was made with;
 * PROBLEM_CERTIFICATE_OTHER when it is not the job's. */
enum problem job_confirm(struct ra *ra, const struct job *job, int64_t certificate_id);

/* --- EST's --- */

/* The job with this id and token, as HTTP Basic brings them, while it may have a certificate
 * (JOB_EXECUTED, or JOB_ISSUED for the same key again). */
enum problem job_by_credentials(struct job *out, struct ra *ra, const char *id, const char *token);
/* In a transaction: the job as it is by now, and whether it still may have one. */
enum problem job_still(struct job *out, struct ra *ra, const struct job *job);
/* In a transaction: its certificate is revoked, and it is JOB_EXECUTED again. The agent may have
 * lost the key. */
enum store_result job_take_back(struct ra *ra, const struct job *job);
/* In the transaction in which the certificate is recorded; the order is used up. `made` 0: the
 * certificate was there before, and stays when the job comes to nothing. */
enum store_result job_issued(struct ra *ra, const struct job *job, int64_t certificate_id,
                             int made);

/* --- the clock's --- */

/* Ends what time has ended: jobs that have expired, and certificates that were not confirmed are
 * revoked. Called by the server about every second, and before each look at a job. */
enum store_result job_sweep(struct ra *ra);

#endif
