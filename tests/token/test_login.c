/* SPDX-License-Identifier: Apache-2.0 */
/* Logging in: what is asked, what is sent, and what a try may cost. */
#include "check.h"
#include "shimmed_token.h"

#include <certenroll/certenroll.h>

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void the_pin_is_asked_once_and_sent_once(void **state)
{
    struct shimmed_token *f = *state;

    assert_ok(certenroll_token_login(f->token, &f->error), f->error);
    assert_ok(certenroll_token_login(f->token, &f->error), f->error);
    assert_int_equal(f->pin.asked, 1);
    assert_int_equal(f->pin.kind, CERTENROLL_SECRET_USER_PIN);
    assert_int_equal(shim_calls(f->shim, "C_Login"), 1);
    assert_int_equal(shim_calls(f->shim, "C_GetSessionInfo"), 1);
}

static void a_login_of_another_part_of_the_process_counts(void **state)
{
    struct shimmed_token *f = *state;
    certenroll_token *second = softhsm_open_by(shim_module(), f->context, "bank", &f->pin);

    assert_ok(certenroll_token_login(f->token, &f->error), f->error);
    assert_ok(certenroll_token_login(second, &f->error), f->error);
    assert_int_equal(f->pin.asked, 1);
    certenroll_token_free(second);
    assert_int_equal(shim_calls(f->shim, "C_Logout"), 0);
    assert_int_equal(shim_calls(f->shim, "C_Finalize"), 0); /* the first is still there */
}

static void a_refusal_sends_nothing(void **state)
{
    struct shimmed_token *f = *state;

    f->pin.pin = NULL;
    assert_fails(certenroll_token_login(f->token, &f->error), CERTENROLL_E_CANCELLED, f->error);
    assert_int_equal(f->pin.asked, 1);
    assert_int_equal(shim_calls(f->shim, "C_Login"), 0);
}

/* What the callback got from the token that asked. */
struct nosy {
    struct test_pin pin;
    certenroll_token *token;
    int inner;
};

static int use_the_token(void *user, const certenroll_secret_request *request, char *buffer,
                         size_t capacity, size_t *length)
{
    struct nosy *nosy = user;
    certenroll_error *error = NULL;

    alarm(60); /* ends a wait for ever */
    nosy->inner = certenroll_token_login(nosy->token, &error);
    alarm(0);
    certenroll_error_free(error);
    return test_pin_answer(&nosy->pin, request, buffer, capacity, length);
}

static void the_callback_may_not_use_the_token(void **state)
{
    struct shimmed_token *f = *state;
    struct nosy nosy = { TEST_PIN, NULL, 0 };
    certenroll_token_options options = CERTENROLL_TOKEN_OPTIONS_INIT;

    options.module_path = softhsm_module();
    options.secret = use_the_token;
    options.secret_user = &nosy;
    assert_ok(
        certenroll_token_open(&nosy.token, f->context, "pkcs11:token=bank", &options, &f->error),
        f->error);
    assert_ok(certenroll_token_login(nosy.token, &f->error), f->error);
    assert_int_equal(nosy.pin.asked, 1);
    assert_int_equal(nosy.inner, CERTENROLL_E_STATE);
    assert_ok(certenroll_token_login(nosy.token, &f->error), f->error);
    certenroll_token_free(nosy.token);
}

static void an_empty_pin_is_not_sent(void **state)
{
    struct shimmed_token *f = *state;

    f->pin.pin = "";
    assert_fails(certenroll_token_login(f->token, &f->error), CERTENROLL_E_PIN_INVALID, f->error);
    assert_int_equal(shim_calls(f->shim, "C_Login"), 0);
}

/* What the token's limits exclude, and what nobody can have typed. */
static void a_pin_that_cannot_be_right_is_not_sent(void **state)
{
    struct shimmed_token *f = *state;
    static const char *const pins[] = { "123", "1234\t5678", "\x7f-1234" };
    char long_pin[257];

    for (size_t i = 0; i < sizeof(pins) / sizeof(pins[0]); i++) {
        f->pin.pin = pins[i];
        assert_fails(certenroll_token_login(f->token, &f->error), CERTENROLL_E_PIN_INVALID,
                     f->error);
    }
    memset(long_pin, '7', sizeof(long_pin) - 1);
    long_pin[sizeof(long_pin) - 1] = '\0';
    f->pin.pin = long_pin;
    assert_int_equal(certenroll_token_login(f->token, &f->error), CERTENROLL_E_PIN_INVALID);
    assert_string_equal(certenroll_error_what(f->error), "the PIN given is too long");
    assert_string_equal(certenroll_error_why(f->error),
                        "the token wants 4 to 255 characters; nothing was sent to it");
    certenroll_error_free(f->error);
    f->error = NULL;
    assert_int_equal(shim_calls(f->shim, "C_Login"), 0);
    f->pin.pin = SOFTHSM_PIN;
    assert_ok(certenroll_token_login(f->token, &f->error), f->error);
}

