/* SPDX-License-Identifier: Apache-2.0 */
/* Renewal and re-key: what becomes of what they replace, and that it works until the new one does.
 */
#include "renewal_world.h"
#include "token/key.h"

#include <certenroll/openssl.h>

#include <stdlib.h>
#include <string.h>

static certenroll_enrolment *replace(struct renewal_world *world, certenroll_operation operation,
                                     certenroll_retirement retirement)
{
    certenroll_enrolment_options options = renewal_options(world, operation);

    options.retirement = retirement;
    return renewal_new(world, &options);
}

static void assert_state(const certenroll_enrolment *enrolment, certenroll_state state)
{
    assert_string_equal(certenroll_state_name(certenroll_enrolment_state(enrolment)),
                        certenroll_state_name(state));
}

/* --- the new pair --- */

static void test_a_re_key_leaves_the_new_pair_alone(void **state)
{
    struct renewal_world *world = *state;
    certenroll_enrolment *enrolment = replace(world, CERTENROLL_REKEY, CERTENROLL_RETIRE_DELETE);
    size_t length;
    const unsigned char *id;

    assert_ok(certenroll_enrolment_run(enrolment, &world->error), world->error);
    assert_state(enrolment, CERTENROLL_STATE_RETIRED);
    id = certenroll_key_get_id(certenroll_enrolment_key(enrolment), &length);
    assert_true(renewal_has_pair(world, id, length));
    assert_false(renewal_has_pair(world, world->present_id, world->present_id_length));
    assert_string_equal(certenroll_key_get_label(certenroll_enrolment_key(enrolment)),
                        "0258366660019 user01"); /* that of the old one */
    assert_int_equal(certenroll_key_get_type(certenroll_enrolment_key(enrolment)),
                     CERTENROLL_KEY_P256);
    assert_renewal_objects(world, 1, 1);
    assert_renewal_journals(world, 0);
    certenroll_enrolment_free(enrolment);
}

static void test_a_re_key_to_another_type(void **state)
{
    struct renewal_world *world = *state;
    certenroll_enrolment_options options = renewal_options(world, CERTENROLL_REKEY);
    certenroll_key_options key = CERTENROLL_KEY_OPTIONS_INIT;
    certenroll_enrolment *enrolment;

    key.type = CERTENROLL_KEY_P384;
    key.label = "another label";
    options.key = &key;
    enrolment = renewal_new(world, &options);
    assert_ok(certenroll_enrolment_run(enrolment, &world->error), world->error);
    assert_int_equal(certenroll_key_get_type(certenroll_enrolment_key(enrolment)),
                     CERTENROLL_KEY_P384);
    assert_string_equal(certenroll_key_get_label(certenroll_enrolment_key(enrolment)),
                        "another label");
    assert_renewal_objects(world, 1, 1);
    certenroll_enrolment_free(enrolment);
}

static void test_what_is_kept_stays(void **state)
{
    struct renewal_world *world = *state;
    certenroll_enrolment *enrolment = replace(world, CERTENROLL_REKEY, CERTENROLL_RETIRE_KEEP);

    assert_ok(certenroll_enrolment_run(enrolment, &world->error), world->error);
    assert_state(enrolment, CERTENROLL_STATE_CONFIRMED);
    assert_true(renewal_has_pair(world, world->present_id, world->present_id_length));
    assert_renewal_objects(world, 2, 2);
    assert_renewal_journals(world, 0);
    certenroll_enrolment_free(enrolment);

    world->ra.not_after = 2 * 86400L;
    enrolment = replace(world, CERTENROLL_RENEW, CERTENROLL_RETIRE_KEEP);
    assert_ok(certenroll_enrolment_run(enrolment, &world->error), world->error);
    assert_renewal_objects(world, 2, 3);
    certenroll_enrolment_free(enrolment);
}

/* --- retirement in time --- */

static void make_due(struct ce_record *record, void *user)
{
    (void)user;
    record->retire_at = 1;
}

