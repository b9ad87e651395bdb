/* SPDX-License-Identifier: Apache-2.0 */
#include "token/session.h"

#include "base/message.h"
#include "context/stop.h"
#include "token/ck_rv.h"

#include <stdarg.h>
#include <string.h>

/* How long a call waits for one of our own sessions: longer than a slow card takes for a key, or a
 * person for a PIN. */
#define WAIT_MS 120000

/* --- what failures mean for sessions --- */

/* The session is gone, and its handle is nobody's or somebody else's. */
int ce_session_is_lost(CK_RV rv)
{
    return rv == CKR_SESSION_HANDLE_INVALID || rv == CKR_SESSION_CLOSED ||
           rv == CKR_CRYPTOKI_NOT_INITIALIZED || rv == CKR_DEVICE_REMOVED ||
           rv == CKR_TOKEN_NOT_PRESENT;
}

/* ykcs11 answers everything so until all its sessions are closed, also C_OpenSession. */
static int is_broken(CK_RV rv)
{
    return rv == CKR_DEVICE_ERROR;
}

/* Some driver is still at an earlier operation that it failed to end (C_FindObjectsFinal, C_Sign),
 * and takes no other in that session. */
static int is_busy(CK_RV rv)
{
    return rv == CKR_OPERATION_ACTIVE;
}

/* Private objects vanish, and their handles with them, when somebody in the process logs out. */
int ce_session_is_lost_login(CK_RV rv)
{
    return rv == CKR_USER_NOT_LOGGED_IN || rv == CKR_KEY_HANDLE_INVALID ||
           rv == CKR_OBJECT_HANDLE_INVALID;
}

/* Also of a token that was removed: it may have been put back before anybody noticed. Where it is
 * still gone, opening a session is what fails, before anybody is asked for the PIN. */
int ce_session_is_worth_another(CK_RV rv)
{
    return ce_session_is_lost_login(rv) || ce_session_is_lost(rv) || is_busy(rv);
}

int ce_session_fail(struct ce_session *session, certenroll_error **error, CK_RV rv,
                    const char *what, ...)
{
    va_list arguments;
    int status;

    session->rv = rv;
    va_start(arguments, what);
    status = ce_fail_ck_v(error, rv, what, arguments);
    va_end(arguments);
    return status;
}

/* --- forks --- */

/* Several threads of the child may come here first at once: one renews, the others spin. */
void ce_locks_follow_fork(certenroll_token *token)
{
    uint64_t process = ce_process_generation();
    uint64_t seen = atomic_load(&token->locks_process);

    while (seen != process) {
        if (seen == ~process ||
            !atomic_compare_exchange_weak(&token->locks_process, &seen, ~process)) {
            seen = atomic_load(&token->locks_process);
            continue;
        }
        ce_mutex_renew(token->mutex);
        ce_condition_renew(token->login_turn.ended);
        token->login_turn.is_taken = 0;
        ce_condition_renew(token->returned);
        atomic_store(&token->locks_process, process);
        seen = process;
    }
}

/* --- generations; the token's mutex is held --- */

static void begin_generation(certenroll_token *token)
{
    token->generation++;
    token->idle_count = 0;
    token->busy_count = 0;
    token->open = 0;
    token->limit = ce_session_limit(&token->info->raw);
    ce_condition_wake_all(token->returned);
}

/* Starts the module again in a child process, where p11-kit and most modules forget that they were
 * started; those that remember say so, and p11-kit takes that for success. */
static int follow_fork(certenroll_token *token, certenroll_error **error)
{
    uint64_t process = ce_process_generation();
    int status;

    if (token->process == process)
        return CERTENROLL_OK;
    ce_log(token->context, CERTENROLL_LOG_DEBUG, "forked: starting the module again");
    begin_generation(token);
    token->users = 0;
    token->module.initialized = 0;
    status = ce_module_initialize(&token->module, error);
    if (status == CERTENROLL_OK)
        token->process = process;
    return status;
}

static void note_death(certenroll_token *token, const struct ce_session *session)
{
    char name[CE_CK_RV_NAME_SIZE];

    ce_log(token->context, CERTENROLL_LOG_INFO, "sessions lost: %s",
           ce_ck_rv_name(name, sizeof(name), session->rv));
    begin_generation(token);
    if (session->rv != CKR_CRYPTOKI_NOT_INITIALIZED)
        return;
    /* Somebody finalized the module under us (C_Finalize without p11-kit). Our sessions went with
     * it, so p11-kit's closing of them meets none. */
    ce_log(token->context, CERTENROLL_LOG_WARNING, "the module was finalized; starting it again");
    p11_kit_module_finalize(token->module.functions);
    token->module.initialized = p11_kit_module_initialize(token->module.functions) == CKR_OK;
}

/* The sessions that nobody works in, and this one; the others are closed as they come back. Under
 * the mutex, so that none is opened before. `handle` CK_INVALID_HANDLE: none. */
