/* SPDX-License-Identifier: Apache-2.0 */
/* certenroll_https_exchange(): what an application sends and gets, and what it refuses to do. */
#include "check.h"
#include "furnished_token.h"
#include "test_endpoint.h"

#include <certenroll/certenroll.h>

#include <stdio.h>
#include <stdlib.h>

#define PAIR "pair"

struct https_test {
    struct furnished_token *furnished; /* NULL: the test needs no token */
    struct test_endpoint endpoint;
    char url[128];
    certenroll_https_request request; /* a POST to /call, good by itself */
    const char *status_line;
    const char *fields;
    size_t length; /* of the body */
    certenroll_error *error;
};

static int set_up(void **state)
{
    static const char body[] = "{\"password\":\"open sesame\"}";
    const certenroll_https_request blank = CERTENROLL_HTTPS_REQUEST_INIT;
    struct https_test *test = calloc(1, sizeof(*test));

    if (!test)
        return -1;
    test_endpoint_new(&test->endpoint);
    test->request = blank;
    test->request.url = test->url;
    test->request.tls_anchors = test->endpoint.anchors;
    test->request.content_type = "application/json";
    test->request.body = body;
    test->request.body_length = strlen(body);
    test->status_line = "200 OK";
    test->fields = "Content-Type: Application/JSON; charset=utf-8\r\n";
    test->length = 5;
    *state = test;
    return 0;
}

static int tear_down(void **state)
{
    struct https_test *test = *state;

    test_endpoint_clear(&test->endpoint);
    free(test);
    return 0;
}

static void answer(void *user, struct https_answer *answer, const struct https_seen *request,
                   size_t number)
{
    const struct https_test *test = user;
    char *body = malloc(test->length + 1);

    (void)request;
    (void)number;
    assert_non_null(body);
    memset(body, 'x', test->length);
    https_answer_whole(answer, test->status_line, test->fields, body, test->length);
    free(body);
}

static void start(struct https_test *test)
{
    test_endpoint_start(&test->endpoint, answer, test);
    snprintf(test->url, sizeof(test->url), "%s/call", test->endpoint.url);
}

static const struct https_seen *only_request(struct https_test *test)
{
    assert_int_equal(https_server_count(test->endpoint.server), 1);
    return https_server_seen(test->endpoint.server, 0);
}

/* The HTTP status. */
static long exchange(struct https_test *test)
{
    certenroll_https_response *response = NULL;
    size_t length = 0;
    long status;

    assert_ok(
        certenroll_https_exchange(&response, test->endpoint.context, &test->request, &test->error),
        test->error);
    status = certenroll_https_response_status(response);
    assert_non_null(certenroll_https_response_body(response, &length));
    assert_int_equal(length, test->length);
    certenroll_https_response_free(response);
    return status;
}

static void check_fails(struct https_test *test, int expected)
{
    certenroll_https_response *response = NULL;

    assert_fails(
        certenroll_https_exchange(&response, test->endpoint.context, &test->request, &test->error),
        expected, test->error);
    assert_null(response);
}

/* --- what is sent and what comes back --- */

static void post_and_answer(void **state)
{
    struct https_test *test = *state;
    certenroll_https_response *response = NULL;
    const struct https_seen *seen;
    size_t length = 0;

    test->request.accept = "application/json";
    test->request.bearer = "abc-._~+/019AZ==";
    start(test);
    assert_ok(
        certenroll_https_exchange(&response, test->endpoint.context, &test->request, &test->error),
        test->error);
    assert_int_equal(certenroll_https_response_status(response), 200);
    assert_string_equal(certenroll_https_response_type(response), "application/json");
    assert_memory_equal(certenroll_https_response_body(response, &length), "xxxxx", 5);
    assert_int_equal(length, 5);
    certenroll_https_response_free(response);
    seen = only_request(test);
    assert_non_null(strstr(seen->head, "POST /call HTTP/1.1\r\n"));
    assert_non_null(strstr(seen->head, "\r\nContent-Type: application/json\r\n"));
    assert_non_null(strstr(seen->head, "\r\nAccept: application/json\r\n"));
    assert_non_null(strstr(seen->head, "\r\nAuthorization: Bearer abc-._~+/019AZ==\r\n"));
    assert_null(strstr(seen->head, "\r\nCookie"));
    assert_int_equal(seen->body_length, test->request.body_length);
    assert_memory_equal(seen->body, test->request.body, seen->body_length);
    assert_null(seen->peer);
    assert_null(strstr(test->endpoint.log, "abc-."));
    assert_null(strstr(test->endpoint.log, "open sesame"));
}

