/* SPDX-License-Identifier: Apache-2.0 */
/* The network is cut, in order or by a reset, before and behind every so many bytes in each
 * direction: before the connection, in the handshake, in the request, before the answer and in it.
 * The enrolment says that the connection broke, goes on when it is back, and the RA has issued one
 * certificate. */
#include "check.h"
#include "fault_world.h"
#include "relay.h"

#include <stdio.h>
#include <stdlib.h>

struct network {
    struct fault_world world;
    struct relay *relay;
    unsigned finished; /* runs that a cut did not hurt */
};

static int set_up(void **state)
{
    struct network *network = calloc(1, sizeof(*network));

    check(network != NULL, "out of memory");
    fault_world_open(&network->world);
    network->relay = relay_start(https_server_port(network->world.ra.endpoint.server));
    snprintf(network->world.url, sizeof(network->world.url), "https://est.localhost:%u",
             relay_port(network->relay));
    *state = network;
    return 0;
}

static int tear_down(void **state)
{
    struct network *network = *state;

    relay_stop(network->relay);
    fault_world_close(&network->world);
    free(network);
    return 0;
}

/* --- one cut --- */

static const char *name_of(enum relay_cut cut)
{
    return cut == RELAY_REFUSE ? "refused" : cut == RELAY_FIN ? "ended" : "reset";
}

static void try_cut(struct network *network, enum relay_cut cut, enum relay_direction direction,
                    size_t after)
{
    struct fault_world *world = &network->world;
    certenroll_error *error = NULL;
    int status;

    fault_begin(world);
    relay_set(network->relay, cut, direction, after);
    status = fault_attempt(world, &error);
    relay_set(network->relay, RELAY_NEVER, RELAY_OUT, 0);
    if (status != CERTENROLL_OK && status != CERTENROLL_E_NETWORK)
        fault_complain(world, "%s %s %zu bytes: %s: %s", name_of(cut),
                       direction == RELAY_OUT ? "after sending" : "after receiving", after,
                       certenroll_status_name(status), certenroll_error_message(error));
    if (status == CERTENROLL_OK)
        network->finished++;
    certenroll_error_free(error);
    fault_finish(world, world->points % 2 == 0);
}

/* --- all of them --- */

/* A run without a cut, to know how much there is to cut. */
static size_t measure(struct network *network, enum relay_direction direction)
{
    struct fault_world *world = &network->world;
    certenroll_error *error = NULL;
    size_t count;

    fault_begin(world);
    relay_set(network->relay, RELAY_NEVER, RELAY_OUT, 0);
    assert_ok(fault_attempt(world, &error), error);
    count = relay_count(network->relay, direction);
    fault_finish(world, 0);
    return count;
}

static void cut_everywhere(struct network *network, enum relay_direction direction, unsigned points)
{
    size_t bytes = measure(network, direction);
    size_t stride = bytes / points + 1;

    for (size_t after = 0; after < bytes; after += stride)
        try_cut(network, after / stride % 2 ? RELAY_RST : RELAY_FIN, direction, after);
    /* Around the last byte it is decided whether the answer was whole. */
    for (size_t less = 4; less > 0; less--) {
        try_cut(network, RELAY_FIN, direction, bytes - less);
        try_cut(network, RELAY_RST, direction, bytes - less);
    }
}

static void cut(struct network *network, const char *name, certenroll_operation operation,
                unsigned points)
{
    const char *sanitize = getenv("SANITIZE");

    if (sanitize != NULL && sanitize[0] != '\0')
        points /= 4;
    network->finished = 0;
    fault_world_row(&network->world, name, operation, CERTENROLL_KEY_P256);
    try_cut(network, RELAY_REFUSE, RELAY_OUT, 0);
    cut_everywhere(network, RELAY_OUT, points);
    cut_everywhere(network, RELAY_BACK, points);
    fault_world_balance(&network->world, points);
}

/* A cut behind the last byte that matters hurts nobody; most others do. */
static void assert_most_were_hurt(const struct network *network)
{
    assert_true(network->finished < network->world.points / 2);
}

static void test_enrolment(void **state)
{
    struct network *network = *state;

    network->world.ra.wants_password = 0;
    cut(network, "network, enrolment", CERTENROLL_ENROLL, 100);
    assert_most_were_hurt(network);
}

/* The password goes over a connection that is in use already; where such a one ends before an
 * answer has begun, libcurl asks again over a new one by itself. */
static void test_enrolment_with_password(void **state)
{
    cut(*state, "network, enrolment with a password", CERTENROLL_ENROLL, 40);
}

static void test_renewal(void **state)
{
    cut(*state, "network, renewal", CERTENROLL_RENEW, 60);
    assert_most_were_hurt(*state);
}

static void test_re_key(void **state)
{
    cut(*state, "network, re-key", CERTENROLL_REKEY, 60);
    assert_most_were_hurt(*state);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_enrolment),
        TEST(test_enrolment_with_password),
        TEST(test_renewal),
        TEST(test_re_key),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
