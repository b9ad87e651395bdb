/* SPDX-License-Identifier: Apache-2.0 */
/* The transaction on a SoftHSM token, its request carried to a CA and back by hand: every key type
 * gets there, nothing is done twice, and what does not fit is refused with the token unchanged. */
#include "check.h"
#include "softhsm.h"
#include "test_ca.h"

#include <certenroll/openssl.h>

#include <openssl/err.h>

#include <stdio.h>
#include <stdlib.h>

/* --- a world of its own for each test --- */

struct world {
    struct softhsm *hsm;
    struct test_pin pin;
    certenroll_context *context;
    certenroll_token *token;
    struct test_ca root;
    struct test_ca issuing;
    certenroll_anchors *anchors;
};

static int set_up(void **state)
{
    struct world *world = calloc(1, sizeof(*world));
    certenroll_error *error = NULL;
    size_t length;
    char *pem;

    check(world != NULL, "out of memory");
    world->pin = (struct test_pin)TEST_PIN;
    world->hsm = softhsm_new((const char *[]){ "card", NULL });
    assert_ok(certenroll_context_new(&world->context, &error), error);
    world->token = softhsm_open(world->context, "card", &world->pin);
    test_ca_new(&world->root, "CN=Root,O=Test", NULL);
    test_ca_new(&world->issuing, "CN=Issuing,O=Test", &world->root);
    pem = test_pem(&length, &world->root.certificate, 1);
    assert_ok(certenroll_anchors_new(&world->anchors, pem, length, &error), error);
    free(pem);
    *state = world;
    return 0;
}

static int tear_down(void **state)
{
    struct world *world = *state;

    certenroll_anchors_free(world->anchors);
    test_ca_clear(&world->issuing);
    test_ca_clear(&world->root);
    certenroll_token_free(world->token);
    certenroll_context_free(world->context);
    softhsm_free(world->hsm);
    free(world);
    return 0;
}

static certenroll_enrolment *start(struct world *world, certenroll_key_type type,
                                   const unsigned char *id, size_t id_length)
{
    static const char *const alt_names[] = { "email:user@example.jp", "dns:pc.example.jp" };
    certenroll_enrolment_options options = CERTENROLL_ENROLMENT_OPTIONS_INIT;
    certenroll_request_options request = CERTENROLL_REQUEST_OPTIONS_INIT;
    certenroll_key_options key = CERTENROLL_KEY_OPTIONS_INIT;
    certenroll_enrolment *enrolment = NULL;
    certenroll_error *error = NULL;

    options.anchors = world->anchors;
    options.request = &request;
    options.key = &key;
    request.subject = "CN=0258366660019,O=Test";
    request.alt_names = alt_names;
    request.alt_names_count = 2;
    key.type = type;
    key.id = id;
    key.id_length = id_length;
    assert_ok(certenroll_enrolment_new(&enrolment, world->token, &options, &error), error);
    assert_int_equal(certenroll_enrolment_run(enrolment, &error), CERTENROLL_PENDING);
    assert_int_equal(certenroll_enrolment_state(enrolment), CERTENROLL_STATE_PENDING);
    return enrolment;
}

/* The public key of the enrolment's request, whose own signature is verified by OpenSSL alone. */
static EVP_PKEY *requested_key(const certenroll_enrolment *enrolment)
{
    size_t length = 0;
    const unsigned char *der = certenroll_enrolment_request(enrolment, &length);
    X509_REQ *request = d2i_X509_REQ(NULL, &der, (long)length);
    EVP_PKEY *key;

    assert_non_null(request);
    key = X509_REQ_get_pubkey(request);
    assert_int_equal(X509_REQ_verify(request, key), 1);
    X509_REQ_free(request);
    return key;
}

/* A certificate that fits the request of start(), for the caller to spoil. */
static struct test_certificate fitting(EVP_PKEY *key)
{
    struct test_certificate certificate = TEST_CERTIFICATE_INIT;

    certificate.key = key;
    certificate.subject = "CN=0258366660019,O=Test";
    certificate.alt_names = "DNS:pc.example.jp,email:user@example.jp";
    return certificate;
}

static int supply(certenroll_enrolment *enrolment, const struct test_ca *ca,
                  const struct test_certificate *details, certenroll_error **error)
{
    X509 *certs[] = { ca->certificate, test_ca_issue(ca, details) };
    size_t length;
    unsigned char *pkcs7 = test_pkcs7(&length, certs, 2);
    int status = certenroll_enrolment_supply(enrolment, pkcs7, length, error);

    free(pkcs7);
    X509_free(certs[1]);
    return status;
}

