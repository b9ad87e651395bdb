/* SPDX-License-Identifier: Apache-2.0 */
/* Changing the user PIN, and setting it as the SO. */
#include "check.h"
#include "pins_token.h"
#include "raw_token.h"

#include <certenroll/certenroll.h>

#include <stdlib.h>

/* Nobody who is logged in answers for the PIN. */
static void assert_pin_is(struct pins_token *f, const char *pin)
{
    shim_control(f->shim, "");
    pins_token_reopen(f, 0);
    f->pins.answers[CERTENROLL_SECRET_USER_PIN] = pin;
    assert_ok(certenroll_token_login(f->token, &f->error), f->error);
}

/* --- the user changes it --- */

static void the_pin_is_proven_and_changed(void **state)
{
    struct pins_token *f = *state;

    assert_ok(certenroll_token_change_pin(f->token, &f->error), f->error);
    assert_int_equal(f->pins.asked[CERTENROLL_SECRET_USER_PIN], 1);
    assert_int_equal(f->pins.asked[CERTENROLL_SECRET_NEW_PIN], 1);
    assert_int_equal(f->pins.last.length_min, 4);
    assert_int_equal(f->pins.last.length_max, 255);
    assert_int_equal(shim_calls(f->shim, "C_SetPIN"), 1);
    /* what proves the present one leaves nobody logged in */
    assert_int_equal(shim_calls(f->shim, "C_Login"), 1);
    assert_int_equal(shim_calls(f->shim, "C_Logout"), 1);
    assert_pin_is(f, TEST_NEW_PIN);
}

static void who_is_logged_in_stays_so(void **state)
{
    struct pins_token *f = *state;

    assert_ok(certenroll_token_login(f->token, &f->error), f->error);
    assert_ok(certenroll_token_change_pin(f->token, &f->error), f->error);
    assert_ok(certenroll_token_login(f->token, &f->error), f->error);
    assert_int_equal(shim_calls(f->shim, "C_Login"), 1);
    assert_int_equal(shim_calls(f->shim, "C_Logout"), 0);
    assert_pin_is(f, TEST_NEW_PIN);
}

static void a_wrong_present_pin_is_sent_once(void **state)
{
    struct pins_token *f = *state;

    f->pins.answers[CERTENROLL_SECRET_USER_PIN] = "9999-wrong";
    assert_int_equal(certenroll_token_change_pin(f->token, &f->error), CERTENROLL_E_PIN_INCORRECT);
    assert_string_equal(certenroll_error_why(f->error),
                        "CKR_PIN_INCORRECT; a wrong PIN was given since the last right one");
    assert_int_equal(certenroll_error_ck_rv(f->error), CKR_PIN_INCORRECT);
    assert_null(strstr(certenroll_error_message(f->error), "9999"));
    certenroll_error_free(f->error);
    f->error = NULL;
    assert_int_equal(shim_calls(f->shim, "C_Login"), 1);
    assert_int_equal(shim_calls(f->shim, "C_SetPIN"), 0);
    assert_int_equal(f->pins.asked[CERTENROLL_SECRET_USER_PIN], 1);
    assert_pin_is(f, SOFTHSM_PIN);
}

static void no_failure_sends_it_again(void **state)
{
    /* among them those after which other calls are tried again */
    static const char *const controls[] = {
        "fail C_SetPIN 0xb3\n", "fail C_SetPIN 0x190\n", "fail C_SetPIN 0x101\n",
        "fail C_SetPIN 0x30\n", "lose C_SetPIN 0x32\n",
    };
    struct pins_token *f = *state;

    for (size_t i = 0; i < sizeof(controls) / sizeof(controls[0]); i++) {
        shim_forget(f->shim);
        shim_control(f->shim, controls[i]);
        assert_true(certenroll_token_change_pin(f->token, &f->error) < 0);
        certenroll_error_free(f->error);
        f->error = NULL;
        assert_int_equal(shim_calls(f->shim, "C_SetPIN"), 1);
    }
    /* the last one was done, and only the answer lost */
    assert_pin_is(f, TEST_NEW_PIN);
}

