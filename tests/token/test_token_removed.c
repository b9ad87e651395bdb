/* SPDX-License-Identifier: Apache-2.0 */
/* A token that is pulled and comes back while it is open: to the same slot, to another one, or not,
 * and another one in its place. */
#include "check.h"
#include "raw_token.h"
#include "token/key.h"
#include "token/session.h"
#include "token/sign.h"

#include <certenroll/certenroll.h>

#include <stdlib.h>

struct fixture {
    struct shimmed_token shimmed;
    certenroll_key *key;
};

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));

    assert_non_null(f);
    shimmed_token_open(&f->shimmed);
    assert_ok(certenroll_key_generate(&f->key, f->shimmed.token, NULL, &f->shimmed.error),
              f->shimmed.error);
    shim_forget(f->shimmed.shim);
    f->shimmed.pin.asked = 0;
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

static int sign(struct fixture *f)
{
    CK_MECHANISM mechanism = { CKM_ECDSA, NULL, 0 };
    const unsigned char hash[32] = { 1 };
    struct ce_signature_bytes signature;

    return ce_key_sign(&signature, f->key, &mechanism, hash, sizeof(hash), &f->shimmed.error);
}

/* A token that was pulled comes back logged out. */
static void log_out(void)
{
    struct raw_token raw = raw_open();

    assert_int_equal(raw.module->C_Logout(raw.session), CKR_OK);
    raw_close(&raw);
}

/* Pulled in the middle of something; gone while these lines stand. */
static void pull(struct fixture *f, const char *lines)
{
    shim_control(f->shimmed.shim, lines);
    assert_fails(sign(f), CERTENROLL_E_TOKEN_REMOVED, f->shimmed.error);
    assert_fails(sign(f), CERTENROLL_E_TOKEN_REMOVED, f->shimmed.error);
    assert_fails(certenroll_token_login(f->shimmed.token, &f->shimmed.error),
                 CERTENROLL_E_TOKEN_REMOVED, f->shimmed.error);
    log_out();
}

/* --- tests --- */

static void a_token_that_comes_back_works_again(void **state)
{
    static const char *const absent[] = {
        "fail C_SignInit 0x32 once\nfail C_OpenSession 0xe0\n",
        "fail C_Sign 0x32 once\nfail C_OpenSession 0x3\n",
        "fail C_Sign 0x32 once\nfail C_OpenSession 0x32\nfail C_GetTokenInfo 0x32\n",
        "fail C_SignInit 0xe0 once\nfail C_OpenSession 0xe0\nfail C_GetTokenInfo 0xe0\n",
        "fail C_SignInit 0xb3 once\nfail C_OpenSession 0xe0\nfail C_GetTokenInfo 0x3\n",
    };
    struct fixture *f = *state;

    for (size_t i = 0; i < sizeof(absent) / sizeof(absent[0]); i++) {
        pull(f, absent[i]);
        assert_int_equal(f->shimmed.pin.asked, i);
        shim_control(f->shimmed.shim, "");
        shim_forget(f->shimmed.shim);
        assert_ok(sign(f), f->shimmed.error);
        assert_int_equal(f->shimmed.pin.asked, i + 1);
        assert_true(shim_calls(f->shimmed.shim, "C_GetTokenInfo") >= 1); /* the same one? */
        assert_int_equal(shim_calls(f->shimmed.shim, "C_Login"), 1);
        assert_int_equal(shim_calls(f->shimmed.shim, "C_CloseSession"), 0);
        assert_ok(sign(f), f->shimmed.error);
        assert_int_equal(shim_calls(f->shimmed.shim, "C_OpenSession"), 1);
    }
}

/* Nobody was waiting for it, and nobody has to try twice. */
static void a_token_that_is_back_already_is_used_at_once(void **state)
{
    static const char *const controls[] = {
        "fail C_SignInit 0x32 once\n",
        "fail C_Sign 0x32 once\n",
        "fail C_SignInit 0xe0 once\n",
    };
    struct fixture *f = *state;

    for (size_t i = 0; i < sizeof(controls) / sizeof(controls[0]); i++) {
        certenroll_key *key = NULL;

        shim_control(f->shimmed.shim, controls[i]);
        assert_ok(sign(f), f->shimmed.error);
        shim_control(f->shimmed.shim, "fail C_GenerateKeyPair 0x32 once\n");
        assert_ok(certenroll_key_generate(&key, f->shimmed.token, NULL, &f->shimmed.error),
                  f->shimmed.error);
        certenroll_key_free(key);
        assert_int_equal(objects_on_token(), 2 * (i + 2));
    }
}

