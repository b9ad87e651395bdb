/* SPDX-License-Identifier: Apache-2.0 */
#include "token/ask.h"

#include "base/message.h"
#include "context/stop.h"
#include "token/ck_rv.h"

#include <stdio.h>
#include <string.h>

/* --- how the token stands --- */

/* The flags of CK_TOKEN_INFO for one owner's PIN. */
static const struct owner {
    CK_FLAGS count_low, final_try, locked, to_be_changed;
} owners[] = {
    [CE_PIN_OF_USER] = { CKF_USER_PIN_COUNT_LOW, CKF_USER_PIN_FINAL_TRY, CKF_USER_PIN_LOCKED,
                         CKF_USER_PIN_TO_BE_CHANGED },
    [CE_PIN_OF_OFFICER] = { CKF_SO_PIN_COUNT_LOW, CKF_SO_PIN_FINAL_TRY, CKF_SO_PIN_LOCKED,
                            CKF_SO_PIN_TO_BE_CHANGED },
};

int ce_ask_may_send(const certenroll_token *token, enum ce_pin_owner owner, enum ce_pin_use use,
                    CK_FLAGS flags, certenroll_error **error)
{
    const struct owner *whose = &owners[owner];
    const char *label = token->info->label;
    int is_user = owner == CE_PIN_OF_USER;

    if (is_user && !(flags & CKF_USER_PIN_INITIALIZED))
        return certenroll_error_set(error, CERTENROLL_E_PIN_NOT_SET,
                                    _("the token \"%s\" has no user PIN yet"), label);
    if (flags & whose->locked) {
        certenroll_error_set(error, CERTENROLL_E_PIN_LOCKED,
                             is_user ? _("the PIN of the token \"%s\" is locked")
                                     : _("the SO PIN of the token \"%s\" is locked"),
                             label);
        if (!is_user) /* nobody stands above the SO */
            certenroll_error_advise(
                error, _("Ask whoever issued the token; it may have to be initialised anew, which "
                         "destroys what is on it."));
        return CERTENROLL_E_PIN_LOCKED;
    }
    if (flags & whose->to_be_changed && use == CE_PIN_TO_LOG_IN)
        return certenroll_error_set(error, CERTENROLL_E_PIN_EXPIRED,
                                    is_user
                                        ? _("the PIN of the token \"%s\" must be changed first")
                                        : _("the SO PIN of the token \"%s\" must be changed first"),
                                    label);
    if (flags & whose->final_try && !token->allow_final_try)
        return certenroll_error_set(
            error, CERTENROLL_E_PIN_FINAL_TRY,
            is_user ? _("the token \"%s\" has one PIN try left; it was not spent")
                    : _("the token \"%s\" has one try of the SO PIN left; it was not "
                        "spent"),
            label);
    return CERTENROLL_OK;
}

int ce_ask_may_still_send(struct ce_session *session, enum ce_pin_owner owner, enum ce_pin_use use,
                          certenroll_error **error)
{
    CK_TOKEN_INFO now;
    int status = ce_session_token_info(&now, session, error);

    return status < 0 ? status : ce_ask_may_send(session->token, owner, use, now.flags, error);
}

/* What the flags say after a wrong PIN. */
static const char *describe_tries(enum ce_pin_owner owner, CK_FLAGS flags)
{
    const struct owner *whose = &owners[owner];

    if (flags & whose->locked)
        return owner == CE_PIN_OF_USER ? _("the PIN is locked now") : _("the SO PIN is locked now");
    if (flags & whose->final_try)
        return _("one try is left");
    if (flags & whose->count_low)
        return _("a wrong PIN was given since the last right one");
    return _("the token does not tell how many tries are left");
}

