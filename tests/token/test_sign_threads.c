/* SPDX-License-Identifier: Apache-2.0 */
/* Signing from many threads, and after sessions, logins and handles were lost. */
#include "check.h"
#include "shimmed_token.h"
#include "token/session.h"
#include "token/sign.h"

#include <certenroll/certenroll.h>

#include <p11-kit/p11-kit.h>
#include <p11-kit/pkcs11.h>
#include <sys/wait.h>

#include <dlfcn.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define THREADS 8
#define SIGNATURES 40

struct fixture {
    struct shimmed_token shimmed;
    certenroll_key *key; /* RSA: PKCS#1 v1.5 signs the same thing the same way */
    unsigned char expected[256];
};

static int sign_with(certenroll_key *key, unsigned char *signature, certenroll_error **error)
{
    static const unsigned char data[] = "to be signed";
    CK_MECHANISM mechanism = { CKM_RSA_PKCS, NULL, 0 };
    struct ce_signature_bytes made;
    int status = ce_key_sign(&made, key, &mechanism, data, sizeof(data), error);

    assert_int_equal(made.length, status == CERTENROLL_OK ? 256 : 0);
    memcpy(signature, made.bytes, made.length);
    return status;
}

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    certenroll_key_options options = CERTENROLL_KEY_OPTIONS_INIT;

    assert_non_null(f);
    shimmed_token_open(&f->shimmed);
    options.type = CERTENROLL_KEY_RSA_2048;
    assert_ok(certenroll_key_generate(&f->key, f->shimmed.token, &options, &f->shimmed.error),
              f->shimmed.error);
    assert_ok(sign_with(f->key, f->expected, &f->shimmed.error), f->shimmed.error);
    shim_forget(f->shimmed.shim);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    certenroll_key_free(f->key);
    shimmed_token_close(&f->shimmed);
    free(f);
    return 0;
}

static void signs_as_before(struct fixture *f)
{
    unsigned char signature[256];

    assert_ok(sign_with(f->key, signature, &f->shimmed.error), f->shimmed.error);
    assert_memory_equal(signature, f->expected, sizeof(signature));
}

/* --- threads --- */

struct worker {
    struct fixture *f;
    atomic_int *wrong;
};

static void *sign_often(void *argument)
{
    struct worker *worker = argument;
    unsigned char signature[256];

    for (int i = 0; i < SIGNATURES; i++)
        if (sign_with(worker->f->key, signature, NULL) != CERTENROLL_OK ||
            memcmp(signature, worker->f->expected, sizeof(signature)) != 0)
            atomic_fetch_add(worker->wrong, 1);
    return NULL;
}

static void sign_in_threads(struct fixture *f)
{
    atomic_int wrong = 0;
    struct worker worker = { f, &wrong };
    pthread_t threads[THREADS];

    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, sign_often, &worker), 0);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(atomic_load(&wrong), 0);
    assert_int_equal(shim_calls(f->shimmed.shim, "C_Sign"), THREADS * SIGNATURES);
}

static void many_threads_sign_with_one_key(void **state)
{
    struct fixture *f = *state;

    sign_in_threads(f);
    assert_true(shim_calls(f->shimmed.shim, "C_OpenSession") < THREADS);
    assert_int_equal(f->shimmed.pin.asked, 1);
}

static void threads_wait_where_the_token_has_no_more_sessions(void **state)
{
    struct fixture *f = *state;

    shim_control(f->shimmed.shim, "fail C_OpenSession 0xb1\n");
    sign_in_threads(f);
    assert_true(shim_calls(f->shimmed.shim, "C_OpenSession") <
                THREADS); /* waited, not asked in turn */
}

static void no_session_at_all_is_a_full_token(void **state)
{
    struct fixture *f = *state;
    certenroll_token *other =
        softhsm_open_by(shim_module(), f->shimmed.context, "bank", &f->shimmed.pin);

    shim_control(f->shimmed.shim, "fail C_OpenSession 0xb1\n");
    assert_fails(certenroll_token_login(other, &f->shimmed.error), CERTENROLL_E_TOKEN_FULL,
                 f->shimmed.error);
    certenroll_token_free(other);
}

/* --- losses --- */

static void a_signature_costs_two_calls(void **state)
{
    struct fixture *f = *state;

    signs_as_before(f);
    assert_int_equal(shim_calls(f->shimmed.shim, NULL), 2);
}