/* tpm2-pkcs11's answer to a wrong PIN, which the TPM counts. */
static void an_answer_that_may_mean_a_wrong_pin_says_so(void **state)
{
    struct pins_token *f = *state;

    shim_control(f->shim, "fail C_SetPIN 0x5\n");
    assert_int_equal(certenroll_token_change_pin(f->token, &f->error), CERTENROLL_E_TOKEN);
    assert_int_equal(certenroll_error_ck_rv(f->error), CKR_GENERAL_ERROR);
    assert_non_null(strstr(certenroll_error_advice(f->error), "to a wrong PIN"));
    certenroll_error_free(f->error);
    f->error = NULL;
    assert_int_equal(shim_calls(f->shim, "C_SetPIN"), 1);
    assert_int_equal(f->pins.asked[CERTENROLL_SECRET_USER_PIN], 1);
}

static void flags_that_forbid_a_try_are_looked_at_first(void **state)
{
    static const struct {
        const char *control;
        int status;
    } cases[] = {
        { "flags +USER_PIN_LOCKED\n", CERTENROLL_E_PIN_LOCKED },
        { "flags +USER_PIN_FINAL_TRY\n", CERTENROLL_E_PIN_FINAL_TRY },
        { "flags -USER_PIN_INITIALIZED\n", CERTENROLL_E_PIN_NOT_SET },
        { "flags +WRITE_PROTECTED\n", CERTENROLL_E_TOKEN_READ_ONLY },
    };
    struct pins_token *f = *state;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        shim_control(f->shim, cases[i].control);
        assert_fails(certenroll_token_change_pin(f->token, &f->error), cases[i].status, f->error);
    }
    assert_int_equal(f->pins.asked[CERTENROLL_SECRET_USER_PIN], 0);
    assert_int_equal(shim_calls(f->shim, "C_SetPIN"), 0);
}

static void the_last_try_is_spent_where_it_is_allowed(void **state)
{
    struct pins_token *f = *state;

    shim_control(f->shim, "pin-tries 1/3\n");
    pins_token_reopen(f, 1);
    f->pins.answers[CERTENROLL_SECRET_USER_PIN] = "9999-wrong";
    assert_int_equal(certenroll_token_change_pin(f->token, &f->error), CERTENROLL_E_PIN_INCORRECT);
    assert_string_equal(certenroll_error_why(f->error), "CKR_PIN_INCORRECT; the PIN is locked now");
    certenroll_error_free(f->error);
    f->error = NULL;
    assert_fails(certenroll_token_change_pin(f->token, &f->error), CERTENROLL_E_PIN_LOCKED,
                 f->error);
    assert_int_equal(shim_calls(f->shim, "C_Login"), 1);
    assert_int_equal(shim_calls(f->shim, "C_SetPIN"), 0);
}

static void a_pin_that_must_be_changed_can_be(void **state)
{
    struct pins_token *f = *state;

    shim_control(f->shim, "flags +USER_PIN_TO_BE_CHANGED\n");
    assert_fails(certenroll_token_login(f->token, &f->error), CERTENROLL_E_PIN_EXPIRED, f->error);
    assert_ok(certenroll_token_change_pin(f->token, &f->error), f->error);
    assert_pin_is(f, TEST_NEW_PIN);
}

