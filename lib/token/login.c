/* SPDX-License-Identifier: Apache-2.0 */
#include "token/login.h"

#include "base/message.h"
#include "token/ck_rv.h"

#include <string.h>

/* --- how the token stands --- */

static int check_tries(const struct ce_session *session, CK_FLAGS flags, certenroll_error **error)
{
    const char *label = session->token->info->label;

    if (!(flags & CKF_USER_PIN_INITIALIZED))
        return ce_fail(error, CERTENROLL_E_PIN_NOT_SET, _("the token \"%s\" has no user PIN yet"),
                       label);
    if (flags & CKF_USER_PIN_LOCKED)
        return ce_fail(error, CERTENROLL_E_PIN_LOCKED, _("the PIN of the token \"%s\" is locked"),
                       label);
    if (flags & CKF_USER_PIN_TO_BE_CHANGED)
        return ce_fail(error, CERTENROLL_E_PIN_EXPIRED,
                       _("the PIN of the token \"%s\" must be changed first"), label);
    if (flags & CKF_USER_PIN_FINAL_TRY && !session->token->allow_final_try)
        return ce_fail(error, CERTENROLL_E_PIN_FINAL_TRY,
                       _("the token \"%s\" has one PIN try left; it was not spent"), label);
    return CERTENROLL_OK;
}

/* What the flags say after a wrong PIN. */
static const char *describe_tries(CK_FLAGS flags)
{
    if (flags & CKF_USER_PIN_LOCKED)
        return _("the PIN is locked now");
    if (flags & CKF_USER_PIN_FINAL_TRY)
        return _("one try is left");
    if (flags & CKF_USER_PIN_COUNT_LOW)
        return _("a wrong PIN was given since the last right one");
    return _("the token does not tell how many tries are left");
}

/* --- the PIN --- */

/* A token that asks, and the one whose callback had it ask. */
struct asking {
    const certenroll_token *token;
    const struct asking *outer;
};

/* This thread's; lives on the stacks of the calls that ask. */
static _Thread_local const struct asking *innermost;

int ce_login_is_asking(const certenroll_token *token)
{
    for (const struct asking *asking = innermost; asking; asking = asking->outer)
        if (asking->token == token)
            return 1;
    return 0;
}

static int ask_callback(struct ce_secret **out, const certenroll_token *token,
                        const certenroll_secret_request *request, certenroll_error **error)
{
    struct asking asking = { token, innermost };
    int status;

    innermost = &asking;
    status = ce_secret_ask(out, &token->secret, request, error);
    innermost = asking.outer;
    return status;
}

static int ask(struct ce_secret **out, struct ce_session *session, certenroll_secret_kind kind,
               CK_FLAGS flags, certenroll_error **error)
{
    certenroll_token *token = session->token;
    certenroll_secret_request request = {
        .size = sizeof(request),
        .kind = kind,
        .name = token->info->label,
        .place = token->info->serial,
        .count_low = !!(flags & CKF_USER_PIN_COUNT_LOW),
        .final_try = !!(flags & CKF_USER_PIN_FINAL_TRY),
        .on_reader = !!(flags & CKF_PROTECTED_AUTHENTICATION_PATH),
    };
    int status = CERTENROLL_OK;

    *out = NULL;
    if (token->secret.callback || (!token->pin_source && !request.on_reader))
        status = ask_callback(out, token, &request, error);
    else if (!request.on_reader)
        status = ce_secret_read(out, token->pin_source, error);
    if (status == CERTENROLL_OK && request.on_reader) {
        ce_secret_free(*out);
        *out = NULL;
    }
    return status;
}

static int fail_login(struct ce_session *session, certenroll_error **error, CK_RV rv)
{
    char name[CE_CK_RV_NAME_SIZE];
    CK_TOKEN_INFO now;
    int status = ce_session_fail(session, error, rv, _("cannot log in to the token \"%s\""),
                                 session->token->info->label);

    session->final = 1;
    if (rv != CKR_PIN_INCORRECT)
        return status;
    memset(&now, 0, sizeof(now));
    ce_fail(error, status, _("the PIN for the token \"%s\" is wrong"), session->token->info->label);
    if (session->functions->C_GetTokenInfo(atomic_load(&session->token->slot), &now) == CKR_OK)
        ce_because(error, "%s; %s", ce_ck_rv_name(name, sizeof(name), rv),
                   describe_tries(now.flags));
    else
        ce_because(error, "%s", ce_ck_rv_name(name, sizeof(name), rv));
    ce_error_set_ck_rv(error, rv);
    return status;
}

