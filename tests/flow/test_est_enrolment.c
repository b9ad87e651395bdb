/* SPDX-License-Identifier: Apache-2.0 */
/* The transaction against an EST server, on a SoftHSM token: no word to a stranger, patience, and a
 * renewal that logs on with the token's key. Wrong answers are test_hostile_ra.c's. */
#include "check.h"
#include "softhsm.h"
#include "test_ca.h"
#include "test_endpoint.h"

#include <certenroll/enrolment.h>
#include <certenroll/openssl.h>

#include <openssl/evp.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SUBJECT "CN=0258366660019 user01,O=Test"

/* How the server answers; more than one kind of refusal shares a whole answer. */
struct answering {
    const char *name;
    int expected;
    long http_status;
    const char *status_line; /* NULL: `write` makes the answer */
    const char *fields;
    const char *body;
    void (*write)(struct https_answer *answer);
};

struct flow {
    struct softhsm *hsm;
    struct test_pin pin;
    struct test_endpoint endpoint;
    certenroll_token *token;
    const struct answering *answering; /* NULL: issues what is asked for */
    long not_after;                    /* of what it issues, seconds from now */
    struct test_ca *issuing;           /* the CA that issues; NULL: the root itself */
};

/* --- the server --- */

static const struct test_ca *issuing(const struct flow *flow)
{
    return flow->issuing ? flow->issuing : &flow->endpoint.ca;
}

static X509 *issue(struct flow *flow, const struct https_seen *seen)
{
    struct test_certificate details = TEST_CERTIFICATE_INIT;
    X509_REQ *request = https_seen_request(seen);
    X509 *certificate;

    details.key = X509_REQ_get0_pubkey(request);
    details.subject = SUBJECT;
    details.not_after = flow->not_after;
    certificate = test_ca_issue(issuing(flow), &details);
    X509_REQ_free(request);
    return certificate;
}

static void answer_issued(struct flow *flow, struct https_answer *answer,
                          const struct https_seen *seen)
{
    int asks_for_cas = strstr(seen->head, "/cacerts") != NULL;
    X509 *certificate = asks_for_cas ? issuing(flow)->certificate : issue(flow, seen);
    size_t length;
    unsigned char *pkcs7 = test_pkcs7(&length, &certificate, 1);
    unsigned char *base64 = malloc(2 * length + 4);
    int base64_length = EVP_EncodeBlock(base64, pkcs7, (int)length);

    https_answer_whole(answer, "200 OK", "Content-Type: application/pkcs7-mime\r\n", base64,
                       (size_t)base64_length);
    free(base64);
    free(pkcs7);
    if (!asks_for_cas)
        X509_free(certificate);
}

static void answer_all(void *user, struct https_answer *answer, const struct https_seen *seen,
                       size_t number)
{
    struct flow *flow = user;
    const struct answering *answering = flow->answering;

    (void)number;
    if (!answering)
        answer_issued(flow, answer, seen);
    else if (answering->write)
        answering->write(answer);
    else
        https_answer_whole(answer, answering->status_line, answering->fields, answering->body,
                           strlen(answering->body));
}

/* --- the client --- */

static int set_up(void **state)
{
    struct flow *flow = calloc(1, sizeof(*flow));

    check(flow != NULL, "out of memory");
    flow->pin = (struct test_pin)TEST_PIN;
    flow->not_after = 86400;
    flow->hsm = softhsm_new((const char *[]){ "card", NULL });
    test_endpoint_new(&flow->endpoint);
    flow->token = softhsm_open(flow->endpoint.context, "card", &flow->pin);
    *state = flow;
    return 0;
}

static int tear_down(void **state)
{
    struct flow *flow = *state;

    certenroll_token_free(flow->token);
    test_endpoint_clear(&flow->endpoint);
    softhsm_free(flow->hsm);
    free(flow);
    return 0;
}

static certenroll_enrolment *prepare(struct flow *flow, const char *url)
{
    certenroll_enrolment_options options = CERTENROLL_ENROLMENT_OPTIONS_INIT;
    certenroll_request_options request = CERTENROLL_REQUEST_OPTIONS_INIT;
    certenroll_enrolment *enrolment = NULL;
    certenroll_error *error = NULL;

    options.est_url = url;
    options.anchors = flow->endpoint.anchors;
    options.username = "0258366660019 user01";
    options.secret = flow->endpoint.endpoint.secret.callback;
    options.secret_user = flow->endpoint.endpoint.secret.user;
    options.request = &request;
    request.subject = SUBJECT;
    assert_ok(certenroll_enrolment_new(&enrolment, flow->token, &options, &error), error);
    return enrolment;
}