static size_t count_certificates(certenroll_token *token)
{
    certenroll_inventory *inventory = NULL;
    certenroll_error *error = NULL;
    size_t count = 0;

    assert_ok(certenroll_inventory_new(&inventory, token, NULL, &error), error);
    for (size_t i = 0; i < certenroll_inventory_count(inventory); i++)
        count += certenroll_entry_has_certificate(certenroll_inventory_at(inventory, i)) != 0;
    certenroll_inventory_free(inventory);
    return count;
}

static void enrol(struct world *world, certenroll_enrolment *enrolment)
{
    EVP_PKEY *key = requested_key(enrolment);
    struct test_certificate certificate = fitting(key);
    certenroll_error *error = NULL;

    assert_ok(supply(enrolment, &world->issuing, &certificate, &error), error);
    assert_ok(certenroll_enrolment_run(enrolment, &error), error);
    assert_int_equal(certenroll_enrolment_state(enrolment), CERTENROLL_STATE_CONFIRMED);
    EVP_PKEY_free(key);
}

/* --- what works --- */

static void assert_enrolled(struct world *world, certenroll_key_type type)
{
    certenroll_inventory *inventory = NULL;
    certenroll_error *error = NULL;
    size_t pairs = 0, authorities = 0;

    assert_ok(certenroll_inventory_new(&inventory, world->token, NULL, &error), error);
    for (size_t i = 0; i < certenroll_inventory_count(inventory); i++) {
        const certenroll_entry *entry = certenroll_inventory_at(inventory, i);

        if (certenroll_entry_is_ca(entry)) {
            authorities++;
            assert_string_equal(certenroll_entry_label(entry), "Issuing");
            continue;
        }
        pairs++;
        assert_true(certenroll_entry_has_key(entry) && certenroll_entry_has_certificate(entry));
        assert_int_equal(certenroll_entry_key_type(entry), type);
        assert_string_equal(certenroll_entry_label(entry), "0258366660019");
        assert_string_equal(certenroll_entry_subject(entry), "CN=0258366660019,O=Test");
        assert_string_equal(certenroll_entry_issuer(entry), "CN=Issuing,O=Test");
        assert_true(certenroll_entry_not_after(entry) > certenroll_entry_not_before(entry));
    }
    assert_int_equal(pairs, 1);
    assert_int_equal(authorities, 1);
    certenroll_inventory_free(inventory);
}

static void enrol_type(void **state, certenroll_key_type type)
{
    struct world *world = *state;
    certenroll_enrolment *enrolment = start(world, type, NULL, 0);

    enrol(world, enrolment);
    assert_enrolled(world, type);
    assert_int_equal(world->pin.asked, 1);
    certenroll_enrolment_free(enrolment);
}

static void test_rsa_2048(void **state)
{
    enrol_type(state, CERTENROLL_KEY_RSA_2048);
}

static void test_rsa_3072(void **state)
{
    enrol_type(state, CERTENROLL_KEY_RSA_3072);
}

static void test_rsa_4096(void **state)
{
    enrol_type(state, CERTENROLL_KEY_RSA_4096);
}

static void test_p256(void **state)
{
    enrol_type(state, CERTENROLL_KEY_P256);
}

static void test_p384(void **state)
{
    enrol_type(state, CERTENROLL_KEY_P384);
}

static void test_p521(void **state)
{
    enrol_type(state, CERTENROLL_KEY_P521);
}

static void test_ed25519(void **state)
{
    enrol_type(state, CERTENROLL_KEY_ED25519);
}

/* --- nothing twice --- */

static void test_a_confirmed_enrolment_runs_again_without_effect(void **state)
{
    struct world *world = *state;
    certenroll_enrolment *enrolment = start(world, CERTENROLL_KEY_P256, NULL, 0);
    certenroll_error *error = NULL;

    enrol(world, enrolment);
    assert_ok(certenroll_enrolment_run(enrolment, &error), error);
    assert_enrolled(world, CERTENROLL_KEY_P256);
    certenroll_enrolment_free(enrolment);
}

