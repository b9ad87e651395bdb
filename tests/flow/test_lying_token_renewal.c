/* SPDX-License-Identifier: Apache-2.0 */
/* Renewal and re-key on a token that lies (tests/shim/lies.h): the pair that is to be replaced
 * stays and works, and no success is reported; with an honest token it goes on, or back. Without an
 * enrolment: tests/token/test_lying_token.c. */
#include "renewal_world.h"
#include "shim.h"

#include <stdio.h>
#include <stdlib.h>

struct lying_world {
    struct renewal_world *renewal;
    struct shim *shim;
};

static int set_up(void **state)
{
    struct lying_world *world = calloc(1, sizeof(*world));
    void *renewal;

    check(world != NULL, "out of memory");
    renewal_world_set_up(&renewal);
    world->renewal = renewal;
    certenroll_token_free(world->renewal->token);
    world->shim = shim_new(softhsm_dir(world->renewal->hsm));
    world->renewal->token =
        softhsm_open_by(shim_module(), world->renewal->context, "card", &world->renewal->pin);
    *state = world;
    return 0;
}

static int tear_down(void **state)
{
    struct lying_world *world = *state;
    void *renewal = world->renewal;

    shim_control(world->shim, "");
    certenroll_token_free(world->renewal->token);
    world->renewal->token = NULL;
    shim_free(world->shim);
    renewal_world_tear_down(&renewal);
    free(world);
    return 0;
}

static void lie(struct lying_world *world, const char *which)
{
    char line[80];

    snprintf(line, sizeof(line), "lie %s\n", which);
    shim_control(world->shim, line);
    shim_forget(world->shim);
}

static void assert_present_stays(struct renewal_world *world)
{
    assert_true(renewal_has_pair(world, world->present_id, world->present_id_length));
}

/* Runs into the lie. */
static certenroll_enrolment *run(struct renewal_world *world, certenroll_operation operation)
{
    certenroll_enrolment_options options = renewal_options(world, operation);
    certenroll_enrolment *enrolment;

    options.retirement = CERTENROLL_RETIRE_DELETE;
    enrolment = renewal_new(world, &options);
    assert_int_not_equal(certenroll_enrolment_run(enrolment, &world->error), CERTENROLL_OK);
    assert_non_null(world->error);
    certenroll_error_free(world->error);
    world->error = NULL;
    assert_int_not_equal(certenroll_enrolment_state(enrolment), CERTENROLL_STATE_RETIRED);
    return enrolment;
}

/* --- the new pair is not one --- */

static const char *const generation_lies[] = {
    "generate-existing",
    "generate-claimed",
    "generate-private-twice",
    "generate-public-twice",
    "generate-other-id",
    "find-foreign",
    "values",
    "find-nothing",
};
#define MADE_NOTHING 2 /* the first two; of the others the pair that was made is found later */
#define GENERATION_LIES (sizeof(generation_lies) / sizeof(generation_lies[0]))

/* Once more, and taken back, by the same liar. */
static void test_the_present_pair_is_never_the_new_one(void **state)
{
    struct lying_world *world = *state;
    struct renewal_world *renewal = world->renewal;

    for (size_t i = 0; i < GENERATION_LIES; i++) {
        certenroll_enrolment *enrolment;

        print_message("%s\n", generation_lies[i]);
        lie(world, generation_lies[i]);
        enrolment = run(renewal, CERTENROLL_REKEY);
        assert_int_equal(shim_calls(world->shim, "C_DestroyObject"), 0);
        if (i < MADE_NOTHING)
            assert_int_not_equal(certenroll_enrolment_run(enrolment, &renewal->error),
                                 CERTENROLL_OK);
        certenroll_error_free(renewal->error);
        renewal->error = NULL;
        if (certenroll_enrolment_abandon(enrolment, NULL, &renewal->error) < 0)
            print_message("%s\n", certenroll_error_message(renewal->error));
        certenroll_error_free(renewal->error);
        renewal->error = NULL;
        shim_control(world->shim, "");
        assert_present_stays(renewal);
        assert_ok(certenroll_enrolment_abandon(enrolment, NULL, &renewal->error), renewal->error);
        certenroll_enrolment_free(enrolment);
        assert_present_stays(renewal);
        assert_renewal_journals(renewal, 0);
    }
}

