/* SPDX-License-Identifier: Apache-2.0 */
/* An enrolment that is taken back, taken up where it does not belong, or has grown old: nothing
 * that was there before is touched, and nothing that it made is left. */
#include "renewal_world.h"
#include "scratch.h"

#include <stdlib.h>
#include <string.h>

static int refuse_all(void *user, struct https_answer *answer, const struct https_seen *seen)
{
    (void)user;
    (void)seen;
    https_answer_whole(answer, "503 Service Unavailable", "", "", 0);
    return 1;
}

/* The RA issues; only what is asked with the new certificate is refused. */
static int refuse_the_proof(void *user, struct https_answer *answer, const struct https_seen *seen)
{
    return strstr(seen->head, "/cacerts ") != NULL && refuse_all(user, answer, seen);
}

static int take_time(void *user, struct https_answer *answer, const struct https_seen *seen)
{
    (void)user;
    (void)seen;
    https_answer_whole(answer, "202 Accepted", "Retry-After: 3600\r\n", "", 0);
    return 1;
}

/* Runs it until the RA fails, and lets it go. */
static void run_into(struct renewal_world *world, const certenroll_enrolment_options *options,
                     int (*instead)(void *, struct https_answer *, const struct https_seen *))
{
    certenroll_enrolment *enrolment = renewal_new(world, options);

    world->ra.instead = instead;
    assert_fails(certenroll_enrolment_run(enrolment, &world->error), CERTENROLL_E_SERVER,
                 world->error);
    world->ra.instead = NULL;
    certenroll_enrolment_free(enrolment);
}

static void abandon(struct renewal_world *world)
{
    certenroll_enrolment *enrolment = renewal_resume(world);

    assert_ok(certenroll_enrolment_abandon(enrolment, NULL, &world->error), world->error);
    assert_ok(certenroll_enrolment_abandon(enrolment, NULL, &world->error),
              world->error); /* again */
    assert_fails(certenroll_enrolment_run(enrolment, &world->error), CERTENROLL_E_STATE,
                 world->error);
    certenroll_enrolment_free(enrolment);
    assert_renewal_journals(world, 0);
    assert_true(renewal_has_pair(world, world->present_id, world->present_id_length));
    assert_renewal_objects(world, 1, 1);
}

/* --- taken back --- */

static void test_a_first_enrolment(void **state)
{
    struct renewal_world *world = *state;
    certenroll_enrolment_options options = renewal_options(world, CERTENROLL_ENROLL);

    run_into(world, &options, refuse_all);
    assert_renewal_objects(world, 2, 1);
    abandon(world);
}

static void test_a_re_key_that_was_installed(void **state)
{
    struct renewal_world *world = *state;
    certenroll_enrolment_options options = renewal_options(world, CERTENROLL_REKEY);

    run_into(world, &options, refuse_the_proof);
    assert_renewal_objects(world, 2, 2);
    abandon(world);
}

static void test_a_renewal_that_was_installed(void **state)
{
    struct renewal_world *world = *state;
    certenroll_enrolment_options options = renewal_options(world, CERTENROLL_RENEW);

    world->ra.not_after = 2 * 86400L;
    run_into(world, &options, refuse_the_proof);
    assert_renewal_objects(world, 1, 2);
    abandon(world);
}

/* A first enrolment for a key that was there, for which the RA returns what is there as well. */
static void test_what_was_there_before_stays(void **state)
{
    struct renewal_world *world = *state;
    certenroll_enrolment_options options = renewal_options(world, CERTENROLL_ENROLL);
    certenroll_key_options key = CERTENROLL_KEY_OPTIONS_INIT;

    key.id = world->present_id;
    key.id_length = world->present_id_length;
    options.key = &key;
    run_into(world, &options, refuse_all);
    abandon(world);
    assert_int_equal(honest_ra_issued(&world->ra), 1);
}

static void step_back_to_issued(struct ce_record *record, void *user)
{
    (void)user;
    record->state = CERTENROLL_STATE_ISSUED;
}

static void test_a_certificate_that_was_there_before_stays(void **state)
{
    struct renewal_world *world = *state;
    certenroll_enrolment_options options = renewal_options(world, CERTENROLL_ENROLL);
    certenroll_key_options key = CERTENROLL_KEY_OPTIONS_INIT;
    certenroll_enrolment *enrolment;

    key.id = world->present_id;
    key.id_length = world->present_id_length;
    options.key = &key;
    options.keep_journal = 1;
    enrolment = renewal_new(world, &options);
    assert_ok(certenroll_enrolment_run(enrolment, &world->error), world->error);
    certenroll_enrolment_free(enrolment);
    renewal_edit_journal(world, step_back_to_issued, NULL); /* as a crash would have left it */
    abandon(world);
}

