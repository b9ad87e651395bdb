/* SPDX-License-Identifier: Apache-2.0 */
/* The open token and its sessions.
 *
 * Sessions are kept in a pool: each call takes one for itself, so that no lock is held around
 * calls that last (C_Sign, C_GenerateKeyPair). Everything that dies together (card pulled, module
 * finalized by somebody, fork) belongs to one generation: session and object handles of an older
 * one are forgotten and never given back to the module, where their numbers may by now be
 * somebody else's. */
#ifndef CE_TOKEN_SESSION_H
#define CE_TOKEN_SESSION_H

#include "base/platform.h"
#include "base/secret.h"
#include "token/token.h"
#include "token/token_info.h"

#include <stdatomic.h>

/* Sessions of our own at most; a YubiKey has 16 for everybody. */
#define CE_SESSIONS_MAX 16

struct certenroll_token {
    ce_refcount references;
    certenroll_context *context;
    struct ce_module module;
    certenroll_token_info *info; /* as it was when opened */
    _Atomic CK_SLOT_ID slot;     /* where it is now */
    struct ce_secret_source secret;
    char *pin_source;
    int module_is_named; /* by the caller or the URI, not out of p11-kit's configuration */
    int allow_final_try;

    ce_mutex *mutex; /* of all that follows; held for moments */
    struct {
        ce_condition *ended;
        int is_taken;
        uint64_t refusals; /* of the user PIN, counted */
    } login_turn;          /* login_turn.h */
    ce_condition *returned;
    CK_SESSION_HANDLE idle[CE_SESSIONS_MAX];
    size_t idle_count;
    CK_SESSION_HANDLE busy[CE_SESSIONS_MAX]; /* of this generation, in use */
    size_t busy_count;
    size_t open; /* of this generation: idle, in use, and being opened */
    size_t limit;
    uint64_t generation;
    uint64_t checked;   /* the generation in which this was known to be the same token */
    uint64_t logged_in; /* the generation in which the login was known to be made or not needed */
    uint64_t our_login; /* the generation in which it was we who logged the user in */
    uint64_t login;     /* counts the logins: with each, private objects may have other handles */
    size_t users;       /* sessions in which work is going on as the user */
    _Atomic int writes_by_officer; /* the token was found to let nobody but its SO write */
    uint64_t process;              /* ce_process_generation() of the sessions */
    /* The same of the mutexes and the condition; its complement while they are being renewed. */
    _Atomic uint64_t locks_process;
};

/* One without module, slot and info (token.c). Freed by certenroll_token_free. */
certenroll_token *ce_token_new(certenroll_context *context);
/* Makes it the one that is chosen among the tokens that match. */
typedef int (*ce_token_choice)(size_t *chosen, const certenroll_token_list *list, const char *uri,
                               certenroll_error **error);
int ce_token_find(certenroll_token *token, P11KitUri *parsed, const char *uri,
                  const char *module_path, ce_token_choice choose, certenroll_error **error);
/* CERTENROLL_E_TOKEN_NOT_FOUND for a list with none that matches. */
int ce_token_fail_none(const certenroll_token_list *list, const char *uri,
                       certenroll_error **error);
/* CERTENROLL_E_TOKEN_AMBIGUOUS, naming those with one of these flags set or not set. */
int ce_token_fail_ambiguous(const certenroll_token_list *list, const char *uri, CK_FLAGS mask,
                            CK_FLAGS flags, certenroll_error **error);

/* Before anything is locked or freed. In a forked child the parent's locks may be held by threads
 * that are not here. */
void ce_locks_follow_fork(certenroll_token *token);

/* The SO's login, as far as a session has to do with it. */
enum ce_officer {
    CE_OFFICER_IS_OUT,
    CE_OFFICER_IS_IN,   /* somebody else's doing: not ours to end */
    CE_OFFICER_IS_OURS, /* logged in by this session's work */
};

/* One session, while one thread works in it. */
struct ce_session {
    certenroll_token *token;
    CK_FUNCTION_LIST *functions;
    CK_SESSION_HANDLE handle;
    uint64_t generation;
    CK_RV rv;       /* of the call that failed in it; CKR_OK */
    int final;      /* that failure is not to be tried again */
    uint64_t login; /* the token's, as it was when the work began */
    int is_users;   /* it works as the user, who was found or known to be logged in */
    enum ce_officer officer;
};

enum ce_access {
    CE_ACCESS_PUBLIC,
    CE_ACCESS_LOGGED_IN,
    /* Generates, writes or removes objects: as the user, and as the SO on tokens that turn out to
     * want that (a PIV card wants its management key). The token says so by its answers. */
    CE_ACCESS_WRITE,
    CE_ACCESS_SO,
};

/* Work done in a session: reports failed calls by ce_session_fail. It may be called twice: again in
 * another session when the first one turned out dead, or the login lost. So it must leave a trace
 * of what it achieved in `argument` if doing it twice would be wrong. */
typedef int (*ce_session_work)(struct ce_session *session, void *argument,
                               certenroll_error **error);

/* Gets a session, logs in where that is wanted, and has the work done (session_run.c). */
int ce_session_run(certenroll_token *token, enum ce_access access, ce_session_work work,
                   void *argument, certenroll_error **error);

/* The two ends of that: a session for one thread, an idle one or a new one, and its return. */
int ce_session_acquire(struct ce_session *session, certenroll_token *token,
                       certenroll_error **error);
void ce_session_release(struct ce_session *session);

/* Non-zero when the token no longer takes the user for logged in, or the private objects' handles
 * are dead, as they are after a logout. */
int ce_session_is_lost_login(CK_RV rv);

/* Non-zero when what failed so may succeed in another session. */
int ce_session_is_worth_another(CK_RV rv);

/* Non-zero when a call that ended so left its session dead. */
int ce_session_is_lost(CK_RV rv);

/* The token's info as it is now; fails when another token is in the slot (same_token.c). */
int ce_session_token_info(CK_TOKEN_INFO *now, struct ce_session *session, certenroll_error **error);
/* The two steps of that, for where there is no session. */
CK_RV ce_token_look(CK_TOKEN_INFO *now, const certenroll_token *token);
int ce_token_check_same(const certenroll_token *token, const CK_TOKEN_INFO *now,
                        certenroll_error **error);

/* CERTENROLL_E_TOKEN_READ_ONLY where the token's info says that it is write-protected. */
int ce_token_check_writable(const certenroll_token *token, const CK_TOKEN_INFO *now,
                            certenroll_error **error);

/* Before a session is opened: after others died another card may be in the slot, and nothing is to
 * be done with that one. A token that is in another slot by now is followed there. */
int ce_session_check_token(struct ce_session *session, certenroll_error **error);

/* A call in this session failed: what. Returns the status. */
int ce_session_fail(struct ce_session *session, certenroll_error **error, CK_RV rv,
                    const char *what, ...) CERTENROLL_PRINTF(4, 5);

/* Another session of the same token, beside the pool, for a second look at what the first one
 * says. Closed by ce_session_close_fresh. */
int ce_session_open_fresh(struct ce_session *fresh, const struct ce_session *beside,
                          certenroll_error **error);
void ce_session_close_fresh(struct ce_session *fresh);

/* How many sessions of ours the token has room for. */
size_t ce_session_limit(const CK_TOKEN_INFO *info);

/* Until nobody works as the user, whose objects vanish when he is logged out. Whoever wants to
 * begin is kept off by the caller. Fails after two minutes. */
int ce_session_wait_for_users(certenroll_token *token, certenroll_error **error);

/* Closes the idle sessions: the token is being freed. */
void ce_sessions_close(certenroll_token *token);

#endif
