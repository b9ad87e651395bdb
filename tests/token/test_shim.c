/* SPDX-License-Identifier: Apache-2.0 */
/* The tests' own equipment: SoftHSM tokens, and the shim in front of them. Uses p11-kit alone. */
#include "check.h"
#include "shim.h"
#include "softhsm.h"

#include <p11-kit/p11-kit.h>
#include <p11-kit/pkcs11.h>

#include <stdio.h>
#include <stdlib.h>

struct fixture {
    struct softhsm *hsm;
    struct shim *shim;
    CK_FUNCTION_LIST *module;
    CK_SLOT_ID slot;
    CK_SESSION_HANDLE session;
};

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    CK_SLOT_ID slots[2]; /* the token that was made, and the one still free */
    unsigned long count = 2;

    assert_non_null(f);
    f->hsm = softhsm_new((const char *[]){ "shimmed", NULL });
    f->shim = shim_new(softhsm_dir(f->hsm));
    f->module = p11_kit_module_load(shim_module(), 0);
    assert_non_null(f->module);
    assert_int_equal(p11_kit_module_initialize(f->module), CKR_OK);
    assert_int_equal(f->module->C_GetSlotList(1, slots, &count), CKR_OK);
    f->slot = slots[0];
    assert_int_equal(f->module->C_OpenSession(f->slot, CKF_SERIAL_SESSION | CKF_RW_SESSION, NULL,
                                              NULL, &f->session),
                     CKR_OK);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    p11_kit_module_finalize(f->module);
    p11_kit_module_release(f->module);
    shim_free(f->shim);
    softhsm_free(f->hsm);
    free(f);
    return 0;
}

static CK_RV login(struct fixture *f, const char *pin)
{
    return f->module->C_Login(f->session, CKU_USER, (unsigned char *)(uintptr_t)pin,
                              pin != NULL ? strlen(pin) : 0);
}

static CK_FLAGS pin_flags(struct fixture *f)
{
    CK_TOKEN_INFO info;

    assert_int_equal(f->module->C_GetTokenInfo(f->slot, &info), CKR_OK);
    return info.flags & (CKF_USER_PIN_COUNT_LOW | CKF_USER_PIN_FINAL_TRY | CKF_USER_PIN_LOCKED);
}

static void calls_are_passed_on_and_logged(void **state)
{
    struct fixture *f = *state;
    char *log;

    shim_forget(f->shim);
    assert_int_equal(login(f, "wrong pin"), CKR_PIN_INCORRECT);
    assert_int_equal(login(f, SOFTHSM_PIN), CKR_OK);
    log = shim_log(f->shim);
    assert_string_equal(log, "C_Login 0x000000a0\nC_Login 0x00000000\n");
    free(log);
    assert_int_equal(shim_calls(f->shim, "C_Login"), 2);
    assert_int_equal(shim_calls(f->shim, "C_Log"), 0);
    assert_int_equal(shim_calls(f->shim, NULL), 2);
}

static void a_failure_ordered_once_comes_once(void **state)
{
    struct fixture *f = *state;

    shim_control(f->shim, "fail C_Login 0xa4 once\nfail C_Logout 0x80000001\n");
    assert_int_equal(login(f, SOFTHSM_PIN), CKR_PIN_LOCKED);
    assert_int_equal(login(f, SOFTHSM_PIN), CKR_OK);
    assert_int_equal(f->module->C_Logout(f->session), CKR_VENDOR_DEFINED | 1);
    assert_int_equal(f->module->C_Logout(f->session), CKR_VENDOR_DEFINED | 1);
}

static void flags_are_shown_as_ordered(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(pin_flags(f), 0);
    shim_control(f->shim, "flags +USER_PIN_LOCKED\n");
    assert_int_equal(pin_flags(f), CKF_USER_PIN_LOCKED);
}

