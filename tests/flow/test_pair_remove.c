/* SPDX-License-Identifier: Apache-2.0 */
/* A pair removed because somebody says so: all of it, nothing besides, and not under the hands of
 * an enrolment that works on it. Keys that cannot be told apart: tests/token/test_pair_remove.c. */
#include "renewal_world.h"
#include "token/object.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A CKA_ID, kept beyond its key. */
struct id {
    unsigned char bytes[CERTENROLL_ID_MAX];
    size_t length;
};

static struct id id_of(const certenroll_enrolment *enrolment)
{
    const unsigned char *bytes;
    struct id id;

    bytes = certenroll_key_get_id(certenroll_enrolment_key(enrolment), &id.length);
    memcpy(id.bytes, bytes, id.length);
    return id;
}

static struct id present(const struct renewal_world *world)
{
    struct id id;

    memcpy(id.bytes, world->present_id, sizeof(id.bytes));
    id.length = world->present_id_length;
    return id;
}

/* Another pair, or certificate, beside the present one. */
static struct id enrol(struct renewal_world *world, certenroll_operation operation)
{
    certenroll_enrolment_options options = renewal_options(world, operation);
    certenroll_enrolment *enrolment;
    struct id id;

    options.retirement = CERTENROLL_RETIRE_KEEP;
    enrolment = renewal_new(world, &options);
    assert_ok(certenroll_enrolment_run(enrolment, &world->error), world->error);
    id = id_of(enrolment);
    certenroll_enrolment_free(enrolment);
    return id;
}

static int remove_pair(struct renewal_world *world, struct id id)
{
    certenroll_journal_list *journals = NULL;
    int status;

    assert_ok(
        certenroll_journal_list_new(&journals, world->context, world->journals, &world->error),
        world->error);
    status = certenroll_pair_remove(world->token, id.bytes, id.length, journals, &world->error);
    certenroll_journal_list_free(journals);
    return status;
}

static size_t count_cas(struct renewal_world *world)
{
    certenroll_inventory *inventory = NULL;
    size_t count = 0;

    assert_ok(certenroll_inventory_new(&inventory, world->token, NULL, &world->error),
              world->error);
    for (size_t i = 0; i < certenroll_inventory_count(inventory); i++)
        count += certenroll_entry_is_ca(certenroll_inventory_at(inventory, i)) != 0;
    certenroll_inventory_free(inventory);
    return count;
}

/* --- what goes --- */

static void test_all_of_it_and_nothing_besides(void **state)
{
    struct renewal_world *world = *state;
    struct id other = enrol(world, CERTENROLL_ENROLL);
    size_t cas = count_cas(world);

    enrol(world, CERTENROLL_RENEW); /* the key has two certificates */
    assert_renewal_objects(world, 2, 3);
    assert_ok(remove_pair(world, present(world)), world->error);
    assert_renewal_objects(world, 1, 1);
    assert_true(renewal_has_pair(world, other.bytes, other.length));
    assert_int_equal(count_cas(world), cas);

    assert_fails(remove_pair(world, present(world)), CERTENROLL_E_OBJECT_NOT_FOUND, world->error);
    assert_renewal_objects(world, 1, 1);
}

static void test_a_certificate_under_another_id(void **state)
{
    struct renewal_world *world = *state;
    unsigned char bytes[] = { 0xca, 0xfe };
    struct ce_certificate_object object = { .value = world->present_certificate,
                                            .id = { bytes, sizeof(bytes) } };

    object.subject = object.issuer = object.id; /* nobody looks at them */
    assert_ok(ce_certificate_write(world->token, &object, &world->error), world->error);
    assert_renewal_objects(world, 1, 2);
    assert_ok(remove_pair(world, present(world)), world->error);
    assert_renewal_objects(world, 0, 0);
}

static void test_a_key_without_a_certificate(void **state)
{
    struct renewal_world *world = *state;
    certenroll_key_options options = CERTENROLL_KEY_OPTIONS_INIT;
    certenroll_key *key = NULL;
    const unsigned char *id;
    size_t length;

    assert_ok(certenroll_key_generate(&key, world->token, &options, &world->error), world->error);
    id = certenroll_key_get_id(key, &length);
    assert_renewal_objects(world, 2, 1);
    assert_ok(certenroll_pair_remove(world->token, id, length, NULL, &world->error), world->error);
    assert_renewal_objects(world, 1, 1);
    certenroll_key_free(key);
}

/* --- unfinished enrolments --- */

static int refuse_all(void *user, struct https_answer *answer, const struct https_seen *seen)
{
    (void)user;
    (void)seen;
    https_answer_whole(answer, "503 Service Unavailable", "", "", 0);
    return 1;
}

