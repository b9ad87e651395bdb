/* SPDX-License-Identifier: Apache-2.0 */
/* Time and waiting behind the platform seam. */
#include "base/platform.h"
#include "base/time.h"
#include "check.h"

#include <pthread.h>

static void a_span_has_two_units(void **state)
{
    static const struct {
        int64_t seconds;
        const char *text;
    } rows[] = {
        { 0, "0 s" },     { 59, "59 s" },
        { 60, "1 min" },  { 372, "6 min 12 s" },
        { 7200, "2 h" },  { 86399, "23 h 59 min" },
        { 86400, "1 d" }, { 34570800, "400 d 3 h" },
        { -5, "0 s" },    { INT64_MAX, "106751991167300 d 15 h" },
    };
    char text[CE_TIME_SPAN_SIZE];

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        ce_time_span(text, rows[i].seconds);
        assert_string_equal(text, rows[i].text);
    }
}

static void a_sleep_lasts(void **state)
{
    int64_t before = ce_uptime_ms();

    (void)state;
    ce_sleep_ms(30);
    assert_true(ce_uptime_ms() >= before + 29);
}

static void a_wait_has_an_end(void **state)
{
    ce_mutex *mutex = ce_mutex_new();
    ce_condition *condition = ce_condition_new();
    int64_t until = ce_uptime_ms() + 30;

    (void)state;
    ce_mutex_lock(mutex);
    while (ce_condition_wait_until(condition, mutex, until))
        continue;
    ce_mutex_unlock(mutex);
    assert_true(ce_uptime_ms() >= until);
    ce_condition_free(condition);
    ce_mutex_free(mutex);
}

struct waker {
    ce_mutex *mutex;
    ce_condition *condition;
    int done;
};

static void *wake(void *argument)
{
    struct waker *waker = argument;

    ce_mutex_lock(waker->mutex);
    waker->done = 1;
    ce_condition_wake_all(waker->condition);
    ce_mutex_unlock(waker->mutex);
    return NULL;
}

static void who_waits_is_woken(void **state)
{
    struct waker waker = { ce_mutex_new(), ce_condition_new(), 0 };
    int64_t until = ce_uptime_ms() + 60000;
    pthread_t thread;

    (void)state;
    ce_condition_renew(waker.condition); /* keeps its clock */
    ce_mutex_lock(waker.mutex);
    assert_int_equal(pthread_create(&thread, NULL, wake, &waker), 0);
    while (!waker.done)
        assert_true(ce_condition_wait_until(waker.condition, waker.mutex, until));
    ce_mutex_unlock(waker.mutex);
    pthread_join(thread, NULL);
    ce_condition_free(waker.condition);
    ce_mutex_free(waker.mutex);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_span_has_two_units),
        cmocka_unit_test(a_sleep_lasts),
        cmocka_unit_test(a_wait_has_an_end),
        cmocka_unit_test(who_waits_is_woken),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
