/* SPDX-License-Identifier: Apache-2.0 */
/* A proxy that is itself spoken to by TLS (https_proxy=https://...): what it may learn, and what
 * libcurl may do to the trust anchors because of it. */
#include "check.h"
#include "protocol/http.h"
#include "protocol/tls.h"
#include "test_endpoint.h"
#include "tls_pair.h"

#include <stdio.h>
#include <stdlib.h>

struct proxied {
    struct test_endpoint test;
    X509 *proxy_certificate; /* NULL: the server's */
    struct https_server *proxy;
};

static void tunnel_or_refuse(void *user, struct https_answer *answer,
                             const struct https_seen *request, size_t number)
{
    (void)request;
    (void)number;
    if (user)
        https_answer_whole(answer, "403 Forbidden", "", "", 0);
    else
        https_answer_printf(answer, "HTTP/1.1 200 Connected\r\n\r\n");
    answer->ending = user ? HTTPS_CLOSE : HTTPS_TUNNEL;
}

/* Proxy and server take the client certificate that `test->ca` issued, and do not insist. The proxy
 * has the server's name too: only the port tells them apart. */
static int set_up(void **state)
{
    struct proxied *proxied = calloc(1, sizeof(*proxied));
    struct test_endpoint *test = &proxied->test;
    struct test_certificate details = TEST_CERTIFICATE_INIT;

    test_endpoint_new(test);
    details.key = test->server_key;
    details.subject = "CN=client";
    test->endpoint.client_key = test->server_key;
    test->endpoint.client_certificate = test_ca_issue(&test->ca, &details);
    test->options.client_ca = test->ca.certificate;
    *state = proxied;
    return 0;
}

static int tear_down(void **state)
{
    struct proxied *proxied = *state;

    https_server_stop(proxied->proxy);
    X509_free(proxied->proxy_certificate);
    X509_free(proxied->test.endpoint.client_certificate);
    test_endpoint_clear(&proxied->test);
    free(proxied);
    return unsetenv("https_proxy");
}

static void start(struct proxied *proxied, void *refuse)
{
    char address[64];

    test_endpoint_start(&proxied->test, answer_hello, NULL);
    proxied->test.options.answer = tunnel_or_refuse;
    proxied->test.options.user = refuse;
    if (proxied->proxy_certificate)
        proxied->test.options.certificate = proxied->proxy_certificate;
    proxied->proxy = https_server_start(&proxied->test.options);
    snprintf(address, sizeof(address), "https://est.localhost:%u",
             https_server_port(proxied->proxy));
    assert_int_equal(setenv("https_proxy", address, 1), 0);
}

static int get(struct proxied *proxied, certenroll_error **error)
{
    const struct http_request request = { .url = proxied->test.url };
    struct http_response response;
    int status = http_exchange(&response, &proxied->test.endpoint, &request, error);

    if (status == CERTENROLL_OK)
        assert_int_equal(response.status, 200);
    http_response_clear(&response);
    return status;
}

static int count_anchors(const struct proxied *proxied)
{
    return sk_X509_OBJECT_num(X509_STORE_get0_objects(ce_anchors_store(proxied->test.anchors)));
}

static const struct https_seen *seen_by_proxy(const struct proxied *proxied)
{
    const struct https_seen *seen = https_server_seen(proxied->proxy, 0);

    assert_non_null(seen);
    assert_int_equal(strncmp(seen->head, "CONNECT est.localhost:", 22), 0);
    return seen;
}

static void only_the_server_sees_the_certificate(void **state)
{
    struct proxied *proxied = *state;
    const struct https_seen *seen;
    certenroll_error *error = NULL;

    start(proxied, NULL);
    assert_ok(get(proxied, &error), error);
    assert_null(seen_by_proxy(proxied)->peer);
    seen = https_server_seen(proxied->test.server, 0);
    assert_non_null(seen);
    assert_non_null(seen->peer);
    assert_int_equal(X509_cmp(seen->peer, proxied->test.endpoint.client_certificate), 0);
}

static void refusing_proxy_learns_nothing(void **state)
{
    struct proxied *proxied = *state;
    certenroll_error *error = NULL;

    start(proxied, proxied);
    assert_fails(get(proxied, &error), CERTENROLL_E_NETWORK, error);
    assert_null(seen_by_proxy(proxied)->peer);
    assert_int_equal(https_server_count(proxied->test.server), 0);
}

