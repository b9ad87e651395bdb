/* SPDX-License-Identifier: Apache-2.0 */
#include "test_endpoint.h"

#include "check.h"

#include <certenroll/certificate.h>

#include <stdio.h>
#include <stdlib.h>

static int type_password(void *user, const certenroll_secret_request *request, char *buffer,
                         size_t capacity, size_t *length)
{
    struct test_endpoint *test = user;

    test->asked++;
    test->asked_kind = request->kind;
    snprintf(test->asked_name, sizeof(test->asked_name), "%s", request->name);
    snprintf(test->asked_place, sizeof(test->asked_place), "%s", request->place);
    if (!test->password)
        return CERTENROLL_E_CANCELLED;
    *length = strlen(test->password);
    assert_true(*length <= capacity);
    memcpy(buffer, test->password, *length);
    return CERTENROLL_OK;
}

static void keep_log(void *user, certenroll_log_level level, const char *message)
{
    struct test_endpoint *test = user;
    size_t length = strlen(test->log);

    (void)level;
    snprintf(test->log + length, sizeof(test->log) - length, "%s\n", message);
}

static void forget_proxies(void)
{
    static const char *const names[] = { "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY" };

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        unsetenv(names[i]);
}

void test_endpoint_reissue(struct test_endpoint *test, struct test_certificate details)
{
    X509_free(test->server_certificate);
    details.key = test->server_key;
    test->server_certificate = test_ca_issue(&test->ca, &details);
}

void test_endpoint_new(struct test_endpoint *test)
{
    struct test_certificate details = TEST_CERTIFICATE_INIT;
    certenroll_error *error = NULL;
    size_t length;
    char *pem;

    *test = (struct test_endpoint){ .password = "open sesame" };
    forget_proxies();
    test_ca_new(&test->ca, "CN=TLS root,O=Test", NULL);
    test->server_key = test_key_new("P-256");
    details.subject = "CN=est server,O=Test";
    details.alt_names = "DNS:est.localhost";
    details.ext_key_usage = "serverAuth";
    test_endpoint_reissue(test, details);

    pem = test_pem(&length, &test->ca.certificate, 1);
    assert_ok(certenroll_anchors_new(&test->anchors, pem, length, &error), error);
    free(pem);
    assert_ok(certenroll_context_new(&test->context, &error), error);
    certenroll_context_set_log(test->context, CERTENROLL_LOG_TRACE, keep_log, test);
    test->endpoint = (struct ca_endpoint){
        .context = test->context,
        .url = test->url,
        .tls_anchors = test->anchors,
        .secret = { type_password, test },
    };
}

void test_endpoint_start(struct test_endpoint *test, https_answer_callback answer, void *user)
{
    test->options.certificate = test->server_certificate;
    test->options.key = test->server_key;
    test->options.answer = answer;
    test->options.user = user;
    test->server = https_server_start(&test->options);
    snprintf(test->url, sizeof(test->url), "https://est.localhost:%u",
             https_server_port(test->server));
}

void test_endpoint_clear(struct test_endpoint *test)
{
    https_server_stop(test->server);
    certenroll_anchors_free(test->anchors);
    certenroll_context_free(test->context);
    X509_free(test->server_certificate);
    EVP_PKEY_free(test->server_key);
    test_ca_clear(&test->ca);
}

void answer_hello(void *user, struct https_answer *answer, const struct https_seen *request,
                  size_t number)
{
    (void)user;
    (void)request;
    (void)number;
    https_answer_whole(answer, "200 OK", "Content-Type: text/plain\r\n", "hello", 5);
}
