/* SPDX-License-Identifier: Apache-2.0 */
/* Time and waiting behind the platform seam. */
#include "base/platform.h"
#include "check.h"

#include <pthread.h>

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
        cmocka_unit_test(a_sleep_lasts),
        cmocka_unit_test(a_wait_has_an_end),
        cmocka_unit_test(who_waits_is_woken),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
