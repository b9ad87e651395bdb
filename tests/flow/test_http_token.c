/* SPDX-License-Identifier: Apache-2.0 */
/* A token that fails inside the TLS handshake: what the exchange says of it. */
#include "check.h"
#include "protocol/http.h"
#include "shim.h"
#include "signing_keys.h"
#include "test_endpoint.h"

#include <stdio.h>

static int get(struct test_endpoint *test, certenroll_error **error)
{
    const struct http_request request = { .url = test->url };
    struct http_response response;
    int status = http_exchange(&response, &test->endpoint, &request, error);

    http_response_clear(&response);
    return status;
}

/* Signs once, fails once with the token's `ck_rv`, and signs again. */
static void check_failure(struct test_endpoint *test, const struct shim *shim, unsigned ck_rv,
                          int expected)
{
    certenroll_error *error = NULL;
    char line[64];

    snprintf(line, sizeof(line), "fail C_SignInit 0x%x\n", ck_rv);
    assert_ok(get(test, &error), error);
    shim_control(shim, line);
    assert_int_equal(get(test, &error), expected);
    shim_control(shim, "");
    assert_int_equal(certenroll_error_status(error), expected);
    assert_int_equal(certenroll_error_ck_rv(error), ck_rv);
    certenroll_error_free(error);
    error = NULL;
    assert_ok(get(test, &error), error);
}

static void tokens_error_keeps_its_status(void **state)
{
    static const certenroll_key_type types[] = { CERTENROLL_KEY_P256, 0 };
    static const int versions[] = { TLS1_2_VERSION, TLS1_3_VERSION };
    struct signing_keys *keys = signing_keys_new(types, 1);
    struct test_certificate details = TEST_CERTIFICATE_INIT;
    struct test_endpoint test;

    (void)state;
    test_endpoint_new(&test);
    details.key = keys->key[0].pkey;
    test.endpoint.client_key = keys->key[0].pkey;
    test.endpoint.client_certificate = test_ca_issue(&test.ca, &details);
    test.options.client_ca = test.ca.certificate;
    test.options.client_required = 1;
    for (size_t i = 0; i < 2; i++) {
        test.options.max_version = versions[i];
        test_endpoint_start(&test, answer_hello, NULL);
        check_failure(&test, keys->shim, 0x30, CERTENROLL_E_TOKEN); /* CKR_DEVICE_ERROR */
        https_server_stop(test.server);
        test.server = NULL;
    }
    X509_free(test.endpoint.client_certificate);
    test_endpoint_clear(&test);
    signing_keys_free(keys);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tokens_error_keeps_its_status),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