/* A proxy cannot be shown a certificate: that it wants one is no refusal by the RA. */
static void proxy_gets_no_certificate_even_if_it_insists(void **state)
{
    struct proxied *proxied = *state;
    certenroll_error *error = NULL;
    int status;

    proxied->test.options.client_required = 1;
    start(proxied, NULL);
    status = get(proxied, &error);
    assert_true(status == CERTENROLL_E_NETWORK || status == CERTENROLL_E_TLS);
    certenroll_error_free(error);
    assert_int_equal(https_server_count(proxied->proxy), 0);
}

static void anchors_stay_as_they_are(void **state)
{
    struct proxied *proxied = *state;
    certenroll_error *error = NULL;

    start(proxied, NULL);
    assert_int_equal(count_anchors(proxied), 1);
    assert_ok(get(proxied, &error), error);
    assert_int_equal(count_anchors(proxied), 1);
}

static void foreign_proxy_is_refused(void **state)
{
    struct proxied *proxied = *state;
    struct test_certificate details = TEST_CERTIFICATE_INIT;
    certenroll_error *error = NULL;
    struct test_ca foreign;

    test_ca_new(&foreign, "CN=Foreign root", NULL);
    details.key = proxied->test.server_key;
    details.alt_names = "DNS:est.localhost";
    proxied->proxy_certificate = test_ca_issue(&foreign, &details);
    test_ca_clear(&foreign);
    start(proxied, NULL);
    assert_fails(get(proxied, &error), CERTENROLL_E_TLS, error);
    assert_int_equal(https_server_count(proxied->proxy), 0);
}

/* Issued by the right CA, to another. */
static void proxy_of_another_name_is_refused(void **state)
{
    struct proxied *proxied = *state;
    struct test_certificate details = TEST_CERTIFICATE_INIT;
    certenroll_error *error = NULL;

    details.key = proxied->test.server_key;
    details.alt_names = "DNS:proxy.localhost";
    details.ext_key_usage = "serverAuth";
    proxied->proxy_certificate = test_ca_issue(&proxied->test.ca, &details);
    start(proxied, NULL);
    assert_fails(get(proxied, &error), CERTENROLL_E_TLS, error);
    assert_int_equal(https_server_count(proxied->proxy), 0);
}

/* --- what libcurl adds to a context after our callback --- */

/* Whether a server of `issuer` is accepted by a context to which `added` came afterwards. */
static int is_accepted(struct proxied *proxied, const struct test_ca *issuer, X509 *added)
{
    struct transfer transfer = { .endpoint = &proxied->test.endpoint };
    SSL_CTX *client = SSL_CTX_new(TLS_client_method());
    SSL_CTX *server = tls_server_context(issuer, TLS1_3_VERSION);
    struct tls_pair pair;
    int accepted;

    assert_non_null(client);
    proxied->test.endpoint.client_key = NULL;
    SSL_CTX_set_verify(client, SSL_VERIFY_PEER, NULL);
    assert_int_equal(tls_set_up(client, &transfer), CERTENROLL_OK);
    assert_int_equal(X509_STORE_add_cert(SSL_CTX_get_cert_store(client), added), 1);
    tls_pair_connect(&pair, client, server);
    accepted = SSL_get_verify_result(pair.client) == X509_V_OK;
    tls_pair_clear(&pair);
    SSL_CTX_free(client);
    SSL_CTX_free(server);
    return accepted;
}

static void certificates_that_libcurl_adds_are_not_trusted(void **state)
{
    struct proxied *proxied = *state;
    struct test_ca system;

    test_ca_new(&system, "CN=A CA of the system", NULL);
    assert_true(is_accepted(proxied, &proxied->test.ca, system.certificate));
    assert_false(is_accepted(proxied, &system, system.certificate));
    assert_int_equal(count_anchors(proxied), 1);
    test_ca_clear(&system);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(only_the_server_sees_the_certificate),
        TEST(refusing_proxy_learns_nothing),
        TEST(proxy_gets_no_certificate_even_if_it_insists),
        TEST(anchors_stay_as_they_are),
        TEST(foreign_proxy_is_refused),
        TEST(proxy_of_another_name_is_refused),
        TEST(certificates_that_libcurl_adds_are_not_trusted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