/* Confirmed, but its application has not seen to everything yet: it keeps the journal. */
static void test_a_confirmed_one_that_is_kept(void **state)
{
    struct renewal_world *world = *state;
    certenroll_enrolment_options options = renewal_options(world, CERTENROLL_ENROLL);
    certenroll_enrolment *enrolment;

    options.keep_journal = 1;
    enrolment = renewal_new(world, &options);
    assert_ok(certenroll_enrolment_run(enrolment, &world->error), world->error);
    assert_fails(certenroll_enrolment_abandon(enrolment, NULL, &world->error), CERTENROLL_E_STATE,
                 world->error);
    certenroll_enrolment_free(enrolment);
    assert_renewal_objects(world, 2, 2);
    abandon(world);
}

/* An ID that the caller gives is claimed before the key is made: what bears it then is ours. */
static void test_a_key_under_an_id_of_the_callers(void **state)
{
    struct renewal_world *world = *state;
    certenroll_enrolment_options options = renewal_options(world, CERTENROLL_ENROLL);
    certenroll_key_options key = CERTENROLL_KEY_OPTIONS_INIT;

    key.id = (const unsigned char *)"\x01";
    key.id_length = 1;
    options.key = &key;
    run_into(world, &options, refuse_all);
    assert_renewal_objects(world, 2, 1);
    abandon(world);
}

/* As 0.1 left it, without holds: the same command again took the first one's key. */
static void remove_holds(void)
{
    char *holds = scratch_path(getenv("XDG_STATE_HOME"), "certenroll/holds");

    scratch_empty(holds);
    free(holds);
}

static void test_a_key_that_another_enrolment_took_stays(void **state)
{
    struct renewal_world *world = *state;
    certenroll_enrolment_options options = renewal_options(world, CERTENROLL_ENROLL);
    certenroll_key_options key = CERTENROLL_KEY_OPTIONS_INIT;
    certenroll_enrolment *first, *second;

    key.id = (const unsigned char *)"\x01";
    key.id_length = 1;
    options.key = &key;
    run_into(world, &options, refuse_all);
    first = renewal_resume(world);
    second = renewal_new(world, &options);
    assert_fails(certenroll_enrolment_run(second, &world->error), CERTENROLL_E_BUSY, world->error);
    remove_holds();
    assert_ok(certenroll_enrolment_run(second, &world->error), world->error);
    certenroll_enrolment_free(second);
    assert_ok(certenroll_enrolment_abandon(first, NULL, &world->error), world->error);
    certenroll_enrolment_free(first);
    assert_renewal_journals(world, 0);
    assert_renewal_objects(world, 2, 2);
}

static void forget_the_key(struct ce_record *record, void *user)
{
    (void)user;
    record->state = CERTENROLL_STATE_NEW;
    ce_buffer_clear(&record->public_key);
    ce_buffer_clear(&record->request);
}

/* It ended between its claim to an ID of the caller's and the key: whose key that is, who knows? */
static void test_an_unknown_key_under_an_id_of_the_callers_stays(void **state)
{
    struct renewal_world *world = *state;
    certenroll_enrolment_options options = renewal_options(world, CERTENROLL_ENROLL);
    certenroll_key_options key = CERTENROLL_KEY_OPTIONS_INIT;
    certenroll_enrolment *enrolment;

    key.id = (const unsigned char *)"\x01";
    key.id_length = 1;
    options.key = &key;
    run_into(world, &options, refuse_all);
    renewal_edit_journal(world, forget_the_key, NULL);
    enrolment = renewal_resume(world);
    assert_ok(certenroll_enrolment_abandon(enrolment, NULL, &world->error), world->error);
    certenroll_enrolment_free(enrolment);
    assert_renewal_journals(world, 0);
    assert_renewal_objects(world, 2, 1);
}

static void step_back_before_writing(struct ce_record *record, void *user)
{
    (void)user;
    record->state = CERTENROLL_STATE_ISSUED;
    record->issued_was_there = 0;
}

/* Two renewals to which the RA gave one certificate: the second has retired the old one. */
static void test_the_only_certificate_of_a_key_stays(void **state)
{
    struct renewal_world *world = *state;
    certenroll_enrolment_options options = renewal_options(world, CERTENROLL_RENEW);
    certenroll_enrolment *enrolment;

    world->ra.not_after = 2 * 86400L;
    options.keep_journal = 1;
    enrolment = renewal_new(world, &options);
    assert_ok(certenroll_enrolment_run(enrolment, &world->error), world->error);
    certenroll_enrolment_free(enrolment);
    renewal_edit_journal(world, step_back_before_writing, NULL);
    abandon(world);
}

