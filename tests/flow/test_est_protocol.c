/* SPDX-License-Identifier: Apache-2.0 */
/* EST operations (RFC 7030) against servers that behave and servers that do not. */
#include "check.h"
#include "protocol/protocol.h"
#include "test_endpoint.h"

#include <openssl/evp.h>

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/* What stands in for a certification request: EST carries it unread. */
#define PKCS10 "this is no PKCS#10, but the protocol carries any bytes, and more than one line"

struct est_test {
    struct test_endpoint endpoint;
    struct test_ca issuer;
    X509 *leaf;
    char *base64; /* certs-only PKCS#7 of leaf and issuer, on one line */

    /* the answer */
    const char *status_line;
    const char *fields;
    const char *body;
    size_t body_length;
};

static char *base64_of(const unsigned char *bytes, size_t length)
{
    char *text = malloc((length + 2) / 3 * 4 + 1);

    assert_non_null(text);
    assert_true(EVP_EncodeBlock((unsigned char *)text, bytes, (int)length) > 0);
    return text;
}

static char *pkcs7_base64(X509 *first, X509 *second)
{
    X509 *certificates[] = { first, second };
    size_t length;
    unsigned char *der = test_pkcs7(&length, certificates, second ? 2 : 1);
    char *text = base64_of(der, length);

    free(der);
    return text;
}

static int set_up(void **state)
{
    struct est_test *test = calloc(1, sizeof(*test));
    struct test_certificate details = TEST_CERTIFICATE_INIT;

    if (!test)
        return -1;
    test_endpoint_new(&test->endpoint);
    test_ca_new(&test->issuer, "CN=Issuer,O=Test", NULL);
    details.key = test_key_new("P-256");
    test->leaf = test_ca_issue(&test->issuer, &details);
    EVP_PKEY_free(details.key);
    test->base64 = pkcs7_base64(test->leaf, test->issuer.certificate);
    test->status_line = "200 OK";
    test->fields = "Content-Type: application/pkcs7-mime; smime-type=certs-only\r\n"
                   "Content-Transfer-Encoding: base64\r\n";
    *state = test;
    return 0;
}

static int tear_down(void **state)
{
    struct est_test *test = *state;

    test_endpoint_clear(&test->endpoint);
    test_ca_clear(&test->issuer);
    X509_free(test->leaf);
    free(test->base64);
    free(test);
    return 0;
}

static void answer_prepared(void *user, struct https_answer *answer,
                            const struct https_seen *request, size_t number)
{
    const struct est_test *test = user;

    (void)request;
    (void)number;
    https_answer_whole(answer, test->status_line, test->fields, test->body, test->body_length);
}

static void start(struct est_test *test)
{
    test_endpoint_start(&test->endpoint, answer_prepared, test);
}

static void set_body(struct est_test *test, const char *body)
{
    test->body = body;
    test->body_length = strlen(body);
}

static int enroll(struct ca_answer *answer, struct est_test *test, certenroll_error **error)
{
    const struct ce_buffer request = { (unsigned char *)(uintptr_t)PKCS10, strlen(PKCS10) };

    return ca_protocol_est.enroll(answer, &test->endpoint.endpoint, &request, error);
}

static int contains(STACK_OF(X509) *certs, X509 *certificate)
{
    for (int i = 0; i < sk_X509_num(certs); i++)
        if (X509_cmp(sk_X509_value(certs, i), certificate) == 0)
            return 1;
    return 0;
}

static void check_issued(struct est_test *test, int count)
{
    certenroll_error *error = NULL;
    struct ca_answer answer;

    assert_ok(enroll(&answer, test, &error), error);
    assert_int_equal(sk_X509_num(answer.certs), count);
    assert_true(contains(answer.certs, test->leaf));
    assert_int_equal(answer.retry_at, 0);
    ca_answer_clear(&answer);
    assert_null(answer.certs);
}

