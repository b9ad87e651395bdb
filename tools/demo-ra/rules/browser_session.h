/* SPDX-License-Identifier: Apache-2.0 */
/* Browser sessions, in the store, so that they outlive a restart. The cookie is 256 random bits;
 * the store has its hash. A session belongs to one host; on "login" also to the certificate it was
 * begun with. */
#ifndef DEMO_RA_BROWSER_SESSION_H
#define DEMO_RA_BROWSER_SESSION_H

#include "ground/problem.h"
#include "http/http_request.h"
#include "rules/peer.h"
#include "rules/ra.h"

#define SESSION_TOKEN_SIZE 65 /* hexadecimal, with NUL */
#define SESSION_IDLE_SECONDS 900
#define SESSION_SECONDS 28800

struct session {
    int64_t id;
    char token[SESSION_TOKEN_SIZE]; /* of a new one, for the cookie; else "" */
    char csrf[SESSION_TOKEN_SIZE];
    enum host host;
    int64_t account_id;     /* 0: not logged on yet; then it is there for the CSRF token alone */
    int64_t certificate_id; /* on "login": the one presented; else 0 */
};

/* The session of this cookie on this host, with this certificate; STORE_NONE: none, or over.
 * `token` may be NULL. Counts as use. */
enum store_result session_find(struct session *out, struct ra *ra, const char *token,
                               enum host host, int64_t certificate_id);
/* A new one; its token is for the cookie. At logon one is always begun anew and the former ended,
 * so that nobody can have fixed it beforehand. */
enum store_result session_begin(struct session *out, struct ra *ra, enum host host,
                                int64_t account_id, int64_t certificate_id);
enum store_result session_end(struct ra *ra, int64_t id);
/* All of an account: its password or certificate has changed. */
enum store_result session_end_all(struct ra *ra, int64_t account_id);
/* Forgets those that are over. */
enum store_result session_sweep(struct ra *ra);

#endif
