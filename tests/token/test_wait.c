/* SPDX-License-Identifier: Apache-2.0 */
/* Waiting for a token. */
#include "check.h"
#include "shim.h"
#include "softhsm.h"

#include <certenroll/certenroll.h>

#include <stdlib.h>
#include <time.h>

struct fixture {
    struct softhsm *hsm;
    struct shim *shim;
    certenroll_context *context;
    certenroll_token_options options;
    certenroll_wait_options wait;
    certenroll_error *error;
    certenroll_token *token;
    unsigned called; /* the callback */
    certenroll_cancel *cancel;
};

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    certenroll_token_options options = CERTENROLL_TOKEN_OPTIONS_INIT;
    certenroll_wait_options wait = CERTENROLL_WAIT_OPTIONS_INIT;

    assert_non_null(f);
    f->hsm = softhsm_new((const char *[]){ "bank", NULL });
    f->shim = shim_new(softhsm_dir(f->hsm));
    f->options = options;
    f->options.module_path = shim_module();
    f->wait = wait;
    f->wait.user = f;
    assert_ok(certenroll_context_new(&f->context, &f->error), f->error);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    certenroll_token_free(f->token);
    certenroll_context_free(f->context);
    shim_free(f->shim);
    softhsm_free(f->hsm);
    free(f);
    return 0;
}

static int wait_for(struct fixture *f, const char *uri)
{
    return certenroll_token_wait(&f->token, f->context, uri, &f->options, &f->wait, &f->error);
}

static void assert_open(struct fixture *f, const char *label)
{
    assert_non_null(f->token);
    assert_string_equal(certenroll_token_info_label(certenroll_token_get_info(f->token)), label);
}

static int count(void *user)
{
    struct fixture *f = user;

    f->called++;
    return CERTENROLL_OK;
}

static void a_token_that_is_there_is_not_waited_for(void **state)
{
    struct fixture *f = *state;

    f->wait.callback = count;
    f->wait.timeout_seconds = 0;
    assert_ok(wait_for(f, "pkcs11:token=bank"), f->error);
    assert_open(f, "bank");
    assert_int_equal(f->called, 0);
}

static void without_time_there_is_one_look(void **state)
{
    struct fixture *f = *state;

    f->wait.callback = count;
    f->wait.timeout_seconds = 0;
    assert_fails(wait_for(f, "pkcs11:token=nobody"), CERTENROLL_E_TOKEN_NOT_FOUND, f->error);
    assert_null(f->token);
    assert_int_equal(f->called, 0);
    assert_int_equal(shim_calls(f->shim, "C_Initialize"), 1);
}

static void the_time_is_kept(void **state)
{
    struct fixture *f = *state;
    struct timespec before, after;

    f->wait.callback = count;
    f->wait.timeout_seconds = 1;
    clock_gettime(CLOCK_MONOTONIC, &before);
    assert_fails(wait_for(f, "pkcs11:token=nobody"), CERTENROLL_E_TOKEN_NOT_FOUND, f->error);
    clock_gettime(CLOCK_MONOTONIC, &after);
    assert_true(
        (after.tv_sec - before.tv_sec) * 1000 + (after.tv_nsec - before.tv_nsec) / 1000000 >= 1000);
    assert_true(f->called >= 1 && f->called <= 3); /* fewer on a machine that is busy */
}

/* --- it comes --- */

/* Another program makes a token, at the second question. */
static int make_a_token(void *user)
{
    struct fixture *f = user;

    if (++f->called == 2)
        softhsm_add(f->hsm, "late");
    return CERTENROLL_OK;
}

static void a_token_that_another_program_makes_is_found(void **state)
{
    struct fixture *f = *state;

    f->wait.callback = make_a_token;
    assert_ok(wait_for(f, "pkcs11:token=late"), f->error);
    assert_open(f, "late");
    assert_int_equal(shim_calls(f->shim, "C_WaitForSlotEvent"), 0);
}

/* A person puts it in, at the second question. */
static int put_it_in(void *user)
{
    struct fixture *f = user;

    if (++f->called == 2)
        shim_control(f->shim, "");
    return CERTENROLL_OK;
}

static void a_token_that_is_put_in_is_found(void **state)
{
    struct fixture *f = *state;

    shim_control(f->shim, "absent\n");
    f->wait.callback = put_it_in;
    assert_ok(wait_for(f, "pkcs11:token=bank"), f->error);
    assert_open(f, "bank");
    assert_int_equal(f->called, 2);
}

