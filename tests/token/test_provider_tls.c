/* SPDX-License-Identifier: Apache-2.0 */
/* Client authentication by a token's key in an SSL_CTX of the default library context. */
#include "check.h"
#include "shim.h"
#include "signing_keys.h"
#include "tls_pair.h"

#include <openssl/err.h>

#include <stdio.h>

static struct signing_keys *keys;
static struct test_ca ca;

/* One logon, and the signature algorithm it must have used. */
struct logon {
    certenroll_key_type type;
    const char *name;
    int version;
    const char *algorithms; /* what the server asks for; NULL: OpenSSL's default */
    int signature;          /* NID of the type that the client signs by */
};

static const struct logon logons[] = {
    { CERTENROLL_KEY_RSA_2048, "RSA PSS, TLS 1.3", TLS1_3_VERSION, NULL, EVP_PKEY_RSA_PSS },
    { CERTENROLL_KEY_RSA_2048, "RSA PSS SHA-512, TLS 1.3", TLS1_3_VERSION, "RSA-PSS+SHA512",
      EVP_PKEY_RSA_PSS },
    { CERTENROLL_KEY_RSA_2048, "RSA PSS, TLS 1.2", TLS1_2_VERSION, "RSA-PSS+SHA256",
      EVP_PKEY_RSA_PSS },
    { CERTENROLL_KEY_RSA_2048, "RSA PKCS#1, TLS 1.2", TLS1_2_VERSION, "RSA+SHA256", EVP_PKEY_RSA },
    { CERTENROLL_KEY_RSA_2048, "RSA by default, TLS 1.2", TLS1_2_VERSION, NULL, EVP_PKEY_RSA_PSS },
    { CERTENROLL_KEY_P256, "P-256, TLS 1.3", TLS1_3_VERSION, NULL, EVP_PKEY_EC },
    { CERTENROLL_KEY_P256, "P-256, TLS 1.2", TLS1_2_VERSION, NULL, EVP_PKEY_EC },
    { CERTENROLL_KEY_P256, "P-256 SHA-512, TLS 1.2", TLS1_2_VERSION, "ECDSA+SHA512", EVP_PKEY_EC },
    { CERTENROLL_KEY_P384, "P-384, TLS 1.3", TLS1_3_VERSION, NULL, EVP_PKEY_EC },
    { CERTENROLL_KEY_P384, "P-384, TLS 1.2", TLS1_2_VERSION, NULL, EVP_PKEY_EC },
    { CERTENROLL_KEY_P521, "P-521, TLS 1.3", TLS1_3_VERSION, NULL, EVP_PKEY_EC },
    { CERTENROLL_KEY_P521, "P-521, TLS 1.2", TLS1_2_VERSION, NULL, EVP_PKEY_EC },
    { CERTENROLL_KEY_ED25519, "Ed25519, TLS 1.3", TLS1_3_VERSION, NULL, EVP_PKEY_ED25519 },
    { CERTENROLL_KEY_ED25519, "Ed25519, TLS 1.2", TLS1_2_VERSION, NULL, EVP_PKEY_ED25519 },
};
#define LOGONS (sizeof(logons) / sizeof(logons[0]))

static const struct signing_key *find_key(certenroll_key_type type)
{
    for (size_t i = 0; i < keys->count; i++)
        if (certenroll_key_get_type(keys->key[i].key) == type)
            return &keys->key[i];
    fail();
    return NULL;
}

static X509 *client_certificate(EVP_PKEY *key)
{
    struct test_certificate details = TEST_CERTIFICATE_INIT;

    details.key = key;
    details.subject = "CN=client";
    return test_ca_issue(&ca, &details);
}

static void client_logs_on(void **state)
{
    const struct logon *logon = *state;
    const struct signing_key *key = find_key(logon->type);
    X509 *certificate = client_certificate(key->pkey);
    SSL_CTX *server = tls_server_context(&ca, logon->version);
    SSL_CTX *client = tls_client_context(&ca, logon->version, certificate, key->pkey);
    struct tls_pair pair;
    int signature = 0;

    if (logon->algorithms)
        assert_int_equal(SSL_CTX_set1_client_sigalgs_list(server, logon->algorithms), 1);
    if (!tls_pair_connect(&pair, client, server)) {
        ERR_print_errors_fp(stderr);
        fail();
    }
    assert_int_equal(SSL_version(pair.server), logon->version);
    assert_int_equal(SSL_get_verify_result(pair.server), X509_V_OK);
    assert_int_equal(X509_cmp(SSL_get0_peer_certificate(pair.server), certificate), 0);
    assert_int_equal(SSL_get_peer_signature_type_nid(pair.server, &signature), 1);
    assert_int_equal(signature, logon->signature);
    assert_int_equal(ERR_peek_error(), 0);
    tls_pair_clear(&pair);
    SSL_CTX_free(client);
    SSL_CTX_free(server);
    X509_free(certificate);
}

/* The reason is the first entry in the queue, before those of libssl. */
static void failed_token_fails_the_handshake(void **state)
{
    const struct logon *logon = *state;
    const struct signing_key *key = find_key(logon->type);
    X509 *certificate = client_certificate(key->pkey);
    SSL_CTX *server = tls_server_context(&ca, logon->version);
    SSL_CTX *client = tls_client_context(&ca, logon->version, certificate, key->pkey);
    struct tls_pair pair;
    unsigned long code;

    ERR_clear_error();
    shim_control(keys->shim, "fail C_SignInit 0x30\n");
    assert_false(tls_pair_connect(&pair, client, server));
    shim_control(keys->shim, "");
    code = ERR_peek_error();
    assert_string_equal(ERR_lib_error_string(code), "certenroll");
    assert_int_equal(ERR_GET_REASON(code), -CERTENROLL_E_TOKEN);
    ERR_clear_error();
    tls_pair_clear(&pair);
    SSL_CTX_free(client);
    SSL_CTX_free(server);
    X509_free(certificate);
}

static int set_up(void **state)
{
    (void)state;
    keys = signing_keys_new(signing_key_types, 1);
    test_ca_new(&ca, "CN=Test CA", NULL);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    test_ca_clear(&ca);
    signing_keys_free(keys);
    return 0;
}

int main(void)
{
    static struct CMUnitTest tests[2 * LOGONS];
    static char names[2 * LOGONS][80];
    size_t count = 0;

    for (size_t i = 0; i < LOGONS; i++)
        for (int failing = 0; failing < 2; failing++, count++) {
            snprintf(names[count], sizeof(names[count]), "%s/%s",
                     failing ? "failed_token_fails_the_handshake" : "client_logs_on",
                     logons[i].name);
            tests[count] = (struct CMUnitTest){
                .name = names[count],
                .test_func = failing ? failed_token_fails_the_handshake : client_logs_on,
                .initial_state = (void *)(uintptr_t)&logons[i],
            };
        }
    return _cmocka_run_group_tests("TLS client authentication", tests, count, set_up, tear_down);
}