static void test_the_same_id_again_uses_the_key_that_is_there(void **state)
{
    static const unsigned char id[] = { 0xc0, 0xff, 0xee };
    struct world *world = *state;
    certenroll_enrolment *first = start(world, CERTENROLL_KEY_P256, id, sizeof(id));
    certenroll_enrolment *second;
    EVP_PKEY *first_key = requested_key(first), *second_key;

    certenroll_enrolment_free(first); /* as if the process had died here */
    second = start(world, CERTENROLL_KEY_P256, id, sizeof(id));
    second_key = requested_key(second);
    assert_int_equal(EVP_PKEY_eq(first_key, second_key), 1);
    enrol(world, second);
    assert_enrolled(world, CERTENROLL_KEY_P256);
    EVP_PKEY_free(first_key);
    EVP_PKEY_free(second_key);
    certenroll_enrolment_free(second);
}

static void test_an_id_in_use_by_another_type_is_refused(void **state)
{
    static const unsigned char id[] = { 0xc0, 0xff, 0xee };
    struct world *world = *state;
    certenroll_enrolment_options options = CERTENROLL_ENROLMENT_OPTIONS_INIT;
    certenroll_request_options request = CERTENROLL_REQUEST_OPTIONS_INIT;
    certenroll_key_options key = CERTENROLL_KEY_OPTIONS_INIT;
    certenroll_enrolment *first = start(world, CERTENROLL_KEY_P256, id, sizeof(id)), *second;
    certenroll_error *error = NULL;
    certenroll_key *other = NULL;

    options.anchors = world->anchors;
    options.request = &request;
    options.key = &key;
    request.subject = "CN=other";
    key.type = CERTENROLL_KEY_P384;
    key.id = id;
    key.id_length = sizeof(id);
    assert_ok(certenroll_enrolment_new(&second, world->token, &options, &error), error);
    /* An enrolment that is not finished needs what bears it. */
    assert_fails(certenroll_enrolment_run(second, &error), CERTENROLL_E_BUSY, error);
    assert_ok(certenroll_enrolment_abandon(first, NULL, &error), error);
    certenroll_enrolment_free(first);
    key.type = CERTENROLL_KEY_P256;
    assert_ok(certenroll_key_generate(&other, world->token, &key, &error), error);
    assert_fails(certenroll_enrolment_run(second, &error), CERTENROLL_E_ID_IN_USE, error);
    certenroll_key_free(other);
    certenroll_enrolment_free(second);
}

static void test_installing_twice_writes_once(void **state)
{
    struct world *world = *state;
    certenroll_enrolment *enrolment = start(world, CERTENROLL_KEY_P256, NULL, 0);
    certenroll_install_options options = CERTENROLL_INSTALL_OPTIONS_INIT;
    EVP_PKEY *key = requested_key(enrolment);
    struct test_certificate details = fitting(key);
    X509 *certs[] = { test_ca_issue(&world->issuing, &details), world->issuing.certificate };
    certenroll_error *error = NULL;
    size_t length;
    char *pem = test_pem(&length, certs, 2);

    options.anchors = world->anchors;
    for (int i = 0; i < 2; i++)
        assert_ok(certenroll_certificate_install(NULL, world->token, pem, length, &options, &error),
                  error);
    assert_enrolled(world, CERTENROLL_KEY_P256);
    free(pem);
    X509_free(certs[0]);
    EVP_PKEY_free(key);
    certenroll_enrolment_free(enrolment);
}

static void test_a_certificate_out_of_turn_is_refused(void **state)
{
    struct world *world = *state;
    certenroll_enrolment *enrolment = start(world, CERTENROLL_KEY_P256, NULL, 0);
    certenroll_error *error = NULL;

    enrol(world, enrolment);
    assert_fails(certenroll_enrolment_supply(enrolment, "x", 1, &error), CERTENROLL_E_STATE, error);
    certenroll_enrolment_free(enrolment);
}

/* --- what does not fit; the rest of it is test_hostile_ra.c's --- */

struct spoiler {
    const char *name;
    int expected;
    void (*spoil)(struct test_certificate *certificate);
    int foreign_issuer;
};

static EVP_PKEY *other_key;

static void other_keys_certificate(struct test_certificate *certificate)
{
    certificate->key = other_key;
}

static void nothing_wrong(struct test_certificate *certificate)
{
    (void)certificate;
}

static const struct spoiler spoilers[] = {
    { "another key's certificate", CERTENROLL_E_CERT_KEY, other_keys_certificate, 0 },
    { "another issuer", CERTENROLL_E_CERT_ISSUER, nothing_wrong, 1 },
};

