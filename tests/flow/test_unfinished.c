/* SPDX-License-Identifier: Apache-2.0 */
/* The same enrolment again goes on with the one that is not finished; who comes second is told; and
 * a key generation whose end nobody saw is never repeated under its ID. */
#include "renewal_world.h"

#include <certenroll/leftovers.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int refuse_all(void *user, struct https_answer *answer, const struct https_seen *seen)
{
    (void)user;
    (void)seen;
    https_answer_whole(answer, "503 Service Unavailable", "", "", 0);
    return 1;
}

static void run_into_failure(struct renewal_world *world,
                             const certenroll_enrolment_options *options)
{
    certenroll_enrolment *enrolment = renewal_new(world, options);

    assert_true(certenroll_enrolment_begun_at(enrolment) == 0);
    world->ra.instead = refuse_all;
    assert_fails(certenroll_enrolment_run(enrolment, &world->error), CERTENROLL_E_SERVER,
                 world->error);
    world->ra.instead = NULL;
    certenroll_enrolment_free(enrolment);
}

static void finish(struct renewal_world *world, certenroll_enrolment *enrolment)
{
    assert_ok(certenroll_enrolment_run(enrolment, &world->error), world->error);
    certenroll_enrolment_free(enrolment);
    assert_renewal_journals(world, 0);
}

/* --- found by what it is about --- */

static void test_the_same_again_goes_on(void **state)
{
    static const certenroll_operation operations[] = { CERTENROLL_RENEW, CERTENROLL_REKEY };
    struct renewal_world *world = *state;

    for (size_t i = 0; i < 2; i++) {
        certenroll_enrolment_options options = renewal_options(world, operations[i]);
        certenroll_enrolment *enrolment;

        run_into_failure(world, &options);
        options.username = "corrected";
        enrolment = renewal_new(world, &options);
        assert_true(certenroll_enrolment_begun_at(enrolment) > 0);
        assert_renewal_journals(world, 1);
        finish(world, enrolment);
        assert_renewal_objects(world, 1, 1);
    }
}

static void test_a_first_enrolment_goes_on_by_its_subject(void **state)
{
    struct renewal_world *world = *state;
    certenroll_enrolment_options options = renewal_options(world, CERTENROLL_ENROLL);
    const char *right = options.est_url;
    certenroll_enrolment *enrolment;
    char wrong[128];

    snprintf(wrong, sizeof(wrong), "%s/.well-known/est/wrong", right);
    options.another = CERTENROLL_ANOTHER_PAIR;
    options.est_url = wrong;
    run_into_failure(world, &options);

    options.est_url = right;
    enrolment = renewal_new(world, &options);
    assert_true(certenroll_enrolment_begun_at(enrolment) > 0);
    assert_string_equal(certenroll_enrolment_unanswered_at(enrolment, 0), wrong);
    finish(world, enrolment);
    assert_renewal_objects(world, 2, 2);
}

/* --- resumed with what had been wrong said anew --- */

static void name_of_only_journal(struct renewal_world *world, char *out, size_t size)
{
    certenroll_journal_list *list = NULL;

    assert_ok(certenroll_journal_list_new(&list, world->context, world->journals, &world->error),
              world->error);
    assert_int_equal(certenroll_journal_list_count(list), 1);
    snprintf(out, size, "%s", certenroll_journal_name(certenroll_journal_list_at(list, 0)));
    certenroll_journal_list_free(list);
}

