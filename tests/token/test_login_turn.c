/* SPDX-License-Identifier: Apache-2.0 */
/* Threads that need one login: a person who refuses the PIN refuses it for all of them, one who is
 * asked in vain is told so, and who was cancelled himself leaves the question to the others. */
#include "base/platform.h"
#include "check.h"
#include "shimmed_token.h"
#include "test_ca.h"

#include <certenroll/certenroll.h>

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#define THREADS 6
#define PROMPTLY_MS 1000
#define PATIENCE_MS 10000 /* of a person whom nobody tells that the answer is not wanted any more  \
                           */

struct fixture {
    struct shimmed_token shimmed;
    certenroll_token *token;
    certenroll_cancel *cancel;
    atomic_int asked;
    atomic_int refuses;   /* the person says no as soon as this is set */
    atomic_int cancelled; /* the callback was told so */
};

/* The first question waits for the test; any other one is answered. */
static int answer(void *user, const certenroll_secret_request *request, char *buffer,
                  size_t capacity, size_t *length)
{
    struct fixture *f = user;

    if (atomic_fetch_add(&f->asked, 1) > 0) {
        *length = strlen(SOFTHSM_PIN);
        assert_true(*length <= capacity);
        memcpy(buffer, SOFTHSM_PIN, *length);
        return CERTENROLL_OK;
    }
    for (int waited = 0; waited < PATIENCE_MS && !atomic_load(&f->refuses); waited += 5) {
        if (certenroll_secret_is_cancelled(request)) {
            atomic_store(&f->cancelled, 1);
            return CERTENROLL_E_CANCELLED;
        }
        ce_sleep_ms(5);
    }
    return CERTENROLL_E_CANCELLED;
}

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    certenroll_token_options options = CERTENROLL_TOKEN_OPTIONS_INIT;

    assert_non_null(f);
    shimmed_token_open(&f->shimmed);
    options.module_path = shim_module();
    options.secret = answer;
    options.secret_user = f;
    assert_ok(certenroll_cancel_new(&f->cancel, &f->shimmed.error), f->shimmed.error);
    assert_ok(certenroll_token_open(&f->token, f->shimmed.context, "pkcs11:token=bank", &options,
                                    &f->shimmed.error),
              f->shimmed.error);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    certenroll_token_free(f->token);
    certenroll_cancel_free(f->cancel);
    shimmed_token_close(&f->shimmed);
    free(f);
    return 0;
}

static void *log_in(void *user)
{
    struct fixture *f = user;
    certenroll_error *error = NULL;
    int status = certenroll_token_login(f->token, &error);

    certenroll_error_free(error);
    return (void *)(intptr_t)status;
}

static void begin(struct fixture *f, pthread_t *threads, int count)
{
    for (int i = 0; i < count; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, log_in, f), 0);
    while (atomic_load(&f->asked) == 0)
        ce_sleep_ms(1);
    ce_sleep_ms(300); /* until the others wait */
}

/* All end with it, at once. */
static void end(pthread_t *threads, int count, int wanted)
{
    int64_t begun = ce_uptime_ms();

    for (int i = 0; i < count; i++) {
        void *status = NULL;

        pthread_join(threads[i], &status);
        assert_int_equal((int)(intptr_t)status, wanted);
    }
    assert_true(ce_uptime_ms() - begun < PROMPTLY_MS);
}

static void test_refused_for_all(void **state)
{
    struct fixture *f = *state;
    pthread_t threads[THREADS];

    begin(f, threads, THREADS);
    atomic_store(&f->refuses, 1);
    end(threads, THREADS, CERTENROLL_E_CANCELLED);
    assert_int_equal(atomic_load(&f->asked), 1);
    /* whoever comes later is asked */
    assert_int_equal((int)(intptr_t)log_in(f), CERTENROLL_OK);
    assert_int_equal(atomic_load(&f->asked), 2);
}

static void test_cancelled_while_asked(void **state)
{
    struct fixture *f = *state;
    pthread_t threads[THREADS];

    certenroll_context_set_cancel(f->shimmed.context, f->cancel);
    begin(f, threads, THREADS);
    certenroll_cancel_now(f->cancel);
    end(threads, THREADS, CERTENROLL_E_CANCELLED);
    assert_true(atomic_load(&f->cancelled));
    assert_int_equal(atomic_load(&f->asked), 1);
    /* nobody is asked in vain */
    assert_int_equal((int)(intptr_t)log_in(f), CERTENROLL_E_CANCELLED);
    assert_int_equal(atomic_load(&f->asked), 1);
    certenroll_cancel_reset(f->cancel);
    assert_int_equal((int)(intptr_t)log_in(f), CERTENROLL_OK);
}

/* --- an enrolment with a cancel, or a limit, of its own --- */

static certenroll_enrolment *new_enrolment(struct fixture *f, certenroll_enrolment_options *options)
{
    certenroll_request_options request = CERTENROLL_REQUEST_OPTIONS_INIT;
    certenroll_anchors *anchors = NULL;
    certenroll_enrolment *enrolment = NULL;
    struct test_ca ca;
    size_t length;
    char *pem;

    test_ca_new(&ca, "CN=Test CA", 0);
    pem = test_pem(&length, &ca.certificate, 1);
    assert_ok(certenroll_anchors_new(&anchors, pem, length, &f->shimmed.error), f->shimmed.error);
    free(pem);
    test_ca_clear(&ca);
    request.subject = "CN=cancelled";
    options->anchors = anchors;
    options->request = &request;
    options->journal_directory = softhsm_dir(f->shimmed.hsm);
    assert_ok(certenroll_enrolment_new(&enrolment, f->token, options, &f->shimmed.error),
              f->shimmed.error);
    certenroll_anchors_free(anchors);
    return enrolment;
}

struct enrolling {
    certenroll_enrolment *enrolment;
    int status;
};

static void *enrol(void *user)
{
    struct enrolling *enrolling = user;
    certenroll_error *error = NULL;

    enrolling->status = certenroll_enrolment_run(enrolling->enrolment, &error);
    certenroll_error_free(error);
    return NULL;
}

static void leave_the_question(struct fixture *f, certenroll_enrolment_options *options)
{
    struct enrolling enrolling = { new_enrolment(f, options), CERTENROLL_OK };
    pthread_t thread, other;

    assert_int_equal(pthread_create(&thread, NULL, enrol, &enrolling), 0);
    while (atomic_load(&f->asked) == 0)
        ce_sleep_ms(1);
    assert_int_equal(pthread_create(&other, NULL, log_in, f), 0);
    ce_sleep_ms(300);
    if (options->cancel)
        certenroll_cancel_now(options->cancel);
    pthread_join(thread, NULL);
    assert_int_equal(enrolling.status, CERTENROLL_E_CANCELLED);
    assert_true(atomic_load(&f->cancelled));
    end(&other, 1, CERTENROLL_OK);
    assert_int_equal(atomic_load(&f->asked), 2);
    certenroll_enrolment_free(enrolling.enrolment);
}

static void test_own_cancel(void **state)
{
    struct fixture *f = *state;
    certenroll_enrolment_options options = CERTENROLL_ENROLMENT_OPTIONS_INIT;

    options.cancel = f->cancel;
    leave_the_question(f, &options);
}

static void test_own_limit(void **state)
{
    certenroll_enrolment_options options = CERTENROLL_ENROLMENT_OPTIONS_INIT;

    options.run_limit_ms = 700;
    leave_the_question(*state, &options);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_refused_for_all),
        TEST(test_cancelled_while_asked),
        TEST(test_own_cancel),
        TEST(test_own_limit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