int ce_ask_fail(certenroll_token *token, enum ce_pin_owner owner, certenroll_error **error,
                CK_RV rv, const char *what)
{
    char name[CE_CK_RV_NAME_SIZE];
    int status = ce_fail_ck(error, rv, "%s", what);
    CK_TOKEN_INFO now;

    if (rv != CKR_PIN_INCORRECT)
        return status;
    memset(&now, 0, sizeof(now));
    certenroll_error_set(error, status,
                         owner == CE_PIN_OF_USER ? _("the PIN for the token \"%s\" is wrong")
                                                 : _("the SO PIN for the token \"%s\" is wrong"),
                         token->info->label);
    if (token->module.functions->C_GetTokenInfo(atomic_load(&token->slot), &now) == CKR_OK)
        certenroll_error_because(error, "%s; %s", ce_ck_rv_name(name, sizeof(name), rv),
                                 describe_tries(owner, now.flags));
    else
        certenroll_error_because(error, "%s", ce_ck_rv_name(name, sizeof(name), rv));
    certenroll_error_set_ck_rv(error, rv);
    return status;
}

/* --- new PINs --- */

int ce_ask_is_new_refused(CK_RV rv)
{
    return ce_ck_rv_status(rv) == CERTENROLL_E_PIN_INVALID;
}

static int has_limit(CK_ULONG limit)
{
    return limit > 0 && limit != CK_UNAVAILABLE_INFORMATION;
}

/* Why a new PIN does not do, as far as the token tells. */
static void write_limits(char *out, size_t size, const CK_TOKEN_INFO *now)
{
    if (has_limit(now->ulMaxPinLen))
        snprintf(out, size, _("the token wants %lu to %lu characters"),
                 (unsigned long)now->ulMinPinLen, (unsigned long)now->ulMaxPinLen);
    else
        snprintf(out, size, _("the token wants at least %lu characters"),
                 (unsigned long)now->ulMinPinLen);
}

int ce_ask_fail_new(const certenroll_token *token, enum ce_pin_owner owner,
                    const CK_TOKEN_INFO *now, certenroll_error **error, CK_RV rv)
{
    char name[CE_CK_RV_NAME_SIZE], limits[160];
    int status = certenroll_error_set(error, ce_ck_rv_status(rv),
                                      owner == CE_PIN_OF_USER
                                          ? _("the token \"%s\" does not take the new PIN")
                                          : _("the token \"%s\" does not take the SO PIN"),
                                      token->info->label);

    write_limits(limits, sizeof(limits), now);
    certenroll_error_because(error, "%s; %s", ce_ck_rv_name(name, sizeof(name), rv), limits);
    certenroll_error_set_ck_rv(error, rv);
    return status;
}

static int is_new(certenroll_secret_kind kind)
{
    return kind == CERTENROLL_SECRET_NEW_PIN || kind == CERTENROLL_SECRET_NEW_SO_PIN;
}

/* PKCS#11 leaves it open whether the limits count bytes or characters; tokens count bytes. */
static int is_within_limits(const struct ce_secret *secret, const CK_TOKEN_INFO *now)
{
    return secret->length >= now->ulMinPinLen &&
           (!has_limit(now->ulMaxPinLen) || secret->length <= now->ulMaxPinLen);
}

/* What cannot be right is a slip of whoever answered, and would cost a try: nothing is sent. */
static int fail_slip(certenroll_error **error, const char *what, const char *why)
{
    certenroll_error_set(error, CERTENROLL_E_PIN_INVALID, "%s", what);
    certenroll_error_because(error, _("%s; nothing was sent to it"), why);
    return CERTENROLL_E_PIN_INVALID;
}

static int check_answer(const struct ce_secret *secret, certenroll_secret_kind kind,
                        const CK_TOKEN_INFO *now, certenroll_error **error)
{
    char limits[160];

    write_limits(limits, sizeof(limits), now);
    if (is_new(kind) && !is_within_limits(secret, now)) {
        certenroll_error_set(error, CERTENROLL_E_PIN_INVALID,
                             secret->length < now->ulMinPinLen
                                 ? _("the new PIN is too short; nothing was changed")
                                 : _("the new PIN is too long; nothing was changed"));
        certenroll_error_because(error, "%s", limits);
        return CERTENROLL_E_PIN_INVALID;
    }
    if (!is_new(kind) && secret->length == 0 && now->ulMinPinLen > 0)
        return fail_slip(error, _("the PIN given is empty"), limits);
    /* Nobody can type a control character; it comes of a file that holds something else. Tokens
     * that take the PIN for a C string would see its beginning only. */
    for (size_t i = 0; i < secret->length; i++) {
        const unsigned char byte = (unsigned char)secret->bytes[i];

        if (byte < 0x20 || byte == 0x7f)
            return fail_slip(error, _("the PIN given has a control character in it"),
                             _("the token wants characters that can be typed"));
    }
    return CERTENROLL_OK;
}

