/* SPDX-License-Identifier: Apache-2.0 */
/* How many PKCS#11 calls an enrolment takes, from opening the token to closing it, counted by the
 * shim, beside what opening, login, key generation, one signature and the writing of the objects
 * take by themselves. On a card every call is paid for: one more is to be named here.
 *
 * 25 read back what was written and signed for the proof. 4 look for the new key by its value, so
 * that what is new is seen to be new: C_FindObjectsInit, C_FindObjects that gives it and another
 * that gives no more, C_FindObjectsFinal. */
#define MOST_CALLS 32
#include "check.h"
#include "fault_world.h"
#include "softhsm.h"

#include <p11-kit/pkcs11.h>

#include <dlfcn.h>
#include <stdlib.h>

/* --- the calls that it takes by themselves --- */

struct bare {
    CK_FUNCTION_LIST *calls;
    CK_SESSION_HANDLE session;
};

#define SUCCEEDS(call) assert_int_equal(call, CKR_OK)

/* The token is the one among the slots that has a PIN. */
static void bare_open(struct bare *bare, void *library)
{
    CK_C_INITIALIZE_ARGS arguments = { .flags = CKF_OS_LOCKING_OK };
    CK_C_GetFunctionList get_list;
    CK_TOKEN_INFO info = { .flags = 0 };
    CK_SLOT_ID slots[8];
    CK_ULONG count = 8, found = 0;

    *(void **)&get_list = dlsym(library, "C_GetFunctionList");
    assert_non_null(get_list);
    SUCCEEDS(get_list(&bare->calls));
    SUCCEEDS(bare->calls->C_Initialize(&arguments));
    SUCCEEDS(bare->calls->C_GetSlotList(CK_TRUE, slots, &count));
    for (CK_ULONG i = 0; i < count; i++) {
        SUCCEEDS(bare->calls->C_GetTokenInfo(slots[i], &info));
        if (info.flags & CKF_USER_PIN_INITIALIZED)
            found = i;
    }
    SUCCEEDS(bare->calls->C_OpenSession(slots[found], CKF_SERIAL_SESSION | CKF_RW_SESSION, NULL,
                                        NULL, &bare->session));
    SUCCEEDS(bare->calls->C_Login(bare->session, CKU_USER, (CK_BYTE *)SOFTHSM_PIN,
                                  sizeof(SOFTHSM_PIN) - 1));
}

/* A pair, and its public key as a request holds it. */
static CK_OBJECT_HANDLE bare_generate(const struct bare *bare)
{
    static CK_BYTE p256[] = { 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07 };
    CK_BBOOL yes = CK_TRUE;
    CK_MECHANISM mechanism = { CKM_EC_KEY_PAIR_GEN, NULL, 0 };
    CK_ATTRIBUTE public[] = { { CKA_TOKEN, &yes, sizeof(yes) },
                              { CKA_EC_PARAMS, p256, sizeof(p256) } };
    CK_ATTRIBUTE private[] = { { CKA_TOKEN, &yes, sizeof(yes) },
                               { CKA_PRIVATE, &yes, sizeof(yes) },
                               { CKA_SIGN, &yes, sizeof(yes) } };
    CK_BYTE point[80];
    CK_ATTRIBUTE read = { CKA_EC_POINT, point, sizeof(point) };
    CK_OBJECT_HANDLE public_key, private_key;

    SUCCEEDS(bare->calls->C_GenerateKeyPair(bare->session, &mechanism, public, 2, private, 3,
                                            &public_key, &private_key));
    SUCCEEDS(bare->calls->C_GetAttributeValue(bare->session, public_key, &read, 1));
    return private_key;
}

static void bare_sign(const struct bare *bare, CK_OBJECT_HANDLE key)
{
    CK_MECHANISM mechanism = { CKM_ECDSA, NULL, 0 };
    CK_BYTE hash[32] = { 1 }, signature[64];
    CK_ULONG length = sizeof(signature);

    SUCCEEDS(bare->calls->C_SignInit(bare->session, &mechanism, key));
    SUCCEEDS(bare->calls->C_Sign(bare->session, hash, sizeof(hash), signature, &length));
}

static void bare_write(const struct bare *bare)
{
    CK_BBOOL yes = CK_TRUE;
    CK_OBJECT_CLASS class = CKO_CERTIFICATE;
    CK_CERTIFICATE_TYPE type = CKC_X_509;
    CK_BYTE something[] = { 0x30, 0 };
    CK_ATTRIBUTE template[] = { { CKA_CLASS, &class, sizeof(class) },
                                { CKA_CERTIFICATE_TYPE, &type, sizeof(type) },
                                { CKA_TOKEN, &yes, sizeof(yes) },
                                { CKA_SUBJECT, something, sizeof(something) },
                                { CKA_VALUE, something, sizeof(something) } };
    CK_OBJECT_HANDLE object;

    SUCCEEDS(bare->calls->C_CreateObject(bare->session, template, 5, &object));
}

static unsigned count_bare(struct fault_world *world, unsigned writes)
{
    void *library = dlopen(shim_module(), RTLD_NOW | RTLD_LOCAL);
    struct bare bare;

    assert_non_null(library);
    shim_forget(world->shim);
    bare_open(&bare, library);
    bare_sign(&bare, bare_generate(&bare));
    for (unsigned i = 0; i < writes; i++)
        bare_write(&bare);
    SUCCEEDS(bare.calls->C_CloseSession(bare.session));
    SUCCEEDS(bare.calls->C_Finalize(NULL));
    dlclose(library);
    return shim_calls(world->shim, NULL);
}

/* --- the library --- */

static unsigned count_library(struct fault_world *world, unsigned *writes)
{
    certenroll_error *error = NULL;
    unsigned calls;
    char *log;

    fault_begin(world);
    fault_let_go(world);
    shim_forget(world->shim);
    assert_ok(fault_attempt(world, &error), error);
    assert_int_equal(certenroll_enrolment_state(world->enrolment), CERTENROLL_STATE_CONFIRMED);
    fault_let_go(world);
    *writes = shim_calls(world->shim, "C_CreateObject");
    calls = shim_calls(world->shim, NULL);
    assert_int_equal(shim_calls(world->shim, "C_Finalize"), 1); /* the whole of it was counted */
    log = shim_log(world->shim);
    print_message("%s", getenv("CALLS_SHOWN") ? log : "");
    free(log);
    return calls;
}

static void calls_are_few(void **state)
{
    static const certenroll_key_type types[] = { CERTENROLL_KEY_P256, CERTENROLL_KEY_P384,
                                                 CERTENROLL_KEY_RSA_2048 };
    struct fault_world *world = *state;

    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        const char *name = certenroll_key_type_name(types[i]);
        unsigned writes = 0, calls, least;

        fault_world_row(world, name, CERTENROLL_ENROLL, types[i]);
        calls = count_library(world, &writes);
        assert_true(writes > 0);
        least = count_bare(world, writes);
        print_message("%s: %u PKCS#11 calls, by themselves %u (%u objects written)\n", name, calls,
                      least, writes);
        assert_true(calls <= MOST_CALLS);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(calls_are_few, fault_world_set_up, fault_world_tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