static void retire_later(struct renewal_world *world, certenroll_operation operation)
{
    certenroll_enrolment *enrolment = replace(world, operation, CERTENROLL_RETIRE_AT_EXPIRY);

    assert_ok(certenroll_enrolment_run(enrolment, &world->error), world->error);
    assert_state(enrolment, CERTENROLL_STATE_CONFIRMED);
    assert_true(certenroll_enrolment_retire_at(enrolment) > 0);
    certenroll_enrolment_free(enrolment);
    assert_renewal_journals(world, 1);

    enrolment = renewal_resume(world); /* too early: nothing happens */
    assert_ok(certenroll_enrolment_run(enrolment, &world->error), world->error);
    certenroll_enrolment_free(enrolment);
    assert_renewal_journals(world, 1);
    assert_true(renewal_has_pair(world, world->present_id, world->present_id_length));
}

static void retire_now(struct renewal_world *world)
{
    certenroll_enrolment *enrolment;

    renewal_edit_journal(world, make_due, NULL);
    enrolment = renewal_resume(world);
    assert_ok(certenroll_enrolment_run(enrolment, &world->error), world->error);
    assert_state(enrolment, CERTENROLL_STATE_RETIRED);
    certenroll_enrolment_free(enrolment);
    assert_renewal_journals(world, 0);
}

static void test_a_pair_is_retired_in_its_time(void **state)
{
    struct renewal_world *world = *state;

    retire_later(world, CERTENROLL_REKEY);
    assert_renewal_objects(world, 2, 2);
    retire_now(world);
    assert_renewal_objects(world, 1, 1);
    assert_false(renewal_has_pair(world, world->present_id, world->present_id_length));
}

static void test_a_certificate_is_retired_in_its_time(void **state)
{
    struct renewal_world *world = *state;

    world->ra.not_after = 2 * 86400L;
    retire_later(world, CERTENROLL_RENEW);
    assert_renewal_objects(world, 1, 2);
    retire_now(world);
    assert_renewal_objects(world, 1, 1);
    assert_true(renewal_has_pair(world, world->present_id, world->present_id_length));
}

/* Somebody renews the old pair while it waits for its end: it is not to be taken away from them. */
static void test_a_renewed_pair_is_not_retired(void **state)
{
    struct renewal_world *world = *state;
    certenroll_enrolment *enrolment;

    retire_later(world, CERTENROLL_REKEY);
    world->ra.not_after = 2 * 86400L;
    enrolment = replace(world, CERTENROLL_RENEW, CERTENROLL_RETIRE_KEEP);
    assert_ok(certenroll_enrolment_run(enrolment, &world->error), world->error);
    certenroll_enrolment_free(enrolment);
    assert_renewal_objects(world, 2, 3);
    retire_now(world);
    assert_renewal_objects(world, 2, 2);
    assert_true(renewal_has_pair(world, world->present_id, world->present_id_length));
}

/* Removes every certificate of the pair that is not the present one, and with `key` that too. */
static void remove_the_new(struct renewal_world *world, int key)
{
    certenroll_inventory *inventory = NULL;

    assert_ok(certenroll_inventory_new(&inventory, world->token, NULL, &world->error),
              world->error);
    for (size_t i = 0; i < certenroll_inventory_count(inventory); i++) {
        const certenroll_entry *entry = certenroll_inventory_at(inventory, i);
        struct ce_buffer value = { 0 }, id = { 0 };
        const unsigned char *der = certenroll_entry_certificate(entry, &value.length);

        value.data = (unsigned char *)der;
        id.data = (unsigned char *)certenroll_entry_id(entry, &id.length);
        if (!certenroll_entry_has_key(entry) ||
            ce_buffer_equal(&value, &world->present_certificate))
            continue;
        assert_ok(ce_certificate_destroy(world->token, &value, NULL, &world->error), world->error);
        if (key)
            assert_ok(ce_key_destroy(world->token, &id, NULL, &world->error), world->error);
    }
    certenroll_inventory_free(inventory);
}

