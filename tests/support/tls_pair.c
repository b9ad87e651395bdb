/* SPDX-License-Identifier: Apache-2.0 */
#include "tls_pair.h"

#include "check.h"

static SSL_CTX *new_context(const SSL_METHOD *method, const struct test_ca *ca, int version)
{
    SSL_CTX *context = SSL_CTX_new(method);

    assert_non_null(context);
    assert_int_equal(SSL_CTX_set_min_proto_version(context, version), 1);
    assert_int_equal(SSL_CTX_set_max_proto_version(context, version), 1);
    assert_int_equal(X509_STORE_add_cert(SSL_CTX_get_cert_store(context), ca->certificate), 1);
    return context;
}

static void use(SSL_CTX *context, X509 *certificate, EVP_PKEY *key)
{
    assert_int_equal(SSL_CTX_use_certificate(context, certificate), 1);
    assert_int_equal(SSL_CTX_use_PrivateKey(context, key), 1);
    assert_int_equal(SSL_CTX_check_private_key(context), 1);
}

SSL_CTX *tls_server_context(const struct test_ca *ca, int version)
{
    struct test_certificate details = TEST_CERTIFICATE_INIT;
    SSL_CTX *context = new_context(TLS_server_method(), ca, version);
    X509 *certificate;

    details.key = test_key_new("P-256");
    details.subject = "CN=server.example";
    details.ext_key_usage = "serverAuth";
    certificate = test_ca_issue(ca, &details);
    use(context, certificate, details.key);
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
    X509_free(certificate);
    EVP_PKEY_free(details.key);
    return context;
}

SSL_CTX *tls_client_context(const struct test_ca *ca, int version, X509 *certificate, EVP_PKEY *key)
{
    SSL_CTX *context = new_context(TLS_client_method(), ca, version);

    use(context, certificate, key);
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
    return context;
}

/* 1 when there is no more to do, 0 when the peer is to go on, -1 when it failed. */
static int step(SSL *ssl)
{
    int result = SSL_do_handshake(ssl);

    if (result == 1)
        return 1;
    return SSL_get_error(ssl, result) == SSL_ERROR_WANT_READ ? 0 : -1;
}

int tls_pair_connect(struct tls_pair *pair, SSL_CTX *client, SSL_CTX *server)
{
    BIO *client_end = NULL, *server_end = NULL;
    int client_step = 0, server_step = 0;

    pair->client = SSL_new(client);
    pair->server = SSL_new(server);
    assert_true(pair->client != NULL && pair->server != NULL);
    assert_int_equal(BIO_new_bio_pair(&client_end, 65536, &server_end, 65536), 1);
    SSL_set_bio(pair->client, client_end, client_end);
    SSL_set_bio(pair->server, server_end, server_end);
    SSL_set_connect_state(pair->client);
    SSL_set_accept_state(pair->server);
    for (int turn = 0; turn < 16 && !(client_step == 1 && server_step == 1); turn++) {
        if ((client_step = step(pair->client)) < 0 || (server_step = step(pair->server)) < 0)
            return 0;
    }
    return client_step == 1 && server_step == 1;
}

void tls_pair_clear(struct tls_pair *pair)
{
    SSL_free(pair->client);
    SSL_free(pair->server);
    *pair = (struct tls_pair){ NULL, NULL };
}
