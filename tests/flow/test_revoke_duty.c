/* SPDX-License-Identifier: Apache-2.0 */
/* What was promised to be revoked is, whatever comes in between, and nothing else; and what an
 * enrolment that is given up leaves in force at the CA is revoked or told. */
#include "renewal_world.h"
#include "token/object.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int is_revocation(const struct https_seen *seen)
{
    return strstr(seen->head, "/certenroll/revoke ") != NULL;
}

static int fail_at_revocation(void *user, struct https_answer *answer,
                              const struct https_seen *seen)
{
    (void)user;
    if (is_revocation(seen))
        https_answer_whole(answer, "503 Service Unavailable", "", "", 0);
    return is_revocation(seen);
}

static int know_no_revocation(void *user, struct https_answer *answer,
                              const struct https_seen *seen)
{
    (void)user;
    if (is_revocation(seen))
        https_answer_whole(answer, "404 Not Found", "", "", 0);
    return is_revocation(seen);
}

/* The RA issues; only what is asked with the new certificate is refused. */
static int refuse_the_proof(void *user, struct https_answer *answer, const struct https_seen *seen)
{
    (void)user;
    if (strstr(seen->head, "/cacerts ") == NULL)
        return 0;
    https_answer_whole(answer, "503 Service Unavailable", "", "", 0);
    return 1;
}

static int take_time(void *user, struct https_answer *answer, const struct https_seen *seen)
{
    (void)user;
    (void)seen;
    https_answer_whole(answer, "202 Accepted", "Retry-After: 3600\r\n", "", 0);
    return 1;
}

static certenroll_enrolment_options promise(struct renewal_world *world,
                                            certenroll_operation operation)
{
    certenroll_enrolment_options options = renewal_options(world, operation);

    world->ra.not_after = 2 * 86400L;
    options.revoke_replaced = 1;
    options.revoke_reason = CERTENROLL_REVOKE_SUPERSEDED;
    return options;
}

static int present_is_in_force(struct renewal_world *world)
{
    return honest_ra_has_in_force(&world->ra, world->present_certificate.data,
                                  world->present_certificate.length);
}

static void assert_promised(const unsigned char *der, size_t length,
                            const struct ce_buffer *certificate)
{
    assert_non_null(der);
    assert_int_equal(length, certificate->length);
    assert_memory_equal(der, certificate->data, length);
}

/* The journal tells what is still to be revoked. */
static void assert_journal_promises(struct renewal_world *world)
{
    certenroll_journal_list *list = NULL;
    const certenroll_journal *journal;
    const unsigned char *der;
    size_t length;

    assert_ok(certenroll_journal_list_new(&list, world->context, world->journals, &world->error),
              world->error);
    journal = certenroll_journal_list_at(list, 0);
    assert_non_null(journal);
    assert_false(certenroll_journal_is_finished(journal));
    assert_int_equal(certenroll_journal_revoke_count(journal), 1);
    der = certenroll_journal_revoke_at(journal, 0, &length);
    assert_promised(der, length, &world->present_certificate);
    assert_null(certenroll_journal_revoke_at(journal, 1, &length));
    certenroll_journal_list_free(list);
}

/* Runs it to its end in a new process, as it were. */
static void resume_to_the_end(struct renewal_world *world)
{
    certenroll_enrolment *enrolment = renewal_resume(world);

    assert_ok(certenroll_enrolment_run(enrolment, &world->error), world->error);
    certenroll_enrolment_free(enrolment);
    assert_renewal_journals(world, 0);
    assert_renewal_objects(world, 1, 1);
}

/* --- the promise --- */

static void assert_revoked_in_one_go(struct renewal_world *world, certenroll_operation operation)
{
    certenroll_enrolment_options options = promise(world, operation);
    certenroll_enrolment *enrolment = renewal_new(world, &options);

    assert_ok(certenroll_enrolment_run(enrolment, &world->error), world->error);
    certenroll_enrolment_free(enrolment);
    assert_false(present_is_in_force(world));
    assert_int_equal(honest_ra_in_force(&world->ra), 1);
    assert_string_equal(world->ra.revoked_by, "pair");
    assert_string_equal(world->ra.revoke_reason, "superseded");
    assert_renewal_objects(world, 1, 1);
    assert_renewal_journals(world, 0);
}

