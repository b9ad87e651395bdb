/* SPDX-License-Identifier: Apache-2.0 */
/* Requests signed in a token, and what is said when the token does not. */
#include "check.h"
#include "shim.h"
#include "signing_keys.h"

#include <certenroll/request.h>

#include <openssl/err.h>
#include <openssl/x509.h>

static struct signing_keys *keys;

static int set_up(void **state)
{
    (void)state;
    keys = signing_keys_new(signing_key_types, 1);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    signing_keys_free(keys);
    return 0;
}

static int sign(unsigned char **der, size_t *length, const struct signing_key *key,
                certenroll_error **error)
{
    certenroll_request_options options = CERTENROLL_REQUEST_OPTIONS_INIT;

    options.subject = "CN=Suzuki,O=Example,C=JP";
    return certenroll_request_sign(der, length, CERTENROLL_DER, key->key, &options, error);
}

static void every_key_signs_a_request(void **state)
{
    (void)state;
    for (size_t i = 0; i < keys->count; i++) {
        certenroll_error *error = NULL;
        unsigned char *der = NULL;
        const unsigned char *at;
        size_t length = 0;
        X509_REQ *request;

        assert_ok(sign(&der, &length, &keys->key[i], &error), error);
        at = der;
        request = d2i_X509_REQ(NULL, &at, (long)length);
        assert_non_null(request);
        assert_int_equal(X509_REQ_verify(request, keys->key[i].public_key), 1);
        X509_REQ_free(request);
        certenroll_buffer_free(der);
    }
}

/* The status survives its way through OpenSSL, and so does the CK_RV's name. */
static void failures_keep_their_status(void **state)
{
    static const struct {
        const char *control;
        int status;
        const char *name;
    } failures[] = {
        { "fail C_SignInit 0x30\n", CERTENROLL_E_TOKEN, "CKR_DEVICE_ERROR" },
        { "fail C_SignInit 0x32\n", CERTENROLL_E_TOKEN_REMOVED, "CKR_DEVICE_REMOVED" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(failures) / sizeof(failures[0]); i++) {
        certenroll_error *error = NULL;
        unsigned char *der = NULL;
        size_t length = 0;
        int status;

        shim_control(keys->shim, failures[i].control);
        status = sign(&der, &length, &keys->key[i], &error);
        shim_control(keys->shim, "");
        assert_int_equal(status, failures[i].status);
        assert_non_null(strstr(certenroll_error_message(error), failures[i].name));
        assert_null(der);
        assert_int_equal(ERR_peek_error(), 0);
        certenroll_error_free(error);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_key_signs_a_request),
        cmocka_unit_test(failures_keep_their_status),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
