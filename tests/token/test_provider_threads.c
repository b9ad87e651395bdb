/* SPDX-License-Identifier: Apache-2.0 */
/* Eight threads sign and shake hands with one EVP_PKEY: 10 000 operations in all. */
#include "check.h"
#include "signing_keys.h"
#include "tls_pair.h"

#include <pthread.h>
#include <stdatomic.h>

#define THREADS 8
#define OPERATIONS 1250 /* a thread */
#define HANDSHAKE_EACH 10

/* A thread must not call cmocka: it counts what went wrong, and the test looks at the end. */
struct shared {
    EVP_PKEY *pkey;
    EVP_PKEY *public_key;
    SSL_CTX *client;
    SSL_CTX *server;
    atomic_int failures;
    atomic_int operations;
};

static int sign_and_verify(const struct shared *shared, unsigned number)
{
    unsigned char message[sizeof(number)], signature[256];
    size_t length = sizeof(signature);
    EVP_MD_CTX *signing = EVP_MD_CTX_new(), *verifying = EVP_MD_CTX_new();
    int good;

    memcpy(message, &number, sizeof(number));
    good = EVP_DigestSignInit(signing, NULL, EVP_sha256(), NULL, shared->pkey) == 1 &&
           EVP_DigestSign(signing, signature, &length, message, sizeof(message)) == 1 &&
           EVP_DigestVerifyInit(verifying, NULL, EVP_sha256(), NULL, shared->public_key) == 1 &&
           EVP_DigestVerify(verifying, signature, length, message, sizeof(message)) == 1;
    EVP_MD_CTX_free(signing);
    EVP_MD_CTX_free(verifying);
    return good;
}

static int shake_hands(const struct shared *shared)
{
    struct tls_pair pair;
    int connected = tls_pair_connect(&pair, shared->client, shared->server);

    tls_pair_clear(&pair);
    return connected;
}

static void *work(void *argument)
{
    struct shared *shared = argument;

    for (unsigned i = 0; i < OPERATIONS; i++) {
        int good = i % HANDSHAKE_EACH == 0 ? shake_hands(shared) : sign_and_verify(shared, i);

        atomic_fetch_add(&shared->failures, !good);
        atomic_fetch_add(&shared->operations, 1);
    }
    return NULL;
}

static void run_threads(struct shared *shared)
{
    pthread_t threads[THREADS];

    for (size_t i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, work, shared), 0);
    for (size_t i = 0; i < THREADS; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    assert_int_equal(shared->operations, THREADS * OPERATIONS);
    assert_int_equal(shared->failures, 0);
}

static void one_key_in_many_threads(void **state)
{
    const certenroll_key_type types[] = { CERTENROLL_KEY_P256, 0 };
    struct signing_keys *keys = signing_keys_new(types, 0);
    struct test_certificate details = TEST_CERTIFICATE_INIT;
    struct shared shared = { .pkey = keys->key[0].pkey, .public_key = keys->key[0].public_key };
    struct test_ca ca;
    X509 *certificate;

    (void)state;
    test_ca_new(&ca, "CN=Test CA", NULL);
    details.key = shared.pkey;
    certificate = test_ca_issue(&ca, &details);
    shared.server = tls_server_context(&ca, TLS1_3_VERSION);
    shared.client = tls_client_context(&ca, TLS1_3_VERSION, certificate, shared.pkey);
    run_threads(&shared);
    SSL_CTX_free(shared.client);
    SSL_CTX_free(shared.server);
    X509_free(certificate);
    test_ca_clear(&ca);
    signing_keys_free(keys);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(one_key_in_many_threads) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