static void assert_not_retired(struct renewal_world *world)
{
    certenroll_enrolment *enrolment;

    renewal_edit_journal(world, make_due, NULL);
    enrolment = renewal_resume(world);
    assert_fails(certenroll_enrolment_run(enrolment, &world->error), CERTENROLL_E_OBJECT_NOT_FOUND,
                 world->error);
    certenroll_enrolment_free(enrolment);
    assert_renewal_journals(world, 1);
    assert_renewal_objects(world, 1, 1);
    assert_true(renewal_has_pair(world, world->present_id, world->present_id_length));
}

/* The token is looked at, not the journal believed: nothing is retired that nothing replaces. */
static void test_a_pair_that_nothing_replaces_stays(void **state)
{
    struct renewal_world *world = *state;

    retire_later(world, CERTENROLL_REKEY);
    remove_the_new(world, 1);
    assert_not_retired(world);
}

static void test_a_certificate_that_nothing_replaces_stays(void **state)
{
    struct renewal_world *world = *state;

    world->ra.not_after = 2 * 86400L;
    retire_later(world, CERTENROLL_RENEW);
    remove_the_new(world, 0);
    assert_not_retired(world);
}

/* Another CA's certificate for the key, of a shorter life: it goes on being of use. */
static void certify_elsewhere(struct renewal_world *world)
{
    certenroll_install_options options = CERTENROLL_INSTALL_OPTIONS_INIT;
    struct test_certificate details = TEST_CERTIFICATE_INIT;
    const unsigned char *der = world->present_certificate.data;
    X509 *present = d2i_X509(NULL, &der, (long)world->present_certificate.length);
    certenroll_anchors *anchors = NULL;
    struct test_ca other;
    X509 *certificate;
    size_t length;
    char *pem;

    test_ca_new(&other, "CN=Other,O=Test", NULL);
    details.key = X509_get0_pubkey(present);
    details.subject = "CN=somebody,O=Other";
    details.not_after = 3600;
    certificate = test_ca_issue(&other, &details);
    pem = test_pem(&length, &other.certificate, 1);
    assert_ok(certenroll_anchors_new(&anchors, pem, length, &world->error), world->error);
    free(pem);
    options.anchors = anchors;
    pem = test_pem(&length, &certificate, 1);
    assert_ok(
        certenroll_certificate_install(NULL, world->token, pem, length, &options, &world->error),
        world->error);
    free(pem);
    certenroll_anchors_free(anchors);
    X509_free(certificate);
    test_ca_clear(&other);
    X509_free(present);
}

static void test_a_key_with_another_use_stays(void **state)
{
    struct renewal_world *world = *state;
    certenroll_enrolment *enrolment;

    certify_elsewhere(world);
    enrolment = replace(world, CERTENROLL_REKEY, CERTENROLL_RETIRE_DELETE);
    assert_ok(certenroll_enrolment_run(enrolment, &world->error), world->error);
    assert_state(enrolment, CERTENROLL_STATE_RETIRED);
    certenroll_enrolment_free(enrolment);
    assert_renewal_objects(world, 2, 2);
    assert_true(renewal_has_pair(world, world->present_id, world->present_id_length));
}

/* --- the proof --- */

/* The server does not take the new certificate: that of whoever asks for /cacerts. */
static int refuse_the_proof(void *user, struct https_answer *answer, const struct https_seen *seen)
{
    (void)user;
    if (strstr(seen->head, "/cacerts ") == NULL)
        return 0;
    https_answer_whole(answer, "403 Forbidden", "Content-Type: text/plain\r\n", "unknown", 7);
    return 1;
}

static void assert_unproven_keeps_the_old(struct renewal_world *world,
                                          certenroll_operation operation)
{
    certenroll_enrolment *enrolment = replace(world, operation, CERTENROLL_RETIRE_DELETE);

    world->ra.instead = refuse_the_proof;
    assert_fails(certenroll_enrolment_run(enrolment, &world->error), CERTENROLL_E_AUTHENTICATION,
                 world->error);
    assert_state(enrolment, CERTENROLL_STATE_INSTALLED);
    assert_true(renewal_has_pair(world, world->present_id, world->present_id_length));
    assert_renewal_objects(world, operation == CERTENROLL_REKEY ? 2 : 1, 2);
    certenroll_enrolment_free(enrolment);

    world->ra.instead = NULL; /* the RA has come to know its certificate */
    enrolment = renewal_resume(world);
    assert_ok(certenroll_enrolment_run(enrolment, &world->error), world->error);
    assert_state(enrolment, CERTENROLL_STATE_RETIRED);
    certenroll_enrolment_free(enrolment);
    assert_renewal_objects(world, 1, 1);
    assert_int_equal(honest_ra_issued(&world->ra), 2);
}

