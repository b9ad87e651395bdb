/* SPDX-License-Identifier: Apache-2.0 */
/* An empty token, and one that is erased. */
#include "check.h"
#include "raw_token.h"
#include "test_pins.h"

#include <certenroll/certenroll.h>

#include <stdio.h>
#include <stdlib.h>

struct fixture {
    struct softhsm *hsm;
    struct shim *shim;
    certenroll_context *context;
    struct test_pins pins;
    certenroll_initialize_options options;
    certenroll_error *error;
};

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    certenroll_initialize_options options = CERTENROLL_INITIALIZE_OPTIONS_INIT;

    assert_non_null(f);
    f->hsm = softhsm_new((const char *[]){ "bank", NULL });
    f->shim = shim_new(softhsm_dir(f->hsm));
    f->pins = test_pins();
    f->options = options;
    f->options.label = "new card";
    f->options.module_path = shim_module();
    f->options.secret = test_pins_answer;
    f->options.secret_user = &f->pins;
    assert_ok(certenroll_context_new(&f->context, &f->error), f->error);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    certenroll_context_free(f->context);
    shim_free(f->shim);
    softhsm_free(f->hsm);
    free(f);
    return 0;
}

static int initialize(struct fixture *f, const char *uri)
{
    return certenroll_token_initialize(f->context, uri, &f->options, &f->error);
}

static void refused(struct fixture *f, const char *uri, int status)
{
    assert_fails(initialize(f, uri), status, f->error);
    assert_int_equal(shim_calls(f->shim, "C_InitToken"), 0);
}

/* The user PIN and the SO PIN of a token are these, and an enrolment could begin. */
static void assert_works(struct fixture *f, const char *label, const char *officer)
{
    struct test_pins pins = test_pins();
    certenroll_token *token = test_pins_open(shim_module(), f->context, label, &pins, 0);
    certenroll_key *key = NULL;

    pins.answers[CERTENROLL_SECRET_USER_PIN] = TEST_NEW_PIN;
    pins.answers[CERTENROLL_SECRET_SO_PIN] = officer;
    assert_ok(certenroll_key_generate(&key, token, NULL, &f->error), f->error);
    certenroll_key_free(key);
    assert_ok(certenroll_token_reset_pin(token, &f->error), f->error);
    certenroll_token_free(token);
}

static char *uri_of_the_empty_one(struct fixture *f)
{
    certenroll_token_list *list = NULL;
    char *uri = NULL;

    assert_ok(certenroll_token_list_new(&list, f->context, NULL, shim_module(), &f->error),
              f->error);
    for (size_t i = 0; i < certenroll_token_list_count(list); i++) {
        const certenroll_token_info *info = certenroll_token_list_at(list, i);

        if (certenroll_token_info_flags(info) & CERTENROLL_TOKEN_INITIALIZED)
            continue;
        assert_null(uri);
        assert_string_equal(certenroll_token_info_label(info), "");
        uri = strdup(certenroll_token_info_uri(info));
    }
    certenroll_token_list_free(list);
    assert_non_null(uri);
    return uri;
}

/* --- empty ones --- */

static void the_only_empty_token_is_meant(void **state)
{
    struct fixture *f = *state;

    assert_ok(initialize(f, "pkcs11:"), f->error);
    assert_int_equal(f->pins.asked[CERTENROLL_SECRET_NEW_SO_PIN], 1);
    assert_int_equal(f->pins.asked[CERTENROLL_SECRET_NEW_PIN], 1);
    assert_int_equal(f->pins.asked[CERTENROLL_SECRET_SO_PIN], 0);
    assert_int_equal(shim_calls(f->shim, "C_InitToken"), 1);
    assert_int_equal(shim_calls(f->shim, "C_InitPIN"), 1);
    assert_works(f, "new%20card", TEST_NEW_SO_PIN);
}

static void its_listed_uri_names_it(void **state)
{
    struct fixture *f = *state;
    char *uri = uri_of_the_empty_one(f);

    assert_non_null(strstr(uri, "slot-id="));
    f->options.label = "\xe9\x8a\x80\xe8\xa1\x8c";
    assert_ok(initialize(f, uri), f->error);
    assert_works(f, "%E9%8A%80%E8%A1%8C", TEST_NEW_SO_PIN);
    free(uri);
}