static void a_new_pin_of_the_wrong_length_sends_nothing(void **state)
{
    struct pins_token *f = *state;
    char long_pin[300];

    memset(long_pin, '7', sizeof(long_pin) - 1);
    long_pin[sizeof(long_pin) - 1] = '\0';
    f->pins.answers[CERTENROLL_SECRET_NEW_PIN] = "777";
    assert_int_equal(certenroll_token_change_pin(f->token, &f->error), CERTENROLL_E_PIN_INVALID);
    assert_string_equal(certenroll_error_why(f->error), "the token wants 4 to 255 characters");
    certenroll_error_free(f->error);
    f->error = NULL;
    f->pins.answers[CERTENROLL_SECRET_NEW_PIN] = long_pin;
    assert_fails(certenroll_token_change_pin(f->token, &f->error), CERTENROLL_E_PIN_INVALID,
                 f->error);
    f->pins.answers[CERTENROLL_SECRET_NEW_PIN] = TEST_NEW_PIN;
    f->pins.answers[CERTENROLL_SECRET_USER_PIN] = "";
    assert_fails(certenroll_token_change_pin(f->token, &f->error), CERTENROLL_E_PIN_INVALID,
                 f->error);
    assert_int_equal(shim_calls(f->shim, "C_SetPIN"), 0);
}

static void a_new_pin_that_the_token_refuses_is_said_to_be_that(void **state)
{
    struct pins_token *f = *state;

    shim_control(f->shim, "fail C_SetPIN 0xa1\n");
    assert_int_equal(certenroll_token_change_pin(f->token, &f->error), CERTENROLL_E_PIN_INVALID);
    assert_string_equal(certenroll_error_what(f->error),
                        "the token \"bank\" does not take the new PIN");
    certenroll_error_free(f->error);
    f->error = NULL;
}

static void either_question_may_be_refused(void **state)
{
    static const certenroll_secret_kind kinds[] = { CERTENROLL_SECRET_USER_PIN,
                                                    CERTENROLL_SECRET_NEW_PIN };
    struct pins_token *f = *state;

    for (size_t i = 0; i < 2; i++) {
        f->pins = test_pins();
        f->pins.answers[kinds[i]] = NULL;
        assert_fails(certenroll_token_change_pin(f->token, &f->error), CERTENROLL_E_CANCELLED,
                     f->error);
    }
    assert_int_equal(shim_calls(f->shim, "C_SetPIN"), 0);
}

static void a_reader_takes_both_pins_itself(void **state)
{
    struct pins_token *f = *state;

    shim_control(f->shim, "flags +PROTECTED_AUTHENTICATION_PATH\nreader-pin " SOFTHSM_PIN
                          "\nreader-new-pin 5555-reader\n");
    f->pins.answers[CERTENROLL_SECRET_USER_PIN] = "9999-must-not-be-sent";
    f->pins.answers[CERTENROLL_SECRET_NEW_PIN] = "9999-must-not-be-sent";
    assert_ok(certenroll_token_change_pin(f->token, &f->error), f->error);
    assert_int_equal(f->pins.asked[CERTENROLL_SECRET_NEW_PIN], 1);
    assert_true(f->pins.last.on_reader);
    assert_pin_is(f, "5555-reader");
}

/* --- the SO sets it --- */

static void the_officer_sets_the_pin_and_is_gone(void **state)
{
    struct pins_token *f = *state;

    assert_ok(certenroll_token_reset_pin(f->token, &f->error), f->error);
    assert_int_equal(f->pins.asked[CERTENROLL_SECRET_SO_PIN], 1);
    assert_int_equal(f->pins.asked[CERTENROLL_SECRET_NEW_PIN], 1);
    assert_int_equal(f->pins.asked[CERTENROLL_SECRET_USER_PIN], 0);
    assert_int_equal(shim_calls(f->shim, "C_InitPIN"), 1);
    assert_int_equal(shim_calls(f->shim, "C_Logout"), 1);
    f->pins.answers[CERTENROLL_SECRET_USER_PIN] = TEST_NEW_PIN;
    assert_ok(certenroll_token_login(f->token, &f->error), f->error); /* the SO is out */
}

static void a_locked_pin_is_unblocked(void **state)
{
    struct pins_token *f = *state;

    shim_control(f->shim, "flags +USER_PIN_LOCKED\n");
    assert_fails(certenroll_token_login(f->token, &f->error), CERTENROLL_E_PIN_LOCKED, f->error);
    assert_ok(certenroll_token_reset_pin(f->token, &f->error), f->error);
    assert_pin_is(f, TEST_NEW_PIN);
}

