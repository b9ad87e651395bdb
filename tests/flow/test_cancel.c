/* SPDX-License-Identifier: Apache-2.0 */
/* An enrolment is cancelled, or its time is over, at each request to a slow RA and in calls to a
 * slow token: it ends within a second, says which of the two it was, and the next run goes on to
 * one pair with one certificate. */
#include "base/platform.h"
#include "check.h"
#include "fault_world.h"

#include <arpa/inet.h>
#include <sys/socket.h>

#include <netdb.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define PROMPTLY_MS 1000
#define RUN_LIMIT_MS 600
#define SLOW_CALL_MS 60
#define HANGS_MS 10000 /* the RA, and the name server, unless they are let go on */

struct test {
    struct fault_world world; /* first: the state that its set-up makes */
    certenroll_cancel *cancel;
    /* the RA */
    int at, seen;    /* the request that it is slow to answer, from 1; how many there were */
    int is_deadline; /* it only waits; else it cancels as well */
    certenroll_state cancels_in;
    atomic_int is_over;
    atomic_llong cancelled_at; /* by ce_uptime_ms() */
};

static int set_up(void **state)
{
    struct test *test = calloc(1, sizeof(*test));
    certenroll_error *error = NULL;

    check(test != NULL, "out of memory");
    fault_world_open(&test->world);
    assert_ok(certenroll_cancel_new(&test->cancel, &error), error);
    *state = test;
    return 0;
}

static int tear_down(void **state)
{
    struct test *test = *state;

    fault_world_close(&test->world);
    certenroll_cancel_free(test->cancel);
    free(test);
    return 0;
}

static void cancel_now(struct test *test)
{
    atomic_store(&test->cancelled_at, (long long)ce_uptime_ms());
    certenroll_cancel_now(test->cancel);
}

/* The attempt is to end with CERTENROLL_E_CANCELLED and these words, not later than promptly after
 * the moment. Returns whether it was stopped at all. */
static int is_stopped(struct test *test, const char *words)
{
    struct fault_world *world = &test->world;
    certenroll_error *error = NULL;
    int64_t begun = ce_uptime_ms(), late;
    int status = fault_attempt(world, &error);

    late = ce_uptime_ms() - (test->is_deadline ? begun + RUN_LIMIT_MS : test->cancelled_at);
    atomic_store(&test->is_over, 1);
    if (status != CERTENROLL_OK &&
        (status != CERTENROLL_E_CANCELLED || strcmp(certenroll_error_what(error), words) != 0))
        fault_complain(world, "%s: %s", certenroll_status_name(status),
                       certenroll_error_message(error));
    if (status != CERTENROLL_OK && world->enrolment &&
        certenroll_enrolment_state(world->enrolment) != CERTENROLL_STATE_NEW &&
        !strstr(certenroll_error_why(error), certenroll_enrolment_name(world->enrolment)))
        fault_complain(world, "the journal is not named: %s", certenroll_error_message(error));
    if (status != CERTENROLL_OK && late > PROMPTLY_MS)
        fault_complain(world, "%lld ms late", (long long)late);
    if (status != CERTENROLL_OK && late < 0)
        fault_complain(world, "%lld ms early", (long long)-late);
    certenroll_error_free(error);
    return status != CERTENROLL_OK;
}

/* --- a slow RA --- */

/* On the connection's thread. */
static int hang(void *user, struct https_answer *answer, const struct https_seen *seen)
{
    struct test *test = user;

    (void)answer;
    (void)seen;
    if (++test->seen != test->at)
        return 0;
    if (!test->is_deadline)
        cancel_now(test);
    for (int waited = 0; !atomic_load(&test->is_over) && waited < HANGS_MS; waited += 5)
        ce_sleep_ms(5);
    return 0;
}

/* At each request that there is, until a run gets through. */
static void stop_at_requests(struct test *test, const char *name, certenroll_operation operation)
{
    struct fault_world *world = &test->world;
    int stopped = 1;

    world->ra.instead = hang;
    world->ra.user = test;
    fault_world_row(world, name, operation, CERTENROLL_KEY_P256);
    for (int at = 1; stopped; at++) {
        test->at = 0;
        fault_begin(world);
        test->at = at;
        test->seen = 0;
        atomic_store(&test->is_over, 0);
        world->run_limit_ms = test->is_deadline ? RUN_LIMIT_MS : 0;
        stopped =
            is_stopped(test, test->is_deadline ? "the time for it is over" : "it was cancelled");
        test->at = 0;
        world->run_limit_ms = 0;
        certenroll_cancel_reset(test->cancel);
        fault_finish(world, test->is_deadline || at % 2);
    }
    fault_world_balance(world, 3);
}

