/* SPDX-License-Identifier: Apache-2.0 */
/* Changing the user PIN, and setting it as the SO. */
#include "base/message.h"
#include "token/ck_rv.h"
#include "token/login.h"
#include "token/login_turn.h"
#include "token/officer.h"

#include <stdio.h>

static void advise_own_tool(int status, certenroll_error **error)
{
    if (status == CERTENROLL_E_UNSUPPORTED)
        certenroll_error_advise(error, _("Use the tool that came with the token."));
}

/* What was sent is not sent again, whatever came of it. */
static int fail_sent(struct ce_session *session, CK_RV rv)
{
    session->rv = rv;
    session->final = 1;
    return rv == CKR_OK ? CERTENROLL_OK : ce_ck_rv_status(rv);
}

/* --- the user's own doing --- */

/* tpm2-pkcs11 1.9 answers CKR_OK to a wrong present PIN while nobody is logged in, and changes
 * nothing; opencryptoki does not count it. So a login proves it first, and a wrong one goes no
 * further. Not where it must be changed before anybody may log in, nor where it would have to be
 * typed twice on the reader. `*is_ours`: the user was logged in for that. */
static int prove_present(int *is_ours, struct ce_session *session, const struct ce_secret *present,
                         const CK_TOKEN_INFO *now, certenroll_error **error)
{
    enum ce_who who;
    char what[192];
    CK_RV rv;
    int status = ce_login_who(&who, session, error);

    *is_ours = 0;
    if (status < 0 || who != CE_WHO_NOBODY || !present || !(now->flags & CKF_LOGIN_REQUIRED) ||
        now->flags & CKF_USER_PIN_TO_BE_CHANGED)
        return status;
    rv = session->functions->C_Login(session->handle, CKU_USER, ce_secret_bytes(present),
                                     ce_secret_length(present));
    *is_ours = rv == CKR_OK;
    /* that it has expired is said of the right one, and no reason not to change it */
    if (rv == CKR_USER_ALREADY_LOGGED_IN || rv == CKR_PIN_EXPIRED ||
        fail_sent(session, rv) == CERTENROLL_OK)
        return CERTENROLL_OK;
    snprintf(what, sizeof(what), _("the PIN of the token \"%s\" cannot be changed"),
             session->token->info->label);
    return ce_ask_fail(session->token, CE_PIN_OF_USER, error, rv, what);
}

static int set_pin(struct ce_session *session, const struct ce_secret *present,
                   const struct ce_secret *new_pin, const CK_TOKEN_INFO *now,
                   certenroll_error **error)
{
    certenroll_token *token = session->token;
    char what[192];
    int status;
    CK_RV rv;

    ce_log(token->context, CERTENROLL_LOG_DEBUG, "changing the PIN of \"%s\"", token->info->label);
    rv = session->functions->C_SetPIN(session->handle, ce_secret_bytes(present),
                                      ce_secret_length(present), ce_secret_bytes(new_pin),
                                      ce_secret_length(new_pin));
    if (fail_sent(session, rv) == CERTENROLL_OK)
        return CERTENROLL_OK;
    if (ce_ask_is_new_refused(rv))
        return ce_ask_fail_new(token, CE_PIN_OF_USER, now, error, rv);
    snprintf(what, sizeof(what), _("the PIN of the token \"%s\" cannot be changed"),
             token->info->label);
    status = ce_ask_fail(token, CE_PIN_OF_USER, error, rv, what);
    advise_own_tool(status, error);
    /* tpm2-pkcs11 answers a wrong PIN so, and the TPM counts it. */
    if (rv == CKR_GENERAL_ERROR || rv == CKR_FUNCTION_FAILED)
        certenroll_error_advise(
            error, _("Some tokens answer so to a wrong PIN, and count it: make sure of the "
                     "present PIN before you try again."));
    return status;
}

