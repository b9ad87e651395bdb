/* SPDX-License-Identifier: Apache-2.0 */
/* Jobs. What may follow what is ra_job.c's to say; each change here names the state it starts from,
 * so that of two that race one finds nothing. */
#ifndef DEMO_RA_STORE_JOB_H
#define DEMO_RA_STORE_JOB_H

#include "ground/token_text.h"
#include "store/store.h"

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

struct job_row {
    struct job job;
    int has_code;
    unsigned char code_hash[TOKEN_HASH_LENGTH];
    int has_token;
    unsigned char token_hash[TOKEN_HASH_LENGTH];
    int wrong_codes;
    int made_certificate; /* 0: job.certificate_id was there before the job */
};

enum store_result store_job_add(struct store *store, const struct job_row *row);
enum store_result store_job_find(struct store *store, struct job_row *out, const char *id);
enum store_result store_job_by_token(struct store *store, struct job_row *out,
                                     const unsigned char token_hash[TOKEN_HASH_LENGTH]);
/* The newest. */
enum store_result store_job_by_session(struct store *store, struct job_row *out,
                                       int64_t session_id);
/* The one that is not over. */
enum store_result store_job_open(struct store *store, struct job_row *out, int64_t account_id);
/* Any that is not over though its time is. */
enum store_result store_job_expired(struct store *store, struct job_row *out, int64_t now);
/* STORE_EXISTS while a job that has made the certificate waits for its confirmation. */
enum store_result store_job_awaits_none(struct store *store, int64_t certificate_id);

/* On from the state `from` to that of `row`, with its number, token, certificate, reason and end
 * of time. STORE_NONE: it is in another state. */
enum store_result store_job_move(struct store *store, const struct job_row *row,
                                 enum job_state from);
enum store_result store_job_count_wrong(struct store *store, const char *id);

#endif