/* A failing enrolment: its status, HTTP status, and a part of its message (NULL: anything). */
static void check_fails(struct est_test *test, int expected, long http_status, const char *text)
{
    certenroll_error *error = NULL;
    struct ca_answer answer;
    int status = enroll(&answer, test, &error);

    if (status != expected || (text && !strstr(certenroll_error_message(error), text)))
        fail_msg("%s instead of %s: %s", certenroll_status_name(status),
                 certenroll_status_name(expected),
                 error ? certenroll_error_message(error) : "no error");
    assert_int_equal(certenroll_error_http_status(error), http_status);
    assert_null(answer.certs);
    certenroll_error_free(error);
}

/* --- what is sent --- */

static void request_is_sent_in_base64(void **state)
{
    struct est_test *test = *state;
    unsigned char decoded[256];
    const struct https_seen *seen;
    char line[256] = "", *end = line;

    set_body(test, test->base64);
    start(test);
    check_issued(test, 2);
    seen = https_server_seen(test->endpoint.server, 0);
    assert_non_null(strstr(seen->head, "POST /.well-known/est/simpleenroll HTTP/1.1\r\n"));
    assert_non_null(strstr(seen->head, "\r\nContent-Type: application/pkcs10\r\n"));
    assert_non_null(strstr(seen->head, "\r\nContent-Transfer-Encoding: base64\r\n"));
    assert_null(strstr(seen->head, "Expect:"));
    for (size_t i = 0; i < seen->body_length; i++)
        if (seen->body[i] != '\n')
            *end++ = (char)seen->body[i];
    assert_int_equal(EVP_DecodeBlock(decoded, (unsigned char *)line, (int)(end - line)),
                     (strlen(PKCS10) + 2) / 3 * 3);
    assert_memory_equal(decoded, PKCS10, strlen(PKCS10));
}

static void reenroll_has_its_own_operation(void **state)
{
    struct est_test *test = *state;
    const struct ce_buffer request = { (unsigned char *)(uintptr_t)PKCS10, strlen(PKCS10) };
    certenroll_error *error = NULL;
    struct ca_answer answer;

    set_body(test, test->base64);
    start(test);
    snprintf(test->endpoint.url, sizeof(test->endpoint.url), "https://est.localhost:%u/est/users/",
             https_server_port(test->endpoint.server));
    assert_ok(ca_protocol_est.reenroll(&answer, &test->endpoint.endpoint, &request, &error), error);
    ca_answer_clear(&answer);
    assert_non_null(strstr(https_server_seen(test->endpoint.server, 0)->head,
                           "POST /est/users/simplereenroll HTTP/1.1\r\n"));
}

static void cacerts_are_fetched(void **state)
{
    struct est_test *test = *state;
    certenroll_error *error = NULL;
    struct ca_answer answer;

    set_body(test, test->base64);
    start(test);
    assert_ok(ca_protocol_est.cacerts(&answer, &test->endpoint.endpoint, &error), error);
    assert_true(contains(answer.certs, test->issuer.certificate));
    ca_answer_clear(&answer);
    assert_non_null(strstr(https_server_seen(test->endpoint.server, 0)->head,
                           "GET /.well-known/est/cacerts HTTP/1.1\r\n"));
    test->status_line = "404 Not Found";
    assert_fails(ca_protocol_est.cacerts(&answer, &test->endpoint.endpoint, &error),
                 CERTENROLL_E_REJECTED, error);
    assert_null(answer.certs);
}

static void address_must_be_https(void **state)
{
    struct est_test *test = *state;

    test->endpoint.endpoint.url = "http://est.localhost";
    check_fails(test, CERTENROLL_E_ARGUMENT, 0, "https");
    test->endpoint.endpoint.url = NULL;
    check_fails(test, CERTENROLL_E_ARGUMENT, 0, NULL);
}

/* --- certificates in all their shapes --- */

/* `text` in lines of `width`, each ended by `end`. */
static char *wrapped(const char *text, size_t width, const char *end)
{
    char *out = malloc(strlen(text) * 3 + strlen(end) + 1);
    char *to = out;

    assert_non_null(out);
    for (size_t i = 0; text[i]; i++) {
        *to++ = text[i];
        if ((i + 1) % width == 0 || !text[i + 1])
            to += sprintf(to, "%s", end);
    }
    return out;
}