static void a_wrong_pin_costs_one_try_and_tells_how_it_stands(void **state)
{
    struct shimmed_token *f = *state;

    f->pin.pin = "9999-wrong";
    assert_int_equal(certenroll_token_login(f->token, &f->error), CERTENROLL_E_PIN_INCORRECT);
    assert_int_equal(shim_calls(f->shim, "C_Login"), 1);
    assert_int_equal(f->pin.asked, 1);
    assert_int_equal(certenroll_error_ck_rv(f->error), 0xa0);
    assert_string_equal(certenroll_error_why(f->error),
                        "CKR_PIN_INCORRECT; a wrong PIN was given since the last right one");
    assert_null(strstr(certenroll_error_message(f->error), f->pin.pin));
    certenroll_error_free(f->error);
    f->error = NULL;

    f->pin.pin = SOFTHSM_PIN;
    assert_ok(certenroll_token_login(f->token, &f->error), f->error);
    assert_true(f->pin.count_low);
}

static const char *why_after_wrong_pin(struct shimmed_token *f)
{
    static char why[128];

    f->pin.pin = "9999-wrong";
    assert_int_equal(certenroll_token_login(f->token, &f->error), CERTENROLL_E_PIN_INCORRECT);
    snprintf(why, sizeof(why), "%s", certenroll_error_why(f->error));
    certenroll_error_free(f->error);
    f->error = NULL;
    return why;
}

static void the_last_try_is_not_spent_unasked(void **state)
{
    struct shimmed_token *f = *state;

    shim_control(f->shim, "pin-tries 2/3\n");
    assert_string_equal(why_after_wrong_pin(f), "CKR_PIN_INCORRECT; one try is left");
    assert_fails(certenroll_token_login(f->token, &f->error), CERTENROLL_E_PIN_FINAL_TRY, f->error);
    assert_int_equal(f->pin.asked, 1);
    assert_int_equal(shim_calls(f->shim, "C_Login"), 1);
}

static void reopen(struct shimmed_token *f, int allow_final_try)
{
    certenroll_token_options options = CERTENROLL_TOKEN_OPTIONS_INIT;

    certenroll_token_free(f->token);
    options.module_path = shim_module();
    options.secret = test_pin_answer;
    options.secret_user = &f->pin;
    options.allow_final_try = allow_final_try;
    assert_ok(
        certenroll_token_open(&f->token, f->context, "pkcs11:token=bank", &options, &f->error),
        f->error);
}

static void the_last_try_is_spent_where_it_is_allowed(void **state)
{
    struct shimmed_token *f = *state;

    shim_control(f->shim, "pin-tries 1/3\n");
    reopen(f, 1);
    assert_string_equal(why_after_wrong_pin(f), "CKR_PIN_INCORRECT; the PIN is locked now");
    assert_true(f->pin.final_try);
    assert_fails(certenroll_token_login(f->token, &f->error), CERTENROLL_E_PIN_LOCKED, f->error);
    assert_int_equal(f->pin.asked, 1);
    assert_int_equal(shim_calls(f->shim, "C_Login"), 1);
}

static void flags_that_forbid_a_try_are_looked_at_first(void **state)
{
    static const struct {
        const char *control;
        int status;
    } cases[] = {
        { "flags +USER_PIN_LOCKED\n", CERTENROLL_E_PIN_LOCKED },
        { "flags +USER_PIN_FINAL_TRY\n", CERTENROLL_E_PIN_FINAL_TRY },
        { "flags +USER_PIN_TO_BE_CHANGED\n", CERTENROLL_E_PIN_EXPIRED },
        { "flags -USER_PIN_INITIALIZED\n", CERTENROLL_E_PIN_NOT_SET },
    };
    struct shimmed_token *f = *state;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        shim_control(f->shim, cases[i].control);
        assert_fails(certenroll_token_login(f->token, &f->error), cases[i].status, f->error);
    }
    assert_int_equal(f->pin.asked, 0);
    assert_int_equal(shim_calls(f->shim, "C_Login"), 0);
}

