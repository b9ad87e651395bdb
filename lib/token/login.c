/* SPDX-License-Identifier: Apache-2.0 */
#include "token/login.h"

#include "base/message.h"
#include "context/stop.h"
#include "token/ask.h"
#include "token/login_turn.h"

#include <stdio.h>
#include <string.h>

/* --- the PIN --- */

static int send_pin(struct ce_session *session, CK_USER_TYPE user, const struct ce_secret *secret,
                    CK_RV *rv, certenroll_error **error)
{
    char what[192];

    *rv = session->functions->C_Login(session->handle, user, ce_secret_bytes(secret),
                                      ce_secret_length(secret));
    /* Already logged in: the PIN was not looked at. */
    if (*rv == CKR_OK || *rv == CKR_USER_ALREADY_LOGGED_IN)
        return CERTENROLL_OK;
    snprintf(what, sizeof(what), _("cannot log in to the token \"%s\""),
             session->token->info->label);
    session->rv = *rv;
    session->final = 1;
    return ce_ask_fail(session->token, CE_PIN_OF_USER, error, *rv, what);
}

static int ask_checked(struct ce_secret **out, struct ce_session *session,
                       certenroll_secret_kind kind, const CK_TOKEN_INFO *info,
                       certenroll_error **error)
{
    int status =
        ce_ask_may_send(session->token, CE_PIN_OF_USER, CE_PIN_TO_LOG_IN, info->flags, error);

    *out = NULL;
    if (status == CERTENROLL_OK)
        status = ce_ask_pin(out, session->token, kind, info, error);
    if (status == CERTENROLL_OK)
        status = ce_ask_check_length(*out, info, error);
    if (status == CERTENROLL_OK)
        status = ce_ask_may_still_send(session, CE_PIN_OF_USER, CE_PIN_TO_LOG_IN, error);
    if (status < 0) {
        ce_secret_free(*out);
        *out = NULL;
    }
    return status;
}

/* --- the user --- */

int ce_login_who(enum ce_who *out, struct ce_session *session, certenroll_error **error)
{
    CK_SESSION_INFO info;
    CK_RV rv;

    *out = CE_WHO_NOBODY;
    memset(&info, 0, sizeof(info));
    rv = session->functions->C_GetSessionInfo(session->handle, &info);
    if (rv != CKR_OK)
        return ce_session_fail(session, error, rv, _("a session of the token \"%s\" is lost"),
                               session->token->info->label);
    if (info.state == CKS_RW_SO_FUNCTIONS)
        *out = CE_WHO_OFFICER;
    else if (info.state == CKS_RO_USER_FUNCTIONS || info.state == CKS_RW_USER_FUNCTIONS)
        *out = CE_WHO_USER;
    return CERTENROLL_OK;
}

int ce_login_fail_officer(const struct ce_session *session, certenroll_error **error)
{
    return certenroll_error_set(
        error, CERTENROLL_E_STATE,
        _("the token \"%s\" is in use by its security officer in this process"),
        session->token->info->label);
}

/* `is_ours`: it was this C_Login that logged the user in. */
static int login_now(int *is_ours, struct ce_session *session, certenroll_error **error)
{
    certenroll_token *token = session->token;
    struct ce_secret *secret;
    CK_TOKEN_INFO info;
    enum ce_who who;
    CK_RV rv = CKR_OK;
    int status = ce_login_who(&who, session, error);

    if (status < 0 || who == CE_WHO_USER)
        return status;
    if (who == CE_WHO_OFFICER)
        return ce_login_fail_officer(session, error);
    /* asked anew each time: tries are counted by other programs as well */
    status = ce_session_token_info(&info, session, error);
    if (status < 0 || !(info.flags & CKF_LOGIN_REQUIRED))
        return status;
    status = ask_checked(&secret, session, CERTENROLL_SECRET_USER_PIN, &info, error);
    if (status < 0)
        return status;
    ce_log(token->context, CERTENROLL_LOG_DEBUG, "logging in to \"%s\"", token->info->label);
    status = send_pin(session, CKU_USER, secret, &rv, error);
    *is_ours = status == CERTENROLL_OK && rv == CKR_OK;
    ce_secret_free(secret);
    return status;
}

/* Until the session is released. The token's mutex is held. */
static void begin_as_user(struct ce_session *session)
{
    session->is_users = 1;
    session->login = session->token->login;
    session->token->users++;
}

static int is_known(struct ce_session *session)
{
    certenroll_token *token = session->token;
    int known;

    ce_mutex_lock(token->mutex);
    known = token->logged_in == session->generation;
    if (known)
        begin_as_user(session);
    ce_mutex_unlock(token->mutex);
    return known;
}

static void note_login(struct ce_session *session, int is_ours)
{
    certenroll_token *token = session->token;

    ce_mutex_lock(token->mutex);
    if (session->generation == token->generation) {
        token->logged_in = session->generation;
        token->login++;
        if (is_ours)
            token->our_login = session->generation;
    }
    begin_as_user(session);
    ce_mutex_unlock(token->mutex);
}

int ce_login(struct ce_session *session, certenroll_error **error)
{
    certenroll_token *token = session->token;
    int status, is_ours = 0;

    if (is_known(session))
        return CERTENROLL_OK;
    status = ce_login_turn_take_for_user(token, error);
    if (status < 0)
        return status;
    if (!is_known(session)) {
        status = login_now(&is_ours, session, error);
        if (status == CERTENROLL_OK)
            note_login(session, is_ours);
        /* whoever was cancelled himself has not spoken for the others */
        if (status == CERTENROLL_E_CANCELLED && !ce_stop_is_wanted())
            ce_login_turn_refused(token);
    }
    ce_login_turn_end(token);
    return status;
}

int ce_login_confirm(struct ce_session *session, certenroll_error **error)
{
    certenroll_token *token = session->token;
    enum ce_who who;
    int status, is_same;

    if (!session->is_users || !(token->info->raw.flags & CKF_LOGIN_REQUIRED))
        return CERTENROLL_OK;
    status = ce_login_who(&who, session, error);
    ce_mutex_lock(token->mutex);
    is_same = token->login == session->login;
    ce_mutex_unlock(token->mutex);
    if (status < 0 || (who == CE_WHO_USER && is_same))
        return status;
    return ce_session_fail(session, error,
                           who == CE_WHO_USER ? CKR_OBJECT_HANDLE_INVALID : CKR_USER_NOT_LOGGED_IN,
                           _("somebody has logged out of the token \"%s\""), token->info->label);
}

/* --- one signature --- */

int ce_login_context_ask(struct ce_secret **out, struct ce_session *session,
                         certenroll_error **error)
{
    CK_TOKEN_INFO info;
    int status = ce_session_token_info(&info, session, error);

    *out = NULL;
    if (status < 0)
        return status;
    return ask_checked(out, session, CERTENROLL_SECRET_CONTEXT_PIN, &info, error);
}

int ce_login_context_send(struct ce_session *session, const struct ce_secret *secret,
                          certenroll_error **error)
{
    CK_RV rv;

    return send_pin(session, CKU_CONTEXT_SPECIFIC, secret, &rv, error);
}
