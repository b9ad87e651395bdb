/* SPDX-License-Identifier: Apache-2.0 */
#include "base/message.h"
#include "base/option_struct.h"
#include "base/text.h"
#include "token/attribute.h"
#include "token/ck_rv.h"
#include "token/login_turn.h"
#include "token/officer.h"
#include "token/uri.h"

#include <stdlib.h>
#include <string.h>

/* One token to initialise. The secrets are NULL where they are typed on the reader, and those that
 * are not asked for. */
struct initialization {
    certenroll_token *token;
    unsigned char label[sizeof(((CK_TOKEN_INFO *)NULL)->label)]; /* padded with blanks */
    CK_TOKEN_INFO now;
    struct ce_secret *officer; /* the SO PIN that is, or on an empty token is to be */
    struct ce_secret *new_officer;
    struct ce_secret *new_pin;
};

static int take_label(struct initialization *init, const char *label, certenroll_error **error)
{
    size_t length = label ? strlen(label) : 0, at = 0;

    if (length == 0 || length > sizeof(init->label))
        return certenroll_error_set(error, CERTENROLL_E_ARGUMENT,
                                    _("a token's label has 1 to %zu bytes, not %zu"),
                                    sizeof(init->label), length);
    while (at < length) {
        size_t size = ce_text_plain(label + at, length - at);
        if (size == 0)
            return certenroll_error_set(error, CERTENROLL_E_ARGUMENT,
                                        _("the token's label is not printable UTF-8"));
        at += size;
    }
    memset(init->label, ' ', sizeof(init->label));
    memcpy(init->label, label, length);
    return CERTENROLL_OK;
}

/* --- which one --- */

struct objects_seen {
    size_t certificates;
    size_t others;
};

static int count_objects(struct ce_session *session, void *argument, certenroll_error **error)
{
    CK_OBJECT_CLASS class = CKO_CERTIFICATE;
    CK_ATTRIBUTE template = { CKA_CLASS, &class, sizeof(class) };
    struct objects_seen *seen = argument;
    CK_OBJECT_HANDLE *handles;
    size_t all;
    int status = ce_objects_find(&handles, &all, session, NULL, 0, error);

    free(handles);
    if (status < 0)
        return status;
    status = ce_objects_find(&handles, &seen->certificates, session, &template, 1, error);
    free(handles);
    seen->others = all > seen->certificates ? all - seen->certificates : 0;
    return status;
}

static int refuse_to_erase(certenroll_token *token, certenroll_error **error)
{
    struct objects_seen seen = { 0, 0 };
    int counted = ce_session_run(token, CE_ACCESS_PUBLIC, count_objects, &seen, NULL);

    certenroll_error_set(error, CERTENROLL_E_STATE,
                         _("the token \"%s\" (serial number %s) is initialised already"),
                         token->info->label, token->info->serial);
    if (counted == CERTENROLL_OK)
        certenroll_error_because(
            error,
            _("all that is on it would be lost: %zu certificates and %zu other objects that "
              "are seen without its PIN, and its private keys"),
            seen.certificates, seen.others);
    else
        certenroll_error_because(error, _("all that is on it would be lost"));
    certenroll_error_advise(error, _("Name another token, or say that this one is to be erased."));
    return CERTENROLL_E_STATE;
}

/* The only empty one. An initialised one is chosen too when there is no other: to be refused by its
 * name. */
static int choose_empty(size_t *chosen, const certenroll_token_list *list, const char *uri,
                        certenroll_error **error)
{
    size_t empty = 0;

    if (list->count == 0)
        return ce_token_fail_none(list, uri, error);
    *chosen = 0;
    for (size_t i = 0; i < list->count; i++) {
        if (list->infos[i].raw.flags & CKF_TOKEN_INITIALIZED)
            continue;
        empty++;
        *chosen = i;
    }
    if (list->count == 1 || empty == 1)
        return CERTENROLL_OK;
    return ce_token_fail_ambiguous(list, uri, empty > 0 ? CKF_TOKEN_INITIALIZED : 0, 0, error);
}

/* To be erased: the only one. */
static int choose_only(size_t *chosen, const certenroll_token_list *list, const char *uri,
                       certenroll_error **error)
{
    if (list->count == 0)
        return ce_token_fail_none(list, uri, error);
    *chosen = 0;
    return list->count == 1 ? CERTENROLL_OK : ce_token_fail_ambiguous(list, uri, 0, 0, error);
}

/* --- before --- */

