/* SPDX-License-Identifier: Apache-2.0 */
/* Eight threads sign with one key on tokens that have few sessions: all of the 16 that a YubiKey
 * has, what others have left of them, and one. Whether or not the token tells how many it has. */
#include "base/platform.h"
#include "check.h"
#include "raw_token.h"
#include "sign_and_verify.h"
#include "token/session.h"
#include "token/sign.h"

#include <certenroll/openssl.h>

#include <openssl/evp.h>

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>

#define THREADS 8
#define SIGNATURES 60 /* a thread */

/* The token's sessions as it counts them, ours and others'. */
static struct {
    atomic_uint open;
    atomic_uint most; /* that ever were open at once */
    atomic_uint refused;
    unsigned room;
} sessions;

static CK_RV open_counted(CK_SLOT_ID slot, CK_FLAGS flags, void *application, CK_NOTIFY notify,
                          CK_SESSION_HANDLE *session)
{
    unsigned open = atomic_fetch_add(&sessions.open, 1) + 1;
    unsigned most = atomic_load(&sessions.most);
    CK_RV rv;

    if (open > sessions.room) {
        atomic_fetch_sub(&sessions.open, 1);
        atomic_fetch_add(&sessions.refused, 1);
        return CKR_SESSION_COUNT;
    }
    while (most < open && !atomic_compare_exchange_weak(&sessions.most, &most, open))
        ;
    rv = module_replaced->C_OpenSession(slot, flags, application, notify, session);
    if (rv != CKR_OK)
        atomic_fetch_sub(&sessions.open, 1);
    return rv;
}

static CK_RV close_counted(CK_SESSION_HANDLE session)
{
    CK_RV rv = module_replaced->C_CloseSession(session);

    if (rv == CKR_OK)
        atomic_fetch_sub(&sessions.open, 1);
    return rv;
}

/* How many threads are in C_Sign at once. The first of them wait there for those that are wanted,
 * so that as many sessions are in use at the same time; a minute at most. */
static struct {
    atomic_uint now;
    atomic_uint most;
    unsigned wanted;
} signing;

static CK_RV sign_together(CK_SESSION_HANDLE session, CK_BYTE *data, CK_ULONG length,
                           CK_BYTE *signature, CK_ULONG *signature_length)
{
    int64_t until = ce_uptime_ms() + 60000;
    unsigned now = atomic_fetch_add(&signing.now, 1) + 1;
    unsigned most = atomic_load(&signing.most);
    CK_RV rv;

    while (most < now && !atomic_compare_exchange_weak(&signing.most, &most, now))
        ;
    while (atomic_load(&signing.most) < signing.wanted && ce_uptime_ms() < until)
        sched_yield();
    rv = module_replaced->C_Sign(session, data, length, signature, signature_length);
    atomic_fetch_sub(&signing.now, 1);
    return rv;
}

struct fixture {
    struct shimmed_token shimmed;
    certenroll_key *key;
    EVP_PKEY *pkey;
};

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    CK_FUNCTION_LIST *module;

    assert_non_null(f);
    shimmed_token_open(&f->shimmed);
    assert_ok(certenroll_key_generate(&f->key, f->shimmed.token, NULL, &f->shimmed.error),
              f->shimmed.error);
    assert_ok(certenroll_key_evp_pkey(&f->pkey, f->key, &f->shimmed.error), f->shimmed.error);
    module = module_replace(&f->shimmed);
    module->C_OpenSession = open_counted;
    module->C_CloseSession = close_counted;
    module->C_Sign = sign_together;
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    module_restore(&f->shimmed);
    EVP_PKEY_free(f->pkey);
    certenroll_key_free(f->key);
    shimmed_token_close(&f->shimmed);
    free(f);
    return 0;
}

/* The token has room for `all` sessions, of which others hold `others`; the one that made the key
 * is ours. It says so where it `tells`. */
static void give_room(struct fixture *f, unsigned all, unsigned others, int tells)
{
    CK_TOKEN_INFO *info = &f->shimmed.token->info->raw;

    info->ulMaxSessionCount = tells ? all : CK_UNAVAILABLE_INFORMATION;
    info->ulMaxRwSessionCount = info->ulMaxSessionCount;
    info->ulSessionCount = tells ? others : CK_UNAVAILABLE_INFORMATION;
    info->ulRwSessionCount = info->ulSessionCount;
    f->shimmed.token->limit = ce_session_limit(info);
    assert_int_equal(f->shimmed.token->idle_count, 1);
    sessions.room = all;
    atomic_store(&sessions.open, others + 1);
    atomic_store(&sessions.most, others + 1);
    atomic_store(&sessions.refused, 0);
}