static int send_pin(struct ce_session *session, CK_USER_TYPE user, const struct ce_secret *secret,
                    certenroll_error **error)
{
    CK_RV rv = session->functions->C_Login(session->handle, user,
                                           secret ? (CK_UTF8CHAR *)secret->bytes : NULL,
                                           secret ? (CK_ULONG)secret->length : 0);

    /* Already logged in: the PIN was not looked at. */
    if (rv == CKR_OK || rv == CKR_USER_ALREADY_LOGGED_IN)
        return CERTENROLL_OK;
    return fail_login(session, error, rv);
}

/* An empty PIN is a slip of whoever answered, and would cost a try. */
static int refuse_empty(const struct ce_secret *secret, const CK_TOKEN_INFO *info,
                        certenroll_error **error)
{
    if (!secret || secret->length > 0 || info->ulMinPinLen == 0)
        return CERTENROLL_OK;
    ce_fail(error, CERTENROLL_E_PIN_INVALID, _("the PIN given is empty"));
    ce_because(error, _("the token wants at least %lu characters; nothing was sent to it"),
               (unsigned long)info->ulMinPinLen);
    return CERTENROLL_E_PIN_INVALID;
}

static int ask_checked(struct ce_secret **out, struct ce_session *session,
                       certenroll_secret_kind kind, const CK_TOKEN_INFO *info,
                       certenroll_error **error)
{
    int status = check_tries(session, info->flags, error);

    *out = NULL;
    if (status == CERTENROLL_OK)
        status = ask(out, session, kind, info->flags, error);
    if (status == CERTENROLL_OK)
        status = refuse_empty(*out, info, error);
    if (status < 0) {
        ce_secret_free(*out);
        *out = NULL;
    }
    return status;
}

/* --- the user --- */

/* 1: the user is logged in already; 0: not. */
static int is_logged_in(struct ce_session *session, certenroll_error **error)
{
    CK_SESSION_INFO info;
    CK_RV rv;

    memset(&info, 0, sizeof(info));
    rv = session->functions->C_GetSessionInfo(session->handle, &info);
    if (rv != CKR_OK)
        return ce_session_fail(session, error, rv, _("a session of the token \"%s\" is lost"),
                               session->token->info->label);
    if (info.state == CKS_RW_SO_FUNCTIONS)
        return ce_fail(error, CERTENROLL_E_STATE,
                       _("the token \"%s\" is in use by its security officer in this process"),
                       session->token->info->label);
    return info.state == CKS_RO_USER_FUNCTIONS || info.state == CKS_RW_USER_FUNCTIONS;
}

static int login_now(struct ce_session *session, certenroll_error **error)
{
    certenroll_token *token = session->token;
    struct ce_secret *secret;
    CK_TOKEN_INFO info;
    int status = is_logged_in(session, error);

    if (status != 0)
        return status < 0 ? status : CERTENROLL_OK;
    /* asked anew each time: tries are counted by other programs as well */
    status = ce_session_token_info(&info, session, error);
    if (status < 0 || !(info.flags & CKF_LOGIN_REQUIRED))
        return status;
    status = ask_checked(&secret, session, CERTENROLL_SECRET_USER_PIN, &info, error);
    if (status < 0)
        return status;
    ce_log(token->context, CERTENROLL_LOG_DEBUG, "logging in to \"%s\"", token->info->label);
    status = send_pin(session, CKU_USER, secret, error);
    ce_secret_free(secret);
    return status;
}

static int is_known(const struct ce_session *session)
{
    certenroll_token *token = session->token;
    int known;

    ce_mutex_lock(token->mutex);
    known = token->logged_in == session->generation;
    ce_mutex_unlock(token->mutex);
    return known;
}

int ce_login(struct ce_session *session, certenroll_error **error)
{
    certenroll_token *token = session->token;
    int status = CERTENROLL_OK;

    if (is_known(session))
        return CERTENROLL_OK;
    ce_mutex_lock(token->login_mutex);
    if (!is_known(session)) {
        status = login_now(session, error);
        ce_mutex_lock(token->mutex);
        if (status == CERTENROLL_OK && session->generation == token->generation)
            token->logged_in = session->generation;
        ce_mutex_unlock(token->mutex);
    }
    ce_mutex_unlock(token->login_mutex);
    return status;
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
    return send_pin(session, CKU_CONTEXT_SPECIFIC, secret, error);
}
