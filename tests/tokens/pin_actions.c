/* SPDX-License-Identifier: Apache-2.0 */
/* One PIN scenario within a process, on whatever token there is; pins.sh reads the token's own
 * counter before and after.
 *
 *     pin_actions MODULE URI DIRECTORY ACTION [ID]
 *
 * MODULE may be empty: p11-kit's configuration. DIRECTORY holds the files pin, wrong-pin, so-pin
 * and wrong-so-pin; ID, in hexadecimal, is that of a key pair. Each action gives the answers of its
 * plan in their order, and fails when it is asked more or less often. */
#include "pin_process.h"

#include <sys/wait.h>

#include <string.h>
#include <unistd.h>

/* --- the actions --- */

/* A wrong PIN is not kept: whoever wants to log in is asked anew. */
static void again(void)
{
    struct plan plan = PLAN("ww");
    certenroll_token *token = open_token(&plan);

    login_ends(token, CERTENROLL_E_PIN_INCORRECT);
    login_ends(token, CERTENROLL_E_PIN_INCORRECT);
    all_asked(&plan);
    certenroll_token_free(token);
}

static void cancelled(void)
{
    struct plan plan = PLAN("c");
    certenroll_token *token = open_token(&plan);

    login_ends(token, CERTENROLL_E_CANCELLED);
    all_asked(&plan);
    certenroll_token_free(token);
}

static void login_empty(int wanted)
{
    struct plan plan = PLAN("e");
    certenroll_token *token = open_token(&plan);

    login_ends(token, wanted);
    all_asked(&plan);
    certenroll_token_free(token);
}

static void empty(void)
{
    login_empty(CERTENROLL_E_PIN_INVALID);
}

/* On a token that takes empty PINs. */
static void empty_merely_wrong(void)
{
    login_empty(CERTENROLL_E_PIN_INCORRECT);
}

static void within_the_callback(void)
{
    struct plan plan = PLAN("w");
    certenroll_token *token = open_token(&plan);

    plan.token = token;
    login_ends(token, CERTENROLL_E_PIN_INCORRECT);
    all_asked(&plan);
    certenroll_token_free(token);
}

static pthread_barrier_t start;

static void *log_in_wrongly(void *token)
{
    pthread_barrier_wait(&start);
    login_ends(token, CERTENROLL_E_PIN_INCORRECT);
    return NULL;
}