static void the_pin_counter_counts_and_locks(void **state)
{
    struct fixture *f = *state;
    char *now;

    shim_control(f->shim, "# a card\npin-tries 3/3\n");
    assert_int_equal(pin_flags(f), 0);
    assert_int_equal(login(f, "wrong pin"), CKR_PIN_INCORRECT);
    assert_int_equal(pin_flags(f), CKF_USER_PIN_COUNT_LOW);
    assert_int_equal(login(f, "wrong pin"), CKR_PIN_INCORRECT);
    assert_int_equal(pin_flags(f), CKF_USER_PIN_COUNT_LOW | CKF_USER_PIN_FINAL_TRY);
    now = shim_control_now(f->shim);
    assert_string_equal(now, "# a card\npin-tries 1/3\n");
    free(now);

    assert_int_equal(login(f, SOFTHSM_PIN), CKR_OK);
    assert_int_equal(pin_flags(f), 0);
    assert_int_equal(f->module->C_Logout(f->session), CKR_OK);

    shim_control(f->shim, "pin-tries 1/3\n");
    assert_int_equal(login(f, "wrong pin"), CKR_PIN_INCORRECT);
    assert_int_equal(pin_flags(f), CKF_USER_PIN_COUNT_LOW | CKF_USER_PIN_LOCKED);
    assert_int_equal(login(f, SOFTHSM_PIN), CKR_PIN_LOCKED);
}

static void a_reader_types_the_pin(void **state)
{
    struct fixture *f = *state;

    assert_int_not_equal(login(f, NULL), CKR_OK);
    shim_control(f->shim, "flags +PROTECTED_AUTHENTICATION_PATH\nreader-pin " SOFTHSM_PIN "\n");
    assert_int_equal(login(f, NULL), CKR_OK);
}

static void an_attribute_is_refused(void **state)
{
    struct fixture *f = *state;
    CK_OBJECT_CLASS class = CKO_DATA;
    unsigned char label[] = "note";
    CK_ATTRIBUTE attributes[] = { { CKA_CLASS, &class, sizeof(class) },
                                  { CKA_LABEL, label, sizeof(label) - 1 } };
    CK_OBJECT_HANDLE object;

    assert_int_equal(login(f, SOFTHSM_PIN), CKR_OK);
    assert_int_equal(f->module->C_CreateObject(f->session, attributes, 2, &object), CKR_OK);
    shim_control(f->shim, "refuse-attribute 0x3 0x12\n");
    assert_int_equal(f->module->C_CreateObject(f->session, attributes, 2, &object),
                     CKR_ATTRIBUTE_TYPE_INVALID);
    assert_int_equal(f->module->C_CreateObject(f->session, attributes, 1, &object), CKR_OK);
}

static size_t data_objects(struct fixture *f)
{
    CK_OBJECT_CLASS class = CKO_DATA;
    CK_ATTRIBUTE wanted = { CKA_CLASS, &class, sizeof(class) };
    CK_OBJECT_HANDLE objects[8];
    unsigned long count = 0;

    assert_int_equal(f->module->C_FindObjectsInit(f->session, &wanted, 1), CKR_OK);
    assert_int_equal(f->module->C_FindObjects(f->session, objects, 8, &count), CKR_OK);
    assert_int_equal(f->module->C_FindObjectsFinal(f->session), CKR_OK);
    return count;
}

static void a_lost_answer_is_that_of_a_call_that_was_done(void **state)
{
    struct fixture *f = *state;
    CK_OBJECT_CLASS class = CKO_DATA;
    CK_ATTRIBUTE attributes[] = { { CKA_CLASS, &class, sizeof(class) } };
    CK_OBJECT_HANDLE object;

    assert_int_equal(login(f, SOFTHSM_PIN), CKR_OK);
    shim_control(f->shim, "lose C_CreateObject 0x32 2\n");
    assert_int_equal(f->module->C_CreateObject(f->session, attributes, 1, &object), CKR_OK);
    assert_int_equal(f->module->C_CreateObject(f->session, attributes, 1, &object),
                     CKR_DEVICE_REMOVED);
    assert_int_equal(f->module->C_CreateObject(f->session, attributes, 1, &object), CKR_OK);
    assert_int_equal(data_objects(f), 3);
}

static int has_token(struct fixture *f)
{
    CK_SLOT_INFO info;

    assert_int_equal(f->module->C_GetSlotInfo(f->slot, &info), CKR_OK);
    return (info.flags & CKF_TOKEN_PRESENT) != 0;
}