static void close_broken(certenroll_token *token, CK_SESSION_HANDLE handle)
{
    ce_log(token->context, CERTENROLL_LOG_INFO, "device error: closing the sessions");
    if (handle != CK_INVALID_HANDLE)
        (void)token->module.functions->C_CloseSession(handle);
    for (size_t i = 0; i < token->idle_count; i++)
        (void)token->module.functions->C_CloseSession(token->idle[i]);
    begin_generation(token);
}

/* --- opening --- */

size_t ce_session_limit(const CK_TOKEN_INFO *info)
{
    CK_ULONG most[] = { info->ulMaxSessionCount, info->ulMaxRwSessionCount };
    CK_ULONG taken[] = { info->ulSessionCount, info->ulRwSessionCount };
    size_t limit = CE_SESSIONS_MAX;

    for (size_t i = 0; i < 2; i++) {
        if (most[i] == CK_EFFECTIVELY_INFINITE || most[i] == CK_UNAVAILABLE_INFORMATION)
            continue;
        if (taken[i] != CK_UNAVAILABLE_INFORMATION && taken[i] < most[i])
            most[i] -= taken[i];
        if (most[i] < limit)
            limit = (size_t)most[i];
    }
    return limit > 0 ? limit : 1;
}

/* Read/write where the token lets us: a write-protected one can still sign. */
static CK_RV open_handle(CK_SESSION_HANDLE *handle, CK_FUNCTION_LIST *functions,
                         const certenroll_token *token)
{
    CK_SLOT_ID slot = atomic_load(&token->slot);
    CK_FLAGS flags = CKF_SERIAL_SESSION;
    CK_RV rv;

    if (token->info->raw.flags & CKF_WRITE_PROTECTED)
        return functions->C_OpenSession(slot, flags, NULL, NULL, handle);
    rv = functions->C_OpenSession(slot, flags | CKF_RW_SESSION, NULL, NULL, handle);
    if (rv == CKR_TOKEN_WRITE_PROTECTED)
        rv = functions->C_OpenSession(slot, flags, NULL, NULL, handle);
    return rv;
}

/* --- the pool --- */

static int fail_all_busy(const certenroll_token *token, certenroll_error **error)
{
    certenroll_error_set(error, CERTENROLL_E_TOKEN_FULL,
                         _("all sessions with the token \"%s\" are busy"), token->info->label);
    certenroll_error_because(error, _("none of %zu became free in %d seconds"), token->open,
                             WAIT_MS / 1000);
    certenroll_error_advise(
        error, _("Wait until what is going on with the token is done, then try again."));
    return CERTENROLL_E_TOKEN_FULL;
}

/* Until a session comes back, or for a moment. The token's mutex is held. */
static int wait_for_return(certenroll_token *token, int64_t until, certenroll_error **error)
{
    int64_t now = ce_uptime_ms();

    if (now >= until)
        return fail_all_busy(token, error);
    ce_condition_wait_until(token->returned, token->mutex,
                            now + ce_stop_patience_ms((unsigned)(until - now)));
    return ce_stop_check(error);
}

/* A place in the pool: an idle session (1), leave to open one (0), or failure. Waits until one of
 * our sessions is free, or there may be one more. */
static int take_place(struct ce_session *session, certenroll_error **error)
{
    certenroll_token *token = session->token;
    int64_t until;
    int status;

    ce_mutex_lock(token->mutex);
    status = follow_fork(token, error);
    until = ce_uptime_ms() + WAIT_MS;
    while (status == CERTENROLL_OK && token->idle_count == 0 && token->open >= token->limit)
        status = wait_for_return(token, until, error);
    session->generation = token->generation;
    session->login = token->login;
    if (status == CERTENROLL_OK && token->idle_count > 0) {
        session->handle = token->idle[--token->idle_count];
        token->busy[token->busy_count++] = session->handle;
        status = 1;
    } else if (status == CERTENROLL_OK) {
        token->open++;
    }
    ce_mutex_unlock(token->mutex);
    return status;
}

/* Gives the place of a session that could not be opened back. Where the token has no room for more
 * sessions, this tells whether some of ours are there to wait for. */
static int leave_place(struct ce_session *session)
{
    certenroll_token *token = session->token;
    int others = 0;

    ce_mutex_lock(token->mutex);
    if (session->generation == token->generation) {
        token->open--;
        others = token->open > 0;
        if (session->rv == CKR_SESSION_COUNT && others)
            token->limit = token->open;
        if (ce_session_is_lost(session->rv))
            note_death(token, session);
        else if (is_broken(session->rv))
            close_broken(token, CK_INVALID_HANDLE);
        ce_condition_wake_all(token->returned);
    }
    ce_mutex_unlock(token->mutex);
    return others;
}

static int open_session(struct ce_session *session, certenroll_error **error)
{
    certenroll_token *token = session->token;
    int status = ce_session_check_token(session, error);
    CK_RV rv;

    if (status < 0)
        return status;
    ce_log(token->context, CERTENROLL_LOG_DEBUG, "opening a session on \"%s\"", token->info->label);
    rv = open_handle(&session->handle, session->functions, token);
    if (rv == CKR_OK)
        return CERTENROLL_OK;
    status = ce_session_fail(session, error, rv, _("cannot open a session on the token \"%s\""),
                             token->info->label);
    if (rv == CKR_SESSION_COUNT)
        certenroll_error_advise(
            error, _("Others hold all sessions that the token has room for: close programs "
                     "that use it, then try again."));
    return status;
}

