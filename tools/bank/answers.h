/* SPDX-License-Identifier: Apache-2.0 */
/* What is missing on the command line is asked for at the terminal. */
#ifndef BANK_ANSWERS_H
#define BANK_ANSWERS_H

#include "common/secret_line.h"
#include "holding.h"

/* Non-zero when it can be an ID. */
int answer_is_id(const char *text);
/* Refuses what cannot be one; it was given with `option`. */
int answer_check_id(const char *id, const char *option, certenroll_error **error);
/* The ID that was given, or is typed; checked. */
int answer_id(char out[ID_SIZE], const char *given, const char *option, const char *question,
              certenroll_error **error);
/* --for. `required` 0: PURPOSE_UNKNOWN where there is no terminal. */
int answer_purpose(struct bank *bank, int required, certenroll_error **error);

/* The passwords that a call to the bank may take. */
enum password {
    PASSWORD_ACCOUNT,      /* the corporation's, or the user's */
    PASSWORD_CONFIRMATION, /* the corporation's */
    PASSWORD_NEW,          /* of a user; typed twice, and so is the next */
    PASSWORD_NEW_CONFIRMATION,
    PASSWORD_COUNT,
};
/* Those that were asked for. Zero-initialise. */
struct passwords {
    struct secret_line *lines[PASSWORD_COUNT];
};
int passwords_ask(struct passwords *out, const struct bank *bank, enum password which,
                  certenroll_error **error);
/* Each becomes a member of `body`. */
int passwords_put(json_t *body, const struct passwords *passwords, certenroll_error **error);
void passwords_free(struct passwords *passwords);

/* --- login_calls.c: calls to the bank's "login" host, with the pair of this corporation or user
 * and the password --- */

struct login {
    struct holding holding; /* with the pair */
    struct passwords passwords;
};

/* Starts, refuses where there is no pair of this name, and only then asks for the password.
 * Zero-initialise; ends with passwords_free(). */
int login_begin(struct login *login, struct bank *bank, certenroll_error **error);
/* One call; `body` gets the passwords, and is taken over. */
int login_call(json_t **answer, const struct login *login, struct bank *bank, const char *path,
               json_t *body, certenroll_error **error);

/* The call itself, to any of the bank's hosts: `call` is but for its RA; call->body is as above. */
int bank_call(json_t **answer, struct bank *bank, certenroll_ra_call *call,
              const struct passwords *passwords, certenroll_error **error);

#endif