static void get_without_anything(void **state)
{
    struct https_test *test = *state;

    test->request.content_type = NULL;
    test->request.body_length = 0;
    test->length = 0;
    start(test);
    assert_int_equal(exchange(test), 200);
    assert_non_null(strstr(only_request(test)->head, "GET /call HTTP/1.1\r\n"));
    assert_null(strstr(only_request(test)->head, "\r\nAuthorization"));
}

static void every_status_is_an_answer(void **state)
{
    static const char *const lines[] = { "401 Unauthorized", "403 Forbidden", "404 Not Found",
                                         "500 Oh" };
    struct https_test *test = *state;

    start(test);
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        test->status_line = lines[i];
        assert_int_equal(exchange(test), atol(lines[i]));
    }
}

/* Not even to the same origin: what is sent is for one address. */
static void redirect_is_not_followed(void **state)
{
    static const char *const lines[] = { "301 Moved", "302 Found", "303 See Other",
                                         "307 Temporary Redirect", "308 Permanent Redirect" };
    struct https_test *test = *state;

    test->fields = "Location: /there\r\n";
    start(test);
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        test->status_line = lines[i];
        assert_int_equal(exchange(test), atol(lines[i]));
        assert_int_equal(https_server_count(test->endpoint.server), i + 1);
    }
}

static void cookies_are_not_kept(void **state)
{
    struct https_test *test = *state;

    test->fields = "Set-Cookie: a=b; Path=/\r\n";
    start(test);
    assert_int_equal(exchange(test), 200);
    assert_int_equal(exchange(test), 200);
    assert_null(strstr(https_server_seen(test->endpoint.server, 1)->head, "\r\nCookie"));
}

/* --- what is refused --- */

static void other_ca_is_refused(void **state)
{
    struct https_test *test = *state;
    certenroll_anchors *other = NULL;
    struct test_ca ca;
    size_t length;
    char *pem;

    test_ca_new(&ca, "CN=TLS root,O=Test", NULL);
    pem = test_pem(&length, &ca.certificate, 1);
    assert_ok(certenroll_anchors_new(&other, pem, length, &test->error), test->error);
    test->request.tls_anchors = other;
    start(test);
    check_fails(test, CERTENROLL_E_TLS);
    assert_int_equal(https_server_count(test->endpoint.server), 0);
    certenroll_anchors_free(other);
    free(pem);
    test_ca_clear(&ca);
}

static void other_host_is_refused(void **state)
{
    struct https_test *test = *state;

    start(test);
    snprintf(test->url, sizeof(test->url), "https://login.localhost:%u/call",
             https_server_port(test->endpoint.server));
    check_fails(test, CERTENROLL_E_TLS);
    assert_int_equal(https_server_count(test->endpoint.server), 0);
}

static void endless_answer_is_refused(void **state)
{
    struct https_test *test = *state;

    test->length = (size_t)8 * 1024 * 1024;
    start(test);
    check_fails(test, CERTENROLL_E_SERVER);
}

static void nobody_there(void **state)
{
    struct https_test *test = *state;

    start(test);
    https_server_stop(test->endpoint.server);
    test->endpoint.server = NULL;
    check_fails(test, CERTENROLL_E_NETWORK);
}

static void unusable_requests(void **state)
{
    static const char *const addresses[] = {
        "http://est.localhost/call",
        "https://user:secret@est.localhost/call",
        "https://est.localhost/call#x",
        "file:///etc/passwd",
        "est.localhost/call",
        "",
        "https://",
        "https://est.localhost/\r\nX: y",
    };
    static const char *const tokens[] = { "", "a b", "a\r\nX: y", "=", "a=b", "\xc3\xa9" };
    struct https_test *test = *state;
    certenroll_https_request good = test->request;

    start(test);
    for (size_t i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++) {
        test->request.url = addresses[i];
        check_fails(test, CERTENROLL_E_ARGUMENT);
    }
    test->request.url = NULL;
    check_fails(test, CERTENROLL_E_ARGUMENT);
    for (size_t i = 0; i < sizeof(tokens) / sizeof(tokens[0]); i++) {
        test->request = good;
        test->request.bearer = tokens[i];
        check_fails(test, CERTENROLL_E_ARGUMENT);
    }
    assert_int_equal(https_server_count(test->endpoint.server), 0);
}