static void test_what_is_confirmed_stays(void **state)
{
    struct renewal_world *world = *state;
    certenroll_enrolment_options options = renewal_options(world, CERTENROLL_REKEY);
    certenroll_enrolment *enrolment;

    options.retirement = CERTENROLL_RETIRE_AT_EXPIRY;
    enrolment = renewal_new(world, &options);
    assert_ok(certenroll_enrolment_run(enrolment, &world->error), world->error);
    assert_fails(certenroll_enrolment_abandon(enrolment, NULL, &world->error), CERTENROLL_E_STATE,
                 world->error);
    assert_renewal_objects(world, 2, 2);
    certenroll_enrolment_free(enrolment);
}

static void give_up(struct ce_record *record, void *user)
{
    (void)user;
    record->state = CERTENROLL_STATE_ABANDONED;
}

static void test_what_is_being_taken_back_is_not_run(void **state)
{
    struct renewal_world *world = *state;
    certenroll_enrolment_options options = renewal_options(world, CERTENROLL_ENROLL);
    certenroll_enrolment *enrolment;

    run_into(world, &options, refuse_all);
    renewal_edit_journal(world, give_up, NULL);
    enrolment = renewal_resume(world);
    assert_fails(certenroll_enrolment_run(enrolment, &world->error), CERTENROLL_E_STATE,
                 world->error);
    certenroll_enrolment_free(enrolment);
    abandon(world);
}

/* --- taken up --- */

static void test_pending_keeps_its_time(void **state)
{
    struct renewal_world *world = *state;
    certenroll_enrolment_options options = renewal_options(world, CERTENROLL_ENROLL);
    certenroll_enrolment *enrolment = renewal_new(world, &options);
    size_t requests = https_server_count(world->ra.endpoint.server);
    int64_t retry_at;

    world->ra.instead = take_time;
    assert_int_equal(certenroll_enrolment_run(enrolment, &world->error), CERTENROLL_PENDING);
    retry_at = certenroll_enrolment_retry_at(enrolment);
    certenroll_enrolment_free(enrolment);
    enrolment = renewal_resume(world);
    assert_int_equal(certenroll_enrolment_run(enrolment, &world->error), CERTENROLL_PENDING);
    assert_true(retry_at > 0 && certenroll_enrolment_retry_at(enrolment) == retry_at);
    /* Before the key /cacerts, and then the request, once. */
    assert_int_equal(https_server_count(world->ra.endpoint.server), requests + 2);
    certenroll_enrolment_free(enrolment);
}

static void test_another_token_is_refused(void **state)
{
    struct renewal_world *world = *state;
    certenroll_enrolment_options options = renewal_options(world, CERTENROLL_ENROLL);
    certenroll_resume_options resume = CERTENROLL_RESUME_OPTIONS_INIT;
    certenroll_enrolment *enrolment = NULL;
    certenroll_token *other;

    options.journal_name = "mine";
    run_into(world, &options, refuse_all);
    other = softhsm_open(world->context, "other", &world->pin);
    resume.journal_directory = world->journals;
    assert_fails(certenroll_enrolment_resume(&enrolment, other, "mine", &resume, &world->error),
                 CERTENROLL_E_TOKEN_NOT_FOUND, world->error);
    certenroll_token_free(other);
    assert_fails(
        certenroll_enrolment_resume(&enrolment, world->token, "nobodys", &resume, &world->error),
        CERTENROLL_E_OBJECT_NOT_FOUND, world->error);
    abandon(world);
}

static void test_one_enrolment_is_for_one_at_a_time(void **state)
{
    struct renewal_world *world = *state;
    certenroll_enrolment_options options = renewal_options(world, CERTENROLL_ENROLL);
    certenroll_resume_options resume = CERTENROLL_RESUME_OPTIONS_INIT;
    certenroll_enrolment *first, *second = NULL;

    options.journal_name = "mine";
    first = renewal_new(world, &options);
    world->ra.instead = refuse_all;
    assert_fails(certenroll_enrolment_run(first, &world->error), CERTENROLL_E_SERVER, world->error);
    resume.journal_directory = world->journals;
    assert_fails(certenroll_enrolment_resume(&second, world->token, "mine", &resume, &world->error),
                 CERTENROLL_E_BUSY, world->error);
    second = renewal_new(world, &options); /* another one of the same name */
    assert_fails(certenroll_enrolment_run(second, &world->error), CERTENROLL_E_BUSY, world->error);
    certenroll_enrolment_free(first);
    assert_fails(certenroll_enrolment_run(second, &world->error), CERTENROLL_E_STATE, world->error);
    certenroll_enrolment_free(second);
    world->ra.instead = NULL;
    abandon(world);
}