int ce_ask_check_length(const struct ce_secret *secret, const CK_TOKEN_INFO *now,
                        certenroll_error **error)
{
    char limits[160];

    if (!secret || is_within_limits(secret, now))
        return CERTENROLL_OK;
    write_limits(limits, sizeof(limits), now);
    return fail_slip(error,
                     secret->length < now->ulMinPinLen ? _("the PIN given is too short")
                                                       : _("the PIN given is too long"),
                     limits);
}

/* --- the question --- */

/* A token that asks, and the one whose callback had it ask. */
struct asking {
    const certenroll_token *token;
    const struct asking *outer;
};

/* This thread's; lives on the stacks of the calls that ask. */
static _Thread_local const struct asking *innermost;

int ce_ask_is_asking(const certenroll_token *token)
{
    for (const struct asking *asking = innermost; asking; asking = asking->outer)
        if (asking->token == token)
            return 1;
    return 0;
}

/* By the callback, else by the URI's pin-source, which holds the present user PIN and no other. */
static int ask_or_read(struct ce_secret **out, certenroll_token *token,
                       const certenroll_secret_request *request, certenroll_error **error)
{
    const char *source = request->kind == CERTENROLL_SECRET_USER_PIN ||
                                 request->kind == CERTENROLL_SECRET_CONTEXT_PIN
                             ? token->pin_source
                             : NULL;
    int status = CERTENROLL_OK;

    *out = NULL;
    if (token->secret.callback || (!source && !request->on_reader)) {
        struct asking asking = { token, innermost };
        unsigned held = ce_sigpipe_pause();

        innermost = &asking;
        status = ce_secret_ask(out, &token->secret, request, error);
        innermost = asking.outer;
        ce_sigpipe_resume(held);
    } else if (!request->on_reader) {
        status = ce_secret_read(out, source, error);
    }
    if (status == CERTENROLL_OK && request->on_reader) {
        ce_secret_free(*out);
        *out = NULL;
    }
    return status;
}

int ce_ask_pin(struct ce_secret **out, certenroll_token *token, certenroll_secret_kind kind,
               const CK_TOKEN_INFO *now, certenroll_error **error)
{
    const int is_officers =
        kind == CERTENROLL_SECRET_SO_PIN || kind == CERTENROLL_SECRET_NEW_SO_PIN;
    const struct owner *whose = &owners[is_officers ? CE_PIN_OF_OFFICER : CE_PIN_OF_USER];
    const CK_FLAGS counts = is_new(kind) ? 0 : now->flags;
    certenroll_secret_request request = {
        .size = sizeof(request),
        .kind = kind,
        .name = token->info->label,
        .place = token->info->serial,
        .count_low = !!(counts & whose->count_low),
        .final_try = !!(counts & whose->final_try),
        .on_reader = !!(now->flags & CKF_PROTECTED_AUTHENTICATION_PATH),
        .length_min = now->ulMinPinLen,
        .length_max = has_limit(now->ulMaxPinLen) ? now->ulMaxPinLen : 0,
        .stop = ce_stop_now(),
    };
    int status = ask_or_read(out, token, &request, error);

    if (status == CERTENROLL_OK && *out)
        status = check_answer(*out, kind, now, error);
    if (status < 0) {
        ce_secret_free(*out);
        *out = NULL;
    }
    return status;
}

CK_UTF8CHAR *ce_secret_bytes(const struct ce_secret *secret)
{
    return secret ? (CK_UTF8CHAR *)secret->bytes : NULL;
}

CK_ULONG ce_secret_length(const struct ce_secret *secret)
{
    return secret ? (CK_ULONG)secret->length : 0;
}
