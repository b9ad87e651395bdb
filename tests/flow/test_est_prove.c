/* SPDX-License-Identifier: Apache-2.0 */
/* The proof of a certificate with the CA's own server: what counts as one, and what does not. */
#include "check.h"
#include "client_identity.h"

#include <openssl/ssl.h>

#include <stdlib.h>

static const int versions[] = { TLS1_2_VERSION, TLS1_3_VERSION };

struct prove_test {
    struct test_endpoint endpoint;
    struct client_identity identity;
    const char *status_line;
    const char *fields;
    enum https_ending ending;
    int empty; /* no answer at all */
};

static int set_up(void **state)
{
    struct prove_test *test = calloc(1, sizeof(*test));

    if (!test)
        return -1;
    test_endpoint_new(&test->endpoint);
    client_identity_new(&test->identity);
    client_identity_use(&test->identity, &test->endpoint);
    test->endpoint.options.client_ca = test->identity.root.certificate;
    test->status_line = "200 OK";
    test->fields = "";
    *state = test;
    return 0;
}

static int tear_down(void **state)
{
    struct prove_test *test = *state;

    test_endpoint_clear(&test->endpoint);
    client_identity_clear(&test->identity);
    free(test);
    return 0;
}

static void answer(void *user, struct https_answer *answer, const struct https_seen *request,
                   size_t number)
{
    const struct prove_test *test = user;

    (void)request;
    (void)number;
    if (!test->empty)
        https_answer_whole(answer, test->status_line, test->fields, "", 0);
    answer->ending = test->ending;
}

static int prove(struct prove_test *test, certenroll_error **error)
{
    return ca_protocol_est.prove(&test->endpoint.endpoint, error);
}

static void restart(struct prove_test *test, int version)
{
    https_server_stop(test->endpoint.server);
    test->endpoint.options.max_version = version;
    test_endpoint_start(&test->endpoint, answer, test);
}

static void check_proven(struct prove_test *test, int expected)
{
    certenroll_error *error = NULL;

    for (size_t i = 0; i < 2; i++) {
        int status;

        restart(test, versions[i]);
        status = prove(test, &error);
        if (status != expected)
            fail_msg("%d instead of %d: %s", status, expected,
                     error ? certenroll_error_message(error) : "no error");
        assert_int_equal(https_server_seen(test->endpoint.server, 0)->tls_version, versions[i]);
    }
}

static void check_fails(struct prove_test *test, int expected, const char *text)
{
    for (size_t i = 0; i < 2; i++) {
        certenroll_error *error = NULL;
        int status;

        restart(test, versions[i]);
        status = prove(test, &error);
        if (status != expected || !strstr(certenroll_error_message(error), text))
            fail_msg("%s instead of %s: %s", certenroll_status_name(status),
                     certenroll_status_name(expected),
                     error ? certenroll_error_message(error) : "no error");
        certenroll_error_free(error);
    }
}

/* --- proven --- */

static void certificate_that_is_used_is_proven(void **state)
{
    struct prove_test *test = *state;
    const struct https_seen *seen;

    check_proven(test, 1);
    test->endpoint.options.client_required = 1;
    check_proven(test, 1);
    seen = https_server_seen(test->endpoint.server, 0);
    assert_int_equal(X509_cmp(seen->peer, test->identity.certificate), 0);
    assert_non_null(strstr(seen->head, "GET /.well-known/est/cacerts HTTP/1.1\r\n"));
    test->status_line = "204 No Content";
    check_proven(test, 1);
}

/* The server hands out tickets; a resumed session would ask for no certificate. */
static void each_proof_is_a_handshake_of_its_own(void **state)
{
    struct prove_test *test = *state;
    certenroll_error *error = NULL;

    for (size_t i = 0; i < 2; i++) {
        restart(test, versions[i]);
        for (unsigned round = 0; round < 3; round++) {
            assert_int_equal(prove(test, &error), 1);
            assert_int_equal(https_server_seen(test->endpoint.server, round)->connection,
                             round + 1);
        }
    }
}

static void answer_after_redirect(void *user, struct https_answer *answer,
                                  const struct https_seen *request, size_t number)
{
    (void)user;
    (void)request;
    if (number == 0)
        https_answer_whole(answer, "307 Temporary Redirect", "Location: /elsewhere\r\n", "", 0);
    else
        https_answer_whole(answer, "200 OK", "", "", 0);
}