static void test_own_cancel(void **state)
{
    struct test *test = *state;

    test->world.cancel = test->cancel;
    stop_at_requests(test, "slow RA, enrolment", CERTENROLL_ENROLL);
    stop_at_requests(test, "slow RA, renewal", CERTENROLL_RENEW);
}

static void test_cancel_of_the_context(void **state)
{
    struct test *test = *state;

    certenroll_context_set_cancel(test->world.context, test->cancel);
    stop_at_requests(test, "slow RA, re-key", CERTENROLL_REKEY);
}

static void test_deadline(void **state)
{
    struct test *test = *state;

    test->is_deadline = 1;
    stop_at_requests(test, "slow RA, limit", CERTENROLL_ENROLL);
}

/* The RA's time for one answer is over, not the run's. */
static void test_limit_of_an_exchange(void **state)
{
    struct test *test = *state;
    struct fault_world *world = &test->world;
    certenroll_error *error = NULL;
    int64_t begun;

    world->ra.instead = hang;
    world->ra.user = test;
    fault_world_row(world, "slow RA, limit of an exchange", CERTENROLL_ENROLL, CERTENROLL_KEY_P256);
    fault_begin(world);
    test->is_deadline = 1;
    test->at = test->seen + 1;
    world->exchange_limit_ms = RUN_LIMIT_MS;
    begun = ce_uptime_ms();
    assert_fails(fault_attempt(world, &error), CERTENROLL_E_NETWORK, error);
    assert_true(ce_uptime_ms() - begun >= RUN_LIMIT_MS);
    assert_true(ce_uptime_ms() - begun < HANGS_MS / 2);
    atomic_store(&test->is_over, 1);
    world->exchange_limit_ms = 0;
    fault_finish(world, 1);
    fault_world_balance(world, 1);
}

/* --- a slow token --- */

/* Cancels in the call that is slow. */
static void *watch(void *user)
{
    struct test *test = user;
    int is_slow = 0;

    while (!is_slow && !atomic_load(&test->is_over)) {
        char *control = shim_control_now(test->world.shim);

        is_slow = control[0] == '#';
        free(control);
        ce_sleep_ms(1);
    }
    if (is_slow)
        cancel_now(test);
    return NULL;
}

static void stop_in_calls(struct test *test, const char *name, certenroll_operation operation,
                          int stride)
{
    struct fault_world *world = &test->world;
    int count;

    fault_world_row(world, name, operation, CERTENROLL_KEY_P256);
    fault_begin(world);
    shim_forget(world->shim);
    (void)is_stopped(test, "");
    count = (int)shim_calls(world->shim, NULL);
    fault_finish(world, 0);
    for (int at = 1; at <= count; at += stride) {
        pthread_t watcher;
        char line[64];

        fault_begin(world);
        snprintf(line, sizeof(line), "slow-call %04d %d\n", at, SLOW_CALL_MS);
        shim_control(world->shim, line);
        atomic_store(&test->is_over, 0);
        assert_int_equal(pthread_create(&watcher, NULL, watch, test), 0);
        (void)is_stopped(test, "it was cancelled");
        pthread_join(watcher, NULL);
        shim_control(world->shim, "");
        certenroll_cancel_reset(test->cancel);
        fault_finish(world, at % 2);
    }
    fault_world_balance(world, (unsigned)(count / stride));
}

static void test_slow_token(void **state)
{
    struct test *test = *state;
    const int stride = fault_world_is_full() ? 1 : 6;

    test->world.cancel = test->cancel;
    stop_in_calls(test, "slow token, enrolment", CERTENROLL_ENROLL, stride);
    stop_in_calls(test, "slow token, re-key", CERTENROLL_REKEY, stride);
}

/* --- between two steps --- */

static void cancel_when_reached(void *user, certenroll_state state)
{
    struct test *test = user;

    if (state == test->cancels_in)
        cancel_now(test);
}

