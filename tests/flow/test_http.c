/* SPDX-License-Identifier: Apache-2.0 */
/* One HTTPS exchange, against servers that behave and servers that do not. */
#include "check.h"
#include "client_identity.h"
#include "protocol/http.h"
#include "relay.h"
#include "scratch.h"
#include "test_endpoint.h"

#include <certenroll/context.h>

#include <netinet/in.h>
#include <openssl/evp.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* The laxest configuration a system can have: what is refused here is refused by the library.
 * SSLKEYLOGFILE is read when libcurl is loaded. */
static int allow_everything(void **state)
{
    char *dir = scratch_new();
    char *path = scratch_write_text(dir, "openssl.cnf",
                                    "openssl_conf = all\n[all]\nssl_conf = ssl\n"
                                    "[ssl]\nsystem_default = lax\n"
                                    "[lax]\nMinProtocol = TLSv1\n"
                                    "CipherString = DEFAULT:@SECLEVEL=0\n");

    *state = dir;
    if (setenv("OPENSSL_CONF", path, 1) != 0)
        return -1;
    free(path);
    path = scratch_path(dir, "keys");
    if (setenv("SSLKEYLOGFILE", path, 1) != 0)
        return -1;
    free(path);
    return OPENSSL_init_ssl(0, NULL) == 1 ? 0 : -1;
}

static int remove_configuration(void **state)
{
    scratch_remove(*state);
    return 0;
}

static int set_up(void **state)
{
    struct test_endpoint *test = malloc(sizeof(*test));

    if (!test)
        return -1;
    test_endpoint_new(test);
    *state = test;
    return 0;
}

static int tear_down(void **state)
{
    test_endpoint_clear(*state);
    free(*state);
    return 0;
}

static int get(struct http_response *response, struct test_endpoint *test, const char *path,
               certenroll_error **error)
{
    char url[128];
    const struct http_request request = { .url = url, .accept = "text/plain", .authenticate = 1 };

    snprintf(url, sizeof(url), "%s%s", test->url, path);
    return http_exchange(response, &test->endpoint, &request, error);
}

static int post(struct http_response *response, struct test_endpoint *test, const char *path,
                const char *body, certenroll_error **error)
{
    char url[128];
    const struct http_request request = {
        .url = url,
        .content_type = "application/pkcs10",
        .accept = "text/plain",
        .transfer_encoding = "base64",
        .body = { (unsigned char *)(uintptr_t)body, strlen(body) },
        .authenticate = 1,
    };

    snprintf(url, sizeof(url), "%s%s", test->url, path);
    return http_exchange(response, &test->endpoint, &request, error);
}

/* A failing GET, whose error says `why` (NULL: anything) in what or why. */
static void check_get_fails(struct test_endpoint *test, int expected, const char *why)
{
    certenroll_error *error = NULL;
    struct http_response response;
    int status = get(&response, test, "/", &error);

    if (status != expected || (why && !strstr(certenroll_error_message(error), why)))
        fail_msg("%s instead of %s: %s", certenroll_status_name(status),
                 certenroll_status_name(expected),
                 error ? certenroll_error_message(error) : "no error");
    assert_null(response.body.data);
    certenroll_error_free(error);
}

static const char *head_of(struct test_endpoint *test, size_t number)
{
    const struct https_seen *seen = https_server_seen(test->server, number);

    assert_non_null(seen);
    return seen->head;
}