static void test_resumed_it_takes_what_was_wrong(void **state)
{
    static const char *const wrong_names[] = { "dns:wrong.example.jp" };
    static const char *const right_names[] = { "dns:pc.example.jp", "email:user@example.jp" };
    struct renewal_world *world = *state;
    certenroll_enrolment_options options = renewal_options(world, CERTENROLL_ENROLL);
    certenroll_request_options wrong = CERTENROLL_REQUEST_OPTIONS_INIT;
    certenroll_resume_options anew = CERTENROLL_RESUME_OPTIONS_INIT;
    certenroll_enrolment *enrolment = NULL;
    char name[65], elsewhere[128];

    snprintf(elsewhere, sizeof(elsewhere), "%s/.well-known/est/wrong", options.est_url);
    wrong.subject = "CN=nobody,O=Test";
    wrong.alt_names = wrong_names;
    wrong.alt_names_count = 1;
    wrong.extended_key_usage = "codeSigning";
    options.request = &wrong;
    options.est_url = elsewhere;
    run_into_failure(world, &options);

    name_of_only_journal(world, name, sizeof(name));
    anew.journal_directory = world->journals;
    anew.est_url = world->ra.endpoint.url;
    anew.subject = HONEST_RA_SUBJECT;
    anew.alt_names = right_names;
    anew.alt_names_count = 2;
    anew.extended_key_usage = "clientAuth";
    assert_ok(certenroll_enrolment_resume(&enrolment, world->token, name, &anew, &world->error),
              world->error);
    assert_string_equal(certenroll_enrolment_unanswered_at(enrolment, 0), elsewhere);
    assert_int_equal(certenroll_enrolment_state(enrolment), CERTENROLL_STATE_KEY_READY);
    finish(world, enrolment);
    assert_renewal_objects(world, 2, 2);
    assert_int_equal(honest_ra_issued(&world->ra), 2);
}

/* It is in the journal before anything is sent: who comes next needs no word of it. */
static void test_what_is_said_anew_is_written_down(void **state)
{
    struct renewal_world *world = *state;
    certenroll_enrolment_options options = renewal_options(world, CERTENROLL_RENEW);
    certenroll_resume_options anew = CERTENROLL_RESUME_OPTIONS_INIT;
    certenroll_journal_list *list = NULL;
    certenroll_enrolment *enrolment = NULL;
    char name[65];

    options.username = "wrong";
    run_into_failure(world, &options);
    name_of_only_journal(world, name, sizeof(name));
    anew.journal_directory = world->journals;
    anew.username = "corrected";
    anew.anchors = anew.tls_anchors = world->ra.endpoint.anchors;
    assert_ok(certenroll_enrolment_resume(&enrolment, world->token, name, &anew, &world->error),
              world->error);
    world->ra.instead = refuse_all;
    assert_fails(certenroll_enrolment_run(enrolment, &world->error), CERTENROLL_E_SERVER,
                 world->error);
    world->ra.instead = NULL;
    certenroll_enrolment_free(enrolment);
    assert_ok(certenroll_journal_list_new(&list, world->context, world->journals, &world->error),
              world->error);
    assert_string_equal(certenroll_journal_username(certenroll_journal_list_at(list, 0)),
                        "corrected");
    certenroll_journal_list_free(list);
    finish(world, renewal_resume(world));
    assert_renewal_objects(world, 1, 1);
}

static void test_a_renewal_asks_for_nothing_else(void **state)
{
    struct renewal_world *world = *state;
    certenroll_enrolment_options options = renewal_options(world, CERTENROLL_RENEW);
    certenroll_resume_options anew = CERTENROLL_RESUME_OPTIONS_INIT;
    certenroll_enrolment *enrolment = NULL;
    char name[65];

    run_into_failure(world, &options);
    name_of_only_journal(world, name, sizeof(name));
    anew.journal_directory = world->journals;
    anew.subject = "CN=somebody else";
    assert_fails(certenroll_enrolment_resume(&enrolment, world->token, name, &anew, &world->error),
                 CERTENROLL_E_ARGUMENT, world->error);
    assert_null(enrolment);
    finish(world, renewal_resume(world));
}

/* --- beside others --- */