static void base64_may_be_wrapped(void **state)
{
    static const struct {
        size_t width;
        const char *end;
    } shapes[] = { { 64, "\n" },     { 64, "\r\n" },   { 76, "\r\n" }, { 100000, "" },
                   { 100000, "\n" }, { 64, "\r\n  " }, { 1, " " },     { 61, "\n\n" } };
    struct est_test *test = *state;

    start(test);
    for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
        char *body = wrapped(test->base64, shapes[i].width, shapes[i].end);

        set_body(test, body);
        check_issued(test, 2);
        free(body);
    }
}

static void created_is_a_success(void **state)
{
    struct est_test *test = *state;

    test->status_line = "201 Created";
    set_body(test, test->base64);
    start(test);
    check_issued(test, 2);
}

static void leaf_may_stand_anywhere(void **state)
{
    struct est_test *test = *state;
    char *last = pkcs7_base64(test->issuer.certificate, test->leaf);
    char *alone = pkcs7_base64(test->leaf, NULL);

    start(test);
    set_body(test, last);
    check_issued(test, 2);
    set_body(test, alone);
    check_issued(test, 1);
    free(last);
    free(alone);
}

static void content_type_is_not_insisted_on(void **state)
{
    struct est_test *test = *state;

    test->fields = "";
    set_body(test, test->base64);
    start(test);
    check_issued(test, 2);
}

static void answer_chunked(void *user, struct https_answer *answer,
                           const struct https_seen *request, size_t number)
{
    const struct est_test *test = user;
    size_t length = strlen(test->base64);

    (void)request;
    (void)number;
    https_answer_printf(answer, "HTTP/1.1 200 OK\r\n%sTransfer-Encoding: chunked\r\n\r\n",
                        test->fields);
    for (size_t done = 0; done < length; done += 50) {
        size_t now = length - done < 50 ? length - done : 50;

        https_answer_printf(answer, "%zx\r\n%.*s\r\n", now, (int)now, test->base64 + done);
    }
    https_answer_printf(answer, "0\r\n\r\n");
}

static void chunked_answer_is_read(void **state)
{
    struct est_test *test = *state;

    test_endpoint_start(&test->endpoint, answer_chunked, test);
    check_issued(test, 2);
}

/* --- what is no certificate --- */

static void garbage_is_refused(void **state)
{
    struct est_test *test = *state;
    const char *bodies[] = { "garbage", "Z2FyYmFnZQ==", "<html>Welcome</html>", test->base64 + 4,
                             "-----BEGIN PKCS7-----\n-----END PKCS7-----\n" };
    char *cut = malloc(strlen(test->base64) + 8);

    assert_non_null(cut);
    start(test);
    for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
        set_body(test, bodies[i]);
        check_fails(test, CERTENROLL_E_CERT_MALFORMED, 200, NULL);
    }
    set_body(test, "PGh0bWw+V2VsY29tZTwvaHRtbD4="); /* told, but nothing that a person has given */
    check_fails(test, CERTENROLL_E_CERT_MALFORMED, 200,
                "a page of HTML or XML, perhaps of an error or a login. Ask the CA's operator");
    strcpy(cut, test->base64);
    cut[400] = '\0';
    set_body(test, cut);
    check_fails(test, CERTENROLL_E_CERT_MALFORMED, 200, NULL);
    strcpy(cut, test->base64);
    strcat(cut, "QUJD");
    set_body(test, cut);
    check_fails(test, CERTENROLL_E_CERT_MALFORMED, 200, NULL);
    free(cut);
}

static void ten_megabytes_are_refused(void **state)
{
    struct est_test *test = *state;
    size_t length = (size_t)10 * 1024 * 1024;
    char *body = malloc(length);

    assert_non_null(body);
    memset(body, 'A', length);
    test->body = body;
    test->body_length = length;
    start(test);
    check_fails(test, CERTENROLL_E_SERVER, 0, "too long");
    test->body_length = 1024 * 1024 + 512 * 1024;
    check_fails(test, CERTENROLL_E_CERT_MALFORMED, 200, NULL);
    free(body);
}

