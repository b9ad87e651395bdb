/* SPDX-License-Identifier: Apache-2.0 */
/* The tokens of a batch: each opened once, and left alone after a failure that would repeat itself
 * with every row. */
#ifndef CERTENROLL_TOOL_BATCH_TOKENS_H
#define CERTENROLL_TOOL_BATCH_TOKENS_H

#include "tool.h"

#include <jansson.h>

struct batch_token {
    certenroll_token *token;   /* NULL: it could not be opened */
    char *identity;            /* label and serial number, by which journals name a token too */
    certenroll_error *why_not; /* it is not to be used any more; NULL: it is */
    int is_logged_in;
};

struct batch_tokens {
    struct tool *tool;
    json_t *by_uri;         /* URI of the list -> index */
    json_t *by_pin_failure; /* identity -> index of the token where the PIN failed */
    struct batch_token **list;
    size_t count;
};

/* `tokens` is cleared in any case. */
int batch_tokens_start(struct batch_tokens *tokens, struct tool *tool, certenroll_error **error);
void batch_tokens_clear(struct batch_tokens *tokens);

/* The token of this URI, open and fit for use. NULL: it is not; the reason is then in `error`, and
 * *is_new is non-zero when it was not known before this call. */
struct batch_token *batch_tokens_open(struct batch_tokens *tokens, const char *uri, int *is_new,
                                      certenroll_error **error);

/* Logs in, once a token. Negative with the error, and *was_tried non-zero when it comes from the
 * token; a wrong PIN is not tried a second time, neither under another URI. */
int batch_token_login(struct batch_tokens *tokens, struct batch_token *token, int *was_tried,
                      certenroll_error **error);

/* When the failure concerns the whole token, that is not used any more. */
void batch_token_judge(struct batch_tokens *tokens, struct batch_token *token,
                       const certenroll_error *error);

#endif