/* Keys and certificates on the token. */
static void count_objects(struct flow *flow, size_t *keys, size_t *certificates)
{
    certenroll_inventory *inventory = NULL;
    certenroll_error *error = NULL;

    *keys = *certificates = 0;
    assert_ok(certenroll_inventory_new(&inventory, flow->token, NULL, &error), error);
    for (size_t i = 0; i < certenroll_inventory_count(inventory); i++) {
        const certenroll_entry *entry = certenroll_inventory_at(inventory, i);

        *keys += certenroll_entry_has_key(entry) != 0;
        *certificates += certenroll_entry_has_certificate(entry) != 0;
    }
    certenroll_inventory_free(inventory);
}

static void assert_objects(struct flow *flow, size_t expected_keys, size_t expected_certificates)
{
    size_t keys, certificates;

    count_objects(flow, &keys, &certificates);
    assert_int_equal(keys, expected_keys);
    assert_int_equal(certificates, expected_certificates);
}

#define TEXT "Content-Type: text/plain\r\n"

/* --- servers that are not who they should be --- */

static void assert_untrusted(struct flow *flow)
{
    certenroll_enrolment *enrolment;
    certenroll_error *error = NULL;

    test_endpoint_start(&flow->endpoint, answer_all, flow);
    enrolment = prepare(flow, flow->endpoint.url);
    assert_fails(certenroll_enrolment_run(enrolment, &error), CERTENROLL_E_TLS, error);
    assert_int_equal(flow->endpoint.asked, 0); /* no password for a stranger */
    assert_int_equal(flow->pin.asked, 0);
    assert_objects(flow, 0, 0); /* and no key for its sake */
    certenroll_enrolment_free(enrolment);
}

static void test_a_self_signed_server_is_refused(void **state)
{
    struct flow *flow = *state;
    struct test_ca stranger;
    struct test_certificate details = TEST_CERTIFICATE_INIT;

    test_ca_new(&stranger, "CN=Stranger,O=Test", NULL);
    details.key = flow->endpoint.server_key;
    details.alt_names = "DNS:est.localhost";
    details.ext_key_usage = "serverAuth";
    X509_free(flow->endpoint.server_certificate);
    flow->endpoint.server_certificate = test_ca_issue(&stranger, &details);
    assert_untrusted(flow);
    test_ca_clear(&stranger);
}

static void test_a_server_of_another_name_is_refused(void **state)
{
    struct flow *flow = *state;
    struct test_certificate details = TEST_CERTIFICATE_INIT;

    details.alt_names = "DNS:other.localhost";
    details.ext_key_usage = "serverAuth";
    test_endpoint_reissue(&flow->endpoint, details);
    assert_untrusted(flow);
}

/* --- the issuing CA's certificate --- */

static void test_a_lone_certificate_is_completed_by_cacerts(void **state)
{
    struct flow *flow = *state;
    struct test_ca issuing;
    certenroll_enrolment *enrolment;
    certenroll_error *error = NULL;

    test_ca_new(&issuing, "CN=Issuing,O=Test", &flow->endpoint.ca);
    flow->issuing = &issuing;
    test_endpoint_start(&flow->endpoint, answer_all, flow);
    enrolment = prepare(flow, flow->endpoint.url);
    assert_ok(certenroll_enrolment_run(enrolment, &error), error);
    assert_objects(flow, 1, 2); /* the certificate and its issuer's */
    certenroll_enrolment_free(enrolment);
    test_ca_clear(&issuing);
}

static void test_cacerts_make_nobody_trusted(void **state)
{
    struct flow *flow = *state;
    struct test_ca stranger;
    certenroll_enrolment *enrolment;
    certenroll_error *error = NULL;

    test_ca_new(&stranger, "CN=Stranger,O=Test", NULL);
    flow->issuing = &stranger;
    test_endpoint_start(&flow->endpoint, answer_all, flow);
    enrolment = prepare(flow, flow->endpoint.url);
    assert_fails(certenroll_enrolment_run(enrolment, &error), CERTENROLL_E_CERT_ISSUER, error);
    assert_objects(flow, 1, 0);
    certenroll_enrolment_free(enrolment);
    test_ca_clear(&stranger);
}

/* --- patience --- */

static void test_the_ra_asks_for_patience(void **state)
{
    static const struct answering later = {
        "later", CERTENROLL_PENDING, 0, "202 Accepted", "Retry-After: 3600\r\n", "", NULL
    };
    struct flow *flow = *state;
    certenroll_enrolment *enrolment;
    certenroll_error *error = NULL;

    flow->answering = &later;
    test_endpoint_start(&flow->endpoint, answer_all, flow);
    enrolment = prepare(flow, flow->endpoint.url);
    assert_int_equal(certenroll_enrolment_run(enrolment, &error), CERTENROLL_PENDING);
    assert_int_equal(certenroll_enrolment_state(enrolment), CERTENROLL_STATE_PENDING);
    assert_true(certenroll_enrolment_retry_at(enrolment) > 0);
    /* Before that time nothing is asked. */
    assert_int_equal(certenroll_enrolment_run(enrolment, &error), CERTENROLL_PENDING);
    assert_int_equal(https_server_count(flow->endpoint.server), 2); /* and /cacerts at first */
    certenroll_enrolment_free(enrolment);
}

