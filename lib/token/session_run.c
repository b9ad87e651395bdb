/* SPDX-License-Identifier: Apache-2.0 */
/* Work in a session: who is logged in for it, and when it is tried again. */
#include "base/message.h"
#include "context/stop.h"
#include "token/ck_rv.h"
#include "token/login.h"
#include "token/officer.h"

#include <openssl/err.h>

/* A piece of work, and how its tries went. */
struct run {
    certenroll_token *token;
    enum ce_access access;
    ce_session_work work;
    void *argument;
    int again; /* it was tried again after a death or a lost login */
};

/* What there is to learn from work that failed as the user: nobody but the SO writes on this token.
 * ykcs11 answers CKR_USER_TYPE_INVALID; the other answer may also come of a login that somebody has
 * ended, and means something only when it comes again though the user is in. */
static void learn_as_user(const struct run *run, struct ce_session *session)
{
    certenroll_token *token = run->token;
    const CK_RV rv = session->rv;
    int wants_officer = rv == CKR_USER_TYPE_INVALID;
    enum ce_who who;

    if (rv == CKR_USER_NOT_LOGGED_IN) {
        if (ce_login_who(&who, session, NULL) == CERTENROLL_OK && who == CE_WHO_USER) {
            wants_officer = run->again;
        } else {
            ce_mutex_lock(token->mutex);
            token->our_login = 0;
            ce_mutex_unlock(token->mutex);
        }
        session->rv = rv;
    }
    if (!wants_officer || run->access != CE_ACCESS_WRITE || session->final)
        return;
    session->rv = CKR_USER_TYPE_INVALID;
    atomic_store(&token->writes_by_officer, 1);
}

static int run_once(struct ce_session *session, const struct run *run, certenroll_error **error)
{
    int status = ce_session_acquire(session, run->token, error);

    if (status < 0)
        return status;
    if (run->access == CE_ACCESS_SO) {
        status = ce_officer_begin(session, error);
        if (status >= 0) {
            status = run->work(session, run->argument, error);
            ce_officer_end(session);
        }
        /* It is the user after all. */
        if (status < 0 && session->rv == CKR_USER_NOT_LOGGED_IN)
            atomic_store(&run->token->writes_by_officer, 0);
    } else {
        if (run->access != CE_ACCESS_PUBLIC)
            status = ce_login(session, error);
        if (status == CERTENROLL_OK)
            status = run->work(session, run->argument, error);
        if (status < 0)
            learn_as_user(run, session);
    }
    ce_session_release(session);
    return status;
}

/* Whether another try is worth while, after what failed in the session, and how. At most one more
 * because of a death or a lost login, and one as the SO. */
static int is_to_go_on(struct run *run, const struct ce_session *session)
{
    if (session->final || (run->access == CE_ACCESS_SO && ce_session_is_lost_login(session->rv)))
        return 0;
    if (run->access == CE_ACCESS_WRITE && session->rv == CKR_USER_TYPE_INVALID) {
        run->access = CE_ACCESS_SO;
        return 1;
    }
    return !run->again++ && ce_session_is_worth_another(session->rv);
}

/* --- tokens that are pulled --- */

/* A reader's service takes its time to see that the card is gone, on a busy machine seconds; ykcs11
 * answers CKR_DEVICE_ERROR before, or CKR_FUNCTION_FAILED (2.7). */
#define LOOKS 25
#define LOOK_MS 200

/* How often it is looked for a card that has gone away, after this answer. */
static int looks_worth(const certenroll_token *token, CK_RV rv)
{
    switch (rv) {
    case CKR_GENERAL_ERROR:
        return 1;
    case CKR_DEVICE_ERROR:
    case CKR_FUNCTION_FAILED:
        return ce_token_card_present(token->module.functions) ? LOOKS : 1;
    default:
        return 0;
    }
}

static int is_pulled(const certenroll_token *token, CK_RV rv)
{
    CK_SLOT_ID slot;

    for (int looks = looks_worth(token, rv); looks > 0; looks--) {
        CK_RV found = ce_token_slot_find(&slot, token->module.functions, &token->info->raw);

        if (found != CKR_OK)
            return found == CKR_TOKEN_NOT_PRESENT;
        if (looks > 1 && ce_stop_sleep(LOOK_MS, NULL) < 0)
            return 0;
    }
    return 0;
}

static int tell_of_removal(const struct run *run, CK_RV rv, int status, certenroll_error **error)
{
    char name[CE_CK_RV_NAME_SIZE];

    if (!is_pulled(run->token, rv))
        return status;
    certenroll_error_clear(error);
    certenroll_error_set(error, CERTENROLL_E_TOKEN_REMOVED, _("the token \"%s\" was removed"),
                         run->token->info->label);
    certenroll_error_because(error, "%s", ce_ck_rv_name(name, sizeof(name), rv));
    certenroll_error_set_ck_rv(error, rv);
    return CERTENROLL_E_TOKEN_REMOVED;
}

/* --- until it is done --- */

int ce_token_check_writable(const certenroll_token *token, const CK_TOKEN_INFO *now,
                            certenroll_error **error)
{
    if (!(now->flags & CKF_WRITE_PROTECTED))
        return CERTENROLL_OK;
    return certenroll_error_set(error, CERTENROLL_E_TOKEN_READ_ONLY,
                                _("the token \"%s\" is write-protected"), token->info->label);
}

int ce_session_run(certenroll_token *token, enum ce_access access, ce_session_work work,
                   void *argument, certenroll_error **error)
{
    struct run run = { token, access, work, argument, 0 };
    struct certenroll_stop stop = { 0 };
    char name[CE_CK_RV_NAME_SIZE];
    struct ce_session session;
    int status = CERTENROLL_OK;

    if (ce_ask_is_asking(token))
        return certenroll_error_set(
            error, CERTENROLL_E_STATE,
            _("the PIN callback uses the token \"%s\", which is waiting for it"),
            token->info->label);
    /* As it was when the token was opened, and so are its sessions: nobody is asked for a PIN in
     * vain. */
    if (access == CE_ACCESS_WRITE || access == CE_ACCESS_SO)
        status = ce_token_check_writable(token, &token->info->raw, error);
    if (status < 0)
        return status;
    ce_locks_follow_fork(token);
    if (access == CE_ACCESS_WRITE && atomic_load(&token->writes_by_officer))
        run.access = CE_ACCESS_SO;
    ce_stop_enter(&stop, token->context);
    ce_sigpipe_hold();
    /* Drivers that use OpenSSL themselves leave what they tried in vain on this thread's queue. */
    ERR_set_mark();
    while ((status = run_once(&session, &run, error)) < 0 && is_to_go_on(&run, &session)) {
        ce_log(token->context, CERTENROLL_LOG_INFO, "once more after %s%s",
               ce_ck_rv_name(name, sizeof(name), session.rv),
               run.access == CE_ACCESS_SO ? ", as the SO" : "");
        certenroll_error_clear(error);
    }
    if (status < 0)
        status = tell_of_removal(&run, session.rv, status, error);
    ERR_pop_to_mark();
    ce_sigpipe_release();
    ce_stop_leave(&stop);
    return status;
}