static void test_a_renewal_revokes_what_it_replaces(void **state)
{
    assert_revoked_in_one_go(*state, CERTENROLL_RENEW);
}

static void test_a_re_key_revokes_what_it_replaces(void **state)
{
    assert_revoked_in_one_go(*state, CERTENROLL_REKEY);
}

/* Ended between CONFIRMED and the revocation: the old pair is there until it is revoked. */
static void test_a_revocation_that_failed_is_made_good(void **state)
{
    struct renewal_world *world = *state;
    certenroll_enrolment_options options = promise(world, CERTENROLL_REKEY);
    certenroll_enrolment *enrolment = renewal_new(world, &options);

    world->ra.instead = fail_at_revocation;
    assert_fails(certenroll_enrolment_run(enrolment, &world->error), CERTENROLL_E_SERVER,
                 world->error);
    assert_int_equal(certenroll_enrolment_state(enrolment), CERTENROLL_STATE_CONFIRMED);
    certenroll_enrolment_free(enrolment);
    assert_renewal_objects(world, 2, 2);
    assert_true(present_is_in_force(world));
    assert_journal_promises(world);
    world->ra.instead = NULL;
    resume_to_the_end(world);
    assert_false(present_is_in_force(world));
    assert_int_equal(honest_ra_in_force(&world->ra), 1);
}

/* The RA has revoked it, and the answer was lost: it is asked once more. */
static void test_a_revocation_whose_answer_was_lost(void **state)
{
    struct renewal_world *world = *state;
    certenroll_enrolment_options options = promise(world, CERTENROLL_REKEY);
    certenroll_enrolment *enrolment = renewal_new(world, &options);

    world->ra.instead = fail_at_revocation;
    assert_fails(certenroll_enrolment_run(enrolment, &world->error), CERTENROLL_E_SERVER,
                 world->error);
    world->ra.instead = NULL;
    world->ra.loses_answers = 1;
    assert_fails(certenroll_enrolment_run(enrolment, &world->error), CERTENROLL_E_NETWORK,
                 world->error);
    certenroll_enrolment_free(enrolment);
    world->ra.loses_answers = 0;
    assert_false(present_is_in_force(world));
    assert_journal_promises(world);
    resume_to_the_end(world);
    assert_int_equal(honest_ra_in_force(&world->ra), 1);
}

/* What is to be retired later is revoked at once. */
static void test_what_is_retired_later_is_revoked_now(void **state)
{
    struct renewal_world *world = *state;
    certenroll_enrolment_options options = promise(world, CERTENROLL_REKEY);
    certenroll_enrolment *enrolment;

    options.retirement = CERTENROLL_RETIRE_AT_EXPIRY;
    enrolment = renewal_new(world, &options);
    world->ra.instead = fail_at_revocation;
    assert_fails(certenroll_enrolment_run(enrolment, &world->error), CERTENROLL_E_SERVER,
                 world->error);
    world->ra.instead = NULL;
    assert_ok(certenroll_enrolment_run(enrolment, &world->error), world->error);
    assert_true(certenroll_enrolment_retire_at(enrolment) > 0);
    certenroll_enrolment_free(enrolment);
    assert_false(present_is_in_force(world));
    assert_renewal_objects(world, 2, 2);
    assert_renewal_journals(world, 1);
}

static void test_an_ra_without_the_call(void **state)
{
    struct renewal_world *world = *state;
    certenroll_enrolment_options options = promise(world, CERTENROLL_REKEY);
    certenroll_enrolment *enrolment = renewal_new(world, &options);
    const char *advice;
    size_t length;

    world->ra.instead = know_no_revocation;
    assert_fails(certenroll_enrolment_run(enrolment, &world->error), CERTENROLL_E_UNSUPPORTED,
                 world->error);
    assert_int_equal(certenroll_enrolment_run(enrolment, &world->error), CERTENROLL_E_UNSUPPORTED);
    advice = certenroll_error_advice(world->error);
    assert_non_null(strstr(advice, "RA's operator"));
    assert_non_null(strstr(advice, "serial number "));
    assert_non_null(strstr(advice, "issued by CN=Issuing,O=Test"));
    certenroll_error_clear(&world->error);
    certenroll_enrolment_free(enrolment);
    enrolment = renewal_resume(world);
    assert_non_null(certenroll_enrolment_revoke_at(enrolment, 0, &length));
    assert_ok(certenroll_enrolment_drop_revocation(enrolment, &world->error), world->error);
    assert_null(certenroll_enrolment_revoke_at(enrolment, 0, &length));
    certenroll_enrolment_free(enrolment);
    resume_to_the_end(world);
    assert_true(present_is_in_force(world));
}