/* --- threads --- */

struct worker {
    EVP_PKEY *pkey;
    atomic_int *wrong;
};

static void *sign_often(void *argument)
{
    struct worker *worker = argument;

    for (int i = 0; i < SIGNATURES; i++)
        atomic_fetch_add(worker->wrong, !sign_and_verify(worker->pkey, i));
    return NULL;
}

/* All of them are done, with that many sessions in use at once. */
static void sign_in_threads(struct fixture *f, unsigned together)
{
    atomic_int wrong = 0;
    struct worker worker = { f->pkey, &wrong };
    pthread_t threads[THREADS];

    shim_forget(f->shimmed.shim);
    signing.wanted = together;
    atomic_store(&signing.most, 0);
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, sign_often, &worker), 0);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(atomic_load(&wrong), 0);
    assert_int_equal(shim_calls(f->shimmed.shim, "C_Sign"), THREADS * SIGNATURES);
    assert_int_equal(atomic_load(&signing.most), together);
    assert_int_equal(f->shimmed.pin.asked, 1);
}

static void sixteen_sessions_are_enough(struct fixture *f, int tells)
{
    give_room(f, 16, 0, tells);
    sign_in_threads(f, THREADS);
    assert_int_equal(atomic_load(&sessions.most), THREADS); /* half of them stay others' */
    assert_int_equal(atomic_load(&sessions.refused), 0);
}

static void sixteen_that_are_told_are_enough(void **state)
{
    sixteen_sessions_are_enough(*state, 1);
}

static void sixteen_untold_are_enough(void **state)
{
    sixteen_sessions_are_enough(*state, 0);
}

static void what_others_have_left_is_enough(void **state)
{
    struct fixture *f = *state;

    give_room(f, 16, 14, 1);
    sign_in_threads(f, 2);
    assert_int_equal(atomic_load(&sessions.most), 16);
    assert_int_equal(atomic_load(&sessions.refused), 0); /* it was told */
}

static void what_others_have_left_untold_is_enough(void **state)
{
    struct fixture *f = *state;

    give_room(f, 16, 13, 0);
    sign_in_threads(f, 3);
    assert_int_equal(atomic_load(&sessions.most), 16);
    assert_true(atomic_load(&sessions.refused) < THREADS); /* each runs into it once at most */
}

static void one_session_is_enough(void **state)
{
    struct fixture *f = *state;

    for (int tells = 0; tells <= 1; tells++) {
        give_room(f, 1, 0, tells);
        sign_in_threads(f, 1);
        assert_int_equal(atomic_load(&sessions.most), 1);
        assert_true(atomic_load(&sessions.refused) < (tells ? 1 : THREADS));
    }
}

/* Keys are made and found, certificates looked for: all of it in the one session. */
static void one_session_is_enough_for_the_rest(void **state)
{
    struct fixture *f = *state;
    certenroll_key *key = NULL, *found = NULL;
    certenroll_inventory *inventory = NULL;
    const unsigned char *id;
    size_t length;

    give_room(f, 1, 0, 0);
    assert_ok(certenroll_key_generate(&key, f->shimmed.token, NULL, &f->shimmed.error),
              f->shimmed.error);
    id = certenroll_key_get_id(key, &length);
    assert_ok(certenroll_key_find(&found, f->shimmed.token, id, length, &f->shimmed.error),
              f->shimmed.error);
    assert_ok(certenroll_inventory_new(&inventory, f->shimmed.token, NULL, &f->shimmed.error),
              f->shimmed.error);
    assert_int_equal(certenroll_inventory_count(inventory), 2);
    assert_int_equal(atomic_load(&sessions.refused), 0);
    certenroll_inventory_free(inventory);
    certenroll_key_free(found);
    certenroll_key_free(key);
}

/* All sessions die at once under the threads, as when the card is pulled and put back: none of the
 * dead ones counts against the room. */
static void sessions_that_died_leave_their_room(void **state)
{
    struct fixture *f = *state;

    give_room(f, 2, 0, 0);
    sign_in_threads(f, 2);
    assert_int_equal(module_replaced->C_CloseAllSessions(atomic_load(&f->shimmed.token->slot)),
                     CKR_OK);
    atomic_store(&sessions.open, 0);
    f->shimmed.pin.asked = 0; /* the login went with the sessions */
    sign_in_threads(f, 2);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(sixteen_that_are_told_are_enough),
        TEST(sixteen_untold_are_enough),
        TEST(what_others_have_left_is_enough),
        TEST(what_others_have_left_untold_is_enough),
        TEST(one_session_is_enough),
        TEST(one_session_is_enough_for_the_rest),
        TEST(sessions_that_died_leave_their_room),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
