/* SPDX-License-Identifier: Apache-2.0 */
/* Signatures a second with one P-256 key of the token: C_SignInit + C_Sign in a session for each
 * thread, and EVP_DigestSign through the provider. */
#include "bench.h"
#include "raw_token.h"

#include <certenroll/openssl.h>

#include <openssl/evp.h>

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The signatures are as many as 20 rounds make. */
enum { SIGNATURES_MAX = 10000, THREADS_MAX = 64 };

static unsigned count_signatures(const struct bench *bench)
{
    return at_most(SIGNATURES_MAX, 500 * bench->rounds);
}

/* Runs `work` in each thread, for that many signatures, and gives the rate of all together. */
static double rate_of(unsigned signatures, unsigned threads, void *(*work)(void *),
                      void *const *arguments)
{
    pthread_t running[THREADS_MAX];
    double started = now_milliseconds();

    need(threads <= THREADS_MAX, "so many threads");
    for (unsigned i = 0; i < threads; i++)
        need(pthread_create(&running[i], NULL, work, arguments[i]) == 0, "pthread_create");
    for (unsigned i = 0; i < threads; i++)
        pthread_join(running[i], NULL);
    return signatures * 1000.0 / (now_milliseconds() - started);
}

/* --- raw --- */

struct raw_worker {
    const struct raw_token *token;
    const struct raw_key *key;
    CK_SESSION_HANDLE session;
    unsigned count;
};

static void *sign_raw_work(void *argument)
{
    const struct raw_worker *worker = argument;
    unsigned char hash[32], signature[64];

    for (unsigned i = 0; i < worker->count; i++) {
        need(EVP_Digest(&i, sizeof(i), hash, NULL, EVP_sha256(), NULL) == 1, "EVP_Digest");
        raw_sign(worker->token, worker->session, worker->key->private_key, hash, signature);
    }
    return NULL;
}

double sign_raw(struct bench *bench, unsigned threads)
{
    struct raw_worker workers[THREADS_MAX];
    void *arguments[THREADS_MAX];
    struct raw_token token;
    struct raw_key key;
    unsigned signatures = count_signatures(bench);
    double rate;

    use_token(bench, "sign-raw");
    raw_open(&token, bench->module, "sign-raw", bench->pin);
    raw_generate(&key, &token, "bench");
    for (unsigned i = 0; i < threads; i++) {
        workers[i] = (struct raw_worker){ &token, &key, 0, signatures / threads };
        need(token.calls->C_OpenSession(token.slot, CKF_SERIAL_SESSION, NULL, NULL,
                                        &workers[i].session) == CKR_OK,
             "C_OpenSession");
        arguments[i] = &workers[i];
    }
    rate = rate_of(signatures, threads, sign_raw_work, arguments);
    raw_close(&token);
    return rate;
}

/* --- through the provider --- */

struct provider_worker {
    EVP_PKEY *key;
    unsigned count;
};

static void *sign_provider_work(void *argument)
{
    const struct provider_worker *worker = argument;
    unsigned char signature[128];

    for (unsigned i = 0; i < worker->count; i++) {
        EVP_MD_CTX *context = EVP_MD_CTX_new();
        size_t length = sizeof(signature);

        need(context && EVP_DigestSignInit(context, NULL, EVP_sha256(), NULL, worker->key) == 1 &&
                 EVP_DigestSign(context, signature, &length, (const unsigned char *)&i,
                                sizeof(i)) == 1,
             "EVP_DigestSign");
        EVP_MD_CTX_free(context);
    }
    return NULL;
}

static int give_pin(void *user, const certenroll_secret_request *request, char *buffer,
                    size_t capacity, size_t *length)
{
    const struct bench *bench = user;

    (void)request, (void)capacity;
    *length = strlen(bench->pin);
    memcpy(buffer, bench->pin, *length);
    return CERTENROLL_OK;
}

static EVP_PKEY *provider_key(struct bench *bench, certenroll_context *context)
{
    certenroll_token_options options = CERTENROLL_TOKEN_OPTIONS_INIT;
    certenroll_key_options key_options = CERTENROLL_KEY_OPTIONS_INIT;
    certenroll_token *token = NULL;
    certenroll_key *key = NULL;
    EVP_PKEY *pkey = NULL;

    options.module_path = bench->module;
    options.secret = give_pin;
    options.secret_user = bench;
    need(certenroll_token_open(&token, context, "pkcs11:token=sign-provider", &options, NULL) ==
                 0 &&
             certenroll_key_generate(&key, token, &key_options, NULL) == 0 &&
             certenroll_key_evp_pkey(&pkey, key, NULL) == 0,
         "making the provider's key");
    certenroll_key_free(key);
    certenroll_token_free(token);
    return pkey;
}

double sign_provider(struct bench *bench, unsigned threads)
{
    unsigned signatures = count_signatures(bench);
    struct provider_worker worker = { NULL, signatures / threads };
    void *arguments[THREADS_MAX];
    certenroll_context *context = NULL;
    double rate;

    use_token(bench, "sign-provider");
    need(certenroll_context_new(&context, NULL) == 0, "certenroll_context_new");
    worker.key = provider_key(bench, context);
    for (unsigned i = 0; i < threads; i++)
        arguments[i] = &worker;
    rate = rate_of(signatures, threads, sign_provider_work, arguments);
    EVP_PKEY_free(worker.key);
    certenroll_context_free(context);
    return rate;
}