/* A certificate that the RA does not know as ours, and one that it does. */
static void test_a_refusal_hinders_no_other(void **state)
{
    struct renewal_world *world = *state;
    certenroll_enrolment_options options = promise(world, CERTENROLL_ENROLL);
    certenroll_enrolment *enrolment;
    certenroll_der revoke[2];
    unsigned char *foreign;
    size_t length;

    foreign = test_der(&length, world->ra.issuing.certificate);
    revoke[0] = (certenroll_der){ foreign, length };
    revoke[1] =
        (certenroll_der){ world->present_certificate.data, world->present_certificate.length };
    options.revoke = revoke;
    options.revoke_count = 2;
    enrolment = renewal_new(world, &options);
    assert_fails(certenroll_enrolment_run(enrolment, &world->error), CERTENROLL_E_AUTHENTICATION,
                 world->error);
    assert_promised(certenroll_enrolment_revoke_at(enrolment, 0, &length), length,
                    &(struct ce_buffer){ foreign, revoke[0].length });
    assert_null(certenroll_enrolment_revoke_at(enrolment, 1, &length));
    assert_false(present_is_in_force(world));
    assert_ok(certenroll_enrolment_drop_revocation(enrolment, &world->error), world->error);
    assert_ok(certenroll_enrolment_run(enrolment, &world->error), world->error);
    certenroll_enrolment_free(enrolment);
    assert_renewal_journals(world, 0);
    free(foreign);
}

static int give_the_password(void *user, const certenroll_secret_request *request, char *buffer,
                             size_t capacity, size_t *length)
{
    (void)user;
    (void)request;
    *length = (size_t)snprintf(buffer, capacity, "secret");
    return CERTENROLL_OK;
}

static void test_an_account_asks_where_there_is_one(void **state)
{
    struct renewal_world *world = *state;
    certenroll_enrolment_options options = promise(world, CERTENROLL_ENROLL);
    certenroll_der revoke = { world->present_certificate.data, world->present_certificate.length };
    certenroll_enrolment *enrolment;

    world->ra.wants_password = 1;
    options.username = HONEST_RA_USER;
    options.secret = give_the_password;
    options.revoke = &revoke;
    options.revoke_count = 1;
    enrolment = renewal_new(world, &options);
    assert_ok(certenroll_enrolment_run(enrolment, &world->error), world->error);
    certenroll_enrolment_free(enrolment);
    assert_string_equal(world->ra.revoked_by, "account");
    assert_false(present_is_in_force(world));
    assert_renewal_objects(world, 2, 2);
}

/* A CA may answer a renewal by the certificate that is there: it is not revoked. */
static int answer_the_present(void *user, struct https_answer *answer,
                              const struct https_seen *seen)
{
    struct renewal_world *world = user;
    X509 *certificates[2] = { world->ra.issued->certificate, world->ra.issuing.certificate };

    if (strstr(seen->head, "enroll ") == NULL)
        return 0;
    honest_ra_answer_with(answer, certificates, 2);
    return 1;
}

static void test_what_was_issued_is_not_revoked(void **state)
{
    struct renewal_world *world = *state;
    certenroll_enrolment_options options = promise(world, CERTENROLL_RENEW);
    certenroll_enrolment *enrolment = renewal_new(world, &options);

    world->ra.instead = answer_the_present;
    world->ra.user = world;
    assert_ok(certenroll_enrolment_run(enrolment, &world->error), world->error);
    certenroll_enrolment_free(enrolment);
    assert_true(present_is_in_force(world));
    assert_string_equal(world->ra.revoked_by, "");
}

