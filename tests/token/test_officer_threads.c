/* SPDX-License-Identifier: Apache-2.0 */
/* The SO takes the token over while threads work as the user: what they are at is brought to its
 * end first, and what comes later waits. */
#include "base/platform.h"
#include "check.h"
#include "shimmed_token.h"

#include <certenroll/certenroll.h>
#include <certenroll/openssl.h>

#include <openssl/evp.h>

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>

#define THREADS 4
#define RESETS 20

static const unsigned char ids[THREADS] = { 1, 2, 3, 4 };

struct fixture {
    struct shimmed_token shimmed;
    certenroll_token *token;
    certenroll_key *keys[THREADS];
    atomic_int wrong;
    atomic_int done; /* pieces of work */
    atomic_int over;
};

/* Any number of threads ask. */
static int answer(void *user, const certenroll_secret_request *request, char *buffer,
                  size_t capacity, size_t *length)
{
    const char *pin =
        request->kind == CERTENROLL_SECRET_SO_PIN ? SOFTHSM_SO_PIN : SOFTHSM_PIN; /* also anew */

    (void)user;
    *length = strlen(pin);
    assert_true(*length <= capacity);
    memcpy(buffer, pin, *length);
    return CERTENROLL_OK;
}

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    certenroll_token_options options = CERTENROLL_TOKEN_OPTIONS_INIT;
    certenroll_key_options key_options = CERTENROLL_KEY_OPTIONS_INIT;

    assert_non_null(f);
    shimmed_token_open(&f->shimmed);
    options.module_path = shim_module();
    options.secret = answer;
    assert_ok(certenroll_token_open(&f->token, f->shimmed.context, "pkcs11:token=bank", &options,
                                    &f->shimmed.error),
              f->shimmed.error);
    key_options.id_length = 1;
    for (int i = 0; i < THREADS; i++) {
        key_options.id = &ids[i];
        assert_ok(certenroll_key_generate(&f->keys[i], f->token, &key_options, &f->shimmed.error),
                  f->shimmed.error);
    }
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    for (int i = 0; i < THREADS; i++)
        certenroll_key_free(f->keys[i]);
    certenroll_token_free(f->token);
    shimmed_token_close(&f->shimmed);
    free(f);
    return 0;
}

/* --- the user's threads --- */

struct worker {
    struct fixture *f;
    int number;
    int (*work)(struct fixture *f, int number, certenroll_error **error);
};

static int find(struct fixture *f, int number, certenroll_error **error)
{
    certenroll_key *key = NULL;
    int status = certenroll_key_find(&key, f->token, &ids[number], 1, error);

    certenroll_key_free(key);
    return status;
}

/* By the key that was made at the beginning. */
static int sign(struct fixture *f, int number, certenroll_error **error)
{
    unsigned char signature[128];
    size_t length = sizeof(signature);
    EVP_PKEY *pkey = NULL;
    EVP_MD_CTX *signer = EVP_MD_CTX_new(), *verifier = EVP_MD_CTX_new();
    int status = certenroll_key_evp_pkey(&pkey, f->keys[number], error);

    if (status == CERTENROLL_OK &&
        (EVP_DigestSignInit(signer, NULL, EVP_sha256(), NULL, pkey) != 1 ||
         EVP_DigestSign(signer, signature, &length, ids, sizeof(ids)) != 1 ||
         EVP_DigestVerifyInit(verifier, NULL, EVP_sha256(), NULL, pkey) != 1 ||
         EVP_DigestVerify(verifier, signature, length, ids, sizeof(ids)) != 1))
        status = CERTENROLL_E_INTERNAL;
    EVP_MD_CTX_free(signer);
    EVP_MD_CTX_free(verifier);
    EVP_PKEY_free(pkey);
    return status;
}

static void *work_often(void *argument)
{
    const struct worker *worker = argument;

    while (!atomic_load(&worker->f->over)) {
        certenroll_error *error = NULL;

        if (worker->work(worker->f, worker->number, &error) < 0 &&
            atomic_fetch_add(&worker->f->wrong, 1) == 0)
            print_message("%s\n", error ? certenroll_error_message(error) : "no signature");
        certenroll_error_free(error);
        atomic_fetch_add(&worker->f->done, 1);
    }
    return NULL;
}

/* --- and the SO --- */

/* The SO comes again only when the threads are in the middle of their work; a minute at most. */
static void let_them_work(struct fixture *f)
{
    int64_t until = ce_uptime_ms() + 60000;
    int enough = atomic_load(&f->done) + 2 * THREADS;

    while (atomic_load(&f->done) < enough && ce_uptime_ms() < until)
        sched_yield();
}

static void nothing_fails_meanwhile(struct fixture *f,
                                    int (*work)(struct fixture *, int, certenroll_error **))
{
    struct worker workers[THREADS];
    pthread_t threads[THREADS];
    int resets = 0;

    for (int i = 0; i < THREADS; i++) {
        workers[i] = (struct worker){ f, i, work };
        assert_int_equal(pthread_create(&threads[i], NULL, work_often, &workers[i]), 0);
    }
    let_them_work(f);
    while (resets < RESETS && certenroll_token_reset_pin(f->token, &f->shimmed.error) >= 0) {
        let_them_work(f);
        resets++;
    }
    atomic_store(&f->over, 1);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    assert_ok(resets == RESETS ? CERTENROLL_OK : CERTENROLL_E_INTERNAL, f->shimmed.error);
    assert_int_equal(atomic_load(&f->wrong), 0);
    assert_true(atomic_load(&f->done) >= 2 * THREADS * RESETS);
}

static void keys_are_found_while_the_officer_comes_and_goes(void **state)
{
    nothing_fails_meanwhile(*state, find);
}

static void keys_sign_while_the_officer_comes_and_goes(void **state)
{
    nothing_fails_meanwhile(*state, sign);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(keys_are_found_while_the_officer_comes_and_goes),
        TEST(keys_sign_while_the_officer_comes_and_goes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
