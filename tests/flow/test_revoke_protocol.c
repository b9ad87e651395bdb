/* SPDX-License-Identifier: Apache-2.0 */
/* The call by which a certificate is revoked: what is sent, and what each answer means. */
#include "base/platform.h"
#include "check.h"
#include "client_identity.h"
#include "x509/certs.h"

#include <openssl/evp.h>
#include <openssl/ssl.h>

#include <stdio.h>
#include <stdlib.h>

struct revoke_test {
    struct test_endpoint endpoint;
    struct client_identity identity;
    struct ce_buffer certificate; /* what is to be revoked */
    const char *status_line;
    const char *fields;
    const char *body;
    enum https_ending ending;
    int empty; /* no answer at all */
};

static int set_up(void **state)
{
    struct revoke_test *test = calloc(1, sizeof(*test));

    if (!test)
        return -1;
    test_endpoint_new(&test->endpoint);
    client_identity_new(&test->identity);
    test->certificate.data = test_der(&test->certificate.length, test->identity.certificate);
    test->status_line = "200 OK";
    test->fields = "Content-Type: text/plain\r\n";
    test->body = "";
    *state = test;
    return 0;
}

static int tear_down(void **state)
{
    struct revoke_test *test = *state;

    test_endpoint_clear(&test->endpoint);
    client_identity_clear(&test->identity);
    free(test->certificate.data);
    free(test);
    return 0;
}

static void answer_prepared(void *user, struct https_answer *answer,
                            const struct https_seen *request, size_t number)
{
    const struct revoke_test *test = user;

    (void)request;
    (void)number;
    if (!test->empty)
        https_answer_whole(answer, test->status_line, test->fields, test->body, strlen(test->body));
    answer->ending = test->ending;
}

static void answer_by_password(void *user, struct https_answer *answer,
                               const struct https_seen *request, size_t number)
{
    (void)user;
    (void)number;
    if (strstr(request->head, "\r\nAuthorization: Basic "))
        https_answer_whole(answer, "204 No Content", "", "", 0);
    else
        https_answer_whole(answer, "401 Unauthorized", "WWW-Authenticate: Basic realm=\"x\"\r\n",
                           "", 0);
}

static int revoke(struct revoke_test *test, certenroll_revocation_reason reason,
                  certenroll_error **error)
{
    return ca_protocol_est.revoke(&test->endpoint.endpoint, &test->certificate, reason, error);
}

static void check_fails(struct revoke_test *test, int expected, const char *text)
{
    certenroll_error *error = NULL;
    int status = revoke(test, CERTENROLL_REVOKE_SUPERSEDED, &error);

    if (status != expected || !strstr(certenroll_error_message(error), text))
        fail_msg("%s instead of %s: %s", certenroll_status_name(status),
                 certenroll_status_name(expected),
                 error ? certenroll_error_message(error) : "no error");
    certenroll_error_free(error);
}

/* --- what is sent --- */

/* The value of "certificate" against the DER, decoded by OpenSSL alone. */
static void check_certificate(const struct revoke_test *test, const char *value, size_t length)
{
    size_t padded = (length + 3) / 4 * 4;
    char *text = malloc(padded + 1);
    unsigned char *der = malloc(padded);

    assert_non_null(text);
    assert_non_null(der);
    memset(text, '=', padded);
    memcpy(text, value, length);
    for (size_t i = 0; i < length; i++) {
        assert_null(memchr("+/=%", text[i], 4));
        text[i] = (char)(text[i] == '-' ? '+' : text[i] == '_' ? '/' : text[i]);
    }
    assert_true(EVP_DecodeBlock(der, (unsigned char *)text, (int)padded) >=
                (int)test->certificate.length);
    assert_memory_equal(der, test->certificate.data, test->certificate.length);
    free(text);
    free(der);
}

static void certificate_and_reason_are_sent(void **state)
{
    static const certenroll_revocation_reason reasons[] = {
        CERTENROLL_REVOKE_UNSPECIFIED,         CERTENROLL_REVOKE_KEY_COMPROMISE,
        CERTENROLL_REVOKE_AFFILIATION_CHANGED, CERTENROLL_REVOKE_SUPERSEDED,
        CERTENROLL_REVOKE_CESSATION,           CERTENROLL_REVOKE_PRIVILEGE_WITHDRAWN,
    };
    struct revoke_test *test = *state;

    test_endpoint_start(&test->endpoint, answer_prepared, test);
    for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++) {
        certenroll_error *error = NULL;
        const struct https_seen *seen;
        const char *body, *end;

        assert_ok(revoke(test, reasons[i], &error), error);
        seen = https_server_seen(test->endpoint.server, i);
        assert_non_null(strstr(seen->head, "POST /.well-known/certenroll/revoke HTTP/1.1\r\n"));
        assert_non_null(
            strstr(seen->head, "\r\nContent-Type: application/x-www-form-urlencoded\r\n"));
        body = (const char *)seen->body;
        assert_memory_equal(body, "certificate=", 12);
        end = strchr(body, '&');
        assert_non_null(end);
        check_certificate(test, body + 12, (size_t)(end - body) - 12);
        assert_memory_equal(end, "&reason=", 8);
        assert_string_equal(end + 8, certenroll_revocation_reason_name(reasons[i]));
    }
}