/* --- in company --- */

/* A pair of this token whose certificate is promised to be revoked is no other enrolment's, and an
 * unfinished one of it is in the way: each would leave a certificate in force. */
static void assert_kept_apart(struct renewal_world *world,
                              const certenroll_enrolment_options *first,
                              const certenroll_enrolment_options *second)
{
    certenroll_enrolment *enrolment;

    world->ra.loses_answers = 1;
    enrolment = renewal_new(world, first);
    assert_fails(certenroll_enrolment_run(enrolment, &world->error), CERTENROLL_E_NETWORK,
                 world->error);
    certenroll_enrolment_free(enrolment);
    world->ra.loses_answers = 0;
    enrolment = renewal_new(world, second);
    assert_fails(certenroll_enrolment_run(enrolment, &world->error), CERTENROLL_E_BUSY,
                 world->error);
    certenroll_enrolment_free(enrolment);
    assert_renewal_journals(world, 1);
    enrolment = renewal_resume(world);
    assert_ok(certenroll_enrolment_run(enrolment, &world->error), world->error);
    certenroll_enrolment_free(enrolment);
    assert_renewal_journals(world, 0);
}

/* `present` outlives the options. */
static certenroll_enrolment_options replacement(struct renewal_world *world,
                                                certenroll_der *present)
{
    certenroll_enrolment_options options = renewal_options(world, CERTENROLL_ENROLL);

    *present =
        (certenroll_der){ world->present_certificate.data, world->present_certificate.length };
    options.revoke = present;
    options.revoke_count = 1;
    return options;
}

static void test_a_promised_pair_is_held(void **state)
{
    struct renewal_world *world = *state;
    certenroll_enrolment_options re_keying = renewal_options(world, CERTENROLL_REKEY), replacing;
    certenroll_der present;

    replacing = replacement(world, &present);
    assert_kept_apart(world, &re_keying, &replacing);
}

static void test_a_promised_pair_is_held_to_the_end(void **state)
{
    struct renewal_world *world = *state;
    certenroll_enrolment_options re_keying = renewal_options(world, CERTENROLL_REKEY), replacing;
    certenroll_der present;

    replacing = replacement(world, &present);
    assert_kept_apart(world, &replacing, &re_keying);
    assert_false(present_is_in_force(world));
}

/* --- given up --- */

/* Runs it until the RA fails, and lets it go. */
static void run_into(struct renewal_world *world, const certenroll_enrolment_options *options,
                     int status)
{
    certenroll_enrolment *enrolment = renewal_new(world, options);

    assert_fails(certenroll_enrolment_run(enrolment, &world->error), status, world->error);
    world->ra.instead = NULL;
    world->ra.loses_answers = 0;
    certenroll_enrolment_free(enrolment);
}

static const certenroll_abandon_options *revoking(void)
{
    static certenroll_abandon_options options = CERTENROLL_ABANDON_OPTIONS_INIT;

    options.revoke = 1;
    options.reason = CERTENROLL_REVOKE_CESSATION;
    return &options;
}

/* Nothing is left of it, on the token and at the CA. */
static void assert_abandoned(struct renewal_world *world, certenroll_enrolment *enrolment)
{
    size_t length;

    assert_ok(certenroll_enrolment_abandon(enrolment, revoking(), &world->error), world->error);
    assert_null(certenroll_enrolment_revoke_at(enrolment, 0, &length));
    assert_null(certenroll_enrolment_unanswered_at(enrolment, 0));
    certenroll_enrolment_free(enrolment);
    assert_string_equal(world->ra.revoke_reason, "cessationOfOperation");
    assert_int_equal(honest_ra_in_force(&world->ra), 1);
    assert_true(present_is_in_force(world));
    assert_renewal_journals(world, 0);
    assert_renewal_objects(world, 1, 1);
}