static int change_pin(struct ce_session *session, certenroll_error **error)
{
    certenroll_token *token = session->token;
    struct ce_secret *present = NULL, *new_pin = NULL;
    CK_TOKEN_INFO now;
    enum ce_who who;
    int is_ours = 0, status = ce_login_who(&who, session, error);

    /* C_SetPIN sets the PIN of whoever is logged in: the SO's it must not be. */
    if (status == CERTENROLL_OK && who == CE_WHO_OFFICER)
        status = ce_login_fail_officer(session, error);
    if (status == CERTENROLL_OK)
        status = ce_session_token_info(&now, session, error);
    if (status == CERTENROLL_OK)
        status = ce_token_check_writable(token, &now, error);
    if (status == CERTENROLL_OK)
        status = ce_ask_may_send(token, CE_PIN_OF_USER, CE_PIN_TO_CHANGE, now.flags, error);
    if (status == CERTENROLL_OK)
        status = ce_ask_pin(&present, token, CERTENROLL_SECRET_USER_PIN, &now, error);
    if (status == CERTENROLL_OK)
        status = ce_ask_pin(&new_pin, token, CERTENROLL_SECRET_NEW_PIN, &now, error);
    if (status == CERTENROLL_OK)
        status = ce_ask_may_still_send(session, CE_PIN_OF_USER, CE_PIN_TO_CHANGE, error);
    if (status == CERTENROLL_OK)
        status = prove_present(&is_ours, session, present, &now, error);
    if (status == CERTENROLL_OK)
        status = set_pin(session, present, new_pin, &now, error);
    /* nobody is logged in afterwards who was not before */
    if (is_ours && !ce_session_is_lost(session->rv))
        (void)session->functions->C_Logout(session->handle);
    ce_secret_free(new_pin);
    ce_secret_free(present);
    return status;
}

/* --- the SO's --- */

int ce_officer_init_pin(struct ce_session *session, const struct ce_secret *officer,
                        const struct ce_secret *new_pin, const CK_TOKEN_INFO *now,
                        certenroll_error **error)
{
    int status = ce_officer_login(session, officer, error);
    CK_RV rv;

    if (status < 0)
        return status;
    rv = session->functions->C_InitPIN(session->handle, ce_secret_bytes(new_pin),
                                       ce_secret_length(new_pin));
    if (fail_sent(session, rv) < 0 && ce_ask_is_new_refused(rv)) {
        status = ce_ask_fail_new(session->token, CE_PIN_OF_USER, now, error, rv);
    } else if (rv != CKR_OK) {
        status = ce_fail_ck(error, rv, _("the SO cannot set the PIN of the token \"%s\""),
                            session->token->info->label);
        advise_own_tool(status, error);
    }
    ce_officer_logout(session);
    return status;
}

static int reset_pin(struct ce_session *session, certenroll_error **error)
{
    struct ce_secret *officer, *new_pin = NULL;
    CK_TOKEN_INFO now;
    int status = ce_officer_ask(&officer, &now, session, error);

    if (status == CERTENROLL_OK)
        status = ce_token_check_writable(session->token, &now, error);
    if (status == CERTENROLL_OK)
        status = ce_ask_pin(&new_pin, session->token, CERTENROLL_SECRET_NEW_PIN, &now, error);
    if (status == CERTENROLL_OK)
        status = ce_officer_may_still_send(session, error);
    if (status == CERTENROLL_OK)
        status = ce_officer_init_pin(session, officer, new_pin, &now, error);
    ce_secret_free(new_pin);
    ce_secret_free(officer);
    return status;
}

/* --- one after the other --- */

/* A ce_session_work; `argument` points to one of the two above. */
static int alone(struct ce_session *session, void *argument, certenroll_error **error)
{
    int (*const *work)(struct ce_session *, certenroll_error **) = argument;
    int status = ce_login_turn_take(session->token, error);

    if (status < 0)
        return status;
    status = (*work)(session, error);
    ce_login_turn_end(session->token);
    return status;
}

int certenroll_token_change_pin(certenroll_token *token, certenroll_error **error)
{
    int (*work)(struct ce_session *, certenroll_error **) = change_pin;

    return ce_session_run(token, CE_ACCESS_PUBLIC, alone, &work, error);
}

int certenroll_token_reset_pin(certenroll_token *token, certenroll_error **error)
{
    int (*work)(struct ce_session *, certenroll_error **) = reset_pin;

    return ce_session_run(token, CE_ACCESS_PUBLIC, alone, &work, error);
}