static void path_of_the_address_is_not_used(void **state)
{
    struct revoke_test *test = *state;
    certenroll_error *error = NULL;

    test_endpoint_start(&test->endpoint, answer_prepared, test);
    snprintf(test->endpoint.url, sizeof(test->endpoint.url), "https://est.localhost:%u/est/users",
             https_server_port(test->endpoint.server));
    assert_ok(revoke(test, CERTENROLL_REVOKE_UNSPECIFIED, &error), error);
    assert_non_null(strstr(https_server_seen(test->endpoint.server, 0)->head,
                           "POST /.well-known/certenroll/revoke HTTP/1.1\r\n"));
}

static void senseless_calls_ask_nobody(void **state)
{
    struct revoke_test *test = *state;
    certenroll_error *error = NULL;
    const struct ce_buffer large = { test->certificate.data, CE_CERTS_MAX_BYTES + 1 };

    test_endpoint_start(&test->endpoint, answer_prepared, test);
    assert_fails(revoke(test, (certenroll_revocation_reason)6, &error), CERTENROLL_E_ARGUMENT,
                 error);
    assert_fails(ca_protocol_est.revoke(&test->endpoint.endpoint, &large,
                                        CERTENROLL_REVOKE_UNSPECIFIED, &error),
                 CERTENROLL_E_CERT_MALFORMED, error);
    test->endpoint.endpoint.url = "http://est.localhost";
    assert_fails(revoke(test, CERTENROLL_REVOKE_UNSPECIFIED, &error), CERTENROLL_E_ARGUMENT, error);
    assert_int_equal(https_server_count(test->endpoint.server), 0);
}

/* --- who asks --- */

static void certificate_says_who_asks(void **state)
{
    static const int versions[] = { TLS1_2_VERSION, TLS1_3_VERSION };
    struct revoke_test *test = *state;

    client_identity_use(&test->identity, &test->endpoint);
    test->endpoint.endpoint.username = "tanaka";
    test->endpoint.options.client_ca = test->identity.root.certificate;
    for (size_t i = 0; i < 2; i++) {
        certenroll_error *error = NULL;
        const struct https_seen *seen;

        https_server_stop(test->endpoint.server);
        test->endpoint.options.max_version = versions[i];
        test_endpoint_start(&test->endpoint, answer_prepared, test);
        assert_ok(revoke(test, CERTENROLL_REVOKE_UNSPECIFIED, &error), error);
        seen = https_server_seen(test->endpoint.server, 0);
        assert_int_equal(seen->tls_version, versions[i]);
        assert_int_equal(X509_cmp(seen->peer, test->identity.certificate), 0);
    }
    https_server_stop(test->endpoint.server);
    test_endpoint_start(&test->endpoint, answer_by_password, NULL);
    check_fails(test, CERTENROLL_E_AUTHENTICATION, "refuses our certificate");
    assert_int_equal(test->endpoint.asked, 0);
}

static void else_the_account_does(void **state)
{
    struct revoke_test *test = *state;
    certenroll_error *error = NULL;

    test->endpoint.endpoint.username = "tanaka";
    test_endpoint_start(&test->endpoint, answer_by_password, NULL);
    assert_ok(revoke(test, CERTENROLL_REVOKE_KEY_COMPROMISE, &error), error);
    assert_int_equal(test->endpoint.asked, 1);
    assert_int_equal(test->endpoint.asked_kind, CERTENROLL_SECRET_PASSWORD);
    /* "tanaka:open sesame" */
    assert_non_null(strstr(https_server_seen(test->endpoint.server, 1)->head,
                           "\r\nAuthorization: Basic dGFuYWthOm9wZW4gc2VzYW1l\r\n"));
    test->endpoint.password = NULL;
    assert_fails(revoke(test, CERTENROLL_REVOKE_KEY_COMPROMISE, &error), CERTENROLL_E_CANCELLED,
                 error);
}

static void somebody_must(void **state)
{
    struct revoke_test *test = *state;

    test_endpoint_start(&test->endpoint, answer_by_password, NULL);
    check_fails(test, CERTENROLL_E_AUTHENTICATION, "wants an account");
}