static void assert_abandoned_of_each(struct renewal_world *world, certenroll_operation operation)
{
    certenroll_enrolment_options options = promise(world, operation);

    world->ra.loses_answers = 1; /* SUBMITTED: the CA has issued it, nobody has seen it */
    run_into(world, &options, CERTENROLL_E_NETWORK);
    assert_int_equal(honest_ra_in_force(&world->ra), 2);
    assert_abandoned(world, renewal_resume(world));
    if (operation == CERTENROLL_ENROLL)
        return;                           /* nothing is proven to the CA: it would be confirmed */
    world->ra.instead = refuse_the_proof; /* INSTALLED */
    run_into(world, &options, CERTENROLL_E_SERVER);
    assert_int_equal(honest_ra_in_force(&world->ra), 2);
    assert_abandoned(world, renewal_resume(world));
}

static void test_a_first_enrolment_is_revoked_as_it_is_abandoned(void **state)
{
    assert_abandoned_of_each(*state, CERTENROLL_ENROLL);
}

static void test_a_renewal_is_revoked_as_it_is_abandoned(void **state)
{
    assert_abandoned_of_each(*state, CERTENROLL_RENEW);
}

static void test_a_re_key_is_revoked_as_it_is_abandoned(void **state)
{
    assert_abandoned_of_each(*state, CERTENROLL_REKEY);
}

/* It ended before the certificate was written. */
static void take_it_off(struct ce_record *record, void *user)
{
    struct renewal_world *world = user;

    record->state = CERTENROLL_STATE_ISSUED;
    assert_ok(ce_certificate_destroy(world->token, &record->issued, NULL, &world->error),
              world->error);
}

static void test_one_that_was_issued_is_revoked_as_it_is_abandoned(void **state)
{
    struct renewal_world *world = *state;
    certenroll_enrolment_options options = promise(world, CERTENROLL_REKEY);

    world->ra.instead = refuse_the_proof;
    run_into(world, &options, CERTENROLL_E_SERVER);
    renewal_edit_journal(world, take_it_off, world);
    assert_renewal_objects(world, 2, 1);
    assert_abandoned(world, renewal_resume(world));
}

/* The RA fails first: nothing is taken off, and abandoning again makes it good. */
static void test_abandoning_again_revokes(void **state)
{
    struct renewal_world *world = *state;
    certenroll_enrolment_options options = promise(world, CERTENROLL_REKEY);
    certenroll_enrolment *enrolment;

    world->ra.instead = refuse_the_proof;
    run_into(world, &options, CERTENROLL_E_SERVER);
    enrolment = renewal_resume(world);
    world->ra.instead = fail_at_revocation;
    assert_fails(certenroll_enrolment_abandon(enrolment, revoking(), &world->error),
                 CERTENROLL_E_SERVER, world->error);
    certenroll_enrolment_free(enrolment);
    assert_renewal_objects(world, 2, 2);
    world->ra.instead = NULL;
    assert_abandoned(world, renewal_resume(world));
}

/* Without a revocation it is told what is in force: by the certificate, or by whom to ask. */
static void test_what_stays_in_force_is_told(void **state)
{
    struct renewal_world *world = *state;
    certenroll_enrolment_options options = promise(world, CERTENROLL_REKEY);
    certenroll_enrolment *enrolment;
    const unsigned char *der;
    struct ce_buffer issued = { 0 };
    size_t length;

    world->ra.instead = refuse_the_proof;
    run_into(world, &options, CERTENROLL_E_SERVER);
    enrolment = renewal_resume(world);
    der = certenroll_enrolment_certificate(enrolment, &length);
    assert_int_equal(ce_buffer_set(&issued, der, length, NULL), CERTENROLL_OK);
    assert_ok(certenroll_enrolment_abandon(enrolment, NULL, &world->error), world->error);
    der = certenroll_enrolment_revoke_at(enrolment, 0, &length);
    assert_promised(der, length, &issued); /* that alone: what was to be replaced is in use */
    assert_null(certenroll_enrolment_revoke_at(enrolment, 1, &length));
    assert_null(certenroll_enrolment_unanswered_at(enrolment, 0));
    certenroll_enrolment_free(enrolment);
    ce_buffer_clear(&issued);

    world->ra.loses_answers = 1;
    run_into(world, &options, CERTENROLL_E_NETWORK);
    enrolment = renewal_resume(world);
    assert_ok(certenroll_enrolment_abandon(enrolment, NULL, &world->error), world->error);
    assert_null(certenroll_enrolment_revoke_at(enrolment, 0, &length));
    assert_string_equal(certenroll_enrolment_unanswered_at(enrolment, 0), world->ra.endpoint.url);
    assert_null(certenroll_enrolment_unanswered_at(enrolment, 1));
    assert_non_null(certenroll_enrolment_request(enrolment, &length));
    certenroll_enrolment_free(enrolment);
    assert_renewal_objects(world, 1, 1);
    assert_int_equal(honest_ra_in_force(&world->ra), 3);
}