static void a_second_token_with_the_label_is_told_apart(void **state)
{
    struct fixture *f = *state;
    certenroll_token_list *list = NULL;

    f->options.label = "bank";
    assert_ok(initialize(f, "pkcs11:"), f->error);
    assert_ok(
        certenroll_token_list_new(&list, f->context, "pkcs11:token=bank", shim_module(), &f->error),
        f->error);
    assert_int_equal(certenroll_token_list_count(list), 2);
    for (size_t i = 0; i < 2; i++)
        assert_true(certenroll_token_info_flags(certenroll_token_list_at(list, i)) &
                    CERTENROLL_TOKEN_USER_PIN_SET);
    certenroll_token_list_free(list);
}

static void labels_have_1_to_32_bytes_of_text(void **state)
{
    static const char *const labels[] = {
        NULL, "", "123456789012345678901234567890123", "\xff", "two\nlines", "\xe9\x8a",
    };
    struct fixture *f = *state;

    for (size_t i = 0; i < sizeof(labels) / sizeof(labels[0]); i++) {
        f->options.label = labels[i];
        refused(f, "pkcs11:", CERTENROLL_E_ARGUMENT);
    }
    f->options.label = "12345678901234567890123456789012";
    assert_ok(initialize(f, "pkcs11:"), f->error);
    assert_works(f, f->options.label, TEST_NEW_SO_PIN);
}

static void pins_of_the_wrong_length_change_nothing(void **state)
{
    struct fixture *f = *state;

    f->pins.answers[CERTENROLL_SECRET_NEW_SO_PIN] = "12";
    refused(f, "pkcs11:", CERTENROLL_E_PIN_INVALID);
    f->pins.answers[CERTENROLL_SECRET_NEW_SO_PIN] = TEST_NEW_SO_PIN;
    f->pins.answers[CERTENROLL_SECRET_NEW_PIN] = "12";
    refused(f, "pkcs11:", CERTENROLL_E_PIN_INVALID);
    f->pins.answers[CERTENROLL_SECRET_NEW_PIN] = NULL;
    refused(f, "pkcs11:", CERTENROLL_E_CANCELLED);
    shim_control(f->shim, "flags +WRITE_PROTECTED\nflags -TOKEN_INITIALIZED\n");
    refused(f, "pkcs11:serial=", CERTENROLL_E_TOKEN_READ_ONLY);
}

static void no_token_and_two_empty_ones_are_no_choice(void **state)
{
    struct fixture *f = *state;

    refused(f, "pkcs11:token=nobody", CERTENROLL_E_TOKEN_NOT_FOUND);
    shim_control(f->shim, "flags -TOKEN_INITIALIZED\n"); /* "bank" too */
    refused(f, "pkcs11:", CERTENROLL_E_TOKEN_AMBIGUOUS);
}

static void a_token_left_without_pin_says_so(void **state)
{
    struct fixture *f = *state;
    struct test_pins pins = test_pins();
    certenroll_token *token;

    shim_control(f->shim, "fail C_InitPIN 0x30 once\n");
    assert_int_equal(initialize(f, "pkcs11:"), CERTENROLL_E_TOKEN);
    assert_non_null(strstr(certenroll_error_advice(f->error), "no user PIN yet"));
    certenroll_error_free(f->error);
    f->error = NULL;
    token = test_pins_open(shim_module(), f->context, "new%20card", &pins, 0);
    assert_fails(certenroll_token_login(token, &f->error), CERTENROLL_E_PIN_NOT_SET, f->error);
    pins.answers[CERTENROLL_SECRET_SO_PIN] = TEST_NEW_SO_PIN;
    assert_ok(certenroll_token_reset_pin(token, &f->error), f->error);
    certenroll_token_free(token);
    assert_works(f, "new%20card", TEST_NEW_SO_PIN);
}

/* The maker's SO PIN: tokens that have one want it changed. */
static void the_makers_officer_pin_is_changed(void **state)
{
    struct fixture *f = *state;

    f->options.erase = 1;
    shim_control(f->shim, "flags -TOKEN_INITIALIZED\nflags +SO_PIN_TO_BE_CHANGED\n");
    /* found again by a flag that this shim hides; the token itself has it */
    assert_fails(initialize(f, "pkcs11:token=bank"), CERTENROLL_E_TOKEN_REMOVED, f->error);
    assert_int_equal(f->pins.asked[CERTENROLL_SECRET_SO_PIN], 1);
    assert_int_equal(f->pins.asked[CERTENROLL_SECRET_NEW_SO_PIN], 1);
    shim_control(f->shim, "flags +SO_PIN_TO_BE_CHANGED\n");
    f->options.label = "bank";
    assert_ok(initialize(f, "pkcs11:token=new%20card"), f->error);
    assert_int_equal(shim_calls(f->shim, "C_SetPIN"), 1);
    shim_control(f->shim, "");
    assert_works(f, "bank", TEST_NEW_SO_PIN);
}