static void unusable_options(void **state)
{
    struct https_test *test = *state;
    const certenroll_https_request good = test->request;

    start(test);
    test->request.tls_anchors = NULL;
    check_fails(test, CERTENROLL_E_ARGUMENT);
    test->request = good;
    test->request.content_type = "text/plain\r\nX: y";
    check_fails(test, CERTENROLL_E_ARGUMENT);
    test->request = good;
    test->request.accept = "*/*\n";
    check_fails(test, CERTENROLL_E_ARGUMENT);
    test->request = good;
    test->request.content_type = NULL; /* a GET with a body */
    check_fails(test, CERTENROLL_E_ARGUMENT);
    test->request = good;
    test->request.body_length = 64 * 1024 + 1;
    check_fails(test, CERTENROLL_E_ARGUMENT);
    test->request = good;
    test->request.size = 1;
    check_fails(test, CERTENROLL_E_ARGUMENT);
    assert_int_equal(https_server_count(test->endpoint.server), 0);
}

/* --- with the token's pair --- */

static void use_pair(struct https_test *test, const char *id)
{
    test->request.token = test->furnished->shimmed.token;
    test->request.id = (const unsigned char *)id;
    test->request.id_length = strlen(id);
}

static int set_up_token(void **state)
{
    void *furnished = NULL;
    struct https_test *test;

    if (set_up(state) < 0 || furnished_token_set_up(&furnished) < 0)
        return -1;
    test = *state;
    test->furnished = furnished;
    furnish_pair(test->furnished, PAIR, "CN=Client,O=Test", (struct span){ -1, 30 });
    test->endpoint.options.client_ca = test->furnished->ca.certificate;
    test->endpoint.options.client_required = 1;
    return 0;
}

static int tear_down_token(void **state)
{
    struct https_test *test = *state;
    void *furnished = test->furnished;

    furnished_token_tear_down(&furnished);
    return tear_down(state);
}

static void mutual_tls_with_the_tokens_key(void **state)
{
    static const int versions[] = { TLS1_2_VERSION, TLS1_3_VERSION };
    struct https_test *test = *state;

    use_pair(test, PAIR);
    for (size_t i = 0; i < 2; i++) {
        X509_NAME *subject;
        char name[64] = "";

        test->endpoint.options.max_version = versions[i];
        start(test);
        assert_int_equal(exchange(test), 200);
        assert_non_null(only_request(test)->peer);
        subject = X509_get_subject_name(only_request(test)->peer);
        X509_NAME_get_text_by_NID(subject, NID_commonName, name, sizeof(name));
        assert_string_equal(name, "Client");
        https_server_stop(test->endpoint.server);
        test->endpoint.server = NULL;
    }
}

static void certificate_is_missed(void **state)
{
    struct https_test *test = *state;

    start(test);
    check_fails(test, CERTENROLL_E_AUTHENTICATION);
}

static void no_such_pair(void **state)
{
    struct https_test *test = *state;

    start(test);
    use_pair(test, "other");
    check_fails(test, CERTENROLL_E_OBJECT_NOT_FOUND);
    use_pair(test, "");
    check_fails(test, CERTENROLL_E_ARGUMENT);
    assert_int_equal(https_server_count(test->endpoint.server), 0);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)
#define TOKEN_TEST(function)                                                                       \
    cmocka_unit_test_setup_teardown(function, set_up_token, tear_down_token)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(post_and_answer),
        TEST(get_without_anything),
        TEST(every_status_is_an_answer),
        TEST(redirect_is_not_followed),
        TEST(cookies_are_not_kept),
        TEST(other_ca_is_refused),
        TEST(other_host_is_refused),
        TEST(endless_answer_is_refused),
        TEST(nobody_there),
        TEST(unusable_requests),
        TEST(unusable_options),
        TOKEN_TEST(mutual_tls_with_the_tokens_key),
        TOKEN_TEST(certificate_is_missed),
        TOKEN_TEST(no_such_pair),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
