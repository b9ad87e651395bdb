/* SPDX-License-Identifier: Apache-2.0 */
/* A TLS client and server in one thread, joined by a pair of memory BIOs. */
#ifndef TEST_TLS_PAIR_H
#define TEST_TLS_PAIR_H

#include "test_ca.h"

#include <openssl/ssl.h>

struct tls_pair {
    SSL *client;
    SSL *server;
};

/* A server that asks for a certificate of `ca` and shows one of its own by a new software key. */
SSL_CTX *tls_server_context(const struct test_ca *ca, int version);
/* A client that trusts `ca` and shows `certificate` by `key`. Both in the default library context.
 */
SSL_CTX *tls_client_context(const struct test_ca *ca, int version, X509 *certificate,
                            EVP_PKEY *key);

/* Makes both ends and runs the handshake. Returns 1 when both are through; either way the pair is
 * there to be looked at, and ends with tls_pair_clear. */
int tls_pair_connect(struct tls_pair *pair, SSL_CTX *client, SSL_CTX *server);
void tls_pair_clear(struct tls_pair *pair);

#endif
