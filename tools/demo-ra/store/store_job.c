/* SPDX-License-Identifier: Apache-2.0 */
#include "store/store_job.h"

#include "store/store_clock.h"
#include "store/store_query.h"

#include <string.h>

static const char *const state_names[] = {
    [JOB_CREATED] = "created", [JOB_REDEEMED] = "redeemed",   [JOB_EXECUTED] = "executed",
    [JOB_ISSUED] = "issued",   [JOB_CONFIRMED] = "confirmed", [JOB_CANCELLED] = "cancelled",
    [JOB_EXPIRED] = "expired", [JOB_FAILED] = "failed",       [JOB_REVOKED] = "revoked",
};

const char *job_state_name(enum job_state state)
{
    return state_names[state];
}

int job_is_over(enum job_state state)
{
    return state >= JOB_CONFIRMED;
}

#define HASH_OR_NULL(has, hash)                                                                    \
    ((struct value){ (has) ? VALUE_BLOB : VALUE_NULL, 0, (hash), TOKEN_HASH_LENGTH })
#define TEXT_OR_NULL(text) TEXT((text)[0] ? (text) : NULL)

enum store_result store_job_add(struct store *store, const struct job_row *row)
{
    const struct job *job = &row->job;

    return store_change(store,
                        "INSERT INTO job(name, account, session, state, code_hash, token_hash,"
                        " begun_at, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                        VALUES(TEXT(job->id), INTEGER(job->account_id),
                               INTEGER_OR_NULL(job->session_id), TEXT(job_state_name(job->state)),
                               HASH_OR_NULL(row->has_code, row->code_hash),
                               HASH_OR_NULL(row->has_token, row->token_hash),
                               INTEGER(store_now(store)), INTEGER(job->expires_at)));
}

static int take_hash(unsigned char out[TOKEN_HASH_LENGTH], sqlite3_stmt *statement, int column)
{
    const void *hash = sqlite3_column_blob(statement, column);

    if (!hash || sqlite3_column_bytes(statement, column) != TOKEN_HASH_LENGTH)
        return 0;
    memcpy(out, hash, TOKEN_HASH_LENGTH);
    return 1;
}

static void take_row(struct job_row *out, sqlite3_stmt *statement)
{
    struct job *job = &out->job;
    const char *state = (const char *)sqlite3_column_text(statement, 3);

    store_take_text(job->id, sizeof(job->id), statement, 0);
    job->account_id = sqlite3_column_int64(statement, 1);
    job->session_id = sqlite3_column_int64(statement, 2);
    job->state = JOB_CREATED;
    while (job->state < JOB_REVOKED && (!state || strcmp(state, state_names[job->state]) != 0))
        job->state++;
    job->expires_at = sqlite3_column_int64(statement, 4);
    store_take_text(job->number, sizeof(job->number), statement, 5);
    job->certificate_id = sqlite3_column_int64(statement, 6);
    store_take_text(job->reason, sizeof(job->reason), statement, 7);
    out->has_code = take_hash(out->code_hash, statement, 8);
    out->has_token = take_hash(out->token_hash, statement, 9);
    out->wrong_codes = sqlite3_column_int(statement, 10);
    out->made_certificate = sqlite3_column_int(statement, 11);
}

static enum store_result find_job(struct store *store, struct job_row *out, const char *sql,
                                  const struct value *value)
{
    sqlite3_stmt *statement;
    enum store_result result = store_start(store, &statement, sql, value, 1);

    memset(out, 0, sizeof(*out));
    if (result == STORE_OK)
        take_row(out, statement);
    return store_finish(store, statement, result);
}

#define SELECT_JOB                                                                                 \
    "SELECT name, account, session, state, expires_at, number, certificate, reason, code_hash,"    \
    " token_hash, wrong_codes, made_certificate FROM job WHERE "
#define OPEN "state IN ('created', 'redeemed', 'executed', 'issued')"

enum store_result store_job_find(struct store *store, struct job_row *out, const char *id)
{
    return find_job(store, out, SELECT_JOB "name = ?", &TEXT(id));
}

enum store_result store_job_by_token(struct store *store, struct job_row *out,
                                     const unsigned char token_hash[TOKEN_HASH_LENGTH])
{
    return find_job(store, out, SELECT_JOB "token_hash = ?", &BLOB(token_hash, TOKEN_HASH_LENGTH));
}

enum store_result store_job_by_session(struct store *store, struct job_row *out, int64_t session_id)
{
    return find_job(store, out, SELECT_JOB "session = ? ORDER BY id DESC LIMIT 1",
                    &INTEGER(session_id));
}

enum store_result store_job_open(struct store *store, struct job_row *out, int64_t account_id)
{
    return find_job(store, out, SELECT_JOB "account = ? AND " OPEN, &INTEGER(account_id));
}

enum store_result store_job_expired(struct store *store, struct job_row *out, int64_t now)
{
    return find_job(store, out, SELECT_JOB OPEN " AND expires_at <= ? LIMIT 1", &INTEGER(now));
}

enum store_result store_job_awaits_none(struct store *store, int64_t certificate_id)
{
    return store_none(store,
                      "SELECT 1 FROM job WHERE certificate = ? AND made_certificate <> 0"
                      " AND state = 'issued'",
                      VALUES(INTEGER(certificate_id)));
}

enum store_result store_job_move(struct store *store, const struct job_row *row,
                                 enum job_state from)
{
    const struct job *job = &row->job;

    return store_change(
        store,
        "UPDATE job SET state = ?3, expires_at = ?4, number = ?5, token_hash = ?6,"
        " certificate = ?7, made_certificate = ?8, reason = ?9"
        " WHERE name = ?1 AND state = ?2",
        VALUES(TEXT(job->id), TEXT(job_state_name(from)), TEXT(job_state_name(job->state)),
               INTEGER(job->expires_at), TEXT_OR_NULL(job->number),
               HASH_OR_NULL(row->has_token, row->token_hash), INTEGER_OR_NULL(job->certificate_id),
               INTEGER(row->made_certificate), TEXT_OR_NULL(job->reason)));
}

enum store_result store_job_count_wrong(struct store *store, const char *id)
{
    return store_change(store, "UPDATE job SET wrong_codes = wrong_codes + 1 WHERE name = ?",
                        VALUES(TEXT(id)));
}
