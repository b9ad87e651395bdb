/* SPDX-License-Identifier: Apache-2.0 */
/* Tokens on which nobody but the SO may write, as ykcs11 has it: CKR_USER_TYPE_INVALID to the user.
 * SoftHSM lets the SO write what is public, so a certificate stands for all objects here; keys that
 * the SO generates are tried on the virtual PIV card. */
#include "check.h"
#include "pins_token.h"
#include "raw_token.h"
#include "token/object.h"
#include "token/session.h"

#include <certenroll/certenroll.h>

#include <stdlib.h>

#define SO_WANTED "fail C_CreateObject 0x103 once\n"

/* Bytes that are no certificate: to a token the value is just bytes. */
static int write_one(struct pins_token *f, unsigned char which)
{
    unsigned char value[600], id[] = { which }, name[] = { 0x30, 0 }, serial[] = { 2, 1, which };
    struct ce_certificate_object object = {
        .value = { value, sizeof(value) },
        .id = { id, sizeof(id) },
        .subject = { name, sizeof(name) },
        .issuer = { name, sizeof(name) },
        .serial = { serial, sizeof(serial) },
    };

    memset(value, which, sizeof(value));
    return ce_certificate_write(f->token, &object, &f->error);
}

static void assert_asked(const struct pins_token *f, unsigned user, unsigned officer)
{
    assert_int_equal(f->pins.asked[CERTENROLL_SECRET_USER_PIN], user);
    assert_int_equal(f->pins.asked[CERTENROLL_SECRET_SO_PIN], officer);
}

static void the_officer_writes_what_the_user_may_not(void **state)
{
    struct pins_token *f = *state;

    shim_control(f->shim, SO_WANTED);
    assert_ok(write_one(f, 1), f->error);
    assert_asked(f, 2, 1); /* the user again to read it back */
    assert_int_equal(shim_calls(f->shim, "C_Logout"), 2);
    assert_int_equal(objects_of_class(CKO_CERTIFICATE), 1);
    assert_ok(certenroll_token_login(f->token, &f->error), f->error);
    assert_asked(f, 2, 1);
}

static void a_token_of_that_kind_is_remembered(void **state)
{
    struct pins_token *f = *state;

    shim_control(f->shim, SO_WANTED);
    assert_ok(write_one(f, 1), f->error);
    shim_forget(f->shim);
    assert_ok(write_one(f, 2), f->error);
    assert_int_equal(shim_calls(f->shim, "C_CreateObject"), 1);
    assert_asked(f, 3, 2);
    assert_int_equal(objects_of_class(CKO_CERTIFICATE), 2);
}

static void a_login_that_is_not_enough_twice_means_the_officer(void **state)
{
    struct pins_token *f = *state;

    shim_control(f->shim, "fail C_CreateObject 0x101 once\nfail C_CreateObject 0x101 once\n");
    assert_ok(write_one(f, 1), f->error);
    assert_int_equal(f->pins.asked[CERTENROLL_SECRET_SO_PIN], 1);
    assert_int_equal(shim_calls(f->shim, "C_CreateObject"), 3);
}

static void a_login_that_was_lost_does_not(void **state)
{
    struct pins_token *f = *state;

    shim_control(f->shim, "fail C_CreateObject 0x101 once\n");
    assert_ok(write_one(f, 1), f->error);
    assert_asked(f, 1, 0);
}

static void an_officer_who_may_not_either_is_asked_once(void **state)
{
    struct pins_token *f = *state;

    shim_control(f->shim, SO_WANTED "fail C_CreateObject 0x101 once\n");
    assert_fails(write_one(f, 1), CERTENROLL_E_TOKEN, f->error);
    assert_asked(f, 1, 1);
    assert_ok(write_one(f, 1), f->error); /* as the user again */
    assert_int_equal(f->pins.asked[CERTENROLL_SECRET_SO_PIN], 1);
}

static void a_wrong_officers_pin_is_sent_once(void **state)
{
    struct pins_token *f = *state;

    f->pins.answers[CERTENROLL_SECRET_SO_PIN] = "9999-wrong";
    shim_control(f->shim, SO_WANTED);
    assert_fails(write_one(f, 1), CERTENROLL_E_PIN_INCORRECT, f->error);
    assert_asked(f, 1, 1);
    assert_int_equal(shim_calls(f->shim, "C_Login"), 2);
    assert_int_equal(objects_of_class(CKO_CERTIFICATE), 0);
    assert_ok(certenroll_token_login(f->token, &f->error), f->error);
}

static void who_has_no_officers_pin_keeps_the_login(void **state)
{
    struct pins_token *f = *state;

    f->pins.answers[CERTENROLL_SECRET_SO_PIN] = NULL;
    shim_control(f->shim, SO_WANTED);
    assert_fails(write_one(f, 1), CERTENROLL_E_CANCELLED, f->error);
    assert_int_equal(shim_calls(f->shim, "C_Logout"), 0);
    assert_ok(certenroll_token_login(f->token, &f->error), f->error);
    assert_asked(f, 1, 1);
}

static void the_login_of_another_part_of_the_process_is_left_alone(void **state)
{
    struct pins_token *f = *state;
    struct test_pins theirs = test_pins();
    certenroll_token *other = test_pins_open(shim_module(), f->context, "bank", &theirs, 0);

    assert_ok(certenroll_token_login(other, &f->error), f->error);
    shim_control(f->shim, SO_WANTED);
    assert_int_equal(write_one(f, 1), CERTENROLL_E_STATE);
    assert_non_null(strstr(certenroll_error_why(f->error), "another part of this process"));
    certenroll_error_free(f->error);
    f->error = NULL;
    assert_asked(f, 0, 0);
    assert_int_equal(shim_calls(f->shim, "C_Logout"), 0);
    certenroll_token_free(other);
}

/* --- few sessions --- */

static void sessions_that_others_hold_are_told_of(void **state)
{
    struct pins_token *f = *state;

    shim_control(f->shim, "fail C_OpenSession 0xb1\n");
    assert_int_equal(certenroll_token_login(f->token, &f->error), CERTENROLL_E_TOKEN_FULL);
    assert_non_null(strstr(certenroll_error_advice(f->error), "Others hold all sessions"));
    certenroll_error_free(f->error);
    f->error = NULL;
    shim_control(f->shim, "");
    assert_ok(certenroll_token_login(f->token, &f->error), f->error);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, pins_token_set_up, pins_token_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(the_officer_writes_what_the_user_may_not),
        TEST(a_token_of_that_kind_is_remembered),
        TEST(a_login_that_is_not_enough_twice_means_the_officer),
        TEST(a_login_that_was_lost_does_not),
        TEST(an_officer_who_may_not_either_is_asked_once),
        TEST(a_wrong_officers_pin_is_sent_once),
        TEST(who_has_no_officers_pin_keeps_the_login),
        TEST(the_login_of_another_part_of_the_process_is_left_alone),
        TEST(sessions_that_others_hold_are_told_of),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