/* The next step is not begun. */
static void test_each_state(void **state)
{
    static const certenroll_state states[] = {
        CERTENROLL_STATE_KEY_READY, CERTENROLL_STATE_CSR_SIGNED, CERTENROLL_STATE_SUBMITTED,
        CERTENROLL_STATE_ISSUED,    CERTENROLL_STATE_INSTALLED,  CERTENROLL_STATE_CONFIRMED
    };
    struct test *test = *state;
    struct fault_world *world = &test->world;

    world->cancel = test->cancel;
    world->progress = cancel_when_reached;
    world->progress_user = test;
    fault_world_row(world, "each state", CERTENROLL_REKEY, CERTENROLL_KEY_P256);
    for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
        test->cancels_in = CERTENROLL_STATE_NEW;
        fault_begin(world);
        test->cancels_in = states[i];
        assert_true(is_stopped(test, "it was cancelled"));
        assert_int_equal(certenroll_enrolment_state(world->enrolment), states[i]);
        certenroll_cancel_reset(test->cancel);
        test->cancels_in = CERTENROLL_STATE_NEW;
        fault_finish(world, i % 2);
    }
    fault_world_balance(world, sizeof(states) / sizeof(states[0]));
}

/* --- before there is a connection --- */

/* A name server that does not answer; glibc's own call is not called. */
static atomic_int name_server_hangs, name_server_asked;

int getaddrinfo(const char *name, const char *service, const struct addrinfo *hints,
                struct addrinfo **out)
{
    (void)name;
    (void)service;
    (void)hints;
    (void)out;
    atomic_store(&name_server_asked, 1);
    for (int waited = 0; atomic_load(&name_server_hangs) && waited < HANGS_MS; waited += 5)
        ce_sleep_ms(5);
    return EAI_AGAIN;
}

static int listener; /* accepts connections, by the system, and says nothing */

static int is_connecting(void)
{
    return poll(&(struct pollfd){ listener, POLLIN, 0 }, 1, 0) > 0;
}

static int is_looking_up(void)
{
    return atomic_load(&name_server_asked);
}

struct canceller {
    struct test *test;
    int (*is_time)(void);
};

static void *cancel_in_time(void *user)
{
    struct canceller *canceller = user;

    while (!canceller->is_time() && !atomic_load(&canceller->test->is_over))
        ce_sleep_ms(5);
    ce_sleep_ms(50);
    cancel_now(canceller->test);
    return NULL;
}

static void cancel_while_connecting(struct test *test, int (*is_time)(void))
{
    struct canceller canceller = { test, is_time };
    pthread_t thread;

    test->world.cancel = test->cancel;
    fault_begin(&test->world);
    assert_int_equal(pthread_create(&thread, NULL, cancel_in_time, &canceller), 0);
    assert_true(is_stopped(test, "it was cancelled"));
    pthread_join(thread, NULL);
    assert_int_equal(test->world.wrong, 0);
}

static void test_name_server(void **state)
{
    struct test *test = *state;

    fault_world_row(&test->world, "name server", CERTENROLL_ENROLL, CERTENROLL_KEY_P256);
    snprintf(test->world.url, sizeof(test->world.url), "https://est.example.com");
    atomic_store(&name_server_hangs, 1);
    cancel_while_connecting(test, is_looking_up);
    atomic_store(&name_server_hangs, 0);
    assert_true(is_looking_up());
}

static void test_handshake(void **state)
{
    struct test *test = *state;
    struct sockaddr_in address = { .sin_family = AF_INET,
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t length = sizeof(address);

    listener = socket(AF_INET, SOCK_STREAM, 0);
    check(listener >= 0 && bind(listener, (struct sockaddr *)&address, length) == 0 &&
              listen(listener, 8) == 0 &&
              getsockname(listener, (struct sockaddr *)&address, &length) == 0,
          "no socket");
    fault_world_row(&test->world, "handshake", CERTENROLL_ENROLL, CERTENROLL_KEY_P256);
    snprintf(test->world.url, sizeof(test->world.url), "https://est.localhost:%u",
             (unsigned)ntohs(address.sin_port));
    cancel_while_connecting(test, is_connecting);
    assert_true(is_connecting());
    close(listener);
}

/* --- what begins when it is cancelled already --- */

static void test_nothing_begins(void **state)
{
    struct test *test = *state;
    certenroll_state state_now;

    test->world.cancel = test->cancel;
    cancel_now(test);
    fault_world_row(&test->world, "cancelled before", CERTENROLL_ENROLL, CERTENROLL_KEY_P256);
    fault_begin(&test->world);
    assert_true(is_stopped(test, "it was cancelled"));
    assert_int_equal(test->world.wrong, 0);
    assert_int_equal(test->world.pin.asked, 0);
    assert_false(fault_journal(&test->world, &state_now));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_own_cancel),     TEST(test_cancel_of_the_context),
        TEST(test_deadline),       TEST(test_limit_of_an_exchange),
        TEST(test_slow_token),     TEST(test_each_state),
        TEST(test_name_server),    TEST(test_handshake),
        TEST(test_nothing_begins),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