int ce_session_acquire(struct ce_session *session, certenroll_token *token,
                       certenroll_error **error)
{
    int status;

    for (;;) {
        memset(session, 0, sizeof(*session));
        session->token = token;
        session->functions = token->module.functions;
        status = take_place(session, error);
        if (status != 0)
            return status < 0 ? status : CERTENROLL_OK;
        status = open_session(session, error);
        if (status == CERTENROLL_OK) {
            ce_mutex_lock(token->mutex);
            /* the token's sessions may have died meanwhile */
            if (session->generation == token->generation)
                token->busy[token->busy_count++] = session->handle;
            ce_mutex_unlock(token->mutex);
            return status;
        }
        if (!leave_place(session) || session->rv != CKR_SESSION_COUNT)
            return status;
        certenroll_error_clear(error);
    }
}

/* Puts another session in the place of one that is busy. It is opened first: with the last session
 * goes the login. Only where there is no room for one more it has to be the other way round. The
 * token's mutex is held. */
static void replace_busy(certenroll_token *token, CK_SESSION_HANDLE busy)
{
    CK_FUNCTION_LIST *functions = token->module.functions;
    CK_SESSION_HANDLE fresh;
    CK_RV rv = open_handle(&fresh, functions, token);

    (void)functions->C_CloseSession(busy);
    if (rv == CKR_SESSION_COUNT) {
        token->logged_in = 0;
        rv = open_handle(&fresh, functions, token);
    }
    if (rv == CKR_OK)
        token->idle[token->idle_count++] = fresh;
    else
        token->open--;
}

/* Where the handle stands in the list, or its end. */
static size_t find_handle(const CK_SESSION_HANDLE *list, size_t count, CK_SESSION_HANDLE handle)
{
    size_t i = 0;

    while (i < count && list[i] != handle)
        i++;
    return i;
}

/* Whether a session of an older generation is to be closed: it has just worked, so it is alive, and
 * no place is kept for it; or it keeps a broken device from starting anew. But its number may be a
 * newer session's by now. */
static int is_left_over(const certenroll_token *token, const struct ce_session *session)
{
    return (session->rv == CKR_OK || is_broken(session->rv)) &&
           token->process == ce_process_generation() &&
           find_handle(token->idle, token->idle_count, session->handle) == token->idle_count &&
           find_handle(token->busy, token->busy_count, session->handle) == token->busy_count;
}

void ce_session_release(struct ce_session *session)
{
    certenroll_token *token = session->token;
    int is_current, close;
    size_t at;

    ce_mutex_lock(token->mutex);
    is_current = session->generation == token->generation;
    if (session->is_users && token->users > 0)
        token->users--;
    at = find_handle(token->busy, token->busy_count, session->handle);
    if (is_current && at < token->busy_count)
        token->busy[at] = token->busy[--token->busy_count];
    /* not where another thread has logged in anew since */
    if (ce_session_is_lost_login(session->rv) && token->logged_in == session->generation &&
        token->login == session->login)
        token->logged_in = 0;
    if (is_current && ce_session_is_lost(session->rv))
        note_death(token, session);
    else if (is_current && is_broken(session->rv))
        close_broken(token, session->handle);
    else if (is_current && is_busy(session->rv))
        replace_busy(token, session->handle);
    else if (is_current)
        token->idle[token->idle_count++] = session->handle;
    ce_condition_wake_all(token->returned);
    close = !is_current && is_left_over(token, session);
    ce_mutex_unlock(token->mutex);
    if (close)
        (void)session->functions->C_CloseSession(session->handle);
}

int ce_session_wait_for_users(certenroll_token *token, certenroll_error **error)
{
    int64_t until = ce_uptime_ms() + WAIT_MS;
    int status = CERTENROLL_OK;

    ce_mutex_lock(token->mutex);
    while (token->users > 0 && status == CERTENROLL_OK)
        status = wait_for_return(token, until, error);
    ce_mutex_unlock(token->mutex);
    return status;
}

void ce_sessions_close(certenroll_token *token)
{
    if (token->process != ce_process_generation())
        return;
    for (size_t i = 0; i < token->idle_count; i++)
        (void)token->module.functions->C_CloseSession(token->idle[i]);
    token->idle_count = 0;
}

/* --- beside the pool --- */

int ce_session_open_fresh(struct ce_session *fresh, const struct ce_session *beside,
                          certenroll_error **error)
{
    *fresh = *beside;
    fresh->rv = CKR_OK;
    return open_session(fresh, error);
}

void ce_session_close_fresh(struct ce_session *fresh)
{
    if (!ce_session_is_lost(fresh->rv))
        (void)fresh->functions->C_CloseSession(fresh->handle);
}
