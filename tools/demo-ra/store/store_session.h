/* SPDX-License-Identifier: Apache-2.0 */
/* Sessions of browsers; times in seconds of the RA's clock. */
#ifndef DEMO_RA_STORE_SESSION_H
#define DEMO_RA_STORE_SESSION_H

#include "ground/token_text.h"
#include "store/store.h"

struct session_row {
    int64_t id;
    int host;
    int64_t account_id;     /* 0: none */
    int64_t certificate_id; /* 0: none */
};

/* `row->id` is set. */
enum store_result store_session_add(struct store *store, struct session_row *row,
                                    const unsigned char token_hash[TOKEN_HASH_LENGTH]);
/* One that was begun after `begun_after` and used after `used_after`, of an account that stands. */
enum store_result store_session_find(struct store *store, struct session_row *out,
                                     const unsigned char token_hash[TOKEN_HASH_LENGTH],
                                     int64_t begun_after, int64_t used_after);
/* Not for each of a page's polls: only when the last use is some seconds ago. */
enum store_result store_session_use(struct store *store, int64_t id);
enum store_result store_session_remove(struct store *store, int64_t id);
enum store_result store_session_remove_all(struct store *store, int64_t account_id);
enum store_result store_session_remove_old(struct store *store, int64_t begun_after,
                                           int64_t used_after);

#endif