static void a_wrong_officers_pin_is_sent_once(void **state)
{
    struct pins_token *f = *state;

    f->pins.answers[CERTENROLL_SECRET_SO_PIN] = "9999-wrong";
    assert_int_equal(certenroll_token_reset_pin(f->token, &f->error), CERTENROLL_E_PIN_INCORRECT);
    assert_string_equal(certenroll_error_what(f->error),
                        "the SO PIN for the token \"bank\" is wrong");
    assert_string_equal(certenroll_error_why(f->error),
                        "CKR_PIN_INCORRECT; a wrong PIN was given since the last right one");
    certenroll_error_free(f->error);
    f->error = NULL;
    assert_int_equal(shim_calls(f->shim, "C_Login"), 1);
    assert_int_equal(shim_calls(f->shim, "C_InitPIN"), 0);
    assert_pin_is(f, SOFTHSM_PIN);
}

static void the_officers_tries_are_guarded_as_the_users(void **state)
{
    static const struct {
        const char *control;
        int status;
    } cases[] = {
        { "flags +SO_PIN_LOCKED\n", CERTENROLL_E_PIN_LOCKED },
        { "flags +SO_PIN_FINAL_TRY\n", CERTENROLL_E_PIN_FINAL_TRY },
        { "flags +SO_PIN_TO_BE_CHANGED\n", CERTENROLL_E_PIN_EXPIRED },
    };
    struct pins_token *f = *state;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        shim_control(f->shim, cases[i].control);
        assert_fails(certenroll_token_reset_pin(f->token, &f->error), cases[i].status, f->error);
    }
    assert_int_equal(f->pins.asked[CERTENROLL_SECRET_SO_PIN], 0);
    assert_int_equal(shim_calls(f->shim, "C_Login"), 0);
    shim_control(f->shim, "flags +SO_PIN_FINAL_TRY\nflags +SO_PIN_COUNT_LOW\n");
    pins_token_reopen(f, 1);
    f->pins.answers[CERTENROLL_SECRET_NEW_PIN] = NULL; /* after the SO's was asked for */
    assert_fails(certenroll_token_reset_pin(f->token, &f->error), CERTENROLL_E_CANCELLED, f->error);
    assert_int_equal(f->pins.asked[CERTENROLL_SECRET_SO_PIN], 1);
    assert_int_equal(shim_calls(f->shim, "C_Login"), 0);
    f->pins.answers[CERTENROLL_SECRET_NEW_PIN] = TEST_NEW_PIN;
    assert_ok(certenroll_token_reset_pin(f->token, &f->error), f->error);
}

static void the_officer_is_logged_out_after_a_failure_too(void **state)
{
    struct pins_token *f = *state;

    shim_control(f->shim, "fail C_InitPIN 0x54\n");
    assert_fails(certenroll_token_reset_pin(f->token, &f->error), CERTENROLL_E_UNSUPPORTED,
                 f->error);
    shim_control(f->shim, "fail C_InitPIN 0xa2\n");
    assert_fails(certenroll_token_reset_pin(f->token, &f->error), CERTENROLL_E_PIN_INVALID,
                 f->error);
    assert_int_equal(shim_calls(f->shim, "C_InitPIN"), 2);
    assert_ok(certenroll_token_login(f->token, &f->error), f->error);
}

static void our_own_login_makes_room_for_the_officer(void **state)
{
    struct pins_token *f = *state;

    assert_ok(certenroll_token_login(f->token, &f->error), f->error);
    assert_ok(certenroll_token_reset_pin(f->token, &f->error), f->error);
    assert_int_equal(shim_calls(f->shim, "C_Logout"), 2);
    f->pins.answers[CERTENROLL_SECRET_USER_PIN] = TEST_NEW_PIN;
    assert_ok(certenroll_token_login(f->token, &f->error), f->error);
    assert_int_equal(f->pins.asked[CERTENROLL_SECRET_USER_PIN], 2);
}