static int fail_sessions(const certenroll_token *token, certenroll_error **error)
{
    certenroll_error_set(error, CERTENROLL_E_STATE, _("the token \"%s\" cannot be initialised now"),
                         token->info->label);
    certenroll_error_because(error, _("this process has sessions with it"));
    certenroll_error_advise(error, _("Close the token in all parts of this program first."));
    return CERTENROLL_E_STATE;
}

static int is_some(CK_ULONG count)
{
    return count > 0 && count != CK_UNAVAILABLE_INFORMATION;
}

/* An SO PIN that is to be changed is the maker's: there is one on an empty token then too. One that
 * is locked is none: SoftHSM says so of tokens that are empty. */
static int has_makers_pin(const CK_TOKEN_INFO *now)
{
    return (now->flags & (CKF_SO_PIN_TO_BE_CHANGED | CKF_SO_PIN_LOCKED)) ==
           CKF_SO_PIN_TO_BE_CHANGED;
}

static int ask_officer(struct initialization *init, certenroll_error **error)
{
    certenroll_token *token = init->token;
    int status;

    if (!(init->now.flags & CKF_TOKEN_INITIALIZED) && !has_makers_pin(&init->now))
        return ce_ask_pin(&init->officer, token, CERTENROLL_SECRET_NEW_SO_PIN, &init->now, error);
    status = ce_ask_may_send(token, CE_PIN_OF_OFFICER, CE_PIN_TO_CHANGE, init->now.flags, error);
    if (status == CERTENROLL_OK)
        status = ce_ask_pin(&init->officer, token, CERTENROLL_SECRET_SO_PIN, &init->now, error);
    if (status == CERTENROLL_OK && has_makers_pin(&init->now))
        status =
            ce_ask_pin(&init->new_officer, token, CERTENROLL_SECRET_NEW_SO_PIN, &init->now, error);
    return status;
}

/* Who was asked may have taken his time: what is erased now must be what was named, and its tries
 * those that he was told of. */
static int check_nothing_changed(struct initialization *init, certenroll_error **error)
{
    certenroll_token *token = init->token;
    const int is_new = !(init->now.flags & CKF_TOKEN_INITIALIZED) && !has_makers_pin(&init->now);
    CK_TOKEN_INFO now;
    CK_RV rv = ce_token_look(&now, token);
    int status;

    if (rv != CKR_OK)
        return ce_fail_ck(error, rv, _("the token \"%s\" does not answer"), token->info->label);
    status = ce_token_check_same(token, &now, error);
    if (status < 0 || is_new)
        return status;
    return ce_ask_may_send(token, CE_PIN_OF_OFFICER, CE_PIN_TO_CHANGE, now.flags, error);
}

/* --- C_InitToken --- */

static int has_label(const CK_TOKEN_INFO *info, const CK_TOKEN_INFO *wanted)
{
    return info->flags & CKF_TOKEN_INITIALIZED &&
           memcmp(info->label, wanted->label, sizeof(info->label)) == 0;
}

/* It has another label now, and may have another serial number, or be in another slot (SoftHSM
 * numbers its slots by serial number). */
static int find_again(struct initialization *init, certenroll_error **error)
{
    CK_FUNCTION_LIST *functions = init->token->module.functions;
    CK_SLOT_ID slot = atomic_load(&init->token->slot);
    CK_TOKEN_INFO wanted;
    CK_RV rv = functions->C_GetTokenInfo(slot, &init->now);

    memcpy(wanted.label, init->label, sizeof(wanted.label));
    if (rv != CKR_OK || !has_label(&init->now, &wanted)) {
        rv = ce_token_slot_search(&slot, functions, has_label, &wanted);
        if (rv == CKR_OK)
            rv = functions->C_GetTokenInfo(slot, &init->now);
    }
    if (rv != CKR_OK)
        return ce_fail_ck(error, rv, _("the token is initialised, and not to be found again"));
    ce_token_info_fill(init->token->info, slot, &init->now);
    atomic_store(&init->token->slot, slot);
    return CERTENROLL_OK;
}

static int init_token(struct initialization *init, certenroll_error **error)
{
    certenroll_token *token = init->token;
    int status;
    CK_RV rv;

    ce_log(token->context, CERTENROLL_LOG_INFO, "initialising the token in slot %lu",
           (unsigned long)atomic_load(&token->slot));
    rv = token->module.functions->C_InitToken(atomic_load(&token->slot),
                                              ce_secret_bytes(init->officer),
                                              ce_secret_length(init->officer), init->label);
    if (rv == CKR_OK)
        return find_again(init, error);
    if (rv == CKR_SESSION_EXISTS)
        return fail_sessions(token, error);
    if (rv == CKR_PIN_INCORRECT)
        return ce_ask_fail(token, CE_PIN_OF_OFFICER, error, rv, "");
    if (ce_ask_is_new_refused(rv))
        return ce_ask_fail_new(token, CE_PIN_OF_OFFICER, &init->now, error, rv);
    status = ce_fail_ck(error, rv, _("the token \"%s\" cannot be initialised"), token->info->label);
    if (status == CERTENROLL_E_UNSUPPORTED)
        certenroll_error_advise(error, _("Use the tool that came with the token."));
    return status;
}