/* --- grown old --- */

/* What the journal calls issued has expired since. */
static void let_expire(struct ce_record *record, void *user)
{
    struct renewal_world *world = user;
    struct test_certificate details = TEST_CERTIFICATE_INIT;
    const unsigned char *der = record->request.data;
    X509_REQ *request = d2i_X509_REQ(NULL, &der, (long)record->request.length);
    X509 *expired;
    size_t length;
    unsigned char *bytes;

    details.key = X509_REQ_get0_pubkey(request);
    details.subject = HONEST_RA_SUBJECT;
    details.alt_names = HONEST_RA_ALT_NAMES;
    details.not_before = -7200;
    details.not_after = -3600;
    expired = test_ca_issue(&world->ra.issuing, &details);
    bytes = test_der(&length, expired);
    ce_buffer_clear(&record->issued);
    assert_int_equal(ce_buffer_set(&record->issued, bytes, length, NULL), CERTENROLL_OK);
    record->state = CERTENROLL_STATE_ISSUED;
    free(bytes);
    X509_free(expired);
    X509_REQ_free(request);
}

static void test_an_expired_one_in_the_journal_is_asked_for_again(void **state)
{
    struct renewal_world *world = *state;
    certenroll_enrolment_options options = renewal_options(world, CERTENROLL_ENROLL);
    certenroll_enrolment *enrolment;

    run_into(world, &options, refuse_all);
    renewal_edit_journal(world, let_expire, world);
    enrolment = renewal_resume(world);
    assert_ok(certenroll_enrolment_run(enrolment, &world->error), world->error);
    certenroll_enrolment_free(enrolment);
    assert_renewal_objects(world, 2, 2);
    assert_renewal_journals(world, 0);
}

static void test_a_kept_journal_tells_that_it_is_finished(void **state)
{
    struct renewal_world *world = *state;
    certenroll_enrolment_options options = renewal_options(world, CERTENROLL_ENROLL);
    certenroll_journal_list *list = NULL;
    certenroll_enrolment *enrolment;

    options.journal_name = "row-1";
    options.keep_journal = 1;
    enrolment = renewal_new(world, &options);
    assert_string_equal(certenroll_enrolment_name(enrolment), "row-1");
    assert_ok(certenroll_enrolment_run(enrolment, &world->error), world->error);
    certenroll_enrolment_free(enrolment);
    assert_ok(certenroll_journal_list_new(&list, world->context, world->journals, &world->error),
              world->error);
    assert_int_equal(certenroll_journal_list_count(list), 1);
    assert_true(certenroll_journal_is_finished(certenroll_journal_list_at(list, 0)));
    assert_true(certenroll_journal_is_kept(certenroll_journal_list_at(list, 0)));
    certenroll_journal_list_free(list);
    enrolment = renewal_resume(world); /* there is nothing to do */
    assert_ok(certenroll_enrolment_run(enrolment, &world->error), world->error);
    certenroll_enrolment_free(enrolment);
    assert_ok(certenroll_journal_remove(world->context, world->journals, "row-1", 0, &world->error),
              world->error);
    assert_renewal_journals(world, 0);
    assert_renewal_objects(world, 2, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RENEWAL_TEST(test_a_first_enrolment),
        RENEWAL_TEST(test_a_re_key_that_was_installed),
        RENEWAL_TEST(test_a_renewal_that_was_installed),
        RENEWAL_TEST(test_what_was_there_before_stays),
        RENEWAL_TEST(test_a_certificate_that_was_there_before_stays),
        RENEWAL_TEST(test_a_confirmed_one_that_is_kept),
        RENEWAL_TEST(test_a_key_under_an_id_of_the_callers),
        RENEWAL_TEST(test_a_key_that_another_enrolment_took_stays),
        RENEWAL_TEST(test_an_unknown_key_under_an_id_of_the_callers_stays),
        RENEWAL_TEST(test_the_only_certificate_of_a_key_stays),
        RENEWAL_TEST(test_what_is_confirmed_stays),
        RENEWAL_TEST(test_what_is_being_taken_back_is_not_run),
        RENEWAL_TEST(test_pending_keeps_its_time),
        RENEWAL_TEST(test_another_token_is_refused),
        RENEWAL_TEST(test_one_enrolment_is_for_one_at_a_time),
        RENEWAL_TEST(test_an_expired_one_in_the_journal_is_asked_for_again),
        RENEWAL_TEST(test_a_kept_journal_tells_that_it_is_finished),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