static void empty_answer_is_the_servers_fault(void **state)
{
    struct est_test *test = *state;

    start(test);
    set_body(test, "");
    check_fails(test, CERTENROLL_E_SERVER, 200, "empty");
    set_body(test, "\r\n\r\n");
    check_fails(test, CERTENROLL_E_SERVER, 200, "empty");
}

static void answer_nothing(void *user, struct https_answer *answer,
                           const struct https_seen *request, size_t number)
{
    (void)user;
    (void)request;
    (void)number;
    answer->ending = HTTPS_CLOSE;
}

static void closed_connection_is_a_network_error(void **state)
{
    struct est_test *test = *state;

    test_endpoint_start(&test->endpoint, answer_nothing, NULL);
    check_fails(test, CERTENROLL_E_NETWORK, 0, NULL);
}

/* --- "come back later" --- */

static void check_pending(struct est_test *test, int64_t wait)
{
    certenroll_error *error = NULL;
    int64_t before = (int64_t)time(NULL);
    struct ca_answer answer;

    assert_int_equal(enroll(&answer, test, &error), CERTENROLL_PENDING);
    assert_null(error);
    assert_null(answer.certs);
    assert_true(answer.retry_at >= before + wait && answer.retry_at <= time(NULL) + wait);
}

static void accepted_is_pending(void **state)
{
    struct est_test *test = *state;
    char date[96];
    time_t later = time(NULL) + 7200;
    struct tm parts;
    certenroll_error *error = NULL;
    struct ca_answer answer;

    test->status_line = "202 Accepted";
    set_body(test, "");
    start(test);
    test->fields = "Retry-After: 3600\r\n";
    check_pending(test, 3600);
    test->fields = "Content-Type: text/plain\r\n";
    check_pending(test, 60);
    test->fields = "Retry-After: whenever\r\n";
    check_pending(test, 60);

    assert_non_null(gmtime_r(&later, &parts));
    assert_true(strftime(date, sizeof(date), "Retry-After: %a, %d %b %Y %H:%M:%S GMT\r\n", &parts));
    test->fields = date;
    assert_int_equal(enroll(&answer, test, &error), CERTENROLL_PENDING);
    assert_int_equal(answer.retry_at, later);
}

/* --- "no" --- */

static void statuses_are_told_apart(void **state)
{
    static const struct {
        const char *line;
        int status;
    } rows[] = {
        { "400 Bad Request", CERTENROLL_E_REJECTED },
        { "401 Unauthorized", CERTENROLL_E_AUTHENTICATION },
        { "403 Forbidden", CERTENROLL_E_AUTHENTICATION },
        { "404 Not Found", CERTENROLL_E_REJECTED },
        { "429 Too Many Requests", CERTENROLL_E_REJECTED },
        { "500 Internal Server Error", CERTENROLL_E_SERVER },
        { "503 Service Unavailable", CERTENROLL_E_SERVER },
        { "203 Non-Authoritative", CERTENROLL_E_SERVER },
        { "304 Not Modified", CERTENROLL_E_SERVER },
        { "300 Multiple Choices", CERTENROLL_E_SERVER },
        { "307 Temporary Redirect", CERTENROLL_E_SERVER },
    };
    struct est_test *test = *state;

    start(test);
    test->fields = "Content-Type: text/plain; charset=utf-8\r\n";
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        test->status_line = rows[i].line;
        set_body(test, i == 8 ? "" : "see the officer");
        check_fails(test, rows[i].status, strtol(rows[i].line, NULL, 10), "HTTP ");
    }
}

static void no_content_is_no_certificate(void **state)
{
    struct est_test *test = *state;

    test->status_line = "204 No Content";
    set_body(test, "");
    start(test);
    check_fails(test, CERTENROLL_E_SERVER, 204, NULL);
}

/* --- who we are --- */

