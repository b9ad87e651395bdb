/* SPDX-License-Identifier: Apache-2.0 */
/* What is missing on the command line is asked for at the terminal. */
#ifndef BANK_ASK_H
#define BANK_ASK_H

#include "bank.h"
#include "common/secret_line.h"

/* Non-zero when it can be an ID. */
int ask_is_id(const char *text);
/* The ID that was given with `option`, or is typed; checked. */
int ask_id(struct bank *bank, char out[ID_SIZE], const char *given, const char *option,
           const char *question);
/* --for. `required` 0: PURPOSE_UNKNOWN where there is no terminal. */
int ask_purpose(struct bank *bank, int required);

/* From `source`, or typed. *out is freed by secret_line_free(). */
int ask_password(struct bank *bank, struct secret_line **out, const char *source,
                 const char *option, const char *question);
/* One that is chosen: typed twice. */
int ask_new_password(struct bank *bank, struct secret_line **out, const char *source,
                     const char *option, const char *question);

/* Sets the member to the password. */
int ask_put(struct bank *bank, json_t *body, const char *member, const struct secret_line *line);

#endif
