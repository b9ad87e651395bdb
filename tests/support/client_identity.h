/* SPDX-License-Identifier: Apache-2.0 */
/* A software key with a certificate below an intermediate CA, for TLS client authentication. */
#ifndef CE_TESTS_CLIENT_IDENTITY_H
#define CE_TESTS_CLIENT_IDENTITY_H

#include "test_ca.h"
#include "test_endpoint.h"

struct client_identity {
    struct test_ca root, issuing;
    EVP_PKEY *key;
    X509 *certificate;
    STACK_OF(X509) *chain; /* the issuing CA */
};

void client_identity_new(struct client_identity *identity);
void client_identity_clear(struct client_identity *identity);
/* Makes it the one that the endpoint uses; borrowed. */
void client_identity_use(const struct client_identity *identity, struct test_endpoint *test);

#endif