static void a_token_without_login_is_not_logged_in_to(void **state)
{
    struct shimmed_token *f = *state;

    shim_control(f->shim, "flags -LOGIN_REQUIRED\n");
    assert_ok(certenroll_token_login(f->token, &f->error), f->error);
    assert_int_equal(f->pin.asked, 0);
    assert_int_equal(shim_calls(f->shim, "C_Login"), 0);
}

static void a_reader_takes_the_pin_itself(void **state)
{
    struct shimmed_token *f = *state;

    shim_control(f->shim, "flags +PROTECTED_AUTHENTICATION_PATH\nreader-pin " SOFTHSM_PIN "\n");
    f->pin.pin = "9999-must-not-be-sent";
    assert_ok(certenroll_token_login(f->token, &f->error), f->error);
    assert_int_equal(f->pin.asked, 1);
    assert_true(f->pin.on_reader);
}

static void a_login_that_was_made_meanwhile_is_success(void **state)
{
    struct shimmed_token *f = *state;

    shim_control(f->shim, "fail C_Login 0x100\n");
    assert_ok(certenroll_token_login(f->token, &f->error), f->error);
    assert_int_equal(shim_calls(f->shim, "C_Login"), 1);
}

static void no_failure_sends_the_pin_again(void **state)
{
    /* among them those after which other calls are tried again */
    static const char *const controls[] = {
        "fail C_Login 0xb3\n", "fail C_Login 0x190\n", "fail C_Login 0x101\n",
        "fail C_Login 0x30\n", "fail C_Login 0xa4\n",  "fail C_Login 0x80000123\n",
    };
    struct shimmed_token *f = *state;

    for (unsigned i = 0; i < sizeof(controls) / sizeof(controls[0]); i++) {
        shim_forget(f->shim);
        shim_control(f->shim, controls[i]);
        assert_true(certenroll_token_login(f->token, &f->error) < 0);
        certenroll_error_free(f->error);
        f->error = NULL;
        assert_int_equal(shim_calls(f->shim, "C_Login"), 1);
    }
}

/* --- threads --- */

#define THREADS 8

struct crowd {
    certenroll_token *token;
    atomic_int asked;
    atomic_int failed;
};

static int answer_crowd(void *user, const certenroll_secret_request *request, char *buffer,
                        size_t capacity, size_t *length)
{
    struct crowd *crowd = user;

    (void)request;
    (void)capacity;
    atomic_fetch_add(&crowd->asked, 1);
    *length = strlen(SOFTHSM_PIN);
    memcpy(buffer, SOFTHSM_PIN, *length);
    return CERTENROLL_OK;
}

static void *log_in(void *argument)
{
    struct crowd *crowd = argument;

    if (certenroll_token_login(crowd->token, NULL) != CERTENROLL_OK)
        atomic_fetch_add(&crowd->failed, 1);
    return NULL;
}

static void of_many_threads_one_is_asked(void **state)
{
    struct shimmed_token *f = *state;
    certenroll_token_options options = CERTENROLL_TOKEN_OPTIONS_INIT;
    struct crowd crowd = { .token = NULL };
    pthread_t threads[THREADS];

    options.module_path = softhsm_module();
    options.secret = answer_crowd;
    options.secret_user = &crowd;
    assert_ok(
        certenroll_token_open(&crowd.token, f->context, "pkcs11:token=bank", &options, &f->error),
        f->error);
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, log_in, &crowd), 0);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    certenroll_token_free(crowd.token);
    assert_int_equal(atomic_load(&crowd.asked), 1);
    assert_int_equal(atomic_load(&crowd.failed), 0);
}

int main(void)
{
#define TEST(name)                                                                                 \
    cmocka_unit_test_setup_teardown(name, shimmed_token_set_up, shimmed_token_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(the_pin_is_asked_once_and_sent_once),
        TEST(a_login_of_another_part_of_the_process_counts),
        TEST(a_refusal_sends_nothing),
        TEST(the_callback_may_not_use_the_token),
        TEST(an_empty_pin_is_not_sent),
        TEST(a_pin_that_cannot_be_right_is_not_sent),
        TEST(a_wrong_pin_costs_one_try_and_tells_how_it_stands),
        TEST(the_last_try_is_not_spent_unasked),
        TEST(the_last_try_is_spent_where_it_is_allowed),
        TEST(flags_that_forbid_a_try_are_looked_at_first),
        TEST(a_token_without_login_is_not_logged_in_to),
        TEST(a_reader_takes_the_pin_itself),
        TEST(a_login_that_was_made_meanwhile_is_success),
        TEST(no_failure_sends_the_pin_again),
        TEST(of_many_threads_one_is_asked),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
