/* SPDX-License-Identifier: Apache-2.0 */
/* Opening the token, and waiting until it is put in. */
#define _GNU_SOURCE /* isatty, asprintf */

#include "common/prompt.h"
#include "common/tool_message.h"
#include "token/token_access.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* Enough to fetch a card from its drawer; and a day. */
#define WAIT_DEFAULT 60
#define WAIT_MAX 86400

static void fill_options(struct tool *tool, certenroll_token_options *out, const char *module,
                         int is_asked_for)
{
    out->module_path = module;
    out->allow_final_try = tool->options.allow_final_try;
    out->secret = is_asked_for ? tool->secret : NULL;
    out->secret_user = tool->secret_user;
}

int open_token_with(struct tool *tool, certenroll_token **out, const char *uri, const char *module,
                    int is_asked_for, certenroll_error **error)
{
    certenroll_token_options options = CERTENROLL_TOKEN_OPTIONS_INIT;
    int status;

    fill_options(tool, &options, module, is_asked_for);
    status = certenroll_token_open(out, tool->context, uri, &options, error);
    /* Slots that wait for C_InitToken are the one thing that cannot be opened for that reason. */
    if (status == CERTENROLL_E_TOKEN_READ_ONLY)
        certenroll_error_advise(
            error, _("\"certenroll token init\" initialises it, if it is the right one."));
    return status;
}

int open_token_at(struct tool *tool, certenroll_token **out, const char *uri, const char *module,
                  certenroll_error **error)
{
    return open_token_with(tool, out, uri, module, tool->options.pin_source || !secrets_in_uri(uri),
                           error);
}

/* --- waiting --- */

/* Whoever sits at a terminal can put a card in; a program would only be told late. */
static int waiting_time(const struct options *options, int *seconds, certenroll_error **error)
{
    *seconds = isatty(STDIN_FILENO) && !options->json ? WAIT_DEFAULT : 0;
    if (options->wait_token)
        *seconds = option_number(options->wait_token, WAIT_MAX);
    if (*seconds < 0)
        return certenroll_error_set(error, CERTENROLL_E_ARGUMENT,
                                    _("--wait-token \"%s\" is not a number of seconds from 0 to "
                                      "%d"),
                                    options->wait_token, WAIT_MAX);
    return CERTENROLL_OK;
}

static void ask_to_insert(const certenroll_error *absent, int seconds)
{
    const char *why = certenroll_error_why(absent);
    char *text = NULL;

    if (asprintf(&text, _("%s%s%s. Put it in: it is waited for %d seconds; Ctrl-C gives up."),
                 certenroll_error_what(absent), why[0] ? ": " : "", why, seconds) < 0)
        return;
    prompt_tell(text);
    free(text);
}

int await_token_at(struct tool *tool, certenroll_token **out, const char *uri, const char *module,
                   certenroll_error **error)
{
    certenroll_token_options options = CERTENROLL_TOKEN_OPTIONS_INIT;
    certenroll_wait_options wait = CERTENROLL_WAIT_OPTIONS_INIT;
    int status = waiting_time(&tool->options, &wait.timeout_seconds, error);

    if (status < 0)
        return status;
    status = open_token_at(tool, out, uri, module, error);
    if (status != CERTENROLL_E_TOKEN_NOT_FOUND || wait.timeout_seconds == 0)
        return status;
    ask_to_insert(*error, wait.timeout_seconds);
    certenroll_error_clear(error);
    fill_options(tool, &options, module, tool->options.pin_source || !secrets_in_uri(uri));
    return certenroll_token_wait(out, tool->context, uri, &options, &wait, error);
}

int open_token(struct tool *tool, certenroll_token **out, certenroll_error **error)
{
    const struct options *options = &tool->options;

    return await_token_at(tool, out, options->token ? options->token : "pkcs11:", options->module,
                          error);
}