static void refusal_by_alert_is_told(void **state)
{
    struct revoke_test *test = *state;

    client_identity_use(&test->identity, &test->endpoint);
    test->endpoint.options.client_ca = test->endpoint.ca.certificate;
    test_endpoint_start(&test->endpoint, answer_prepared, test);
    check_fails(test, CERTENROLL_E_AUTHENTICATION, "refuses our certificate");
}

/* --- what an answer means --- */

static void answers_are_told_apart(void **state)
{
    static const struct {
        const char *line;
        int status;
        const char *text;
    } rows[] = {
        { "404 Not Found", CERTENROLL_E_UNSUPPORTED, "offers no revocation" },
        { "405 Method Not Allowed", CERTENROLL_E_UNSUPPORTED, "operator" },
        { "400 Bad Request", CERTENROLL_E_REJECTED, "The RA says: \"see the officer\"" },
        { "409 Conflict", CERTENROLL_E_REJECTED, "HTTP 409" },
        { "401 Unauthorized", CERTENROLL_E_AUTHENTICATION, "HTTP 401" },
        { "403 Forbidden", CERTENROLL_E_AUTHENTICATION, "The RA says: \"see the officer\"" },
        { "500 Internal Server Error", CERTENROLL_E_SERVER, "HTTP 500" },
        { "202 Accepted", CERTENROLL_E_SERVER, "does not say" },
        { "302 Found", CERTENROLL_E_SERVER, "not followed" },
    };
    struct revoke_test *test = *state;

    test->body = "see the officer";
    test_endpoint_start(&test->endpoint, answer_prepared, test);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        test->status_line = rows[i].line;
        check_fails(test, rows[i].status, rows[i].text);
    }
}

/* Who comes back knows when. */
static void a_busy_ra_says_when(void **state)
{
    struct revoke_test *test = *state;
    certenroll_error *error = NULL;
    const int64_t now = ce_now();

    test->status_line = "503 Service Unavailable";
    test->fields = "Retry-After: 7200\r\n";
    test_endpoint_start(&test->endpoint, answer_prepared, test);
    assert_int_equal(revoke(test, CERTENROLL_REVOKE_SUPERSEDED, &error), CERTENROLL_E_SERVER);
    assert_in_range(certenroll_error_retry_at(error), now + 7200, now + 7260);
    assert_non_null(strstr(certenroll_error_advice(error), "not before"));
    certenroll_error_clear(&error);
    test->fields = "";
    assert_fails(revoke(test, CERTENROLL_REVOKE_SUPERSEDED, &error), CERTENROLL_E_SERVER, error);
    test->status_line = "400 Bad Request";
    test->fields = "Retry-After: 7200\r\n";
    assert_int_equal(revoke(test, CERTENROLL_REVOKE_SUPERSEDED, &error), CERTENROLL_E_REJECTED);
    assert_int_equal(certenroll_error_retry_at(error), 0);
    certenroll_error_clear(&error);
    /* Among the refusals that give no reason it is one by itself. */
    test->status_line = "429 Too Many Requests";
    assert_int_equal(revoke(test, CERTENROLL_REVOKE_SUPERSEDED, &error), CERTENROLL_E_REJECTED);
    assert_in_range(certenroll_error_retry_at(error), now + 7200, now + 7260);
    assert_non_null(strstr(certenroll_error_advice(error), "not before"));
    certenroll_error_free(error);
}

static void broken_connection_is_a_network_error(void **state)
{
    struct revoke_test *test = *state;

    test->empty = 1;
    test->ending = HTTPS_CLOSE;
    test_endpoint_start(&test->endpoint, answer_prepared, test);
    check_fails(test, CERTENROLL_E_NETWORK, "the connection");
    test->ending = HTTPS_BREAK;
    check_fails(test, CERTENROLL_E_NETWORK, "the connection");
    https_server_stop(test->endpoint.server);
    test->endpoint.server = NULL;
    check_fails(test, CERTENROLL_E_NETWORK, "cannot connect");
}

static void by_hand_nothing_can_be_revoked(void **state)
{
    (void)state;
    assert_null(ca_protocol_offline.revoke);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(certificate_and_reason_are_sent),
        TEST(path_of_the_address_is_not_used),
        TEST(senseless_calls_ask_nobody),
        TEST(certificate_says_who_asks),
        TEST(else_the_account_does),
        TEST(somebody_must),
        TEST(refusal_by_alert_is_told),
        TEST(answers_are_told_apart),
        TEST(a_busy_ra_says_when),
        TEST(broken_connection_is_a_network_error),
        cmocka_unit_test(by_hand_nothing_can_be_revoked),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