static void test_another_is_begun_on_purpose_alone(void **state)
{
    struct renewal_world *world = *state;
    certenroll_enrolment_options options = renewal_options(world, CERTENROLL_ENROLL);
    certenroll_enrolment *enrolment;

    options.another = CERTENROLL_ANOTHER_NONE;
    enrolment = renewal_new(world, &options);
    assert_fails(certenroll_enrolment_run(enrolment, &world->error), CERTENROLL_E_EXISTS,
                 world->error);
    certenroll_enrolment_free(enrolment);
    assert_renewal_journals(world, 0);
    assert_renewal_objects(world, 1, 1);

    options.another = CERTENROLL_ANOTHER_ENROLMENT;
    run_into_failure(world, &options);
    enrolment = renewal_new(world, &options);
    assert_true(certenroll_enrolment_begun_at(enrolment) == 0);
    assert_ok(certenroll_enrolment_run(enrolment, &world->error), world->error);
    certenroll_enrolment_free(enrolment);
    assert_renewal_journals(world, 1);
    assert_renewal_objects(world, 3, 2);
}

static void test_another_kind_of_key_is_another_enrolment(void **state)
{
    struct renewal_world *world = *state;
    certenroll_enrolment_options options = renewal_options(world, CERTENROLL_REKEY);
    certenroll_key_options key = CERTENROLL_KEY_OPTIONS_INIT;
    certenroll_enrolment *enrolment = NULL;

    run_into_failure(world, &options);
    key.type = CERTENROLL_KEY_P384;
    options.key = &key;
    assert_fails(certenroll_enrolment_new(&enrolment, world->token, &options, &world->error),
                 CERTENROLL_E_ARGUMENT, world->error);
    assert_null(enrolment);
}

static void test_who_comes_second_is_told(void **state)
{
    struct renewal_world *world = *state;
    certenroll_enrolment_options first = renewal_options(world, CERTENROLL_RENEW),
                                 second = renewal_options(world, CERTENROLL_REKEY);
    certenroll_enrolment *enrolment;

    run_into_failure(world, &first);
    enrolment = renewal_new(world, &second);
    assert_int_equal(certenroll_enrolment_run(enrolment, &world->error), CERTENROLL_E_BUSY);
    assert_non_null(strstr(certenroll_error_message(world->error), "(renew), begun "));
    certenroll_error_free(world->error);
    world->error = NULL;
    assert_renewal_journals(world, 1);
    finish(world, renewal_new(world, &first));
    finish(world, enrolment); /* and now it is free */
    assert_renewal_objects(world, 1, 1);
}

/* --- a key generation whose end nobody saw --- */

static const unsigned char lost[] = {
    0x42, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 1, 2, 3, 4, 5, 6, 7, 8, 9
};

/* As a process leaves it that died while the token generated under the ID. */
static void lose_generation(struct ce_record *record, void *user)
{
    (void)user;
    record->state = CERTENROLL_STATE_NEW;
    ce_buffer_clear(&record->public_key);
    ce_buffer_clear(&record->request);
    ce_buffer_clear(&record->id);
    assert_int_equal(ce_buffer_set(&record->id, lost, sizeof(lost), NULL), CERTENROLL_OK);
}

static void generate_late(struct renewal_world *world)
{
    certenroll_key_options late = CERTENROLL_KEY_OPTIONS_INIT;
    certenroll_key *key = NULL;

    late.id = lost;
    late.id_length = sizeof(lost);
    assert_ok(certenroll_key_generate(&key, world->token, &late, &world->error), world->error);
    certenroll_key_free(key);
}

static void as_the_key_is_ready(void *user, certenroll_state state)
{
    if (state == CERTENROLL_STATE_KEY_READY)
        generate_late(user);
}

/* The pair of the failed run goes, so that the token looks as it did when the key was on its way.
 */
static void begin_and_lose(struct renewal_world *world, const certenroll_enrolment_options *options)
{
    certenroll_journal_list *list = NULL;
    unsigned char id[CERTENROLL_ID_MAX];
    const unsigned char *its;
    size_t length;

    run_into_failure(world, options);
    assert_ok(certenroll_journal_list_new(&list, world->context, world->journals, &world->error),
              world->error);
    its = certenroll_journal_id(certenroll_journal_list_at(list, 0), &length);
    memcpy(id, its, length);
    certenroll_journal_list_free(list);
    renewal_edit_journal(world, lose_generation, NULL);
    assert_ok(certenroll_pair_remove(world->token, id, length, NULL, &world->error), world->error);
    assert_renewal_objects(world, 1, 1);
}