static void what_is_lost_is_got_again_once(void **state)
{
    static const char *const controls[] = {
        "fail C_SignInit 0xb3 once\n",  "fail C_SignInit 0xb0 once\n",
        "fail C_SignInit 0x60 once\n",  "fail C_SignInit 0x82 once\n",
        "fail C_SignInit 0x101 once\n", "fail C_SignInit 0x190 once\n",
        "fail C_Sign 0xb3 once\n",
    };
    struct fixture *f = *state;

    for (size_t i = 0; i < sizeof(controls) / sizeof(controls[0]); i++) {
        shim_control(f->shimmed.shim, controls[i]);
        shim_forget(f->shimmed.shim);
        signs_as_before(f);
        assert_int_equal(shim_calls(f->shimmed.shim, "C_SignInit"), 2);
    }
}

static void what_stays_lost_is_an_error(void **state)
{
    static const char *const controls[] = {
        "fail C_SignInit 0xb3\n",
        "fail C_SignInit 0x60\n",
        "fail C_SignInit 0x101\n",
        "fail C_SignInit 0x190\n",
    };
    struct fixture *f = *state;

    for (size_t i = 0; i < sizeof(controls) / sizeof(controls[0]); i++) {
        unsigned char signature[256];

        shim_control(f->shimmed.shim, controls[i]);
        shim_forget(f->shimmed.shim);
        assert_fails(sign_with(f->key, signature, &f->shimmed.error), CERTENROLL_E_TOKEN,
                     f->shimmed.error);
        assert_int_equal(shim_calls(f->shimmed.shim, "C_SignInit"), 2);
    }
    shim_control(f->shimmed.shim, "");
    signs_as_before(f);
}

static void dead_sessions_are_not_closed(void **state)
{
    struct fixture *f = *state;

    shim_control(f->shimmed.shim, "fail C_SignInit 0xb3 once\n");
    signs_as_before(f);
    assert_int_equal(shim_calls(f->shimmed.shim, "C_CloseSession"), 0);
}

static void a_lost_login_takes_the_key_handle_along(void **state)
{
    struct fixture *f = *state;

    shim_control(f->shimmed.shim, "fail C_SignInit 0x101 once\n");
    signs_as_before(f);
    assert_int_equal(shim_calls(f->shimmed.shim, "C_FindObjectsInit"), 1); /* searched anew */
}

/* As ykcs11 has it: CKR_DEVICE_ERROR for everything until all sessions are closed. */
static void a_device_error_closes_the_sessions(void **state)
{
    struct fixture *f = *state;
    unsigned char signature[256];

    sign_in_threads(f); /* fills the pool */
    shim_forget(f->shimmed.shim);
    shim_control(f->shimmed.shim, "fail C_Sign 0x30 once\n");
    assert_fails(sign_with(f->key, signature, &f->shimmed.error), CERTENROLL_E_TOKEN,
                 f->shimmed.error);
    assert_true(shim_calls(f->shimmed.shim, "C_CloseSession") >= 1);
    assert_int_equal(f->shimmed.token->idle_count, 0);
    signs_as_before(f);
    assert_int_equal(shim_calls(f->shimmed.shim, "C_OpenSession"), 1);
}

static void a_removed_token_is_not_waited_for(void **state)
{
    struct fixture *f = *state;
    unsigned char signature[256];

    shim_control(f->shimmed.shim, "fail C_SignInit 0x32\nfail C_OpenSession 0xe0\n");
    assert_fails(sign_with(f->key, signature, &f->shimmed.error), CERTENROLL_E_TOKEN_REMOVED,
                 f->shimmed.error);
    assert_int_equal(shim_calls(f->shimmed.shim, "C_SignInit"), 1);
    assert_fails(sign_with(f->key, signature, &f->shimmed.error), CERTENROLL_E_TOKEN_REMOVED,
                 f->shimmed.error);
    assert_int_equal(shim_calls(f->shimmed.shim, "C_SignInit"), 1);
    shim_control(f->shimmed.shim, ""); /* put back */
    signs_as_before(f);
}

static void a_logout_by_the_host_is_made_good(void **state)
{
    struct fixture *f = *state;
    CK_FUNCTION_LIST *module = p11_kit_module_load(shim_module(), 0);
    CK_SESSION_HANDLE session;
    CK_SLOT_ID slots[8];
    CK_ULONG count = 8;

    assert_int_equal(p11_kit_module_initialize(module), CKR_OK);
    assert_int_equal(module->C_GetSlotList(CK_TRUE, slots, &count), CKR_OK);
    assert_int_equal(module->C_OpenSession(slots[0], CKF_SERIAL_SESSION, NULL, NULL, &session),
                     CKR_OK);
    assert_int_equal(module->C_Logout(session), CKR_OK);
    signs_as_before(f);
    assert_int_equal(f->shimmed.pin.asked, 2);
    p11_kit_module_finalize(module);
    p11_kit_module_release(module);
}

