/* SPDX-License-Identifier: Apache-2.0 */
/* Opening the token, and waiting until it is put in. */
#define _POSIX_C_SOURCE 200809L /* isatty */

#include "commands.h"
#include "common/message.h"
#include "common/prompt.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* Enough to fetch a card from its drawer; and a day. */
#define WAIT_DEFAULT 60
#define WAIT_MAX 86400

/* Slots that wait for C_InitToken are the one thing that cannot be opened for that reason. */
static void advise_init(struct failure *failure)
{
    if (failure->status == CERTENROLL_E_TOKEN_READ_ONLY)
        failure_advise(failure, "%s",
                       _("\"certenroll token init\" initialises it, if it is the right one."));
}

static void fill_options(struct tool *tool, certenroll_token_options *token_options,
                         const char *uri, const char *module)
{
    token_options->module_path = module;
    token_options->allow_final_try = tool->options.allow_final_try;
    if (!tool->options.pin_source && secrets_in_uri(uri))
        return;
    token_options->secret = secrets_answer;
    token_options->secret_user = &tool->secrets;
}

int open_token_at(struct tool *tool, certenroll_token **out, const char *uri, const char *module,
                  struct failure *failure)
{
    certenroll_token_options token_options = CERTENROLL_TOKEN_OPTIONS_INIT;
    certenroll_error *error = NULL;

    fill_options(tool, &token_options, uri, module);
    if (certenroll_token_open(out, tool->context, uri, &token_options, &error) == CERTENROLL_OK)
        return CERTENROLL_OK;
    take_failure(tool, failure, error);
    advise_init(failure);
    return failure->status;
}

/* --- waiting --- */

/* Whoever sits at a terminal can put a card in; a program would only be told late. */
static int waiting_time(struct tool *tool, int *seconds)
{
    const char *text = tool->options.wait_token;
    char *end = NULL;
    long value;

    *seconds = isatty(STDIN_FILENO) && !tool->options.json ? WAIT_DEFAULT : 0;
    if (!text)
        return CERTENROLL_OK;
    value = strtol(text, &end, 10);
    *seconds = (int)value;
    if (end != text && *end == '\0' && value >= 0 && value <= WAIT_MAX)
        return CERTENROLL_OK;
    return failure_set(&tool->failure, CERTENROLL_E_ARGUMENT,
                       _("--wait-token \"%s\" is not a number of seconds from 0 to %d"), text,
                       WAIT_MAX);
}

static void ask_to_insert(const struct failure *failure, int seconds)
{
    char text[FAILURE_LINE_SIZE];

    snprintf(text, sizeof(text),
             _("%s%s%s. Put it in: it is waited for %d seconds; Ctrl-C gives up."), failure->what,
             failure->why[0] ? ": " : "", failure->why, seconds);
    prompt_tell(text);
}

static int wait_for_token(struct tool *tool, certenroll_token **out, const char *uri,
                          const char *module, int seconds, struct failure *failure)
{
    certenroll_token_options token_options = CERTENROLL_TOKEN_OPTIONS_INIT;
    certenroll_wait_options wait_options = CERTENROLL_WAIT_OPTIONS_INIT;
    certenroll_error *error = NULL;

    fill_options(tool, &token_options, uri, module);
    wait_options.timeout_seconds = seconds;
    if (certenroll_token_wait(out, tool->context, uri, &token_options, &wait_options, &error) < 0)
        return take_failure(tool, failure, error);
    return CERTENROLL_OK;
}

int await_token_at(struct tool *tool, certenroll_token **out, const char *uri, const char *module,
                   struct failure *failure)
{
    struct failure absent = { 0 };
    int seconds = 0, status = waiting_time(tool, &seconds);

    if (status < 0) {
        *failure = tool->failure;
        return status;
    }
    status = open_token_at(tool, out, uri, module, &absent);
    if (status == CERTENROLL_E_TOKEN_NOT_FOUND && seconds > 0) {
        ask_to_insert(&absent, seconds);
        return wait_for_token(tool, out, uri, module, seconds, failure);
    }
    if (status < 0 && failure->status == 0)
        *failure = absent;
    return status;
}

int open_token(struct tool *tool, certenroll_token **out)
{
    const struct options *options = &tool->options;

    return await_token_at(tool, out, options->token ? options->token : "pkcs11:", options->module,
                          &tool->failure);
}
