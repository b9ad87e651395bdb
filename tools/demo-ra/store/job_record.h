/* SPDX-License-Identifier: Apache-2.0 */
/* What is known of a job, and the states it goes through (job.h). */
#ifndef DEMO_RA_JOB_RECORD_H
#define DEMO_RA_JOB_RECORD_H

#include <stdint.h>

#define JOB_ID_SIZE 33    /* 128 random bits in hexadecimal, with NUL */
#define JOB_CODE_SIZE 33  /* the same */
#define JOB_TOKEN_SIZE 65 /* 256 bits */
#define JOB_NUMBER_SIZE 7 /* six digits */

enum job_state {
    JOB_CREATED,
    JOB_REDEEMED,
    JOB_EXECUTED,
    JOB_ISSUED,
    JOB_CONFIRMED,
    JOB_CANCELLED,
    JOB_EXPIRED,
    JOB_FAILED,
    JOB_REVOKED,
};
/* "created" and so on. */
const char *job_state_name(enum job_state state);
/* Whether nothing more can come. */
int job_is_over(enum job_state state);

struct job {
    char id[JOB_ID_SIZE];
    enum job_state state;
    int64_t account_id;
    int64_t session_id;           /* the page's; 0: begun without a page */
    int64_t expires_at;           /* of the state it is in */
    char number[JOB_NUMBER_SIZE]; /* from JOB_REDEEMED on, else "" */
    int64_t certificate_id;       /* from JOB_ISSUED on, else 0 */
    char reason[32];              /* why it failed, as the agent said; else "" */
};

#endif