/* --- the PINs --- */

/* The maker's SO PIN is changed before the SO may do anything else. */
static int change_officer(const struct initialization *init, struct ce_session *session,
                          certenroll_error **error)
{
    int status = ce_officer_login(session, init->officer, error);
    CK_RV rv;

    if (status < 0)
        return status;
    rv = session->functions->C_SetPIN(
        session->handle, ce_secret_bytes(init->officer), ce_secret_length(init->officer),
        ce_secret_bytes(init->new_officer), ce_secret_length(init->new_officer));
    if (rv != CKR_OK) {
        session->rv = rv;
        session->final = 1;
        status = ce_ask_fail_new(init->token, CE_PIN_OF_OFFICER, &init->now, error, rv);
    }
    ce_officer_logout(session);
    return status;
}

static int set_pins(struct ce_session *session, void *argument, certenroll_error **error)
{
    struct initialization *init = argument;
    const struct ce_secret *officer = init->new_officer ? init->new_officer : init->officer;
    int status = ce_login_turn_take(session->token, error);

    if (status < 0)
        return status;
    if (init->new_officer)
        status = change_officer(init, session, error);
    if (status == CERTENROLL_OK)
        status = ce_officer_init_pin(session, officer, init->new_pin, &init->now, error);
    ce_login_turn_end(session->token);
    if (status < 0)
        certenroll_error_advise(
            error, _("The token is initialised and has no user PIN yet: reset its PIN with the "
                     "SO PIN."));
    return status;
}

/* --- all of it --- */

static int initialize_token(struct initialization *init, P11KitUri *parsed, const char *uri,
                            const certenroll_initialize_options *options, certenroll_error **error)
{
    certenroll_token *token = init->token;
    int status;

    token->secret = (struct ce_secret_source){ options->secret, options->secret_user };
    token->allow_final_try = options->allow_final_try;
    status = ce_token_find(token, parsed, uri, options->module_path,
                           options->erase ? choose_only : choose_empty, error);
    if (status < 0)
        return status;
    init->now = token->info->raw;
    if (init->now.flags & CKF_TOKEN_INITIALIZED && !options->erase)
        return refuse_to_erase(token, error);
    if (is_some(init->now.ulSessionCount) || is_some(init->now.ulRwSessionCount))
        return fail_sessions(token, error);
    status = ce_token_check_writable(token, &init->now, error);
    if (status == CERTENROLL_OK)
        status = ask_officer(init, error);
    if (status == CERTENROLL_OK)
        status = ce_ask_pin(&init->new_pin, token, CERTENROLL_SECRET_NEW_PIN, &init->now, error);
    if (status == CERTENROLL_OK)
        status = check_nothing_changed(init, error);
    if (status == CERTENROLL_OK)
        status = init_token(init, error);
    if (status == CERTENROLL_OK)
        status = ce_session_run(token, CE_ACCESS_PUBLIC, set_pins, init, error);
    return status;
}

int certenroll_token_initialize(certenroll_context *context, const char *uri,
                                const certenroll_initialize_options *given,
                                certenroll_error **error)
{
    certenroll_initialize_options options = CERTENROLL_INITIALIZE_OPTIONS_INIT;
    struct initialization init = { .token = NULL };
    P11KitUri *parsed;
    int status = ce_options_take(&options, sizeof(options), given, error);

    if (status == CERTENROLL_OK)
        status = take_label(&init, options.label, error);
    if (status == CERTENROLL_OK)
        status = ce_uri_parse(&parsed, uri, error);
    if (status < 0)
        return status;
    init.token = ce_token_new(context);
    ce_sigpipe_hold();
    status = init.token ? initialize_token(&init, parsed, uri, &options, error)
                        : certenroll_error_set_memory(error);
    ce_sigpipe_release();
    ce_secret_free(init.new_pin);
    ce_secret_free(init.new_officer);
    ce_secret_free(init.officer);
    certenroll_token_free(init.token);
    p11_kit_uri_free(parsed);
    return status;
}