/* Runs it until the RA fails, and lets it go. */
static struct id run_into_failure(struct renewal_world *world, certenroll_operation operation)
{
    certenroll_enrolment_options options = renewal_options(world, operation);
    certenroll_enrolment *enrolment = renewal_new(world, &options);
    struct id id;

    world->ra.instead = refuse_all;
    assert_fails(certenroll_enrolment_run(enrolment, &world->error), CERTENROLL_E_SERVER,
                 world->error);
    world->ra.instead = NULL;
    id = id_of(enrolment);
    certenroll_enrolment_free(enrolment);
    return id;
}

static void assert_refused(struct renewal_world *world, struct id id)
{
    assert_int_equal(remove_pair(world, id), CERTENROLL_E_BUSY);
    assert_non_null(strstr(certenroll_error_message(world->error), "is not finished"));
    assert_non_null(strstr(certenroll_error_advice(world->error), "certenroll clean"));
    certenroll_error_free(world->error);
    world->error = NULL;
}

/* The pair that it made, and the one whose place it takes. */
static void test_what_a_re_key_works_on_stays(void **state)
{
    struct renewal_world *world = *state;
    struct id own = run_into_failure(world, CERTENROLL_REKEY);
    certenroll_enrolment *enrolment;

    assert_refused(world, own);
    assert_refused(world, present(world));
    assert_renewal_objects(world, 2, 1);

    enrolment = renewal_resume(world);
    assert_ok(certenroll_enrolment_abandon(enrolment, NULL, &world->error), world->error);
    certenroll_enrolment_free(enrolment);
    assert_ok(remove_pair(world, present(world)), world->error);
    assert_renewal_objects(world, 0, 0);
}

static void test_what_a_renewal_works_on_stays(void **state)
{
    struct renewal_world *world = *state;
    struct id other = enrol(world, CERTENROLL_ENROLL);
    certenroll_enrolment *enrolment;
    char name[80];

    run_into_failure(world, CERTENROLL_RENEW);
    assert_refused(world, present(world));
    assert_ok(remove_pair(world, other), world->error); /* it does not work on that one */
    assert_renewal_objects(world, 1, 1);
    /* Where no journals are given, the hold that was left knows the one. */
    assert_fails(certenroll_pair_remove(world->token, world->present_id, world->present_id_length,
                                        NULL, &world->error),
                 CERTENROLL_E_BUSY, world->error);
    enrolment = renewal_resume(world);
    snprintf(name, sizeof(name), "%s", certenroll_enrolment_name(enrolment));
    certenroll_enrolment_free(enrolment);
    assert_ok(certenroll_journal_remove(world->context, world->journals, name, 1, &world->error),
              world->error);
    assert_ok(certenroll_pair_remove(world->token, world->present_id, world->present_id_length,
                                     NULL, &world->error),
              world->error);
    assert_renewal_objects(world, 0, 0);
}

static void move_to_another_token(struct ce_record *record, void *user)
{
    (void)user;
    record->token_serial[0] ^= 1;
}

static void test_a_journal_of_another_token_hinders_nothing(void **state)
{
    struct renewal_world *world = *state;

    run_into_failure(world, CERTENROLL_RENEW);
    renewal_edit_journal(world, move_to_another_token, NULL);
    assert_ok(remove_pair(world, present(world)), world->error);
    assert_renewal_objects(world, 0, 0);
}

/* It only waits for the old one's end: removed by hand is removed. */
static void test_what_is_to_be_retired_later_goes_now(void **state)
{
    struct renewal_world *world = *state;
    certenroll_enrolment_options options = renewal_options(world, CERTENROLL_REKEY);
    certenroll_enrolment *enrolment;

    options.retirement = CERTENROLL_RETIRE_AT_EXPIRY;
    enrolment = renewal_new(world, &options);
    assert_ok(certenroll_enrolment_run(enrolment, &world->error), world->error);
    certenroll_enrolment_free(enrolment);
    assert_renewal_journals(world, 1);
    assert_ok(remove_pair(world, present(world)), world->error);
    assert_renewal_objects(world, 1, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RENEWAL_TEST(test_all_of_it_and_nothing_besides),
        RENEWAL_TEST(test_a_certificate_under_another_id),
        RENEWAL_TEST(test_a_key_without_a_certificate),
        RENEWAL_TEST(test_what_a_re_key_works_on_stays),
        RENEWAL_TEST(test_what_a_renewal_works_on_stays),
        RENEWAL_TEST(test_a_journal_of_another_token_hinders_nothing),
        RENEWAL_TEST(test_what_is_to_be_retired_later_goes_now),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
