/* SPDX-License-Identifier: Apache-2.0 */
/* Jobs. What may follow what is job.c's to say; each change here names the state it starts from, so
 * that of two that race one finds nothing. */
#ifndef DEMO_RA_STORE_JOB_H
#define DEMO_RA_STORE_JOB_H

#include "base/token_text.h"
#include "store/job_record.h"
#include "store/store.h"

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
