/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/browser_session.h"

#include "base/platform.h"
#include "base/text.h"
#include "ground/token_text.h"
#include "store/store_session.h"

#include <stdio.h>
#include <string.h>

/* The CSRF token is a hash of the cookie's, and of a word that makes it another than the one in the
 * store: who reads one has not got the other. */
static int derive_csrf(char out[SESSION_TOKEN_SIZE], const char *token)
{
    unsigned char hash[TOKEN_HASH_LENGTH];
    char text[sizeof("csrf ") + SESSION_TOKEN_SIZE];
    int result;

    snprintf(text, sizeof(text), "csrf %s", token);
    result = token_text_hash(hash, text);
    ce_wipe(text, sizeof(text));
    if (result == 0)
        ce_hex(out, SESSION_TOKEN_SIZE, hash, sizeof(hash));
    return result;
}

enum store_result session_find(struct session *out, struct ra *ra, const char *token,
                               enum host host, int64_t certificate_id)
{
    unsigned char hash[TOKEN_HASH_LENGTH];
    struct session_row row;
    int64_t now = ra_now(ra);
    enum store_result result;

    memset(out, 0, sizeof(*out));
    if (!token || !token_text_is(token, SESSION_TOKEN_SIZE - 1))
        return STORE_NONE;
    if (token_text_hash(hash, token) < 0 || derive_csrf(out->csrf, token) < 0)
        return STORE_FAILED;
    result = store_session_find(ra->store, &row, hash, now - SESSION_SECONDS,
                                now - SESSION_IDLE_SECONDS);
    if (result != STORE_OK)
        return result;
    if (row.host != (int)host || row.certificate_id != certificate_id)
        return STORE_NONE;
    out->id = row.id;
    out->host = host;
    out->account_id = row.account_id;
    out->certificate_id = row.certificate_id;
    return store_session_use(ra->store, row.id);
}

enum store_result session_begin(struct session *out, struct ra *ra, enum host host,
                                int64_t account_id, int64_t certificate_id)
{
    struct session_row row = { 0, (int)host, account_id, certificate_id };
    struct account account;
    unsigned char hash[TOKEN_HASH_LENGTH];
    enum store_result result;

    *out = (struct session){ .host = host,
                             .account_id = account_id,
                             .certificate_id = certificate_id };
    if (token_text_new(out->token, sizeof(out->token)) < 0 ||
        token_text_hash(hash, out->token) < 0 || derive_csrf(out->csrf, out->token) < 0)
        return STORE_FAILED;
    result = store_begin(ra->store);
    if (result != STORE_OK)
        return result;
    if (account_id)
        result = store_account_by_id(ra->store, &account, account_id);
    if (account_id && result == STORE_OK)
        result = store_audit(ra->store, "session-begun", account.name,
                             host == HOST_LOGIN ? "login" : "entry");
    if (result == STORE_OK)
        result = store_session_add(ra->store, &row, hash);
    if (store_end(ra->store, result == STORE_OK) != STORE_OK)
        result = STORE_FAILED;
    out->id = row.id;
    return result;
}

enum store_result session_end(struct ra *ra, int64_t id)
{
    return store_session_remove(ra->store, id);
}

enum store_result session_end_all(struct ra *ra, int64_t account_id)
{
    enum store_result result = store_session_remove_all(ra->store, account_id);

    return result == STORE_FAILED ? result : STORE_OK;
}

enum store_result session_sweep(struct ra *ra)
{
    int64_t now = ra_now(ra);

    return store_session_remove_old(ra->store, now - SESSION_SECONDS, now - SESSION_IDLE_SECONDS) ==
                   STORE_FAILED
               ? STORE_FAILED
               : STORE_OK;
}