/* A host that calls C_Finalize by itself, and not through p11-kit. */
static void a_module_that_was_finalized_is_started_again(void **state)
{
    struct fixture *f = *state;
    void *library = dlopen(softhsm_module(), RTLD_NOW | RTLD_NOLOAD);
    CK_C_GetFunctionList get_functions = NULL;
    CK_FUNCTION_LIST *functions = NULL;

    assert_non_null(library);
    *(void **)&get_functions = dlsym(library, "C_GetFunctionList");
    assert_non_null(get_functions);
    assert_int_equal(get_functions(&functions), CKR_OK);
    assert_int_equal(functions->C_Finalize(NULL), CKR_OK);
    signs_as_before(f);
    assert_int_equal(f->shimmed.pin.asked, 2);
    dlclose(library);
}

static void a_child_signs_for_itself(void **state)
{
    struct fixture *f = *state;
    int outcome = -1;
    pid_t child = fork();

    assert_true(child >= 0);
    if (child == 0) {
        unsigned char signature[256];
        int good = sign_with(f->key, signature, NULL) == CERTENROLL_OK &&
                   memcmp(signature, f->expected, sizeof(signature)) == 0;
        _exit(good ? 0 : 1);
    }
    assert_int_equal(waitpid(child, &outcome, 0), child);
    assert_true(WIFEXITED(outcome));
    assert_int_equal(WEXITSTATUS(outcome), 0);
    assert_int_equal(shim_calls(f->shimmed.shim, "C_Initialize"), 1);
    assert_int_equal(shim_calls(f->shimmed.shim, "C_OpenSession"), 1);
    signs_as_before(f);
}

/* Answers in the parent once there is a child, which answers at once. */
struct slow_answer {
    pid_t parent;
    atomic_int asked, go_on;
};

static int answer_slowly(void *user, const certenroll_secret_request *request, char *buffer,
                         size_t capacity, size_t *length)
{
    struct slow_answer *slow = user;
    struct test_pin pin = TEST_PIN;

    atomic_store(&slow->asked, 1);
    while (getpid() == slow->parent && !atomic_load(&slow->go_on))
        sched_yield();
    return test_pin_answer(&pin, request, buffer, capacity, length);
}

static void *log_in(void *token)
{
    certenroll_error *error = NULL;

    assert_ok(certenroll_token_login(token, &error), error);
    return NULL;
}

/* A second token object: the parent's thread holds its login mutex while the process forks. */
static void a_child_does_not_wait_for_threads_of_its_parent(void **state)
{
    struct fixture *f = *state;
    struct slow_answer slow = { .parent = getpid() };
    certenroll_token_options options = CERTENROLL_TOKEN_OPTIONS_INIT;
    certenroll_token *token = NULL;
    int outcome = -1;
    pthread_t thread;
    pid_t child;

    certenroll_key_free(f->key);
    f->key = NULL;
    certenroll_token_free(f->shimmed.token); /* ends its login */
    f->shimmed.token = NULL;
    options.module_path = softhsm_module();
    options.secret = answer_slowly;
    options.secret_user = &slow;
    assert_ok(certenroll_token_open(&token, f->shimmed.context, "pkcs11:token=bank", &options,
                                    &f->shimmed.error),
              f->shimmed.error);
    assert_int_equal(pthread_create(&thread, NULL, log_in, token), 0);
    while (!atomic_load(&slow.asked))
        sched_yield();
    child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        alarm(60); /* ends a child that waits for ever */
        _exit(certenroll_token_login(token, NULL) == CERTENROLL_OK ? 0 : 1);
    }
    assert_int_equal(waitpid(child, &outcome, 0), child);
    atomic_store(&slow.go_on, 1);
    assert_int_equal(pthread_join(thread, NULL), 0);
    certenroll_token_free(token);
    assert_true(WIFEXITED(outcome));
    assert_int_equal(WEXITSTATUS(outcome), 0);
}

static void a_key_that_was_removed_is_missed(void **state)
{
    struct fixture *f = *state;
    CK_FUNCTION_LIST *module = p11_kit_module_load(softhsm_module(), 0);
    CK_SESSION_HANDLE session;
    CK_OBJECT_HANDLE objects[8];
    CK_SLOT_ID slots[8];
    CK_ULONG count = 8;
    unsigned char signature[256];

    assert_int_equal(p11_kit_module_initialize(module), CKR_OK);
    assert_int_equal(module->C_GetSlotList(CK_TRUE, slots, &count), CKR_OK);
    assert_int_equal(
        module->C_OpenSession(slots[0], CKF_SERIAL_SESSION | CKF_RW_SESSION, NULL, NULL, &session),
        CKR_OK);
    count = 8;
    assert_int_equal(module->C_FindObjectsInit(session, NULL, 0), CKR_OK);
    assert_int_equal(module->C_FindObjects(session, objects, 8, &count), CKR_OK);
    module->C_FindObjectsFinal(session);
    assert_int_equal(count, 2);
    for (CK_ULONG i = 0; i < count; i++)
        assert_int_equal(module->C_DestroyObject(session, objects[i]), CKR_OK);
    assert_fails(sign_with(f->key, signature, &f->shimmed.error), CERTENROLL_E_OBJECT_NOT_FOUND,
                 f->shimmed.error);
    p11_kit_module_finalize(module);
    p11_kit_module_release(module);
}