static void test_what_comes_before_the_end_goes(void **state)
{
    struct renewal_world *world = *state;
    certenroll_enrolment_options options = renewal_options(world, CERTENROLL_REKEY);
    certenroll_unsettled *unsettled = NULL;

    begin_and_lose(world, &options);
    options.progress = as_the_key_is_ready;
    options.progress_user = world;
    finish(world, renewal_new(world, &options));
    assert_renewal_objects(world, 1, 1);
    assert_ok(certenroll_unsettled_new(&unsettled, &world->error), world->error);
    assert_int_equal(certenroll_unsettled_count(unsettled), 0);
    certenroll_unsettled_free(unsettled);
}

static void test_what_comes_after_the_end_goes_with_who_comes_next(void **state)
{
    struct renewal_world *world = *state;
    certenroll_enrolment_options options = renewal_options(world, CERTENROLL_REKEY);
    certenroll_unsettled *unsettled = NULL;
    size_t removed = 0, length;

    begin_and_lose(world, &options);
    finish(world, renewal_new(world, &options));
    assert_ok(certenroll_unsettled_new(&unsettled, &world->error), world->error);
    assert_int_equal(certenroll_unsettled_count(unsettled), 1);
    assert_memory_equal(certenroll_unsettled_id(unsettled, 0, 0, &length, NULL), lost,
                        sizeof(lost));
    certenroll_unsettled_free(unsettled);
    assert_ok(certenroll_token_settle(world->token, world->journals, &removed, &world->error),
              world->error);
    assert_int_equal(removed, 0);

    generate_late(world);
    assert_renewal_objects(world, 2, 1);
    assert_ok(certenroll_token_settle(world->token, world->journals, &removed, &world->error),
              world->error);
    assert_int_equal(removed, 1);
    assert_renewal_objects(world, 1, 1);
    assert_ok(certenroll_unsettled_new(&unsettled, &world->error), world->error);
    assert_int_equal(certenroll_unsettled_count(unsettled), 0);
    certenroll_unsettled_free(unsettled);
}

/* Given up while the token may still be at it: who ends an enrolment leaves word. */
static void test_what_was_given_up_is_looked_for(void **state)
{
    struct renewal_world *world = *state;
    certenroll_enrolment_options options = renewal_options(world, CERTENROLL_REKEY);
    certenroll_enrolment *enrolment;
    size_t removed = 0;

    begin_and_lose(world, &options);
    enrolment = renewal_new(world, &options);
    assert_ok(certenroll_enrolment_abandon(enrolment, NULL, &world->error), world->error);
    certenroll_enrolment_free(enrolment);
    assert_renewal_journals(world, 0);
    generate_late(world);
    assert_ok(certenroll_token_settle(world->token, world->journals, &removed, &world->error),
              world->error);
    assert_int_equal(removed, 1);
    assert_renewal_objects(world, 1, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RENEWAL_TEST(test_the_same_again_goes_on),
        RENEWAL_TEST(test_a_first_enrolment_goes_on_by_its_subject),
        RENEWAL_TEST(test_resumed_it_takes_what_was_wrong),
        RENEWAL_TEST(test_what_is_said_anew_is_written_down),
        RENEWAL_TEST(test_a_renewal_asks_for_nothing_else),
        RENEWAL_TEST(test_another_is_begun_on_purpose_alone),
        RENEWAL_TEST(test_another_kind_of_key_is_another_enrolment),
        RENEWAL_TEST(test_who_comes_second_is_told),
        RENEWAL_TEST(test_what_comes_before_the_end_goes),
        RENEWAL_TEST(test_what_comes_after_the_end_goes_with_who_comes_next),
        RENEWAL_TEST(test_what_was_given_up_is_looked_for),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