/* --- renewal --- */

static void enrol(struct flow *flow)
{
    certenroll_enrolment *enrolment = prepare(flow, flow->endpoint.url);
    certenroll_error *error = NULL;

    assert_ok(certenroll_enrolment_run(enrolment, &error), error);
    certenroll_enrolment_free(enrolment);
}

static certenroll_enrolment *prepare_renewal(struct flow *flow, const certenroll_entry *entry)
{
    certenroll_enrolment_options options = CERTENROLL_ENROLMENT_OPTIONS_INIT;
    certenroll_enrolment *enrolment = NULL;
    certenroll_error *error = NULL;

    options.est_url = flow->endpoint.url;
    options.anchors = flow->endpoint.anchors;
    options.operation = CERTENROLL_RENEW;
    options.present_id = certenroll_entry_id(entry, &options.present_id_length);
    assert_ok(certenroll_enrolment_new(&enrolment, flow->token, &options, &error), error);
    return enrolment;
}

/* The one pair on the token; freed with its inventory. */
static const certenroll_entry *only_pair(struct flow *flow, certenroll_inventory **inventory)
{
    certenroll_error *error = NULL;

    assert_ok(certenroll_inventory_new(inventory, flow->token, NULL, &error), error);
    assert_int_equal(certenroll_inventory_count(*inventory), 1);
    return certenroll_inventory_at(*inventory, 0);
}

static void assert_peer(const struct https_seen *seen, const certenroll_entry *entry)
{
    X509 *certificate = NULL;
    certenroll_error *error = NULL;

    assert_ok(certenroll_entry_x509(&certificate, entry, &error), error);
    assert_non_null(seen->peer);
    assert_int_equal(X509_cmp(seen->peer, certificate), 0);
    X509_free(certificate);
}

static void renew_over(struct flow *flow, int max_version)
{
    certenroll_inventory *before, *after;
    certenroll_enrolment *enrolment;
    certenroll_error *error = NULL;
    const certenroll_entry *old, *new;
    const struct https_seen *seen;

    flow->endpoint.options.client_ca = flow->endpoint.ca.certificate;
    flow->endpoint.options.max_version = max_version;
    test_endpoint_start(&flow->endpoint, answer_all, flow);
    enrol(flow);
    old = only_pair(flow, &before);
    flow->not_after = 2 * 86400L;
    enrolment = prepare_renewal(flow, old);
    assert_ok(certenroll_enrolment_run(enrolment, &error), error);
    new = only_pair(flow, &after);
    assert_true(certenroll_entry_not_after(new) > certenroll_entry_not_after(old));
    assert_string_equal(certenroll_entry_label(new), certenroll_entry_label(old));

    seen = https_server_seen(flow->endpoint.server, https_server_count(flow->endpoint.server) - 2);
    assert_non_null(strstr(seen->head, "simplereenroll"));
    assert_peer(seen, old); /* logged on by the certificate being renewed */
    assert_int_equal(seen->tls_version, max_version);
    seen = https_server_seen(flow->endpoint.server, https_server_count(flow->endpoint.server) - 1);
    assert_non_null(strstr(seen->head, "cacerts"));
    assert_peer(seen, new); /* proven before the old one went */
    certenroll_enrolment_free(enrolment);
    certenroll_inventory_free(before);
    certenroll_inventory_free(after);
}

static void test_renewal_over_tls_1_2(void **state)
{
    renew_over(*state, TLS1_2_VERSION);
}

static void test_renewal_over_tls_1_3(void **state)
{
    renew_over(*state, TLS1_3_VERSION);
}

static void test_a_refused_renewal_keeps_the_old_certificate(void **state)
{
    static const struct answering forbidden = {
        "403", CERTENROLL_E_AUTHENTICATION, 403, "403 Forbidden", TEXT, "", NULL
    };
    struct flow *flow = *state;
    certenroll_inventory *inventory;
    certenroll_enrolment *enrolment;
    certenroll_error *error = NULL;

    flow->endpoint.options.client_ca = flow->endpoint.ca.certificate;
    test_endpoint_start(&flow->endpoint, answer_all, flow);
    enrol(flow);
    flow->answering = &forbidden;
    enrolment = prepare_renewal(flow, only_pair(flow, &inventory));
    assert_fails(certenroll_enrolment_run(enrolment, &error), CERTENROLL_E_AUTHENTICATION, error);
    assert_objects(flow, 1, 1);
    certenroll_enrolment_free(enrolment);
    certenroll_inventory_free(inventory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_a_self_signed_server_is_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_server_of_another_name_is_refused, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_a_lone_certificate_is_completed_by_cacerts, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_cacerts_make_nobody_trusted, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_the_ra_asks_for_patience, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_renewal_over_tls_1_2, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_renewal_over_tls_1_3, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_refused_renewal_keeps_the_old_certificate, set_up,
                                        tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
