/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE /* asprintf */

#include "batch/batch_tokens.h"

#include "token/token_access.h"

#include <stdio.h>
#include <stdlib.h>

int batch_tokens_start(struct batch_tokens *tokens, struct tool *tool, certenroll_error **error)
{
    tokens->tool = tool;
    tokens->by_uri = json_object();
    tokens->by_pin_failure = json_object();
    return tokens->by_uri && tokens->by_pin_failure ? CERTENROLL_OK
                                                    : certenroll_error_set_memory(error);
}

void batch_tokens_clear(struct batch_tokens *tokens)
{
    for (size_t i = 0; i < tokens->count; i++) {
        certenroll_token_free(tokens->list[i]->token);
        certenroll_error_free(tokens->list[i]->why_not);
        free(tokens->list[i]->identity);
        free(tokens->list[i]);
    }
    free(tokens->list);
    json_decref(tokens->by_uri);
    json_decref(tokens->by_pin_failure);
}

/* --- giving up --- */

static void give_up(struct batch_token *token, const certenroll_error *error)
{
    if (!token->why_not)
        token->why_not = certenroll_error_copy(error);
}

void batch_token_judge(struct batch_tokens *tokens, struct batch_token *token,
                       const certenroll_error *error)
{
    const int status = certenroll_error_status(error);
    const certenroll_class class = certenroll_status_class(status);
    size_t index = 0;

    if (class == CERTENROLL_CLASS_PIN) {
        secrets_reject(&tokens->tool->secrets);
        /* The same token may be in the list under another URI. */
        while (index < tokens->count && tokens->list[index] != token)
            index++;
        json_object_set_new(tokens->by_pin_failure, token->identity,
                            json_integer((json_int_t)index));
    }
    if (class == CERTENROLL_CLASS_PIN || class == CERTENROLL_CLASS_MODULE ||
        status == CERTENROLL_E_TOKEN_FULL || status == CERTENROLL_E_TOKEN_READ_ONLY)
        give_up(token, error);
}

/* --- opening --- */

static int open_new(struct batch_tokens *tokens, struct batch_token *token, const char *uri,
                    certenroll_error **error)
{
    const certenroll_token_info *info;
    /* A token's own pin-source goes before what is named for all of them. */
    int status = open_token_with(tokens->tool, &token->token, uri, tokens->tool->options.module,
                                 !secrets_in_uri(uri), error);

    if (status < 0) {
        status = complete_error(tokens->tool, error);
        give_up(token, *error);
        return status;
    }
    info = certenroll_token_get_info(token->token);
    if (asprintf(&token->identity, "%s\n%s", certenroll_token_info_label(info),
                 certenroll_token_info_serial(info)) >= 0)
        return CERTENROLL_OK;
    token->identity = NULL;
    certenroll_error_set_memory(error);
    give_up(token, *error);
    return CERTENROLL_E_MEMORY;
}

struct batch_token *batch_tokens_open(struct batch_tokens *tokens, const char *uri, int *is_new,
                                      certenroll_error **error)
{
    const json_t *index = json_object_get(tokens->by_uri, uri);
    struct batch_token **grown, *token = NULL;

    *is_new = !index;
    if (index) {
        token = tokens->list[(size_t)json_integer_value(index)];
        if (token->why_not)
            (void)repeat_error(error, token->why_not);
        return token->why_not ? NULL : token;
    }
    grown = realloc(tokens->list, (tokens->count + 1) * sizeof(struct batch_token *));
    if (grown) {
        tokens->list = grown;
        token = calloc(1, sizeof(*token));
    }
    if (!token ||
        json_object_set_new(tokens->by_uri, uri, json_integer((json_int_t)tokens->count)) < 0) {
        free(token);
        certenroll_error_set_memory(error);
        return NULL;
    }
    tokens->list[tokens->count++] = token;
    return open_new(tokens, token, uri, error) < 0 ? NULL : token;
}

/* --- logging in --- */

int batch_token_login(struct batch_tokens *tokens, struct batch_token *token, int *was_tried,
                      certenroll_error **error)
{
    const json_t *failed = json_object_get(tokens->by_pin_failure, token->identity);
    int status;

    *was_tried = 0;
    if (token->is_logged_in)
        return CERTENROLL_OK;
    if (failed) { /* under another URI */
        status = repeat_error(error, tokens->list[(size_t)json_integer_value(failed)]->why_not);
    } else {
        status = certenroll_token_login(token->token, error);
        if (status == CERTENROLL_OK) {
            token->is_logged_in = 1;
            return status;
        }
        (void)complete_error(tokens->tool, error);
        /* Nobody to ask, or nobody who answered: nothing was sent to the token. */
        *was_tried = status != CERTENROLL_E_CANCELLED;
        batch_token_judge(tokens, token, *error);
    }
    /* Without its PIN no row can be done, whatever the reason. */
    give_up(token, *error);
    return status;
}