static void test_an_unproven_renewal_keeps_the_old(void **state)
{
    struct renewal_world *world = *state;

    world->ra.not_after = 2 * 86400L;
    assert_unproven_keeps_the_old(world, CERTENROLL_RENEW);
}

static void test_an_unproven_re_key_keeps_the_old(void **state)
{
    assert_unproven_keeps_the_old(*state, CERTENROLL_REKEY);
}

/* --- what makes no sense --- */

static void assert_refused(struct renewal_world *world, const certenroll_enrolment_options *options)
{
    certenroll_enrolment *enrolment = NULL;

    assert_fails(certenroll_enrolment_new(&enrolment, world->token, options, &world->error),
                 CERTENROLL_E_ARGUMENT, world->error);
    assert_null(enrolment);
}

static void test_senseless_options_are_refused(void **state)
{
    struct renewal_world *world = *state;
    certenroll_enrolment_options options = renewal_options(world, CERTENROLL_REKEY);
    certenroll_key_options key = CERTENROLL_KEY_OPTIONS_INIT;

    key.id = world->present_id;
    key.id_length = world->present_id_length;
    options.key = &key;
    assert_refused(world, &options); /* the new key under the ID of the old one */
    options = renewal_options(world, CERTENROLL_RENEW);
    options.present_id = NULL;
    assert_refused(world, &options);
    options = renewal_options(world, CERTENROLL_ENROLL);
    options.present_id = world->present_id;
    options.present_id_length = world->present_id_length;
    assert_refused(world, &options);
    options = renewal_options(world, (certenroll_operation)7);
    assert_refused(world, &options);
    options = renewal_options(world, CERTENROLL_RENEW);
    options.retirement = (certenroll_retirement)9;
    assert_refused(world, &options);
    options = renewal_options(world, CERTENROLL_RENEW);
    options.journal_name = "../elsewhere";
    assert_refused(world, &options);
}

static void test_a_pair_that_is_not_there(void **state)
{
    struct renewal_world *world = *state;
    certenroll_enrolment_options options = renewal_options(world, CERTENROLL_RENEW);
    certenroll_enrolment *enrolment;

    options.present_id = (const unsigned char *)"nobody";
    options.present_id_length = 6;
    enrolment = renewal_new(world, &options);
    assert_fails(certenroll_enrolment_run(enrolment, &world->error), CERTENROLL_E_OBJECT_NOT_FOUND,
                 world->error);
    assert_renewal_journals(world, 0); /* there is nothing to go on with */
    assert_ok(certenroll_enrolment_abandon(enrolment, NULL, &world->error), world->error);
    certenroll_enrolment_free(enrolment);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RENEWAL_TEST(test_a_re_key_leaves_the_new_pair_alone),
        RENEWAL_TEST(test_a_re_key_to_another_type),
        RENEWAL_TEST(test_what_is_kept_stays),
        RENEWAL_TEST(test_a_pair_is_retired_in_its_time),
        RENEWAL_TEST(test_a_certificate_is_retired_in_its_time),
        RENEWAL_TEST(test_a_renewed_pair_is_not_retired),
        RENEWAL_TEST(test_a_pair_that_nothing_replaces_stays),
        RENEWAL_TEST(test_a_certificate_that_nothing_replaces_stays),
        RENEWAL_TEST(test_a_key_with_another_use_stays),
        RENEWAL_TEST(test_an_unproven_renewal_keeps_the_old),
        RENEWAL_TEST(test_an_unproven_re_key_keeps_the_old),
        RENEWAL_TEST(test_senseless_options_are_refused),
        RENEWAL_TEST(test_a_pair_that_is_not_there),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
