/* SPDX-License-Identifier: Apache-2.0 */
#include "token/token.h"

#include "base/buffer.h"
#include "base/message.h"
#include "base/option_struct.h"
#include "token/ck_rv.h"
#include "token/quirks.h"
#include "token/session.h"
#include "token/uri.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- which one --- */

/* The candidates' URIs, as many as there is room for. */
int ce_token_fail_ambiguous(const certenroll_token_list *list, const char *uri, CK_FLAGS mask,
                            CK_FLAGS flags, certenroll_error **error)
{
    char names[640];
    size_t used = 0;

    certenroll_error_set(error, CERTENROLL_E_TOKEN_AMBIGUOUS, _("more than one token matches %s"),
                         uri);
    for (size_t i = 0; i < list->count; i++) {
        const char *name = list->infos[i].uri;
        int wrote;

        if ((list->infos[i].raw.flags & mask) != flags)
            continue;
        wrote = snprintf(names + used, sizeof(names) - used, "%s%s", used > 0 ? ", " : "", name);
        if (wrote < 0 || (size_t)wrote >= sizeof(names) - used - 8) {
            memcpy(names + used, ", ...", 6);
            break;
        }
        used += (size_t)wrote;
    }
    certenroll_error_because(error, "%s", names);
    return CERTENROLL_E_TOKEN_AMBIGUOUS;
}

int ce_token_fail_none(const certenroll_token_list *list, const char *uri, certenroll_error **error)
{
    char name[CE_CK_RV_NAME_SIZE];

    certenroll_error_set(error, CERTENROLL_E_TOKEN_NOT_FOUND, _("no token matches %s"), uri);
    if (list->silent != CKR_OK) {
        certenroll_error_because(error, _("there is a token that does not answer: %s"),
                                 ce_ck_rv_name(name, sizeof(name), list->silent));
        certenroll_error_set_ck_rv(error, list->silent);
    }
    return CERTENROLL_E_TOKEN_NOT_FOUND;
}

/* Slots that wait for C_InitToken are no choice: SoftHSM always has one. */
static int choose_ready(size_t *chosen, const certenroll_token_list *list, const char *uri,
                        certenroll_error **error)
{
    size_t ready = 0;

    for (size_t i = 0; i < list->count; i++) {
        if (!(list->infos[i].raw.flags & CKF_TOKEN_INITIALIZED))
            continue;
        *chosen = i;
        ready++;
    }
    if (ready == 1)
        return CERTENROLL_OK;
    if (ready > 1)
        return ce_token_fail_ambiguous(list, uri, CKF_TOKEN_INITIALIZED, CKF_TOKEN_INITIALIZED,
                                       error);
    if (list->count > 0)
        return certenroll_error_set(error, CERTENROLL_E_TOKEN_READ_ONLY,
                                    _("the token that matches %s is not initialized"), uri);
    return ce_token_fail_none(list, uri, error);
}

int ce_token_find(certenroll_token *token, P11KitUri *parsed, const char *uri,
                  const char *module_path, ce_token_choice choose, certenroll_error **error)
{
    certenroll_token_list *list = NULL;
    struct ce_modules modules;
    size_t chosen = 0;
    int status = ce_modules_load(&modules, token->context, parsed, module_path, error);

    if (status == CERTENROLL_OK)
        status = ce_token_list_look(&list, &modules, token->context, parsed, error);
    if (status == CERTENROLL_OK)
        status = choose(&chosen, list, uri, error);
    if (status == CERTENROLL_OK)
        status = ce_token_list_take(&token->info, list, chosen, error);
    if (status == CERTENROLL_OK) {
        atomic_init(&token->slot, token->info->slot);
        token->module_is_named = modules.named;
        token->limit = ce_session_limit(&token->info->raw);
        /* the list goes, and the modules but this one */
        for (size_t i = 0; i < modules.count; i++) {
            if (modules.list[i].functions == token->info->functions) {
                token->module = modules.list[i];
                memset(&modules.list[i], 0, sizeof(modules.list[i]));
            }
        }
    }
    certenroll_token_list_free(list);
    ce_modules_free(&modules);
    return status;
}