static void redirect_on_the_same_connection_keeps_the_proof(void **state)
{
    struct prove_test *test = *state;
    certenroll_error *error = NULL;

    test_endpoint_start(&test->endpoint, answer_after_redirect, NULL);
    assert_int_equal(prove(test, &error), 1);
    assert_int_equal(https_server_count(test->endpoint.server), 2);
    assert_int_equal(https_server_seen(test->endpoint.server, 1)->connection, 1);
}

/* --- nothing proven --- */

static void unasked_is_not_proven(void **state)
{
    struct prove_test *test = *state;

    test->endpoint.options.client_ca = NULL;
    check_proven(test, 0);
}

static void nothing_to_prove_is_not_proven(void **state)
{
    struct prove_test *test = *state;

    test->endpoint.endpoint.client_key = NULL;
    test->endpoint.endpoint.client_certificate = NULL;
    check_proven(test, 0);
}

/* --- refused --- */

static void refusal_by_alert_is_told(void **state)
{
    struct prove_test *test = *state;

    test->endpoint.options.client_ca = test->endpoint.ca.certificate;
    check_fails(test, CERTENROLL_E_AUTHENTICATION, "refuses our certificate");
    test->endpoint.options.client_required = 1;
    check_fails(test, CERTENROLL_E_AUTHENTICATION, "refuses our certificate");
}

static void expired_certificate_is_refused(void **state)
{
    struct prove_test *test = *state;
    struct test_certificate details = TEST_CERTIFICATE_INIT;

    details.key = test->identity.key;
    details.not_before = -7200;
    details.not_after = -3600;
    X509_free(test->identity.certificate);
    test->identity.certificate = test_ca_issue(&test->identity.issuing, &details);
    client_identity_use(&test->identity, &test->endpoint);
    check_fails(test, CERTENROLL_E_AUTHENTICATION, "refuses our certificate");
}

/* The account plays no part in the proof: it is neither asked for nor blamed. */
static void refusal_by_http_blames_the_certificate(void **state)
{
    struct prove_test *test = *state;

    test->endpoint.endpoint.username = "tanaka";
    test->status_line = "403 Forbidden";
    check_fails(test, CERTENROLL_E_AUTHENTICATION, "refuses our certificate");
    test->status_line = "401 Unauthorized";
    test->fields = "WWW-Authenticate: Basic realm=\"x\"\r\n";
    check_fails(test, CERTENROLL_E_AUTHENTICATION, "refuses our certificate");
    assert_int_equal(test->endpoint.asked, 0);
}

static void other_answers_are_failures(void **state)
{
    struct prove_test *test = *state;

    test->status_line = "404 Not Found";
    check_fails(test, CERTENROLL_E_REJECTED, "HTTP 404");
    test->status_line = "500 Internal Server Error";
    check_fails(test, CERTENROLL_E_SERVER, "HTTP 500");
    test->status_line = "304 Not Modified";
    check_fails(test, CERTENROLL_E_SERVER, "HTTP 304");
}

static void broken_connection_is_a_failure(void **state)
{
    struct prove_test *test = *state;

    test->empty = 1;
    test->ending = HTTPS_CLOSE;
    check_fails(test, CERTENROLL_E_NETWORK, "the connection");
    test->ending = HTTPS_BREAK;
    check_fails(test, CERTENROLL_E_NETWORK, "the connection");
}

static void unreachable_server_is_a_failure(void **state)
{
    struct prove_test *test = *state;
    certenroll_error *error = NULL;

    restart(test, 0);
    https_server_stop(test->endpoint.server);
    test->endpoint.server = NULL;
    assert_fails(prove(test, &error), CERTENROLL_E_NETWORK, error);
}

static void key_of_another_certificate_is_a_failure(void **state)
{
    struct prove_test *test = *state;

    test->endpoint.endpoint.client_key = test->endpoint.server_key;
    check_fails(test, CERTENROLL_E_TLS, "certificate and its key");
}

static void by_hand_nothing_can_be_proven(void **state)
{
    (void)state;
    assert_null(ca_protocol_offline.prove);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(certificate_that_is_used_is_proven),
        TEST(each_proof_is_a_handshake_of_its_own),
        TEST(redirect_on_the_same_connection_keeps_the_proof),
        TEST(unasked_is_not_proven),
        TEST(nothing_to_prove_is_not_proven),
        TEST(refusal_by_alert_is_told),
        TEST(expired_certificate_is_refused),
        TEST(refusal_by_http_blames_the_certificate),
        TEST(other_answers_are_failures),
        TEST(broken_connection_is_a_failure),
        TEST(unreachable_server_is_a_failure),
        TEST(key_of_another_certificate_is_a_failure),
        cmocka_unit_test(by_hand_nothing_can_be_proven),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