static void at_once(certenroll_token *one, certenroll_token *two)
{
    pthread_t threads[2];

    pthread_barrier_init(&start, NULL, 2);
    NEED(pthread_create(&threads[0], NULL, log_in_wrongly, one) == 0 &&
             pthread_create(&threads[1], NULL, log_in_wrongly, two) == 0,
         "cannot start a thread");
    for (int i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
    pthread_barrier_destroy(&start);
}

static void threads(void)
{
    struct plan plan = PLAN("ww");
    certenroll_token *token = open_token(&plan);

    at_once(token, token);
    all_asked(&plan);
    certenroll_token_free(token);
}

static void two_handles(void)
{
    struct plan plans[2] = { PLAN("w"), PLAN("w") };
    certenroll_token *one = open_token(&plans[0]), *two = open_token(&plans[1]);

    at_once(one, two);
    all_asked(&plans[0]);
    all_asked(&plans[1]);
    certenroll_token_free(one);
    certenroll_token_free(two);
}

/* Somebody else has logged in: nobody is asked, nothing is sent. */
static void other_is_in(void)
{
    struct plan plan = PLAN("");
    certenroll_token *token = open_token(&plan);
    struct other other = other_opens();
    certenroll_key *key;

    other_logs_in(&other);
    login_ends(token, CERTENROLL_OK);
    key = find_key(token);
    sign_ends(key, CERTENROLL_OK);
    certenroll_key_free(key);
    certenroll_token_free(token);
    other_logs_out(&other);
    other_ends(&other);
}

/* The login is ended by somebody else between two signatures: one question more, and the wrong
 * answer to that is sent once. */
static void login_taken_away(void)
{
    struct plan plan = PLAN("rw");
    certenroll_token *token = open_token(&plan);
    struct other other = other_opens();
    certenroll_key *key = find_key(token);

    sign_ends(key, CERTENROLL_OK);
    other_logs_out(&other);
    sign_ends(key, CERTENROLL_E_PIN_INCORRECT);
    all_asked(&plan);
    certenroll_key_free(key);
    certenroll_token_free(token);
    other_ends(&other);
}

/* The shim has each of these signatures fail: the right PIN is not sent again for that. */
static void failing_operations(void)
{
    struct plan plan = PLAN("r");
    certenroll_token *token = open_token(&plan);
    certenroll_key *key = find_key(token);
    int failures = 0;

    for (int i = 0; i < 3; i++)
        failures += sign_once(key, NULL) < 0;
    NEED(failures == 3, "%d failures only", failures);
    all_asked(&plan);
    certenroll_key_free(key);
    certenroll_token_free(token);
}

/* The child is asked for itself, and spends one try, or finds that its driver has kept the login;
 * the parent stays logged in. */
static void fork_with(const char *answers, int wanted)
{
    struct plan plan = PLAN("r");
    certenroll_token *token = open_token(&plan);
    certenroll_key *key = find_key(token);
    int outcome = -1;
    pid_t child;

    sign_ends(key, CERTENROLL_OK);
    child = fork();
    NEED(child >= 0, "fork");
    if (child == 0) {
        plan.answers = answers;
        login_ends(token, wanted);
        all_asked(&plan);
        _exit(0);
    }
    NEED(waitpid(child, &outcome, 0) == child && outcome == 0, "the child ended with %d", outcome);
    sign_ends(key, CERTENROLL_OK);
    all_asked(&plan);
    certenroll_key_free(key);
    certenroll_token_free(token);
}

static void forked(void)
{
    fork_with("rw", CERTENROLL_E_PIN_INCORRECT);
}

static void forked_logged_in(void)
{
    fork_with("r", CERTENROLL_OK);
}

/* --- PINs that are changed --- */

static void change_ends(const char *answers, int wanted)
{
    struct plan plan = PLAN(answers);
    certenroll_token *token = open_token(&plan);
    certenroll_error *error = NULL;
    int status = certenroll_token_change_pin(token, &error);

    ends(status, wanted, error);
    all_asked(&plan);
    certenroll_token_free(token);
}

static void change_wrongly(void)
{
    change_ends("wn", CERTENROLL_E_PIN_INCORRECT);
}

static void change_too_short(void)
{
    change_ends("ws", CERTENROLL_E_PIN_INVALID);
}

static void change_cancelled(void)
{
    change_ends("wc", CERTENROLL_E_CANCELLED);
}

static void officer_wrong(void)
{
    struct plan plan = PLAN("on");
    certenroll_token *token = open_token(&plan);
    certenroll_error *error = NULL;
    int status = certenroll_token_reset_pin(token, &error);

    ends(status, CERTENROLL_E_PIN_INCORRECT, error);
    all_asked(&plan);
    certenroll_token_free(token);
}

/* --- a key that wants the PIN for each signature --- */

static void context_wrong(void)
{
    struct plan plan = PLAN("rW");
    certenroll_token *token = open_token(&plan);
    certenroll_key *key = find_key(token);

    sign_ends(key, CERTENROLL_E_PIN_INCORRECT);
    all_asked(&plan);
    certenroll_key_free(key);
    certenroll_token_free(token);
}

static const struct {
    const char *name;
    void (*run)(void);
} actions[] = {
    { "again", again },
    { "cancelled", cancelled },
    { "empty", empty },
    { "empty-merely-wrong", empty_merely_wrong },
    { "within-the-callback", within_the_callback },
    { "threads", threads },
    { "two-handles", two_handles },
    { "other-is-in", other_is_in },
    { "login-taken-away", login_taken_away },
    { "failing-operations", failing_operations },
    { "forked", forked },
    { "forked-logged-in", forked_logged_in },
    { "change-wrongly", change_wrongly },
    { "change-too-short", change_too_short },
    { "change-cancelled", change_cancelled },
    { "officer-wrong", officer_wrong },
    { "context-wrong", context_wrong },
};

int main(int argc, char **argv)
{
    NEED(argc == 5 || argc == 6, "usage: pin_actions MODULE URI DIRECTORY ACTION [ID]");
    process_begin(argv[1], argv[2], argv[3], argc == 6 ? argv[5] : "");
    for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++) {
        if (strcmp(actions[i].name, argv[4]) != 0)
            continue;
        actions[i].run();
        process_end();
        return 0;
    }
    give_up("no action %s", argv[4]);
}
