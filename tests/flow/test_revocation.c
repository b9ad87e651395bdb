/* SPDX-License-Identifier: Apache-2.0 */
/* A revocation that cannot be asked for is refused before anybody is: no PIN, no connection. */
#include "check.h"
#include "furnished_token.h"

#include <stdlib.h>

static void assert_not_asked(struct furnished_token *f, certenroll_token *token, const void *der,
                             size_t length, const certenroll_revoke_options *options, int expected)
{
    certenroll_error *error = NULL;

    assert_fails(
        certenroll_certificate_revoke(f->shimmed.context, token, der, length, options, &error),
        expected, error);
}

static void a_revocation_needs_to_know_whom_what_and_why(void **state)
{
    static const unsigned char id[] = { 1 };
    struct furnished_token *f = *state;
    certenroll_revoke_options good = CERTENROLL_REVOKE_OPTIONS_INIT;
    certenroll_anchors *anchors = NULL;
    certenroll_error *error = NULL;
    size_t pem_length, length;
    char *pem = test_pem(&pem_length, &f->ca.certificate, 1);
    unsigned char *der = test_der(&length, f->ca.certificate);
    certenroll_revoke_options bad;

    assert_ok(certenroll_anchors_new(&anchors, pem, pem_length, &error), error);
    good.est_url = "https://ra.localhost:1";
    good.tls_anchors = anchors;
    good.username = "user";

    assert_not_asked(f, NULL, der, length, NULL, CERTENROLL_E_ARGUMENT);
    bad = good;
    bad.est_url = NULL;
    assert_not_asked(f, NULL, der, length, &bad, CERTENROLL_E_ARGUMENT);
    bad.est_url = "http://ra.localhost:1";
    assert_not_asked(f, NULL, der, length, &bad, CERTENROLL_E_ARGUMENT);
    bad = good;
    bad.tls_anchors = NULL;
    assert_not_asked(f, NULL, der, length, &bad, CERTENROLL_E_ARGUMENT);
    bad = good;
    bad.reason = (certenroll_revocation_reason)2;
    assert_not_asked(f, NULL, der, length, &bad, CERTENROLL_E_ARGUMENT);
    bad = good;
    bad.username = NULL;
    assert_not_asked(f, NULL, der, length, &bad, CERTENROLL_E_ARGUMENT);
    bad.id = id;
    bad.id_length = sizeof(id);
    assert_not_asked(f, NULL, der, length, &bad, CERTENROLL_E_ARGUMENT);
    bad.id_length = 0;
    assert_not_asked(f, f->shimmed.token, der, length, &bad, CERTENROLL_E_ARGUMENT);
    assert_not_asked(f, NULL, NULL, 0, &good, CERTENROLL_E_ARGUMENT);
    assert_not_asked(f, NULL, der, length - 1, &good, CERTENROLL_E_CERT_MALFORMED);
    assert_not_asked(f, NULL, pem, pem_length, &good, CERTENROLL_E_CERT_MALFORMED);
    assert_int_equal(f->shimmed.pin.asked, 0);

    bad.id_length = sizeof(id);
    assert_not_asked(f, f->shimmed.token, der, length, &bad, CERTENROLL_E_OBJECT_NOT_FOUND);
    certenroll_anchors_free(anchors);
    free(der);
    free(pem);
}

int main(void)
{
#define TEST(name)                                                                                 \
    cmocka_unit_test_setup_teardown(name, furnished_token_set_up, furnished_token_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_revocation_needs_to_know_whom_what_and_why),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
