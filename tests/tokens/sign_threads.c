/* SPDX-License-Identifier: Apache-2.0 */
/* Signs with one key of a token in many threads, and verifies each signature.
 *
 *     sign_threads MODULE URI PIN-FILE ID THREADS SIGNATURES
 *
 * MODULE may be empty: p11-kit's configuration. ID is a CKA_ID in hexadecimal. SIGNATURES is how
 * many each thread makes. */
#include "sign_and_verify.h"

#include <certenroll/certenroll.h>
#include <certenroll/openssl.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#define THREADS_MAX 64

struct work {
    EVP_PKEY *pkey;
    int signatures;
    atomic_int wrong;
};

static void need(int condition, const char *what, const certenroll_error *error)
{
    if (condition)
        return;
    fprintf(stderr, "sign_threads: %s: %s\n", what, error ? certenroll_error_message(error) : "");
    exit(1);
}

static int give_pin(void *user, const certenroll_secret_request *request, char *buffer,
                    size_t capacity, size_t *length)
{
    FILE *file = fopen(user, "r");

    (void)request;
    need(file != NULL, "the PIN", NULL);
    *length = fread(buffer, 1, capacity, file);
    fclose(file);
    return CERTENROLL_OK;
}

static void *sign_often(void *argument)
{
    struct work *work = argument;

    for (int i = 0; i < work->signatures; i++)
        atomic_fetch_add(&work->wrong, !sign_and_verify(work->pkey, i));
    return NULL;
}

static void sign_in_threads(struct work *work, int count)
{
    pthread_t threads[THREADS_MAX];

    need(count > 0 && count <= THREADS_MAX, "so many threads", NULL);
    for (int i = 0; i < count; i++)
        need(pthread_create(&threads[i], NULL, sign_often, work) == 0, "a thread", NULL);
    for (int i = 0; i < count; i++)
        pthread_join(threads[i], NULL);
}

static EVP_PKEY *open_key(certenroll_context *context, char **arguments)
{
    certenroll_token_options options = CERTENROLL_TOKEN_OPTIONS_INIT;
    certenroll_error *error = NULL;
    certenroll_token *token = NULL;
    certenroll_key *key = NULL;
    EVP_PKEY *pkey = NULL;
    long length = 0;
    unsigned char *id = OPENSSL_hexstr2buf(arguments[3], &length);

    need(id != NULL, "the CKA_ID", NULL);
    options.module_path = arguments[0][0] ? arguments[0] : NULL;
    options.secret = give_pin;
    options.secret_user = arguments[2];
    need(certenroll_token_open(&token, context, arguments[1], &options, &error) == 0, "the token",
         error);
    need(certenroll_key_find(&key, token, id, (size_t)length, &error) == 0, "the key", error);
    need(certenroll_key_evp_pkey(&pkey, key, &error) == 0, "the key for OpenSSL", error);
    OPENSSL_free(id);
    certenroll_key_free(key);
    certenroll_token_free(token);
    return pkey;
}

int main(int argc, char **argv)
{
    struct work work = { NULL, 0, 0 };
    certenroll_context *context = NULL;

    need(argc == 7, "usage: MODULE URI PIN-FILE ID THREADS SIGNATURES", NULL);
    need(certenroll_context_new(&context, NULL) == 0, "the library", NULL);
    work.pkey = open_key(context, argv + 1);
    work.signatures = atoi(argv[6]);
    sign_in_threads(&work, atoi(argv[5]));
    EVP_PKEY_free(work.pkey);
    certenroll_context_free(context);
    if (atomic_load(&work.wrong) > 0)
        fprintf(stderr, "sign_threads: %d signatures failed\n", atomic_load(&work.wrong));
    return atomic_load(&work.wrong) > 0;
}