static void assert_refused(struct world *world, certenroll_enrolment *enrolment, EVP_PKEY *key,
                           const struct test_ca *foreign, const struct spoiler *spoiler)
{
    struct test_certificate details = fitting(key);
    certenroll_error *error = NULL;
    int status;

    spoiler->spoil(&details);
    status =
        supply(enrolment, spoiler->foreign_issuer ? foreign : &world->issuing, &details, &error);
    if (status == CERTENROLL_OK)
        status = certenroll_enrolment_run(enrolment, &error);
    if (status != spoiler->expected)
        print_error("%s: %s: %s\n", spoiler->name, certenroll_status_name(status),
                    certenroll_error_message(error));
    assert_int_equal(status, spoiler->expected);
    assert_int_equal(certenroll_status_class(status), CERTENROLL_CLASS_CERTIFICATE);
    assert_int_equal(count_certificates(world->token), 0);
    certenroll_error_free(error);
}

static void test_what_does_not_fit_is_refused_and_the_token_unchanged(void **state)
{
    struct world *world = *state;
    certenroll_enrolment *enrolment = start(world, CERTENROLL_KEY_P256, NULL, 0);
    EVP_PKEY *key = requested_key(enrolment);
    struct test_ca foreign;

    other_key = test_key_new("P-256");
    test_ca_new(&foreign, "CN=Issuing,O=Test", NULL);
    for (size_t i = 0; i < sizeof(spoilers) / sizeof(spoilers[0]); i++)
        assert_refused(world, enrolment, key, &foreign, &spoilers[i]);
    enrol(world, enrolment); /* and the right one is still welcome */
    assert_enrolled(world, CERTENROLL_KEY_P256);
    test_ca_clear(&foreign);
    EVP_PKEY_free(other_key);
    EVP_PKEY_free(key);
    certenroll_enrolment_free(enrolment);
}

static void test_a_foreign_certificate_for_the_key_hides_no_right_one(void **state)
{
    struct world *world = *state;
    certenroll_enrolment *enrolment = start(world, CERTENROLL_KEY_P256, NULL, 0);
    EVP_PKEY *key = requested_key(enrolment);
    struct test_certificate right = fitting(key), foreign = fitting(key);
    certenroll_error *error = NULL;
    struct test_ca stranger;
    X509 *certs[3];
    size_t length;
    char *pem;

    test_ca_new(&stranger, "CN=Stranger,O=Test", NULL);
    foreign.not_after = 2 * right.not_after;
    certs[0] = test_ca_issue(&stranger, &foreign);
    certs[1] = test_ca_issue(&world->issuing, &right);
    certs[2] = world->issuing.certificate;
    pem = test_pem(&length, certs, 3);
    assert_ok(certenroll_enrolment_supply(enrolment, pem, length, &error), error);
    assert_ok(certenroll_enrolment_run(enrolment, &error), error);
    assert_enrolled(world, CERTENROLL_KEY_P256);
    free(pem);
    X509_free(certs[0]);
    X509_free(certs[1]);
    test_ca_clear(&stranger);
    EVP_PKEY_free(key);
    certenroll_enrolment_free(enrolment);
}

static void test_garbage_is_refused_and_the_token_unchanged(void **state)
{
    struct world *world = *state;
    certenroll_enrolment *enrolment = start(world, CERTENROLL_KEY_P256, NULL, 0);
    static char garbage[10 * 1024 * 1024];
    certenroll_error *error = NULL;

    memset(garbage, 'A', sizeof(garbage));
    assert_fails(certenroll_enrolment_supply(enrolment, garbage, sizeof(garbage), &error),
                 CERTENROLL_E_CERT_MALFORMED, error);
    assert_fails(certenroll_enrolment_supply(enrolment, garbage, 100, &error),
                 CERTENROLL_E_CERT_MALFORMED, error);
    assert_fails(certenroll_enrolment_supply(enrolment, "", 0, &error), CERTENROLL_E_CERT_MALFORMED,
                 error);
    assert_int_equal(certenroll_enrolment_run(enrolment, &error), CERTENROLL_PENDING);
    assert_int_equal(count_certificates(world->token), 0);
    certenroll_enrolment_free(enrolment);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_rsa_2048, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_rsa_3072, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_rsa_4096, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_p256, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_p384, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_p521, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_ed25519, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_confirmed_enrolment_runs_again_without_effect,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_the_same_id_again_uses_the_key_that_is_there, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_an_id_in_use_by_another_type_is_refused, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_installing_twice_writes_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_certificate_out_of_turn_is_refused, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_what_does_not_fit_is_refused_and_the_token_unchanged,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_foreign_certificate_for_the_key_hides_no_right_one,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_garbage_is_refused_and_the_token_unchanged, set_up,
                                        tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
