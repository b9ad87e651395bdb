/* SPDX-License-Identifier: Apache-2.0 */
/* Waiting for a token. The modules stay initialised while we look: to end one resets the cards it
 * has connected, which may be somebody else's. Only one that sees no card at all is started anew
 * now and then, as some (SoftHSM) look for tokens only then. */
#include "base/message.h"
#include "base/option_struct.h"
#include "context/stop.h"
#include "token/session.h"
#include "token/uri.h"

#include <string.h>

#define LOOK_MS 500
/* A module that may be is started anew with every fourth look. */
#define LOOKS_PER_START 4

struct waiting {
    certenroll_context *context;
    P11KitUri *uri;
    struct ce_modules modules;
    unsigned looks;
};

/* --- looking --- */

static int is_there(struct waiting *waiting)
{
    int found = 0;

    waiting->looks++;
    for (size_t i = 0; !found && i < waiting->modules.count; i++) {
        struct ce_module *module = &waiting->modules.list[i];

        if (module->initialized && waiting->looks % LOOKS_PER_START == 0 &&
            !ce_token_card_present(module->functions)) {
            p11_kit_module_finalize(module->functions);
            module->initialized = 0;
        }
        found = (module->initialized || ce_module_initialize(module, NULL) == CERTENROLL_OK) &&
                ce_token_present(module->functions, waiting->uri);
    }
    return found;
}

/* --- waiting --- */

static int ask_whether_to_go_on(const certenroll_wait_options *options, certenroll_error **error)
{
    unsigned held = ce_sigpipe_pause();
    int status = options->callback ? options->callback(options->user) : CERTENROLL_OK;

    ce_sigpipe_resume(held);
    if (status > 0)
        status = CERTENROLL_E_CANCELLED;
    return status < 0 ? certenroll_error_set(error, status, _("waiting for the token was given up"))
                      : status;
}

static int wait_for_it(certenroll_token **out, struct waiting *waiting, const char *uri,
                       const certenroll_token_options *token_options,
                       const certenroll_wait_options *options, certenroll_error **error)
{
    int64_t until = ce_uptime_ms() + (int64_t)options->timeout_seconds * 1000;

    for (;;) {
        int64_t left;
        int status = is_there(waiting)
                         ? certenroll_token_open(out, waiting->context, uri, token_options, error)
                         : CERTENROLL_E_TOKEN_NOT_FOUND;

        /* Not yet: it may also have been pulled again before it was open. */
        if (status != CERTENROLL_E_TOKEN_NOT_FOUND && status != CERTENROLL_E_TOKEN_REMOVED)
            return status;
        certenroll_error_clear(error);
        left = until - ce_uptime_ms();
        if (left <= 0) {
            certenroll_error_set(error, CERTENROLL_E_TOKEN_NOT_FOUND, _("no token matches %s"),
                                 uri);
            certenroll_error_because(error, _("none came within %d seconds"),
                                     options->timeout_seconds);
            return CERTENROLL_E_TOKEN_NOT_FOUND;
        }
        status = ask_whether_to_go_on(options, error);
        if (status == CERTENROLL_OK)
            status = ce_stop_sleep(left < LOOK_MS ? (unsigned)left : LOOK_MS, error);
        if (status < 0)
            return status;
    }
}

int certenroll_token_wait(certenroll_token **out, certenroll_context *context, const char *uri,
                          const certenroll_token_options *given_token,
                          const certenroll_wait_options *given, certenroll_error **error)
{
    certenroll_token_options token_options = CERTENROLL_TOKEN_OPTIONS_INIT;
    certenroll_wait_options options = CERTENROLL_WAIT_OPTIONS_INIT;
    struct waiting waiting = { .context = context };
    struct ce_modules *modules = &waiting.modules;
    struct certenroll_stop stop = { 0 };
    int status = ce_options_take(&token_options, sizeof(token_options), given_token, error);

    *out = NULL;
    if (status == CERTENROLL_OK)
        status = ce_options_take(&options, sizeof(options), given, error);
    if (status == CERTENROLL_OK && options.timeout_seconds < 0)
        status = certenroll_error_set(error, CERTENROLL_E_ARGUMENT,
                                      _("a time-out of %d seconds makes no sense"),
                                      options.timeout_seconds);
    if (status == CERTENROLL_OK)
        status = ce_uri_parse(&waiting.uri, uri, error);
    if (status < 0)
        return status;
    ce_stop_enter(&stop, context);
    ce_sigpipe_hold();
    status = ce_modules_load(modules, context, waiting.uri, token_options.module_path, error);
    /* A module that was named and does not start is no reason to wait. */
    if (status == CERTENROLL_OK && modules->named)
        status = ce_module_initialize(&modules->list[0], error);
    if (status == CERTENROLL_OK)
        status = wait_for_it(out, &waiting, uri, &token_options, &options, error);
    ce_modules_free(modules);
    ce_sigpipe_release();
    ce_stop_leave(&stop);
    p11_kit_uri_free(waiting.uri);
    return status;
}
