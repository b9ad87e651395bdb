/* SPDX-License-Identifier: Apache-2.0 */
/* What the actions of pin_actions are made of: planned answers, the library's calls held against
 * what they should end with, and another part of the process beside the library. Whatever is not
 * as it should be ends the program. */
#ifndef PIN_PROCESS_H
#define PIN_PROCESS_H

#include <certenroll/certenroll.h>

#include <p11-kit/pkcs11.h>

#include <pthread.h>

#define NEED(condition, ...) ((condition) ? (void)0 : give_up(__VA_ARGS__))
void __attribute__((noreturn, format(printf, 1, 2))) give_up(const char *format, ...);

/* From the command line, see pin_actions.c. */
void process_begin(const char *module, const char *uri, const char *directory, const char *key_id);
void process_end(void);

/* What is answered, in this order: 'r' the right PIN, 'w' the wrong one, 'e' an empty one, 'c'
 * none: the question is cancelled. 'R' and 'W' are for the PIN once more, 'o' for the SO's wrong
 * PIN, 'n' for a new PIN, 's' for one that is too short. */
struct plan {
    const char *answers;
    size_t asked;
    pthread_mutex_t mutex;
    certenroll_token *token; /* to be used within the callback, which is refused */
};
#define PLAN(text)                                                                                 \
    {                                                                                              \
        text, 0, PTHREAD_MUTEX_INITIALIZER, NULL                                                   \
    }

/* Nobody was asked less often than planned. (More often: at once.) */
void all_asked(const struct plan *plan);

certenroll_token *open_token(struct plan *plan);
certenroll_key *find_key(certenroll_token *token);

/* The calls, and the status that each is to end with. */
void ends(int status, int wanted, certenroll_error *error);
void login_ends(certenroll_token *token, int wanted);
void sign_ends(certenroll_key *key, int wanted);
/* A signature; its status. */
int sign_once(certenroll_key *key, certenroll_error **error);

/* Another part of the process, which knows nothing of the library. */
struct other {
    CK_FUNCTION_LIST *functions;
    CK_FUNCTION_LIST **all;
    CK_SESSION_HANDLE session;
};
struct other other_opens(void);
void other_logs_in(const struct other *other);
void other_logs_out(const struct other *other);
void other_ends(const struct other *other);

#endif
