/* SPDX-License-Identifier: Apache-2.0 */
/* Session handles that died, and whose numbers come back as somebody else's: what was ours once is
 * not closed under the one who has it now. */
#include "check.h"
#include "raw_token.h"
#include "token/session.h"

#include <stdlib.h>

#define MOST 8

/* The module's handles as the library sees them: numbers of our choosing, in the place of the
 * module's own. */
static struct {
    CK_SESSION_HANDLE next; /* the number that the next session gets */
    CK_SESSION_HANDLE seen[MOST], own[MOST];
    unsigned count;
    unsigned closed;
} numbers;

static CK_RV open_numbered(CK_SLOT_ID slot, CK_FLAGS flags, void *application, CK_NOTIFY notify,
                           CK_SESSION_HANDLE *session)
{
    unsigned at = numbers.count;

    assert_true(at < MOST);
    numbers.count++;
    *session = numbers.seen[at] = numbers.next;
    return module_replaced->C_OpenSession(slot, flags, application, notify, &numbers.own[at]);
}

/* The newest with that number: the others are dead. */
static CK_RV close_numbered(CK_SESSION_HANDLE session)
{
    numbers.closed++;
    for (unsigned i = numbers.count; i-- > 0;)
        if (numbers.seen[i] == session)
            return module_replaced->C_CloseSession(numbers.own[i]);
    return CKR_SESSION_HANDLE_INVALID;
}

static int set_up(void **state)
{
    CK_FUNCTION_LIST *module;

    shimmed_token_set_up(state);
    memset(&numbers, 0, sizeof(numbers));
    module = module_replace(*state);
    module->C_OpenSession = open_numbered;
    module->C_CloseSession = close_numbered;
    return 0;
}

static int tear_down(void **state)
{
    module_restore(*state);
    return shimmed_token_tear_down(state);
}

static struct ce_session acquire(struct shimmed_token *f, CK_SESSION_HANDLE number)
{
    struct ce_session session;

    numbers.next = number;
    assert_ok(ce_session_acquire(&session, f->token, &f->error), f->error);
    return session;
}

static void release(struct ce_session *session, CK_RV rv)
{
    session->rv = rv;
    ce_session_release(session);
}

/* Two are in use as the sessions die; one finds out, the other had just done its work. */
static void a_number_that_is_in_use_again_is_not_closed(void **state)
{
    struct shimmed_token *f = *state;
    struct ce_session one = acquire(f, 11), other = acquire(f, 12), anew;

    release(&one, CKR_SESSION_HANDLE_INVALID);
    anew = acquire(f, 12);
    assert_int_equal(anew.handle, other.handle);
    assert_true(anew.generation > other.generation);
    release(&other, CKR_OK);
    assert_int_equal(numbers.closed, 0);
    release(&anew, CKR_OK);
    assert_int_equal(numbers.closed, 0);
    assert_int_equal(f->token->idle_count, 1);
}

static void a_number_that_is_idle_again_is_not_closed(void **state)
{
    struct shimmed_token *f = *state;
    struct ce_session one = acquire(f, 11), other = acquire(f, 12), anew;

    release(&one, CKR_DEVICE_REMOVED);
    anew = acquire(f, 12);
    release(&anew, CKR_OK);
    release(&other, CKR_OK);
    assert_int_equal(numbers.closed, 0);
    assert_int_equal(f->token->idle_count, 1);
}

/* What has just worked and nobody else has is alive: left open, it would stay so for ever. */
static void what_outlived_the_others_is_closed(void **state)
{
    struct shimmed_token *f = *state;
    struct ce_session one = acquire(f, 11), other = acquire(f, 12), third = acquire(f, 13), anew;

    release(&one, CKR_SESSION_HANDLE_INVALID);
    anew = acquire(f, 21);
    release(&other, CKR_OK);
    assert_int_equal(numbers.closed, 1);
    release(&third, CKR_SESSION_HANDLE_INVALID); /* a dead one never is */
    assert_int_equal(numbers.closed, 1);
    release(&anew, CKR_OK);
    assert_int_equal(f->token->idle_count, 1);
}

/* The number of a dead session is nobody's, or another program's: it is not given back. */
static void the_dead_are_not_closed(void **state)
{
    static const CK_RV deaths[] = {
        CKR_SESSION_HANDLE_INVALID,
        CKR_SESSION_CLOSED,
        CKR_DEVICE_REMOVED,
        CKR_TOKEN_NOT_PRESENT,
    };
    struct shimmed_token *f = *state;

    for (size_t i = 0; i < sizeof(deaths) / sizeof(deaths[0]); i++) {
        struct ce_session session = acquire(f, 30 + i);

        release(&session, deaths[i]);
        assert_int_equal(f->token->idle_count, 0);
    }
    assert_int_equal(numbers.closed, 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_number_that_is_in_use_again_is_not_closed),
        TEST(a_number_that_is_idle_again_is_not_closed),
        TEST(what_outlived_the_others_is_closed),
        TEST(the_dead_are_not_closed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