/* --- initialised ones --- */

static void an_initialised_token_is_refused_with_what_is_on_it(void **state)
{
    struct fixture *f = *state;
    struct test_pins pins = test_pins();
    certenroll_token *token = test_pins_open(shim_module(), f->context, "bank", &pins, 0);
    certenroll_key *key = NULL;

    assert_ok(certenroll_key_generate(&key, token, NULL, &f->error), f->error);
    certenroll_key_free(key);
    certenroll_token_free(token);
    assert_int_equal(initialize(f, "pkcs11:token=bank"), CERTENROLL_E_STATE);
    assert_non_null(strstr(certenroll_error_why(f->error), "0 certificates and 1 other objects"));
    certenroll_error_free(f->error);
    f->error = NULL;
    assert_int_equal(shim_calls(f->shim, "C_InitToken"), 0);
    assert_int_equal(f->pins.asked[CERTENROLL_SECRET_SO_PIN], 0);
}

static void erasing_wants_the_officers_pin(void **state)
{
    struct fixture *f = *state;

    f->options.erase = 1;
    assert_ok(initialize(f, "pkcs11:token=bank"), f->error);
    assert_int_equal(f->pins.asked[CERTENROLL_SECRET_SO_PIN], 1);
    assert_int_equal(f->pins.asked[CERTENROLL_SECRET_NEW_SO_PIN], 0);
    assert_works(f, "new%20card", SOFTHSM_SO_PIN);
}

static void erasing_with_a_wrong_one_is_tried_once(void **state)
{
    struct fixture *f = *state;
    struct test_pins pins = test_pins();
    certenroll_token *token;

    f->options.erase = 1;
    f->pins.answers[CERTENROLL_SECRET_SO_PIN] = "9999-wrong";
    assert_fails(initialize(f, "pkcs11:token=bank"), CERTENROLL_E_PIN_INCORRECT, f->error);
    assert_int_equal(shim_calls(f->shim, "C_InitToken"), 1);
    token = test_pins_open(shim_module(), f->context, "bank", &pins, 0);
    assert_ok(certenroll_token_login(token, &f->error), f->error); /* as it was */
    certenroll_token_free(token);
}

static void erasing_guards_the_officers_tries(void **state)
{
    struct fixture *f = *state;

    f->options.erase = 1;
    shim_control(f->shim, "flags +SO_PIN_LOCKED\n");
    refused(f, "pkcs11:token=bank", CERTENROLL_E_PIN_LOCKED);
    shim_control(f->shim, "flags +SO_PIN_FINAL_TRY\n");
    refused(f, "pkcs11:token=bank", CERTENROLL_E_PIN_FINAL_TRY);
    assert_int_equal(f->pins.asked[CERTENROLL_SECRET_SO_PIN], 0);
    f->options.allow_final_try = 1;
    assert_ok(initialize(f, "pkcs11:token=bank"), f->error);
}

static void erasing_takes_no_uri_that_leaves_a_choice(void **state)
{
    struct fixture *f = *state;

    f->options.erase = 1;
    refused(f, "pkcs11:", CERTENROLL_E_TOKEN_AMBIGUOUS);
}

static void a_token_in_use_is_left_alone(void **state)
{
    struct fixture *f = *state;
    struct test_pins pins = test_pins();
    certenroll_token *token = test_pins_open(shim_module(), f->context, "bank", &pins, 0);

    f->options.erase = 1;
    assert_ok(certenroll_token_login(token, &f->error), f->error);
    /* SoftHSM does not tell beforehand how many sessions there are */
    assert_fails(initialize(f, "pkcs11:token=bank"), CERTENROLL_E_STATE, f->error);
    assert_int_equal(shim_calls(f->shim, "C_InitToken"), 1);
    certenroll_token_free(token);
    assert_ok(initialize(f, "pkcs11:token=bank"), f->error);
}