/* The RA has not decided: what it may still issue cannot be revoked now, and is told. */
static void test_one_that_waits_is_told(void **state)
{
    struct renewal_world *world = *state;
    certenroll_enrolment_options options = promise(world, CERTENROLL_ENROLL);
    certenroll_enrolment *enrolment = renewal_new(world, &options);

    world->ra.instead = take_time;
    assert_int_equal(certenroll_enrolment_run(enrolment, &world->error), CERTENROLL_PENDING);
    assert_ok(certenroll_enrolment_abandon(enrolment, revoking(), &world->error), world->error);
    assert_string_equal(certenroll_enrolment_unanswered_at(enrolment, 0), world->ra.endpoint.url);
    certenroll_enrolment_free(enrolment);
    assert_renewal_journals(world, 0);
    assert_renewal_objects(world, 1, 1);
}

static int refuse_the_pair(void *user, struct https_answer *answer, const struct https_seen *seen)
{
    (void)user;
    (void)seen;
    https_answer_whole(answer, "403 Forbidden", "", "", 0);
    return 1;
}

/* Its certificate was revoked meanwhile: nobody can ask, and there is an end all the same. */
static void test_a_pair_that_is_refused_gives_up(void **state)
{
    struct renewal_world *world = *state;
    certenroll_enrolment_options options = renewal_options(world, CERTENROLL_RENEW);
    certenroll_enrolment *enrolment = renewal_new(world, &options);

    world->ra.instead = refuse_the_pair;
    assert_fails(certenroll_enrolment_run(enrolment, &world->error), CERTENROLL_E_AUTHENTICATION,
                 world->error);
    assert_ok(certenroll_enrolment_abandon(enrolment, revoking(), &world->error), world->error);
    assert_string_equal(certenroll_enrolment_unanswered_at(enrolment, 0), world->ra.endpoint.url);
    certenroll_enrolment_free(enrolment);
    assert_renewal_journals(world, 0);
    assert_renewal_objects(world, 1, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RENEWAL_TEST(test_a_renewal_revokes_what_it_replaces),
        RENEWAL_TEST(test_a_re_key_revokes_what_it_replaces),
        RENEWAL_TEST(test_a_revocation_that_failed_is_made_good),
        RENEWAL_TEST(test_a_revocation_whose_answer_was_lost),
        RENEWAL_TEST(test_what_is_retired_later_is_revoked_now),
        RENEWAL_TEST(test_an_ra_without_the_call),
        RENEWAL_TEST(test_a_refusal_hinders_no_other),
        RENEWAL_TEST(test_an_account_asks_where_there_is_one),
        RENEWAL_TEST(test_what_was_issued_is_not_revoked),
        RENEWAL_TEST(test_a_promised_pair_is_held),
        RENEWAL_TEST(test_a_promised_pair_is_held_to_the_end),
        RENEWAL_TEST(test_a_first_enrolment_is_revoked_as_it_is_abandoned),
        RENEWAL_TEST(test_a_renewal_is_revoked_as_it_is_abandoned),
        RENEWAL_TEST(test_a_re_key_is_revoked_as_it_is_abandoned),
        RENEWAL_TEST(test_one_that_was_issued_is_revoked_as_it_is_abandoned),
        RENEWAL_TEST(test_abandoning_again_revokes),
        RENEWAL_TEST(test_what_stays_in_force_is_told),
        RENEWAL_TEST(test_one_that_waits_is_told),
        RENEWAL_TEST(test_a_pair_that_is_refused_gives_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
