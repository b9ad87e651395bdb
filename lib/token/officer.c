/* SPDX-License-Identifier: Apache-2.0 */
#include "token/officer.h"

#include "base/message.h"
#include "token/ck_rv.h"
#include "token/login.h"
#include "token/login_turn.h"
#include "token/quirks.h"

#include <stdio.h>

static int fail_user_is_in(const struct ce_session *session, certenroll_error **error)
{
    certenroll_error_set(error, CERTENROLL_E_STATE, _("the user is logged in to the token \"%s\""),
                         session->token->info->label);
    certenroll_error_because(
        error, _("another part of this process did that; the SO cannot log in beside"));
    certenroll_error_advise(error,
                            _("Have that part of the program log out, or use another process."));
    return CERTENROLL_E_STATE;
}

static int login_is_ours(const struct ce_session *session)
{
    certenroll_token *token = session->token;
    int ours;

    ce_mutex_lock(token->mutex);
    ours = token->our_login == session->generation;
    ce_mutex_unlock(token->mutex);
    return ours;
}

/* What goes on as the user comes to its end first; nothing more begins, for whoever does not know
 * the user to be in waits for the turn to log in. */
static int log_user_out(struct ce_session *session, certenroll_error **error)
{
    certenroll_token *token = session->token;
    int status;

    ce_mutex_lock(token->mutex);
    token->logged_in = 0;
    ce_mutex_unlock(token->mutex);
    status = ce_session_wait_for_users(token, error);
    if (status < 0)
        return status;
    ce_log(token->context, CERTENROLL_LOG_DEBUG, "logging the user out for the SO");
    (void)session->functions->C_Logout(session->handle);
    return CERTENROLL_OK;
}

int ce_officer_ask(struct ce_secret **out, CK_TOKEN_INFO *now, struct ce_session *session,
                   certenroll_error **error)
{
    enum ce_who who;
    int status = ce_login_who(&who, session, error);

    *out = NULL;
    if (status == CERTENROLL_OK && who == CE_WHO_USER && !login_is_ours(session))
        status = fail_user_is_in(session, error);
    if (status == CERTENROLL_OK)
        status = ce_session_token_info(now, session, error);
    session->officer = who == CE_WHO_OFFICER ? CE_OFFICER_IS_IN : CE_OFFICER_IS_OUT;
    if (status < 0 || session->officer == CE_OFFICER_IS_IN)
        return status;
    status =
        ce_ask_may_send(session->token, CE_PIN_OF_OFFICER, CE_PIN_TO_LOG_IN, now->flags, error);
    return status < 0 ? status
                      : ce_ask_pin(out, session->token, CERTENROLL_SECRET_SO_PIN, now, error);
}

int ce_officer_may_still_send(struct ce_session *session, certenroll_error **error)
{
    return session->officer == CE_OFFICER_IS_IN
               ? CERTENROLL_OK
               : ce_ask_may_still_send(session, CE_PIN_OF_OFFICER, CE_PIN_TO_LOG_IN, error);
}

int ce_officer_login(struct ce_session *session, const struct ce_secret *secret,
                     certenroll_error **error)
{
    certenroll_token *token = session->token;
    int status = CERTENROLL_OK;
    char what[192];
    CK_RV rv;

    if (session->officer == CE_OFFICER_IS_IN)
        return CERTENROLL_OK;
    if (login_is_ours(session))
        status = log_user_out(session, error);
    if (status < 0)
        return status;
    ce_mutex_lock(token->mutex);
    token->logged_in = 0;
    token->our_login = 0;
    ce_mutex_unlock(token->mutex);
    ce_log(token->context, CERTENROLL_LOG_DEBUG, "logging the SO in to \"%s\"", token->info->label);
    rv = session->functions->C_Login(session->handle, CKU_SO, ce_secret_bytes(secret),
                                     ce_secret_length(secret));
    if (rv == CKR_OK || rv == CKR_USER_ALREADY_LOGGED_IN) {
        session->officer = rv == CKR_OK ? CE_OFFICER_IS_OURS : CE_OFFICER_IS_IN;
        return CERTENROLL_OK;
    }
    session->rv = rv;
    session->final = 1;
    if (rv == CKR_USER_ANOTHER_ALREADY_LOGGED_IN)
        return fail_user_is_in(session, error);
    if (rv == CKR_PIN_INCORRECT && ce_quirks_of(&token->info->raw)->blames_so_pin)
        session->rv = CKR_DEVICE_ERROR;
    snprintf(what, sizeof(what), _("the SO cannot log in to the token \"%s\""), token->info->label);
    status = ce_ask_fail(token, CE_PIN_OF_OFFICER, error, rv, what);
    if (rv == CKR_SESSION_READ_ONLY_EXISTS)
        certenroll_error_advise(
            error, _("Close the read-only sessions of this process with the token first."));
    return status;
}

void ce_officer_logout(struct ce_session *session)
{
    char name[CE_CK_RV_NAME_SIZE];
    CK_RV rv;

    if (session->officer != CE_OFFICER_IS_OURS || ce_session_is_lost(session->rv))
        return;
    session->officer = CE_OFFICER_IS_OUT;
    rv = session->functions->C_Logout(session->handle);
    if (rv != CKR_OK)
        ce_log(session->token->context, CERTENROLL_LOG_WARNING, "logging the SO out: %s",
               ce_ck_rv_name(name, sizeof(name), rv));
}

int ce_officer_begin(struct ce_session *session, certenroll_error **error)
{
    struct ce_secret *secret;
    CK_TOKEN_INFO now;
    int status = ce_login_turn_take(session->token, error);

    if (status < 0)
        return status;
    status = ce_officer_ask(&secret, &now, session, error);
    if (status == CERTENROLL_OK)
        status = ce_officer_may_still_send(session, error);
    if (status == CERTENROLL_OK)
        status = ce_officer_login(session, secret, error);
    ce_secret_free(secret);
    if (status < 0)
        ce_login_turn_end(session->token);
    return status;
}

void ce_officer_end(struct ce_session *session)
{
    ce_officer_logout(session);
    ce_login_turn_end(session->token);
}