static void a_reader_takes_the_pins_itself(void **state)
{
    struct fixture *f = *state;
    struct test_pins pins = test_pins();
    certenroll_token *token;

    f->options.erase = 1;
    f->options.secret = NULL;
    shim_control(f->shim, "flags +PROTECTED_AUTHENTICATION_PATH\nreader-pin " SOFTHSM_SO_PIN
                          "\nreader-new-pin 5555-reader\n");
    assert_ok(initialize(f, "pkcs11:token=bank"), f->error);
    shim_control(f->shim, "");
    token = test_pins_open(shim_module(), f->context, "new%20card", &pins, 0);
    pins.answers[CERTENROLL_SECRET_USER_PIN] = "5555-reader";
    assert_ok(certenroll_token_login(token, &f->error), f->error);
    certenroll_token_free(token);
}

/* --- another one in its place --- */

/* A person who takes out the card while the PINs are asked for, and puts in another. */
struct swapper {
    struct fixture *f;
    certenroll_secret_kind at;
    char control[64];
};

static int answer_and_swap(void *user, const certenroll_secret_request *request, char *buffer,
                           size_t capacity, size_t *length)
{
    struct swapper *swapper = user;

    if (request->kind == swapper->at)
        shim_control(swapper->f->shim, swapper->control);
    return test_pins_answer(&swapper->f->pins, request, buffer, capacity, length);
}

static void read_serial(char out[17], struct fixture *f, const char *uri)
{
    certenroll_token_list *list = NULL;

    assert_ok(certenroll_token_list_new(&list, f->context, uri, shim_module(), &f->error),
              f->error);
    assert_int_equal(certenroll_token_list_count(list), 1);
    snprintf(out, 17, "%s", certenroll_token_info_serial(certenroll_token_list_at(list, 0)));
    certenroll_token_list_free(list);
}

/* With the same SO PIN: a bank has one for all of its cards. */
static void another_card_put_in_meanwhile_is_not_erased(void **state)
{
    static const certenroll_secret_kind kinds[] = { CERTENROLL_SECRET_SO_PIN,
                                                    CERTENROLL_SECRET_NEW_PIN };
    struct fixture *f = *state;
    char ours[17], theirs[17];

    softhsm_add(f->hsm, "other");
    read_serial(ours, f, "pkcs11:token=bank");
    read_serial(theirs, f, "pkcs11:token=other");
    f->options.erase = 1;
    for (size_t i = 0; i < 2; i++) {
        struct swapper swapper = { .f = f, .at = kinds[i] };

        snprintf(swapper.control, sizeof(swapper.control), "exchange %s %s\n", ours, theirs);
        f->options.secret = answer_and_swap;
        f->options.secret_user = &swapper;
        refused(f, "pkcs11:token=bank", CERTENROLL_E_TOKEN_REMOVED);
        shim_control(f->shim, "");
    }
}

static void tries_of_the_officer_spent_meanwhile_are_seen(void **state)
{
    struct fixture *f = *state;
    struct swapper swapper = { .f = f, .at = CERTENROLL_SECRET_NEW_PIN };

    snprintf(swapper.control, sizeof(swapper.control), "flags +SO_PIN_FINAL_TRY\n");
    f->options.erase = 1;
    f->options.secret = answer_and_swap;
    f->options.secret_user = &swapper;
    refused(f, "pkcs11:token=bank", CERTENROLL_E_PIN_FINAL_TRY);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(the_only_empty_token_is_meant),
        TEST(its_listed_uri_names_it),
        TEST(a_second_token_with_the_label_is_told_apart),
        TEST(labels_have_1_to_32_bytes_of_text),
        TEST(pins_of_the_wrong_length_change_nothing),
        TEST(no_token_and_two_empty_ones_are_no_choice),
        TEST(a_token_left_without_pin_says_so),
        TEST(the_makers_officer_pin_is_changed),
        TEST(an_initialised_token_is_refused_with_what_is_on_it),
        TEST(erasing_wants_the_officers_pin),
        TEST(erasing_with_a_wrong_one_is_tried_once),
        TEST(erasing_guards_the_officers_tries),
        TEST(erasing_takes_no_uri_that_leaves_a_choice),
        TEST(a_token_in_use_is_left_alone),
        TEST(a_reader_takes_the_pins_itself),
        TEST(another_card_put_in_meanwhile_is_not_erased),
        TEST(tries_of_the_officer_spent_meanwhile_are_seen),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
