/* SPDX-License-Identifier: Apache-2.0 */
#include "client_identity.h"

#include "check.h"

void client_identity_new(struct client_identity *identity)
{
    struct test_certificate details = TEST_CERTIFICATE_INIT;

    test_ca_new(&identity->root, "CN=Client root", NULL);
    test_ca_new(&identity->issuing, "CN=Client issuing CA", &identity->root);
    identity->key = test_key_new("P-256");
    details.key = identity->key;
    identity->certificate = test_ca_issue(&identity->issuing, &details);
    identity->chain = sk_X509_new_null();
    assert_true(sk_X509_push(identity->chain, identity->issuing.certificate) > 0);
}

void client_identity_clear(struct client_identity *identity)
{
    sk_X509_free(identity->chain);
    X509_free(identity->certificate);
    EVP_PKEY_free(identity->key);
    test_ca_clear(&identity->issuing);
    test_ca_clear(&identity->root);
}

void client_identity_use(const struct client_identity *identity, struct test_endpoint *test)
{
    test->endpoint.client_key = identity->key;
    test->endpoint.client_certificate = identity->certificate;
    test->endpoint.client_chain = identity->chain;
}