/* --- a PIN for each signature --- */

static const unsigned char careful_id[] = { 1, 2, 3 };

static void make_careful_key(void)
{
    CK_FUNCTION_LIST *module = p11_kit_module_load(softhsm_module(), 0);
    CK_BBOOL yes = CK_TRUE, no = CK_FALSE;
    CK_ULONG bits = 2048;
    CK_ATTRIBUTE public[] = {
        { CKA_TOKEN, &yes, sizeof(yes) },
        { CKA_MODULUS_BITS, &bits, sizeof(bits) },
    };
    CK_ATTRIBUTE private[] = {
        { CKA_TOKEN, &yes, sizeof(yes) },
        { CKA_PRIVATE, &yes, sizeof(yes) },
        { CKA_SENSITIVE, &yes, sizeof(yes) },
        { CKA_EXTRACTABLE, &no, sizeof(no) },
        { CKA_ALWAYS_AUTHENTICATE, &yes, sizeof(yes) },
        { CKA_ID, (void *)(uintptr_t)careful_id, sizeof(careful_id) },
    };
    CK_MECHANISM mechanism = { CKM_RSA_PKCS_KEY_PAIR_GEN, NULL, 0 };
    CK_OBJECT_HANDLE one, other;
    CK_SESSION_HANDLE session;
    CK_SLOT_ID slots[8];
    CK_ULONG count = 8;

    assert_int_equal(p11_kit_module_initialize(module), CKR_OK);
    assert_int_equal(module->C_GetSlotList(CK_TRUE, slots, &count), CKR_OK);
    assert_int_equal(
        module->C_OpenSession(slots[0], CKF_SERIAL_SESSION | CKF_RW_SESSION, NULL, NULL, &session),
        CKR_OK);
    assert_int_equal(
        module->C_GenerateKeyPair(session, &mechanism, public, 2, private, 6, &one, &other),
        CKR_OK);
    p11_kit_module_finalize(module);
    p11_kit_module_release(module);
}

static void a_careful_key_wants_the_pin_each_time(void **state)
{
    struct fixture *f = *state;
    unsigned char signature[256];
    certenroll_key *key = NULL;

    make_careful_key();
    assert_ok(certenroll_key_find(&key, f->shimmed.token, careful_id, sizeof(careful_id),
                                  &f->shimmed.error),
              f->shimmed.error);
    assert_ok(sign_with(key, signature, &f->shimmed.error), f->shimmed.error);
    assert_int_equal(f->shimmed.pin.kind, CERTENROLL_SECRET_CONTEXT_PIN);
    assert_ok(sign_with(key, signature, &f->shimmed.error), f->shimmed.error);
    assert_int_equal(f->shimmed.pin.asked, 3); /* the login's and one for each signature */

    f->shimmed.pin.pin = "9999-wrong";
    assert_fails(sign_with(key, signature, &f->shimmed.error), CERTENROLL_E_PIN_INCORRECT,
                 f->shimmed.error);
    f->shimmed.pin.pin = NULL;
    assert_fails(sign_with(key, signature, &f->shimmed.error), CERTENROLL_E_CANCELLED,
                 f->shimmed.error);
    f->shimmed.pin.pin = SOFTHSM_PIN;
    assert_ok(sign_with(key, signature, &f->shimmed.error), f->shimmed.error);
    signs_as_before(f); /* the other key in the same session */
    certenroll_key_free(key);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(many_threads_sign_with_one_key),
        TEST(threads_wait_where_the_token_has_no_more_sessions),
        TEST(no_session_at_all_is_a_full_token),
        TEST(a_signature_costs_two_calls),
        TEST(what_is_lost_is_got_again_once),
        TEST(what_stays_lost_is_an_error),
        TEST(dead_sessions_are_not_closed),
        TEST(a_lost_login_takes_the_key_handle_along),
        TEST(a_device_error_closes_the_sessions),
        TEST(a_removed_token_is_not_waited_for),
        TEST(a_logout_by_the_host_is_made_good),
        TEST(a_module_that_was_finalized_is_started_again),
        TEST(a_child_signs_for_itself),
        TEST(a_child_does_not_wait_for_threads_of_its_parent),
        TEST(a_key_that_was_removed_is_missed),
        TEST(a_careful_key_wants_the_pin_each_time),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