/* --- opening --- */

certenroll_token *ce_token_new(certenroll_context *context)
{
    certenroll_token *token = calloc(1, sizeof(*token));

    if (!token)
        return NULL;
    ce_refcount_init(&token->references);
    token->context = ce_context_ref(context);
    token->generation = 1;
    token->checked = 1;
    token->process = ce_process_generation();
    atomic_init(&token->locks_process, token->process);
    token->mutex = ce_mutex_new();
    token->login_turn.ended = ce_condition_new();
    token->returned = ce_condition_new();
    if (token->mutex && token->login_turn.ended && token->returned)
        return token;
    certenroll_token_free(token);
    return NULL;
}

int certenroll_token_open(certenroll_token **out, certenroll_context *context, const char *uri,
                          const certenroll_token_options *given, certenroll_error **error)
{
    certenroll_token_options options = CERTENROLL_TOKEN_OPTIONS_INIT;
    certenroll_token *token;
    P11KitUri *parsed;
    int status;

    *out = NULL;
    status = ce_options_take(&options, sizeof(options), given, error);
    if (status == CERTENROLL_OK)
        status = ce_uri_parse(&parsed, uri, error);
    if (status < 0)
        return status;
    token = ce_token_new(context);
    ce_sigpipe_hold();
    status = token ? ce_uri_pin_source(&token->pin_source, parsed, error)
                   : certenroll_error_set_memory(error);
    if (status == CERTENROLL_OK) {
        token->secret = (struct ce_secret_source){ options.secret, options.secret_user };
        token->allow_final_try = options.allow_final_try;
        status = ce_token_find(token, parsed, uri, options.module_path, choose_ready, error);
    }
    if (status == CERTENROLL_OK)
        ce_log(token->context, CERTENROLL_LOG_DEBUG, "token \"%s\", serial number %s, through %s",
               token->info->label, token->info->serial, token->info->module);
    ce_sigpipe_release();
    p11_kit_uri_free(parsed);
    if (status == CERTENROLL_OK)
        *out = token;
    else
        certenroll_token_free(token);
    return status;
}

certenroll_token *ce_token_ref(certenroll_token *token)
{
    ce_refcount_up(&token->references);
    return token;
}

void certenroll_token_free(certenroll_token *token)
{
    if (!token || !ce_refcount_down(&token->references))
        return;
    if (token->mutex && token->login_turn.ended && token->returned)
        ce_locks_follow_fork(token);
    ce_sigpipe_hold();
    /* In a child that never used the token its sessions and its module are the parent's. */
    if (token->process != ce_process_generation())
        token->module.initialized = 0;
    else if (token->module.initialized)
        ce_sessions_close(token);
    ce_module_close(&token->module);
    ce_sigpipe_release();
    ce_token_info_free(token->info);
    free(token->pin_source);
    ce_mutex_free(token->mutex);
    ce_condition_free(token->login_turn.ended);
    ce_condition_free(token->returned);
    certenroll_context_free(token->context);
    free(token);
}

certenroll_context *ce_token_context(const certenroll_token *token)
{
    return token->context;
}

const char *ce_token_module_path(const certenroll_token *token)
{
    return token->module_is_named ? token->info->module : "";
}

int ce_token_has_slots(const certenroll_token *token)
{
    return ce_quirks_of(&token->info->raw)->slot_count > 0;
}

int ce_token_is(const certenroll_token *token, const char *label, const char *serial)
{
    return strcmp(token->info->label, label) == 0 && strcmp(token->info->serial, serial) == 0;
}

const certenroll_token_info *certenroll_token_get_info(const certenroll_token *token)
{
    return token->info;
}

/* --- logging in --- */

static int nothing(struct ce_session *session, void *argument, certenroll_error **error)
{
    (void)session;
    (void)argument;
    (void)error;
    return CERTENROLL_OK;
}

int certenroll_token_login(certenroll_token *token, certenroll_error **error)
{
    return ce_session_run(token, CE_ACCESS_LOGGED_IN, nothing, NULL, error);
}
