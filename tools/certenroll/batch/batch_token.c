/* SPDX-License-Identifier: Apache-2.0 */
#include "batch/batch_token.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int batch_tokens_start(struct batch_tokens *tokens, struct tool *tool,
                       certenroll_secret_callback secret, void *secret_user)
{
    tokens->tool = tool;
    tokens->secret = secret;
    tokens->secret_user = secret_user;
    tokens->by_uri = json_object();
    tokens->by_pin_failure = json_object();
    if (!tokens->by_uri || !tokens->by_pin_failure)
        return failure_memory(&tool->failure);
    return CERTENROLL_OK;
}

void batch_tokens_clear(struct batch_tokens *tokens)
{
    for (size_t i = 0; i < tokens->count; i++) {
        certenroll_token_free(tokens->list[i]->token);
        free(tokens->list[i]->why_not);
        free(tokens->list[i]);
    }
    free(tokens->list);
    json_decref(tokens->by_uri);
    json_decref(tokens->by_pin_failure);
}

char *batch_token_identity(const struct batch_token *token)
{
    const certenroll_token_info *info = certenroll_token_get_info(token->token);
    const char *label = certenroll_token_info_label(info);
    const char *serial = certenroll_token_info_serial(info);
    size_t size = strlen(label) + strlen(serial) + sizeof("\n");
    char *text = malloc(size);

    if (text)
        snprintf(text, size, "%s\n%s", label, serial);
    return text;
}

/* --- giving up --- */

static void give_up(struct batch_token *token, const struct failure *failure)
{
    if (token->why_not || !(token->why_not = malloc(sizeof(*token->why_not))))
        return;
    *token->why_not = *failure;
}

/* The same token may be in the list under another URI. */
static void remember_pin_failure(struct batch_tokens *tokens, const struct batch_token *token)
{
    char *key = batch_token_identity(token);
    size_t index = 0;

    while (index < tokens->count && tokens->list[index] != token)
        index++;
    if (key)
        json_object_set_new(tokens->by_pin_failure, key, json_integer((json_int_t)index));
    free(key);
}

int batch_token_judge(struct batch_tokens *tokens, struct batch_token *token,
                      const struct failure *failure)
{
    certenroll_class class = certenroll_status_class(failure->status);

    if (class == CERTENROLL_CLASS_PIN) {
        secrets_reject(&tokens->tool->secrets);
        remember_pin_failure(tokens, token);
    } else if (class != CERTENROLL_CLASS_MODULE && failure->status != CERTENROLL_E_TOKEN_FULL &&
               failure->status != CERTENROLL_E_TOKEN_READ_ONLY) {
        return 0;
    }
    give_up(token, failure);
    return 1;
}

/* --- opening --- */

static void open_one(struct batch_tokens *tokens, struct batch_token *token, const char *uri)
{
    const struct options *options = &tokens->tool->options;
    certenroll_token_options token_options = CERTENROLL_TOKEN_OPTIONS_INIT;
    certenroll_error *error = NULL;
    struct failure failure = { 0 };

    token_options.module_path = options->module;
    token_options.allow_final_try = options->allow_final_try;
    /* A token's own pin-source goes before what is named for all of them. */
    if (!secrets_in_uri(uri)) {
        token_options.secret = tokens->secret;
        token_options.secret_user = tokens->secret_user;
    }
    if (certenroll_token_open(&token->token, tokens->tool->context, uri, &token_options, &error) <
        0) {
        take_failure(tokens->tool, &failure, error);
        give_up(token, &failure);
    }
}

/* NULL: no memory. */
static struct batch_token *add(struct batch_tokens *tokens, const char *uri)
{
    size_t size = (tokens->count + 1) * sizeof(*tokens->list);
    struct batch_token **grown = realloc(tokens->list, size);
    struct batch_token *token = grown ? calloc(1, sizeof(*token)) : NULL;

    if (grown)
        tokens->list = grown;
    if (!token ||
        json_object_set_new(tokens->by_uri, uri, json_integer((json_int_t)tokens->count)) < 0) {
        free(token);
        return NULL;
    }
    tokens->list[tokens->count++] = token;
    return token;
}

struct batch_token *batch_tokens_open(struct batch_tokens *tokens, const char *uri, int *is_new,
                                      struct failure *failure)
{
    const json_t *index = json_object_get(tokens->by_uri, uri);
    struct batch_token *token =
        index ? tokens->list[(size_t)json_integer_value(index)] : add(tokens, uri);

    *is_new = !index;
    if (!token) {
        failure_memory(failure);
        return NULL;
    }
    if (!index)
        open_one(tokens, token, uri);
    if (token->why_not)
        *failure = *token->why_not;
    else if (!token->token)
        failure_memory(failure);
    return token->why_not || !token->token ? NULL : token;
}

/* --- logging in --- */

/* Where the PIN failed under another URI. */
static const struct failure *known_pin_failure(const struct batch_tokens *tokens,
                                               const struct batch_token *token)
{
    char *key = batch_token_identity(token);
    const json_t *index = key ? json_object_get(tokens->by_pin_failure, key) : NULL;

    free(key);
    return index ? tokens->list[(size_t)json_integer_value(index)]->why_not : NULL;
}

int batch_token_login(struct batch_tokens *tokens, struct batch_token *token, int *was_tried,
                      struct failure *failure)
{
    const struct failure *known = token->is_logged_in ? NULL : known_pin_failure(tokens, token);
    certenroll_error *error = NULL;

    *was_tried = 0;
    if (token->is_logged_in)
        return CERTENROLL_OK;
    if (known) {
        *failure = *known;
        give_up(token, failure);
        return failure->status;
    }
    if (certenroll_token_login(token->token, &error) < 0) {
        /* Nobody to ask, or nobody who answered: nothing was sent to the token. */
        *was_tried = take_failure(tokens->tool, failure, error) != CERTENROLL_E_CANCELLED;
        /* Without its PIN no row can be done, whatever the reason. */
        if (!batch_token_judge(tokens, token, failure))
            give_up(token, failure);
        return failure->status;
    }
    token->is_logged_in = 1;
    return CERTENROLL_OK;
}