static int begins(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

/* Sends the string that `user` is, and keeps the connection open. */
static void answer_text(void *user, struct https_answer *answer, const struct https_seen *request,
                        size_t number)
{
    (void)request;
    (void)number;
    https_answer_append(answer, user, strlen(user));
}

/* --- the plain exchange --- */

static void get_brings_the_answer(void **state)
{
    struct test_endpoint *test = *state;
    certenroll_error *error = NULL;
    struct http_response response;

    test_endpoint_start(test, answer_hello, NULL);
    assert_ok(get(&response, test, "/some/where", &error), error);
    assert_int_equal(response.status, 200);
    assert_string_equal(response.content_type, "text/plain");
    assert_int_equal(response.retry_at, 0);
    assert_int_equal(response.body.length, 5);
    assert_memory_equal(response.body.data, "hello", 5);
    http_response_clear(&response);

    assert_int_equal(https_server_count(test->server), 1);
    assert_true(begins(head_of(test, 0), "GET /some/where HTTP/1.1\r\n"));
    assert_non_null(strstr(head_of(test, 0), "\r\nAccept: text/plain\r\n"));
    assert_non_null(strstr(head_of(test, 0), "\r\nUser-Agent: libcertenroll/"));
    assert_null(strstr(head_of(test, 0), "Authorization"));
    assert_int_equal(https_server_seen(test->server, 0)->body_length, 0);
}

static void post_sends_the_body(void **state)
{
    struct test_endpoint *test = *state;
    certenroll_error *error = NULL;
    struct http_response response;
    const struct https_seen *seen;

    test_endpoint_start(test, answer_hello, NULL);
    assert_ok(post(&response, test, "/", "Zm9v\nYmFy\n", &error), error);
    http_response_clear(&response);
    seen = https_server_seen(test->server, 0);
    assert_true(begins(seen->head, "POST / HTTP/1.1\r\n"));
    assert_non_null(strstr(seen->head, "\r\nContent-Type: application/pkcs10\r\n"));
    assert_non_null(strstr(seen->head, "\r\nContent-Transfer-Encoding: base64\r\n"));
    assert_string_equal((const char *)seen->body, "Zm9v\nYmFy\n");
}

static void framings_are_read(void **state)
{
    static const char *const framings[] = {
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX: y\r\n\r\n",
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
        "HTTP/1.1 200 OK\nContent-Length: 5\n\nhello",
        "HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello",
    };
    struct test_endpoint *test = *state;

    for (size_t i = 0; i < sizeof(framings) / sizeof(framings[0]); i++) {
        certenroll_error *error = NULL;
        struct http_response response;

        test_endpoint_start(test, answer_text, (void *)(uintptr_t)framings[i]);
        assert_ok(get(&response, test, "/", &error), error);
        assert_int_equal(response.status, 200);
        assert_string_equal((const char *)response.body.data, "hello");
        http_response_clear(&response);
        https_server_stop(test->server);
        test->server = NULL;
    }
}

static void answer_until_close(void *user, struct https_answer *answer,
                               const struct https_seen *request, size_t number)
{
    (void)user;
    (void)request;
    (void)number;
    https_answer_printf(answer, "HTTP/1.1 200 OK\r\n\r\nhello");
    answer->ending = HTTPS_CLOSE;
}

static void body_may_end_with_the_connection(void **state)
{
    struct test_endpoint *test = *state;
    certenroll_error *error = NULL;
    struct http_response response;

    test_endpoint_start(test, answer_until_close, NULL);
    assert_ok(get(&response, test, "/", &error), error);
    assert_string_equal((const char *)response.body.data, "hello");
    http_response_clear(&response);
}

static void answer_retry(void *user, struct https_answer *answer, const struct https_seen *request,
                         size_t number)
{
    static const char *const fields[] = { "Retry-After: 120\r\n",
                                          "Retry-After: Fri, 31 Dec 9999 23:59:59 GMT\r\n",
                                          "Retry-After: soon\r\n", "" };

    (void)user;
    (void)request;
    https_answer_whole(answer, "202 Accepted", fields[number], "", 0);
}

static void retry_after_is_read(void **state)
{
    struct test_endpoint *test = *state;
    certenroll_error *error = NULL;
    struct http_response response;
    int64_t before = (int64_t)time(NULL);

    test_endpoint_start(test, answer_retry, NULL);
    assert_ok(get(&response, test, "/", &error), error);
    assert_true(response.retry_at >= before + 120 && response.retry_at <= time(NULL) + 120);
    assert_ok(get(&response, test, "/", &error), error);
    assert_true(response.retry_at > before + 300 * 86400);
    assert_true(response.retry_at < before + 400 * 86400);
    assert_ok(get(&response, test, "/", &error), error);
    assert_int_equal(response.retry_at, 0);
    assert_ok(get(&response, test, "/", &error), error);
    assert_int_equal(response.retry_at, 0);
    assert_int_equal(response.status, 202);
}

/* --- the server's identity: where it fails, no request is sent, let alone a password --- */

static void check_not_trusted(struct test_endpoint *test, const char *why)
{
    test->endpoint.username = "somebody";
    check_get_fails(test, CERTENROLL_E_TLS, why);
    assert_int_equal(https_server_count(test->server), 0);
    assert_int_equal(test->asked, 0);
}

static struct test_certificate server_details(void)
{
    struct test_certificate details = TEST_CERTIFICATE_INIT;

    details.alt_names = "DNS:est.localhost";
    details.ext_key_usage = "serverAuth";
    return details;
}

static void self_signed_server_is_refused(void **state)
{
    struct test_endpoint *test = *state;
    struct test_certificate details = server_details();
    struct test_ca self;

    details.key = test->server_key;
    test_ca_new_from(&self, &details, NULL);
    X509_free(test->server_certificate);
    test->server_certificate = self.certificate;
    self.certificate = NULL;
    test_ca_clear(&self);
    test_endpoint_start(test, answer_hello, NULL);
    check_not_trusted(test, "self-signed certificate");
}

static void foreign_server_is_refused(void **state)
{
    struct test_endpoint *test = *state;
    struct test_ca foreign;

    test_ca_new(&foreign, "CN=Foreign root", NULL);
    test_ca_clear(&test->ca);
    test->ca = foreign;
    test_endpoint_reissue(test, server_details());
    test_endpoint_start(test, answer_hello, NULL);
    check_not_trusted(test, "unable to get local issuer certificate");
}

static void wrong_host_name_is_refused(void **state)
{
    struct test_endpoint *test = *state;
    struct test_certificate details = server_details();

    details.alt_names = "DNS:other.localhost";
    test_endpoint_reissue(test, details);
    test_endpoint_start(test, answer_hello, NULL);
    check_not_trusted(test, "match");
}

static void expired_server_is_refused(void **state)
{
    struct test_endpoint *test = *state;
    struct test_certificate details = server_details();

    details.not_before = -7200;
    details.not_after = -3600;
    test_endpoint_reissue(test, details);
    test_endpoint_start(test, answer_hello, NULL);
    check_not_trusted(test, "certificate has expired");
}

static void client_certificate_is_no_server(void **state)
{
    struct test_endpoint *test = *state;
    struct test_certificate details = server_details();

    details.ext_key_usage = "clientAuth";
    test_endpoint_reissue(test, details);
    test_endpoint_start(test, answer_hello, NULL);
    check_not_trusted(test, "purpose");
}

static void old_tls_is_refused(void **state)
{
    struct test_endpoint *test = *state;

    test->options.max_version = TLS1_1_VERSION;
    test_endpoint_start(test, answer_hello, NULL);
    check_not_trusted(test, "no TLS connection");
}

static void anchor_is_required(void **state)
{
    struct test_endpoint *test = *state;

    test_endpoint_start(test, answer_hello, NULL);
    test->endpoint.tls_anchors = NULL;
    check_get_fails(test, CERTENROLL_E_ARGUMENT, "trust anchor");
    assert_int_equal(https_server_count(test->server), 0);
}

static void intermediate_may_be_the_anchor(void **state)
{
    struct test_endpoint *test = *state;
    certenroll_error *error = NULL;
    struct http_response response;
    struct test_ca issuing;
    size_t length;
    char *pem;

    test_ca_new(&issuing, "CN=Issuing CA,O=Test", &test->ca);
    test_ca_clear(&test->ca);
    test->ca = issuing;
    test_endpoint_reissue(test, server_details());
    certenroll_anchors_free(test->anchors);
    pem = test_pem(&length, &issuing.certificate, 1);
    assert_ok(certenroll_anchors_new(&test->anchors, pem, length, &error), error);
    free(pem);
    test->endpoint.tls_anchors = test->anchors;
    test_endpoint_start(test, answer_hello, NULL);
    assert_ok(get(&response, test, "/", &error), error);
    http_response_clear(&response);
}

/* --- HTTP Basic --- */

/* "somebody:open sesame" */
#define CREDENTIALS "Authorization: Basic c29tZWJvZHk6b3BlbiBzZXNhbWU=\r\n"

struct gate {
    const char *fields; /* of the 401 */
    int never;          /* whatever the credentials */
    enum https_ending ending;
};

static void answer_gate(void *user, struct https_answer *answer, const struct https_seen *request,
                        size_t number)
{
    const struct gate *gate = user;

    (void)number;
    if (!gate->never && strstr(request->head, "\r\n" CREDENTIALS))
        https_answer_whole(answer, "200 OK", "", "welcome", 7);
    else
        https_answer_whole(answer, "401 Unauthorized", gate->fields, "who?", 4);
    answer->ending = gate->ending;
}

static long get_through(struct test_endpoint *test, struct gate *gate)
{
    certenroll_error *error = NULL;
    struct http_response response;
    long status;

    test->endpoint.username = "somebody";
    test_endpoint_start(test, answer_gate, gate);
    assert_ok(get(&response, test, "/", &error), error);
    status = response.status;
    http_response_clear(&response);
    return status;
}

static void password_is_asked_once(void **state)
{
    struct test_endpoint *test = *state;
    struct gate gate = { .fields = "WWW-Authenticate: Basic realm=\"RA\"\r\n" };

    assert_int_equal(get_through(test, &gate), 200);
    assert_int_equal(test->asked, 1);
    assert_int_equal(test->asked_kind, CERTENROLL_SECRET_PASSWORD);
    assert_string_equal(test->asked_name, "somebody");
    assert_string_equal(test->asked_place, test->url + strlen("https://"));
    assert_int_equal(https_server_count(test->server), 2);
    assert_null(strstr(head_of(test, 0), "Authorization"));
    assert_non_null(strstr(head_of(test, 1), "\r\n" CREDENTIALS));
    assert_int_equal(https_server_seen(test->server, 1)->connection, 1);
    assert_null(strstr(test->log, "sesame"));
    assert_null(strstr(test->log, "c29tZWJvZHk6"));
    assert_non_null(strstr(test->log, "HTTP 401"));
}

static void wrong_password_is_not_repeated(void **state)
{
    struct test_endpoint *test = *state;
    struct gate gate = { .fields = "WWW-Authenticate: Basic realm=\"RA\"\r\n", .never = 1 };

    assert_int_equal(get_through(test, &gate), 401);
    assert_int_equal(test->asked, 1);
    assert_int_equal(https_server_count(test->server), 2);
}

static void connection_may_close_between(void **state)
{
    struct test_endpoint *test = *state;
    struct gate gate = { .fields = "WWW-Authenticate: Basic\r\nConnection: close\r\n",
                         .ending = HTTPS_CLOSE };

    assert_int_equal(get_through(test, &gate), 200);
    assert_int_equal(https_server_seen(test->server, 1)->connection, 2);
}

static void basic_is_found_among_others(void **state)
{
    struct test_endpoint *test = *state;
    struct gate gate = { .fields = "WWW-Authenticate: Digest realm=\"a\", nonce=\"b\"\r\n"
                                   "WWW-Authenticate: basic realm=\"RA\"\r\n" };

    assert_int_equal(get_through(test, &gate), 200);
}

static void only_basic_is_answered(void **state)
{
    struct test_endpoint *test = *state;
    struct gate gate = { .fields = "WWW-Authenticate: Digest realm=\"a\", nonce=\"b\"\r\n" };

    assert_int_equal(get_through(test, &gate), 401);
    assert_int_equal(test->asked, 0);
    assert_int_equal(https_server_count(test->server), 1);
}

static void password_needs_a_name(void **state)
{
    struct test_endpoint *test = *state;
    struct gate gate = { .fields = "WWW-Authenticate: Basic realm=\"RA\"\r\n" };
    certenroll_error *error = NULL;
    struct http_response response;

    test_endpoint_start(test, answer_gate, &gate);
    assert_ok(get(&response, test, "/", &error), error);
    assert_int_equal(response.status, 401);
    assert_int_equal(test->asked, 0);
    http_response_clear(&response);

    test->endpoint.username = "some:body";
    check_get_fails(test, CERTENROLL_E_ARGUMENT, "colon");
    assert_int_equal(test->asked, 0);
}

static void person_may_refuse(void **state)
{
    struct test_endpoint *test = *state;
    struct gate gate = { .fields = "WWW-Authenticate: Basic realm=\"RA\"\r\n" };

    test->password = NULL;
    test->endpoint.username = "somebody";
    test_endpoint_start(test, answer_gate, &gate);
    check_get_fails(test, CERTENROLL_E_CANCELLED, NULL);
    assert_int_equal(https_server_count(test->server), 1);
}

/* --- redirects --- */

struct signpost {
    const char *status_line;
    char location[160];
    int always; /* also at the place it points to */
};

static void answer_signpost(void *user, struct https_answer *answer,
                            const struct https_seen *request, size_t number)
{
    const struct signpost *signpost = user;
    char field[256];

    (void)number;
    snprintf(field, sizeof(field), "Location: %s\r\n", signpost->location);
    if (signpost->always || !strstr(request->head, " /there "))
        https_answer_whole(answer, signpost->status_line, field, "", 0);
    else
        https_answer_whole(answer, "200 OK", "", request->body, request->body_length);
}

static void same_origin_is_followed(void **state)
{
    struct test_endpoint *test = *state;
    struct signpost signpost = { .status_line = "302 Found", .location = "/there" };
    certenroll_error *error = NULL;
    struct http_response response;

    test_endpoint_start(test, answer_signpost, &signpost);
    assert_ok(get(&response, test, "/here", &error), error);
    assert_int_equal(response.status, 200);
    http_response_clear(&response);
    snprintf(signpost.location, sizeof(signpost.location), "%s/there", test->url);
    assert_ok(get(&response, test, "/here", &error), error);
    assert_int_equal(response.status, 200);
    http_response_clear(&response);
    assert_true(begins(head_of(test, 3), "GET /there HTTP/1.1"));
}

static void post_stays_a_post(void **state)
{
    static const char *const keeping[] = { "307 Temporary Redirect", "308 Permanent Redirect" };
    struct test_endpoint *test = *state;
    struct signpost signpost = { .location = "/there" };

    test_endpoint_start(test, answer_signpost, &signpost);
    for (size_t i = 0; i < 2; i++) {
        certenroll_error *error = NULL;
        struct http_response response;

        signpost.status_line = keeping[i];
        assert_ok(post(&response, test, "/here", "the request", &error), error);
        assert_string_equal((const char *)response.body.data, "the request");
        assert_true(begins(head_of(test, 2 * i + 1), "POST /there HTTP/1.1"));
        http_response_clear(&response);
    }
}

static void post_is_not_made_a_get(void **state)
{
    static const char *const losing[] = { "301 Moved Permanently", "302 Found", "303 See Other" };
    struct test_endpoint *test = *state;
    struct signpost signpost = { .location = "/there" };

    test_endpoint_start(test, answer_signpost, &signpost);
    for (size_t i = 0; i < 3; i++) {
        certenroll_error *error = NULL;
        struct http_response response;

        signpost.status_line = losing[i];
        assert_fails(post(&response, test, "/here", "the request", &error), CERTENROLL_E_SERVER,
                     error);
        assert_int_equal(https_server_count(test->server), i + 1);
    }
}

static void other_origins_are_not_followed(void **state)
{
    static const char *const elsewhere[] = {
        "https://login.localhost:%u/there",
        "http://est.localhost:%u/there",
        "https://est.localhost/there",
        "//login.localhost:%u/there",
        "file:///etc/passwd",
        "https://est.localhost:%u@evil/",
    };
    struct test_endpoint *test = *state;
    struct signpost signpost = { .status_line = "307 Temporary Redirect" };

    test_endpoint_start(test, answer_signpost, &signpost);
    for (size_t i = 0; i < sizeof(elsewhere) / sizeof(elsewhere[0]); i++) {
        const char *port = strstr(elsewhere[i], "%u");
        size_t before = port ? (size_t)(port - elsewhere[i]) : strlen(elsewhere[i]);

        snprintf(signpost.location, sizeof(signpost.location), "%.*s", (int)before, elsewhere[i]);
        if (port)
            snprintf(signpost.location + before, sizeof(signpost.location) - before, "%u%s",
                     https_server_port(test->server), port + 2);
        check_get_fails(test, CERTENROLL_E_SERVER, "not followed");
        assert_int_equal(https_server_count(test->server), i + 1);
    }
}

/* Older libcurls hand the user's name on, and we refuse the address; newer ones drop it. */
static void user_in_a_redirect_is_not_sent(void **state)
{
    struct test_endpoint *test = *state;
    struct signpost signpost = { .status_line = "307 Temporary Redirect" };
    certenroll_error *error = NULL;
    struct http_response response;
    int status;

    test_endpoint_start(test, answer_signpost, &signpost);
    snprintf(signpost.location, sizeof(signpost.location), "https://me:pw@est.localhost:%u/there",
             https_server_port(test->server));
    status = get(&response, test, "/", &error);
    if (status == CERTENROLL_OK)
        assert_null(strstr(head_of(test, 1), "Authorization:"));
    else
        assert_int_equal(status, CERTENROLL_E_SERVER);
    http_response_clear(&response);
    certenroll_error_free(error);
}

static void circle_ends(void **state)
{
    struct test_endpoint *test = *state;
    struct signpost signpost = { .status_line = "302 Found", .location = "/there", .always = 1 };

    test_endpoint_start(test, answer_signpost, &signpost);
    check_get_fails(test, CERTENROLL_E_SERVER, "too many");
    assert_int_equal(https_server_count(test->server), 6);
}

static void answer_gate_behind_signpost(void *user, struct https_answer *answer,
                                        const struct https_seen *request, size_t number)
{
    struct gate gate = { .fields = "WWW-Authenticate: Basic realm=\"RA\"\r\n" };

    if (strstr(request->head, " /there "))
        answer_gate(&gate, answer, request, number);
    else
        answer_signpost(user, answer, request, number);
}

static void password_is_asked_behind_a_redirect(void **state)
{
    struct test_endpoint *test = *state;
    struct signpost signpost = { .status_line = "307 Temporary Redirect", .location = "/there" };
    certenroll_error *error = NULL;
    struct http_response response;

    test->endpoint.username = "somebody";
    test_endpoint_start(test, answer_gate_behind_signpost, &signpost);
    assert_ok(post(&response, test, "/here", "the request", &error), error);
    assert_int_equal(response.status, 200);
    assert_int_equal(test->asked, 1);
    assert_int_equal(https_server_count(test->server), 3);
    http_response_clear(&response);
}

/* --- answers without end --- */

#define TEN_MEGABYTES ((size_t)10 * 1024 * 1024)

static void answer_flood(void *user, struct https_answer *answer, const struct https_seen *request,
                         size_t number)
{
    const char *head = user;
    char *flood = malloc(TEN_MEGABYTES);

    (void)request;
    (void)number;
    assert_non_null(flood);
    memset(flood, 'x', TEN_MEGABYTES);
    if (strstr(head, "many")) /* many header fields rather than one long one */
        for (size_t i = 0; i + 100 < TEN_MEGABYTES; i += 100)
            memcpy(flood + i, "\r\nX: ", 5);
    https_answer_printf(answer, "HTTP/1.1 200 OK\r\n%s", head);
    https_answer_append(answer, flood, TEN_MEGABYTES);
    free(flood);
}

static void floods_are_cut_off(void **state)
{
    static const char *const heads[] = { "Content-Length: 10485760\r\n\r\n",
                                         "Transfer-Encoding: chunked\r\n\r\na00000\r\n",
                                         "Connection: close\r\n\r\n", "X-many: y", "X-long: " };
    struct test_endpoint *test = *state;

    for (size_t i = 0; i < sizeof(heads) / sizeof(heads[0]); i++) {
        test_endpoint_start(test, answer_flood, (void *)(uintptr_t)heads[i]);
        check_get_fails(test, CERTENROLL_E_SERVER, "too long");
        https_server_stop(test->server);
        test->server = NULL;
    }
}

/* --- connections that break --- */

struct fragment {
    const char *text;
    enum https_ending ending;
};

static void answer_fragment(void *user, struct https_answer *answer,
                            const struct https_seen *request, size_t number)
{
    const struct fragment *fragment = user;

    (void)request;
    (void)number;
    https_answer_append(answer, fragment->text, strlen(fragment->text));
    answer->ending = fragment->ending;
}

static void broken_answers_are_network_errors(void **state)
{
    static const char *const fragments[] = {
        "",
        "HTTP/1.1 2",
        "HTTP/1.1 200 OK\r\n",
        "HTTP/1.1 200 OK\r\nContent-Ty",
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
        "HTTP/1.1 100 Continue\r\n\r\n",
    };
    struct test_endpoint *test = *state;

    for (size_t i = 0; i < sizeof(fragments) / sizeof(fragments[0]); i++)
        for (int ending = HTTPS_CLOSE; ending <= HTTPS_BREAK; ending++) {
            struct fragment fragment = { fragments[i], (enum https_ending)ending };

            test_endpoint_start(test, answer_fragment, &fragment);
            check_get_fails(test, CERTENROLL_E_NETWORK, NULL);
            https_server_stop(test->server);
            test->server = NULL;
        }
}

static void what_is_not_http_is_refused(void **state)
{
    struct test_endpoint *test = *state;
    struct fragment fragment = { "220 mail.example ESMTP\r\n", HTTPS_CLOSE };

    test_endpoint_start(test, answer_fragment, &fragment);
    check_get_fails(test, CERTENROLL_E_SERVER, "not HTTP");
}

static void absent_server_is_a_network_error(void **state)
{
    struct test_endpoint *test = *state;

    test_endpoint_start(test, answer_hello, NULL);
    https_server_stop(test->server);
    test->server = NULL;
    check_get_fails(test, CERTENROLL_E_NETWORK, "cannot connect");
}

/* From the ClientHello to the last byte before the request: it is the connection that broke, and
 * the trust anchor is not to blame. */
static void broken_handshakes_are_network_errors(void **state)
{
    struct test_endpoint *test = *state;
    struct relay *relay;

    for (size_t i = 0; i < 2; i++) {
        test->options.max_version = i ? TLS1_3_VERSION : TLS1_2_VERSION;
        test_endpoint_start(test, answer_hello, NULL);
        relay = relay_start(https_server_port(test->server));
        snprintf(test->url, sizeof(test->url), "https://est.localhost:%u", relay_port(relay));
        for (int cut = RELAY_FIN; cut <= RELAY_RST; cut++)
            for (size_t after = 0; after < 600; after += 40) {
                relay_set(relay, (enum relay_cut)cut, after % 80 ? RELAY_BACK : RELAY_OUT,
                          after % 80 ? after : after / 4);
                check_get_fails(test, CERTENROLL_E_NETWORK, NULL);
            }
        assert_int_equal(https_server_count(test->server), 0);
        relay_stop(relay);
        https_server_stop(test->server);
        test->server = NULL;
    }
}

/* A server that answers whatever comes with plain HTTP, once. */
static void what_is_not_tls_is_refused(void **state)
{
    static const char answer[] = "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n";
    struct sockaddr_in address = { .sin_family = AF_INET };
    socklen_t length = sizeof(address);
    struct test_endpoint *test = *state;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    pid_t server;

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_int_equal(bind(listener, (struct sockaddr *)&address, length), 0);
    assert_int_equal(listen(listener, 1), 0);
    assert_int_equal(getsockname(listener, (struct sockaddr *)&address, &length), 0);
    snprintf(test->url, sizeof(test->url), "https://est.localhost:%u", ntohs(address.sin_port));
    server = fork();
    assert_true(server >= 0);
    if (server == 0) {
        char hello[1024];
        int fd = accept(listener, NULL, NULL);

        _exit(read(fd, hello, sizeof(hello)) < 0 || write(fd, answer, strlen(answer)) < 0 ||
              shutdown(fd, SHUT_WR) < 0 || read(fd, hello, sizeof(hello)) < 0);
    }
    close(listener);
    check_get_fails(test, CERTENROLL_E_TLS, "no TLS connection could be made");
    assert_int_equal(waitpid(server, NULL, 0), server);
}

/* --- what is written down --- */

/* With these keys a recording of the connection shows the password. */
static void no_key_log_is_written(void **state)
{
    struct test_endpoint *test = *state;
    certenroll_error *error = NULL;
    struct http_response response;
    size_t length = 0;

    test_endpoint_start(test, answer_hello, NULL);
    assert_ok(get(&response, test, "/", &error), error);
    http_response_clear(&response);
    free(scratch_read(getenv("SSLKEYLOGFILE"), &length));
    assert_int_equal(length, 0);
}

/* --- mutual TLS --- */

static const int versions[] = { TLS1_2_VERSION, TLS1_3_VERSION };

static void client_key_is_used(void **state)
{
    struct test_endpoint *test = *state;
    struct client_identity identity;

    client_identity_new(&identity);
    client_identity_use(&identity, test);
    test->options.client_ca = identity.root.certificate;
    test->options.client_required = 1;
    for (size_t i = 0; i < 2; i++) {
        certenroll_error *error = NULL;
        struct http_response response;
        const struct https_seen *seen;

        test->options.max_version = versions[i];
        test_endpoint_start(test, answer_hello, NULL);
        assert_ok(get(&response, test, "/", &error), error);
        http_response_clear(&response);
        seen = https_server_seen(test->server, 0);
        assert_int_equal(seen->tls_version, versions[i]);
        assert_non_null(seen->peer);
        assert_int_equal(X509_cmp(seen->peer, identity.certificate), 0);
        https_server_stop(test->server);
        test->server = NULL;
    }
    client_identity_clear(&identity);
}

static void foreign_certificate_is_the_clients_fault(void **state)
{
    struct test_endpoint *test = *state;
    struct client_identity identity;

    client_identity_new(&identity);
    client_identity_use(&identity, test);
    test->options.client_ca = test->ca.certificate;
    test->options.client_required = 1;
    for (size_t i = 0; i < 2; i++) {
        test->options.max_version = versions[i];
        test_endpoint_start(test, answer_hello, NULL);
        check_get_fails(test, CERTENROLL_E_AUTHENTICATION, "refuses our certificate");
        https_server_stop(test->server);
        test->server = NULL;
    }
    client_identity_clear(&identity);
}

/* TLS 1.2 has no alert of its own for this; 1.3 has certificate_required. */
static void missing_certificate_is_said(void **state)
{
    struct test_endpoint *test = *state;

    test->options.client_ca = test->ca.certificate;
    test->options.client_required = 1;
    test->options.max_version = TLS1_3_VERSION;
    test_endpoint_start(test, answer_hello, NULL);
    check_get_fails(test, CERTENROLL_E_AUTHENTICATION, "wants a certificate");
}

static void key_and_certificate_must_fit(void **state)
{
    struct test_endpoint *test = *state;
    struct client_identity identity;

    client_identity_new(&identity);
    client_identity_use(&identity, test);
    test->endpoint.client_key = test->server_key;
    test_endpoint_start(test, answer_hello, NULL);
    check_get_fails(test, CERTENROLL_E_TLS, "certificate and its key");
    assert_int_equal(https_server_count(test->server), 0);
    client_identity_clear(&identity);
}

/* --- threads --- */

#define THREADS 8
#define ROUNDS 10

static void *get_often(void *argument)
{
    struct test_endpoint *test = argument;
    uintptr_t good = 0;

    for (int i = 0; i < ROUNDS; i++) {
        struct http_response response;

        if (get(&response, test, "/", NULL) == CERTENROLL_OK && response.status == 200)
            good++;
        http_response_clear(&response);
    }
    return (void *)good;
}

static void threads_share_an_endpoint(void **state)
{
    struct test_endpoint *test = *state;
    pthread_t threads[THREADS];

    certenroll_context_set_log(test->context, CERTENROLL_LOG_ERROR, NULL, NULL);
    test_endpoint_start(test, answer_hello, NULL);
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, get_often, test), 0);
    for (int i = 0; i < THREADS; i++) {
        void *good;

        assert_int_equal(pthread_join(threads[i], &good), 0);
        assert_int_equal((uintptr_t)good, ROUNDS);
    }
    assert_int_equal(https_server_count(test->server), THREADS * ROUNDS);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(get_brings_the_answer),
        TEST(post_sends_the_body),
        TEST(framings_are_read),
        TEST(body_may_end_with_the_connection),
        TEST(retry_after_is_read),
        TEST(self_signed_server_is_refused),
        TEST(foreign_server_is_refused),
        TEST(wrong_host_name_is_refused),
        TEST(expired_server_is_refused),
        TEST(client_certificate_is_no_server),
        TEST(old_tls_is_refused),
        TEST(anchor_is_required),
        TEST(intermediate_may_be_the_anchor),
        TEST(password_is_asked_once),
        TEST(wrong_password_is_not_repeated),
        TEST(connection_may_close_between),
        TEST(basic_is_found_among_others),
        TEST(only_basic_is_answered),
        TEST(password_needs_a_name),
        TEST(person_may_refuse),
        TEST(same_origin_is_followed),
        TEST(post_stays_a_post),
        TEST(post_is_not_made_a_get),
        TEST(other_origins_are_not_followed),
        TEST(user_in_a_redirect_is_not_sent),
        TEST(circle_ends),
        TEST(password_is_asked_behind_a_redirect),
        TEST(floods_are_cut_off),
        TEST(broken_answers_are_network_errors),
        TEST(what_is_not_http_is_refused),
        TEST(absent_server_is_a_network_error),
        TEST(broken_handshakes_are_network_errors),
        TEST(what_is_not_tls_is_refused),
        TEST(no_key_log_is_written),
        TEST(client_key_is_used),
        TEST(foreign_certificate_is_the_clients_fault),
        TEST(missing_certificate_is_said),
        TEST(key_and_certificate_must_fit),
        TEST(threads_share_an_endpoint),
    };

    return cmocka_run_group_tests(tests, allow_everything, remove_configuration);
}
