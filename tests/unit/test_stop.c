/* SPDX-License-Identifier: Apache-2.0 */
/* What a thread heeds: its own cancels and limits and those around, until they are left. */
#include "base/platform.h"
#include "check.h"
#include "context/context.h"
#include "context/stop.h"
#include "journal/sent_ids.h"

#include <pthread.h>

#define PROMPTLY_MS 1000

struct fixture {
    certenroll_context *context;
    certenroll_cancel *cancel, *of_context;
};

static int set_up(void **state)
{
    static struct fixture f;
    certenroll_error *error = NULL;

    assert_ok(certenroll_context_new(&f.context, &error), error);
    assert_ok(certenroll_cancel_new(&f.cancel, &error), error);
    assert_ok(certenroll_cancel_new(&f.of_context, &error), error);
    certenroll_context_set_cancel(f.context, f.of_context);
    *state = &f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    certenroll_cancel_free(f->of_context); /* the context keeps it */
    certenroll_context_free(f->context);
    certenroll_cancel_free(f->cancel);
    return 0;
}

static void assert_stops(const char *what)
{
    certenroll_error *error = NULL;

    assert_int_equal(ce_stop_check(&error), CERTENROLL_E_CANCELLED);
    assert_string_equal(certenroll_error_what(error), what);
    certenroll_error_free(error);
    assert_true(ce_stop_is_wanted());
}

static void *ask_on_a_thread_of_its_own(void *request)
{
    return certenroll_secret_is_cancelled(request) && !ce_stop_is_wanted() ? request : NULL;
}

static void test_calls_around_are_heeded(void **state)
{
    struct fixture *f = *state;
    struct certenroll_stop outer = { .cancel = f->cancel }, inner = { .cancel = NULL };
    certenroll_secret_request request = { .size = sizeof(request) };
    pthread_t thread;
    void *asked;

    certenroll_cancel_now(f->cancel);
    assert_int_equal(ce_stop_check(NULL), CERTENROLL_OK);
    assert_false(certenroll_secret_is_cancelled(&request));
    ce_stop_enter(&outer, f->context);
    ce_stop_enter(&inner, f->context);
    request.stop = ce_stop_now();
    assert_stops("it was cancelled");
    assert_int_equal(pthread_create(&thread, NULL, ask_on_a_thread_of_its_own, &request), 0);
    pthread_join(thread, &asked);
    assert_ptr_equal(asked, &request);
    certenroll_cancel_reset(f->cancel);
    assert_int_equal(ce_stop_check(NULL), CERTENROLL_OK);
    certenroll_cancel_now(f->of_context);
    assert_stops("it was cancelled");
    ce_stop_leave(&inner);
    ce_stop_leave(&outer);
    assert_int_equal(ce_stop_check(NULL), CERTENROLL_OK);
}

static void test_the_nearest_limit_counts(void **state)
{
    struct fixture *f = *state;
    struct certenroll_stop outer = { .until = ce_uptime_ms() + 100, .exchange_limit_ms = 7 };
    struct certenroll_stop inner = { .until = ce_uptime_ms() + 100000 };
    int64_t begun = ce_uptime_ms();

    assert_int_equal(ce_stop_exchange_limit_ms(), 0);
    assert_int_equal(ce_stop_patience_ms(100000), CE_STOP_LOOK_MS);
    ce_stop_enter(&outer, f->context);
    ce_stop_enter(&inner, f->context);
    assert_int_equal(ce_stop_exchange_limit_ms(), 7);
    assert_true(ce_stop_patience_ms(100000) <= 100);
    assert_int_equal(ce_stop_sleep(60000, NULL), CERTENROLL_E_CANCELLED);
    assert_true(ce_uptime_ms() - begun >= 100 && ce_uptime_ms() - begun < PROMPTLY_MS);
    assert_stops("the time for it is over");
    assert_int_equal(ce_stop_patience_ms(100000), 0);
    ce_stop_leave(&inner);
    ce_stop_leave(&outer);
}

/* Whoever has the file of the IDs that were sent is waited for, five seconds, unless it is to stop.
 */
static void test_a_lock_is_not_waited_for(void **state)
{
    struct fixture *f = *state;
    struct certenroll_stop stop = { .until = ce_uptime_ms() + 300 };
    struct ce_sent_ids first, second;
    certenroll_error *error = NULL;
    int64_t begun = ce_uptime_ms();

    assert_ok(ce_sent_ids_open(&first, "stop", "1", NULL, 0, &error), error);
    ce_stop_enter(&stop, f->context);
    assert_fails(ce_sent_ids_open(&second, "stop", "1", NULL, 0, &error), CERTENROLL_E_CANCELLED,
                 error);
    ce_stop_leave(&stop);
    ce_sent_ids_close(&second);
    ce_sent_ids_close(&first);
    assert_true(ce_uptime_ms() - begun < 300 + PROMPTLY_MS);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_calls_around_are_heeded),
        TEST(test_the_nearest_limit_counts),
        TEST(test_a_lock_is_not_waited_for),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