/* --- slots --- */

#define ELSEWHERE 4711

static struct {
    CK_SLOT_ID first;      /* where it was */
    CK_SLOT_ID with_token; /* ELSEWHERE, or 0: nowhere */
    int twins;             /* two slots have such a token */
    int stranger;          /* another token is in the first slot */
    unsigned counted;      /* C_GetSlotList for the number alone */
} slots;

static CK_RV slot_list(CK_BBOOL present, CK_SLOT_ID *list, CK_ULONG *count)
{
    CK_ULONG there = 1UL + (slots.with_token != 0 ? 1 : 0) + (slots.twins ? 1 : 0);

    assert_true(present);
    if (list) {
        assert_true(*count >= there);
        list[0] = slots.first;
        list[1] = slots.with_token;
        list[2] = slots.with_token + 1;
    } else {
        slots.counted++;
    }
    *count = there;
    return CKR_OK;
}

static CK_RV token_info(CK_SLOT_ID slot, CK_TOKEN_INFO *info)
{
    if (slot == slots.first && !slots.stranger)
        return CKR_TOKEN_NOT_PRESENT;
    assert_int_equal(module_replaced->C_GetTokenInfo(slots.first, info), CKR_OK);
    if (slot == slots.first)
        memcpy(info->serialNumber, "0123456789abcdef", sizeof(info->serialNumber));
    return CKR_OK;
}

static CK_RV open_session(CK_SLOT_ID slot, CK_FLAGS flags, void *application, CK_NOTIFY notify,
                          CK_SESSION_HANDLE *session)
{
    if (slot != slots.with_token && !slots.twins)
        return CKR_TOKEN_NOT_PRESENT;
    return module_replaced->C_OpenSession(slots.first, flags, application, notify, session);
}

static void rearrange(struct fixture *f, CK_SLOT_ID with_token, int twins, int stranger)
{
    CK_FUNCTION_LIST *functions = module_replace(&f->shimmed);

    slots.first = f->shimmed.token->info->slot;
    slots.with_token = with_token;
    slots.twins = twins;
    slots.stranger = stranger;
    slots.counted = 0;
    functions->C_GetSlotList = slot_list;
    functions->C_GetTokenInfo = token_info;
    functions->C_OpenSession = open_session;
    shim_control(f->shimmed.shim, "fail C_SignInit 0x32 once\n");
    shim_forget(f->shimmed.shim);
}

static void a_token_in_another_slot_is_followed(void **state)
{
    struct fixture *f = *state;

    for (int stranger = 0; stranger < 2; stranger++) {
        atomic_store(&f->shimmed.token->slot, f->shimmed.token->info->slot);
        rearrange(f, ELSEWHERE, 0, stranger);
        log_out();
        assert_ok(sign(f), f->shimmed.error);
        assert_int_equal(slots.counted, 1);
        assert_int_equal(f->shimmed.pin.asked, stranger + 1);
        assert_ok(sign(f), f->shimmed.error);
        module_restore(&f->shimmed);
    }
}

static void another_token_in_its_place_is_not_touched(void **state)
{
    struct fixture *f = *state;

    rearrange(f, 0, 0, 1);
    log_out();
    assert_int_equal(sign(f), CERTENROLL_E_TOKEN_REMOVED);
    assert_non_null(strstr(certenroll_error_message(f->shimmed.error), "0123456789abcdef"));
    certenroll_error_free(f->shimmed.error);
    f->shimmed.error = NULL;
    module_restore(&f->shimmed);
    assert_int_equal(f->shimmed.pin.asked, 0);
    assert_int_equal(shim_calls(f->shimmed.shim, "C_Login"), 0);
    assert_int_equal(shim_calls(f->shimmed.shim, "C_OpenSession"), 0);
    assert_ok(sign(f), f->shimmed.error); /* back where it was */
    assert_int_equal(f->shimmed.pin.asked, 1);
}

static void of_two_that_look_alike_none_is_taken(void **state)
{
    struct fixture *f = *state;

    rearrange(f, ELSEWHERE, 1, 0);
    assert_fails(sign(f), CERTENROLL_E_TOKEN_REMOVED, f->shimmed.error);
    module_restore(&f->shimmed);
    assert_int_equal(shim_calls(f->shimmed.shim, "C_OpenSession"), 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_token_that_comes_back_works_again),
        TEST(a_token_that_is_back_already_is_used_at_once),
        TEST(a_token_in_another_slot_is_followed),
        TEST(another_token_in_its_place_is_not_touched),
        TEST(of_two_that_look_alike_none_is_taken),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