static void a_pulled_token_is_gone_with_its_sessions(void **state)
{
    const CK_FLAGS flags = CKF_SERIAL_SESSION | CKF_RW_SESSION;
    struct fixture *f = *state;
    CK_SESSION_HANDLE again;
    CK_SESSION_INFO session;
    CK_TOKEN_INFO token;
    unsigned long count = 0;

    assert_int_equal(login(f, SOFTHSM_PIN), CKR_OK);
    assert_true(has_token(f));
    shim_control(f->shim, "absent-in 2\n");
    assert_int_equal(f->module->C_GetSessionInfo(f->session, &session), CKR_OK);
    assert_int_equal(f->module->C_GetSessionInfo(f->session, &session), CKR_DEVICE_REMOVED);
    assert_false(has_token(f));
    assert_int_equal(f->module->C_GetTokenInfo(f->slot, &token), CKR_TOKEN_NOT_PRESENT);
    assert_int_equal(f->module->C_OpenSession(f->slot, flags, NULL, NULL, &again),
                     CKR_TOKEN_NOT_PRESENT);
    assert_int_equal(f->module->C_GetSlotList(1, NULL, &count), CKR_OK);
    assert_int_equal(count, 0);
    assert_int_equal(f->module->C_GetSlotList(0, NULL, &count), CKR_OK);
    assert_int_equal(count, 2);

    shim_control(f->shim, "");
    assert_true(has_token(f));
    assert_int_equal(f->module->C_OpenSession(f->slot, flags, NULL, NULL, &again), CKR_OK);
    assert_int_not_equal(f->module->C_GetSessionInfo(f->session, &session), CKR_OK);
    assert_int_equal(f->module->C_GetSessionInfo(again, &session), CKR_OK);
    assert_int_equal(session.state, CKS_RW_PUBLIC_SESSION);
}

static void serial_of(char out[17], struct fixture *f, CK_SLOT_ID slot)
{
    CK_TOKEN_INFO info;

    assert_int_equal(f->module->C_GetTokenInfo(slot, &info), CKR_OK);
    memcpy(out, info.serialNumber, 16);
    out[16] = '\0';
}

static void another_token_takes_the_place(void **state)
{
    struct fixture *f = *state;
    char first[17], second[17], now[17], lines[64];
    CK_SLOT_ID slots[3];
    unsigned long count = 3;

    p11_kit_module_finalize(f->module);
    softhsm_add(f->hsm, "second");
    assert_int_equal(p11_kit_module_initialize(f->module), CKR_OK);
    assert_int_equal(f->module->C_GetSlotList(1, slots, &count), CKR_OK);
    assert_int_equal(count, 3);
    serial_of(first, f, slots[0]);
    serial_of(second, f, slots[1]);

    snprintf(lines, sizeof(lines), "absent %s\n", second);
    shim_control(f->shim, lines);
    assert_int_equal(f->module->C_GetSlotList(1, slots + 2, &(unsigned long){ 1 }),
                     CKR_BUFFER_TOO_SMALL);
    serial_of(now, f, slots[0]);
    assert_string_equal(now, first);

    snprintf(lines, sizeof(lines), "exchange %s %s\n", first, second);
    shim_control(f->shim, lines);
    serial_of(now, f, slots[0]);
    assert_string_equal(now, second);
    assert_int_equal(f->module->C_GetTokenInfo(slots[1], &(CK_TOKEN_INFO){ .flags = 0 }),
                     CKR_TOKEN_NOT_PRESENT);
    count = 3;
    assert_int_equal(f->module->C_GetSlotList(1, slots, &count), CKR_OK);
    assert_int_equal(count, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        TEST(calls_are_passed_on_and_logged),
        TEST(a_failure_ordered_once_comes_once),
        TEST(flags_are_shown_as_ordered),
        TEST(the_pin_counter_counts_and_locks),
        TEST(a_reader_types_the_pin),
        TEST(an_attribute_is_refused),
        TEST(a_lost_answer_is_that_of_a_call_that_was_done),
        TEST(a_pulled_token_is_gone_with_its_sessions),
        TEST(another_token_takes_the_place),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