static void the_login_of_another_part_of_the_process_is_left_alone(void **state)
{
    struct pins_token *f = *state;
    struct test_pins theirs = test_pins();
    certenroll_token *other = test_pins_open(shim_module(), f->context, "bank", &theirs, 0);

    assert_ok(certenroll_token_login(other, &f->error), f->error);
    assert_fails(certenroll_token_reset_pin(f->token, &f->error), CERTENROLL_E_STATE, f->error);
    assert_ok(certenroll_token_login(f->token, &f->error), f->error); /* finds it made */
    assert_fails(certenroll_token_reset_pin(f->token, &f->error), CERTENROLL_E_STATE, f->error);
    assert_int_equal(f->pins.asked[CERTENROLL_SECRET_SO_PIN], 0);
    assert_int_equal(shim_calls(f->shim, "C_Logout"), 0);
    certenroll_token_free(other);
}

static void an_officer_of_another_part_of_the_process_is_left_alone(void **state)
{
    struct pins_token *f = *state;
    struct raw_token raw = raw_open();

    assert_int_equal(raw.module->C_Login(raw.session, CKU_SO, (unsigned char *)SOFTHSM_SO_PIN,
                                         strlen(SOFTHSM_SO_PIN)),
                     CKR_OK);
    /* C_SetPIN would change the SO's */
    assert_fails(certenroll_token_change_pin(f->token, &f->error), CERTENROLL_E_STATE, f->error);
    assert_ok(certenroll_token_reset_pin(f->token, &f->error), f->error);
    assert_int_equal(f->pins.asked[CERTENROLL_SECRET_SO_PIN], 0);
    assert_int_equal(shim_calls(f->shim, "C_SetPIN"), 0);
    assert_int_equal(raw.module->C_Logout(raw.session), CKR_OK); /* it was still in */
    raw_close(&raw);
    assert_pin_is(f, TEST_NEW_PIN);
}

static void a_reader_takes_the_officers_pin_too(void **state)
{
    struct pins_token *f = *state;

    shim_control(f->shim, "flags +PROTECTED_AUTHENTICATION_PATH\nreader-pin " SOFTHSM_SO_PIN
                          "\nreader-new-pin 5555-reader\n");
    f->pins.answers[CERTENROLL_SECRET_SO_PIN] = "9999-must-not-be-sent";
    assert_ok(certenroll_token_reset_pin(f->token, &f->error), f->error);
    assert_int_equal(f->pins.asked[CERTENROLL_SECRET_SO_PIN], 1);
    assert_true(f->pins.last.on_reader);
    assert_pin_is(f, "5555-reader");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, pins_token_set_up, pins_token_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(the_pin_is_proven_and_changed),
        TEST(who_is_logged_in_stays_so),
        TEST(a_wrong_present_pin_is_sent_once),
        TEST(no_failure_sends_it_again),
        TEST(an_answer_that_may_mean_a_wrong_pin_says_so),
        TEST(flags_that_forbid_a_try_are_looked_at_first),
        TEST(the_last_try_is_spent_where_it_is_allowed),
        TEST(a_pin_that_must_be_changed_can_be),
        TEST(a_new_pin_of_the_wrong_length_sends_nothing),
        TEST(a_new_pin_that_the_token_refuses_is_said_to_be_that),
        TEST(either_question_may_be_refused),
        TEST(a_reader_takes_both_pins_itself),
        TEST(the_officer_sets_the_pin_and_is_gone),
        TEST(a_locked_pin_is_unblocked),
        TEST(a_wrong_officers_pin_is_sent_once),
        TEST(the_officers_tries_are_guarded_as_the_users),
        TEST(the_officer_is_logged_out_after_a_failure_too),
        TEST(our_own_login_makes_room_for_the_officer),
        TEST(the_login_of_another_part_of_the_process_is_left_alone),
        TEST(an_officer_of_another_part_of_the_process_is_left_alone),
        TEST(a_reader_takes_the_officers_pin_too),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