static void another_serial_number_is_not_it(void **state)
{
    struct fixture *f = *state;

    f->wait.timeout_seconds = 0;
    assert_fails(wait_for(f, "pkcs11:token=bank;serial=0000000000000000"),
                 CERTENROLL_E_TOKEN_NOT_FOUND, f->error);
}

static void an_empty_token_is_waited_past(void **state)
{
    struct fixture *f = *state;

    shim_control(f->shim, "flags -TOKEN_INITIALIZED\n");
    f->wait.callback = put_it_in;
    assert_ok(wait_for(f, "pkcs11:token=bank"), f->error);
    assert_open(f, "bank");
    assert_int_equal(f->called, 2);
}

/* Pulled between the look and the opening, and put back. */
static void one_that_is_gone_again_is_waited_for(void **state)
{
    struct fixture *f = *state;

    shim_control(f->shim, "fail C_GetTokenInfo 0xe0 2\n");
    f->wait.callback = count;
    assert_ok(wait_for(f, "pkcs11:token=bank"), f->error);
    assert_open(f, "bank");
    assert_int_equal(f->called, 1);
}

/* --- it is given up --- */

static int refuse(void *user)
{
    struct fixture *f = user;

    return ++f->called == 2 ? CERTENROLL_E_CANCELLED : CERTENROLL_OK;
}

static int refuse_in_its_own_way(void *user)
{
    (void)user;
    return CERTENROLL_E_BUSY;
}

static int refuse_by_a_positive_number(void *user)
{
    (void)user;
    return 1;
}

static void the_callback_ends_it_with_its_own_status(void **state)
{
    struct fixture *f = *state;

    f->wait.callback = refuse;
    assert_fails(wait_for(f, "pkcs11:token=nobody"), CERTENROLL_E_CANCELLED, f->error);
    assert_int_equal(f->called, 2);
    f->wait.callback = refuse_in_its_own_way;
    assert_fails(wait_for(f, "pkcs11:token=nobody"), CERTENROLL_E_BUSY, f->error);
    f->wait.callback = refuse_by_a_positive_number;
    assert_fails(wait_for(f, "pkcs11:token=nobody"), CERTENROLL_E_CANCELLED, f->error);
}

static void what_no_waiting_mends_fails_at_once(void **state)
{
    struct fixture *f = *state;

    f->wait.callback = count;
    softhsm_add(f->hsm, "bank");
    assert_fails(wait_for(f, "pkcs11:token=bank"), CERTENROLL_E_TOKEN_AMBIGUOUS, f->error);
    assert_fails(wait_for(f, "bank"), CERTENROLL_E_ARGUMENT, f->error);
    f->wait.timeout_seconds = -1;
    assert_fails(wait_for(f, "pkcs11:token=nobody"), CERTENROLL_E_ARGUMENT, f->error);
    f->wait.timeout_seconds = 60;
    f->options.module_path = "/nowhere/none.so";
    assert_fails(wait_for(f, "pkcs11:token=nobody"), CERTENROLL_E_MODULE, f->error);
    f->options.module_path = shim_module();
    shim_control(f->shim, "fail C_Initialize 0x30\n");
    assert_fails(wait_for(f, "pkcs11:token=nobody"), CERTENROLL_E_MODULE, f->error);
    assert_int_equal(f->called, 0);
}

static int cancel_now(void *user)
{
    struct fixture *f = user;

    certenroll_cancel_now(f->cancel);
    return CERTENROLL_OK;
}

static void the_cancel_of_the_context_ends_it(void **state)
{
    struct fixture *f = *state;
    time_t begun = time(NULL);

    assert_ok(certenroll_cancel_new(&f->cancel, &f->error), f->error);
    certenroll_context_set_cancel(f->context, f->cancel);
    f->wait.callback = cancel_now;
    assert_fails(wait_for(f, "pkcs11:token=absent"), CERTENROLL_E_CANCELLED, f->error);
    assert_true(time(NULL) - begun <= 2);
    certenroll_cancel_free(f->cancel);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_token_that_is_there_is_not_waited_for),
        TEST(without_time_there_is_one_look),
        TEST(the_time_is_kept),
        TEST(a_token_that_another_program_makes_is_found),
        TEST(a_token_that_is_put_in_is_found),
        TEST(another_serial_number_is_not_it),
        TEST(an_empty_token_is_waited_past),
        TEST(one_that_is_gone_again_is_waited_for),
        TEST(the_callback_ends_it_with_its_own_status),
        TEST(the_cancel_of_the_context_ends_it),
        TEST(what_no_waiting_mends_fails_at_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