static void answer_by_password(void *user, struct https_answer *answer,
                               const struct https_seen *request, size_t number)
{
    const struct est_test *test = user;

    (void)number;
    if (strstr(request->head, "\r\nAuthorization: Basic "))
        https_answer_whole(answer, test->status_line, test->fields, test->body, test->body_length);
    else
        https_answer_whole(answer, "401 Unauthorized", "WWW-Authenticate: Basic realm=\"RA\"\r\n",
                           "", 0);
}

static void password_is_accepted(void **state)
{
    struct est_test *test = *state;

    test->endpoint.endpoint.username = "0001 user";
    set_body(test, test->base64);
    test_endpoint_start(&test->endpoint, answer_by_password, test);
    check_issued(test, 2);
    assert_int_equal(test->endpoint.asked, 1);
    assert_string_equal(test->endpoint.asked_name, "0001 user");
}

static void password_is_refused(void **state)
{
    struct est_test *test = *state;

    test->endpoint.endpoint.username = "0001";
    test->status_line = "401 Unauthorized";
    test->fields = "WWW-Authenticate: Basic realm=\"RA\"\r\n";
    set_body(test, "wrong");
    test_endpoint_start(&test->endpoint, answer_by_password, test);
    check_fails(test, CERTENROLL_E_AUTHENTICATION, 401, "0001");
    assert_int_equal(test->endpoint.asked, 1);
    assert_int_equal(https_server_count(test->endpoint.server), 2);
}

static void cacerts_need_no_password(void **state)
{
    struct est_test *test = *state;
    certenroll_error *error = NULL;
    struct ca_answer answer;

    test->endpoint.endpoint.username = "0001";
    set_body(test, test->base64);
    test_endpoint_start(&test->endpoint, answer_by_password, test);
    assert_fails(ca_protocol_est.cacerts(&answer, &test->endpoint.endpoint, &error),
                 CERTENROLL_E_AUTHENTICATION, error);
    assert_int_equal(test->endpoint.asked, 0);
}

static void redirect_elsewhere_is_refused(void **state)
{
    struct est_test *test = *state;

    test->status_line = "307 Temporary Redirect";
    test->fields = "Location: https://login.localhost/\r\n";
    set_body(test, "");
    start(test);
    check_fails(test, CERTENROLL_E_SERVER, 307, "login.localhost");
    assert_int_equal(https_server_count(test->endpoint.server), 1);
}

/* --- by hand --- */

static void offline_is_always_pending(void **state)
{
    struct est_test *test = *state;
    const struct ce_buffer request = { (unsigned char *)(uintptr_t)PKCS10, strlen(PKCS10) };
    certenroll_error *error = NULL;
    struct ca_answer answer;

    assert_int_equal(
        ca_protocol_offline.enroll(&answer, &test->endpoint.endpoint, &request, &error),
        CERTENROLL_PENDING);
    assert_int_equal(answer.retry_at, 0);
    assert_null(answer.certs);
    assert_int_equal(
        ca_protocol_offline.reenroll(&answer, &test->endpoint.endpoint, &request, &error),
        CERTENROLL_PENDING);
    assert_fails(ca_protocol_offline.cacerts(&answer, &test->endpoint.endpoint, &error),
                 CERTENROLL_E_ARGUMENT, error);
    assert_null(answer.certs);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(request_is_sent_in_base64),
        TEST(reenroll_has_its_own_operation),
        TEST(cacerts_are_fetched),
        TEST(address_must_be_https),
        TEST(base64_may_be_wrapped),
        TEST(created_is_a_success),
        TEST(leaf_may_stand_anywhere),
        TEST(content_type_is_not_insisted_on),
        TEST(chunked_answer_is_read),
        TEST(garbage_is_refused),
        TEST(ten_megabytes_are_refused),
        TEST(empty_answer_is_the_servers_fault),
        TEST(closed_connection_is_a_network_error),
        TEST(accepted_is_pending),
        TEST(statuses_are_told_apart),
        TEST(no_content_is_no_certificate),
        TEST(password_is_accepted),
        TEST(password_is_refused),
        TEST(cacerts_need_no_password),
        TEST(redirect_elsewhere_is_refused),
        TEST(offline_is_always_pending),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