static void test_an_honest_token_goes_on(void **state)
{
    static const char *const lies[] = { "generate-existing", "generate-claimed", "find-nothing" };
    struct lying_world *world = *state;
    struct renewal_world *renewal = world->renewal;

    for (size_t i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
        certenroll_enrolment *enrolment;
        const unsigned char *id, *der;
        size_t length;

        print_message("%s\n", lies[i]);
        lie(world, lies[i]);
        certenroll_enrolment_free(run(renewal, CERTENROLL_REKEY));
        shim_control(world->shim, "");
        if (i == 2) { /* nothing was begun where the present pair is not to be found */
            assert_present_stays(renewal);
            break;
        }
        enrolment = renewal_resume(renewal);
        assert_ok(certenroll_enrolment_run(enrolment, &renewal->error), renewal->error);
        id = certenroll_key_get_id(certenroll_enrolment_key(enrolment), &length);
        assert_true(renewal_has_pair(renewal, id, length));
        assert_false(renewal_has_pair(renewal, renewal->present_id, renewal->present_id_length));
        assert_renewal_objects(renewal, 1, 1);
        renewal->present_id_length = length;
        memcpy(renewal->present_id, id, length);
        der = certenroll_enrolment_certificate(enrolment, &length);
        ce_buffer_clear(&renewal->present_certificate);
        assert_int_equal(ce_buffer_set(&renewal->present_certificate, der, length, NULL),
                         CERTENROLL_OK);
        certenroll_enrolment_free(enrolment);
    }
}

/* --- the old one does not go --- */

static void test_what_is_kept_is_not_retired(void **state)
{
    static const certenroll_operation operations[] = { CERTENROLL_RENEW, CERTENROLL_REKEY };
    struct lying_world *world = *state;
    struct renewal_world *renewal = world->renewal;

    for (size_t i = 0; i < 2; i++) {
        certenroll_enrolment *enrolment;

        lie(world, "destroy-kept");
        enrolment = run(renewal, operations[i]);
        assert_int_equal(certenroll_enrolment_state(enrolment), CERTENROLL_STATE_CONFIRMED);
        shim_control(world->shim, "");
        assert_present_stays(renewal);
        assert_renewal_objects(renewal, 1 + i, 2);
        assert_ok(certenroll_enrolment_run(enrolment, &renewal->error), renewal->error);
        assert_int_equal(certenroll_enrolment_state(enrolment), CERTENROLL_STATE_RETIRED);
        assert_renewal_objects(renewal, 1, 1);
        certenroll_enrolment_free(enrolment);
    }
}

static void test_a_renewal_loses_nothing(void **state)
{
    static const char *const lies[] = { "find-foreign", "find-nothing", "values", "find-endless" };
    struct lying_world *world = *state;
    struct renewal_world *renewal = world->renewal;

    for (size_t i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
        certenroll_enrolment *enrolment;

        print_message("%s\n", lies[i]);
        lie(world, lies[i]);
        enrolment = run(renewal, CERTENROLL_RENEW);
        assert_int_equal(shim_calls(world->shim, "C_DestroyObject"), 0);
        shim_control(world->shim, "");
        assert_present_stays(renewal);
        assert_ok(certenroll_enrolment_abandon(enrolment, NULL, &renewal->error), renewal->error);
        certenroll_enrolment_free(enrolment);
        assert_present_stays(renewal);
    }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_the_present_pair_is_never_the_new_one),
        TEST(test_an_honest_token_goes_on),
        TEST(test_what_is_kept_is_not_retired),
        TEST(test_a_renewal_loses_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
