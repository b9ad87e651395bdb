/* SPDX-License-Identifier: Apache-2.0 */
/* What happens to a token between two calls of ours: while a person is typing the PIN, and when
 * others in the process log in and out. */
#include "check.h"
#include "raw_token.h"
#include "test_pins.h"
#include "token/session.h"

#include <certenroll/certenroll.h>
#include <certenroll/openssl.h>

#include <openssl/evp.h>

#include <stdlib.h>

struct fixture {
    struct shimmed_token shimmed; /* its token answers for the PIN at once */
    struct test_pins pins;
    certenroll_secret_kind at; /* the question during which the token changes */
    const char *control;       /* to this; NULL: never */
    certenroll_token *token;   /* with answer_late() */
};

static int answer_late(void *user, const certenroll_secret_request *request, char *buffer,
                       size_t capacity, size_t *length)
{
    struct fixture *f = user;

    if (f->control && request->kind == f->at)
        shim_control(f->shimmed.shim, f->control);
    return test_pins_answer(&f->pins, request, buffer, capacity, length);
}

static void reopen(struct fixture *f, int allow_final_try)
{
    certenroll_token_options options = CERTENROLL_TOKEN_OPTIONS_INIT;

    certenroll_token_free(f->token);
    options.module_path = shim_module();
    options.secret = answer_late;
    options.secret_user = f;
    options.allow_final_try = allow_final_try;
    assert_ok(certenroll_token_open(&f->token, f->shimmed.context, "pkcs11:token=bank", &options,
                                    &f->shimmed.error),
              f->shimmed.error);
}

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));

    assert_non_null(f);
    shimmed_token_open(&f->shimmed);
    f->pins = test_pins();
    reopen(f, 0);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    certenroll_token_free(f->token);
    shimmed_token_close(&f->shimmed);
    free(f);
    return 0;
}

/* --- while the PIN is typed --- */

static const struct {
    certenroll_secret_kind at;
    int (*call)(certenroll_token *token, certenroll_error **error);
    const char *control;
    int status;
} changes[] = {
    { CERTENROLL_SECRET_USER_PIN, certenroll_token_login, "pin-tries 1/3\n",
      CERTENROLL_E_PIN_FINAL_TRY },
    { CERTENROLL_SECRET_USER_PIN, certenroll_token_login, "flags +USER_PIN_LOCKED\n",
      CERTENROLL_E_PIN_LOCKED },
    { CERTENROLL_SECRET_USER_PIN, certenroll_token_login, "flags +USER_PIN_TO_BE_CHANGED\n",
      CERTENROLL_E_PIN_EXPIRED },
    { CERTENROLL_SECRET_USER_PIN, certenroll_token_change_pin, "pin-tries 1/3\n",
      CERTENROLL_E_PIN_FINAL_TRY },
    { CERTENROLL_SECRET_NEW_PIN, certenroll_token_change_pin, "pin-tries 1/3\n",
      CERTENROLL_E_PIN_FINAL_TRY },
    { CERTENROLL_SECRET_SO_PIN, certenroll_token_reset_pin, "flags +SO_PIN_FINAL_TRY\n",
      CERTENROLL_E_PIN_FINAL_TRY },
    { CERTENROLL_SECRET_NEW_PIN, certenroll_token_reset_pin, "flags +SO_PIN_LOCKED\n",
      CERTENROLL_E_PIN_LOCKED },
};

/* Another program spends tries meanwhile: the last one is not spent then. */
static void tries_spent_while_it_is_typed_are_seen(void **state)
{
    struct fixture *f = *state;

    for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
        shim_control(f->shimmed.shim, "");
        shim_forget(f->shimmed.shim);
        f->at = changes[i].at;
        f->control = changes[i].control;
        assert_fails(changes[i].call(f->token, &f->shimmed.error), changes[i].status,
                     f->shimmed.error);
        assert_int_equal(shim_calls(f->shimmed.shim, "C_Login"), 0);
        assert_int_equal(shim_calls(f->shimmed.shim, "C_SetPIN"), 0);
    }
}

static void the_last_try_is_spent_where_it_is_allowed(void **state)
{
    struct fixture *f = *state;

    reopen(f, 1);
    f->at = CERTENROLL_SECRET_USER_PIN;
    f->control = "pin-tries 1/3\n";
    assert_ok(certenroll_token_login(f->token, &f->shimmed.error), f->shimmed.error);
    assert_int_equal(shim_calls(f->shimmed.shim, "C_Login"), 1);
}

/* --- PINs that are too old --- */

/* A token that has no flag for it says so only when the PIN comes. */
static void a_pin_that_turns_out_expired_can_be_changed(void **state)
{
    struct fixture *f = *state;

    shim_control(f->shimmed.shim, "fail C_Login 0xa3 once\n");
    assert_fails(certenroll_token_login(f->token, &f->shimmed.error), CERTENROLL_E_PIN_EXPIRED,
                 f->shimmed.error);
    shim_control(f->shimmed.shim, "fail C_Login 0xa3 once\n");
    assert_ok(certenroll_token_change_pin(f->token, &f->shimmed.error), f->shimmed.error);
    f->pins.answers[CERTENROLL_SECRET_USER_PIN] = TEST_NEW_PIN;
    assert_ok(certenroll_token_login(f->token, &f->shimmed.error), f->shimmed.error);
}

/* --- while others log in and out --- */

/* What another part of the process does in the middle of a search, once. */
static struct {
    struct raw_token *raw;
    int officer; /* it logs the SO in, after it has logged the user out */
    int due;
} others;

static CK_RV meddle_and_search(CK_SESSION_HANDLE session, CK_ATTRIBUTE *template, CK_ULONG count)
{
    if (others.due) {
        others.due = 0;
        assert_int_equal(others.raw->module->C_Logout(others.raw->session), CKR_OK);
        if (others.officer)
            assert_int_equal(others.raw->module->C_Login(others.raw->session, CKU_SO,
                                                         (CK_BYTE *)SOFTHSM_SO_PIN,
                                                         strlen(SOFTHSM_SO_PIN)),
                             CKR_OK);
    }
    return module_replaced->C_FindObjectsInit(session, template, count);
}

static void meddle(struct raw_token *raw, int officer)
{
    others.raw = raw;
    others.officer = officer;
    others.due = 1;
}

/* Whether the user was logged in by the same call or an earlier one: a key that is hidden for the
 * moment is not taken for one that is not there. */
static void a_search_without_the_user_is_not_believed(void **state)
{
    static const unsigned char id[] = { 7 };
    struct shimmed_token *f = &((struct fixture *)*state)->shimmed;
    certenroll_key_options options = CERTENROLL_KEY_OPTIONS_INIT;
    certenroll_key *key = NULL;
    struct raw_token raw;

    options.id = id;
    options.id_length = 1;
    assert_ok(certenroll_key_generate(&key, f->token, &options, &f->error), f->error);
    certenroll_key_free(key);
    raw = raw_open();
    module_replace(f)->C_FindObjectsInit = meddle_and_search;
    for (int earlier = 0; earlier <= 1; earlier++) {
        if (!earlier) {
            assert_int_equal(raw.module->C_Logout(raw.session), CKR_OK);
            f->token->logged_in = 0;
        }
        meddle(&raw, 0);
        assert_ok(certenroll_key_find(&key, f->token, id, 1, &f->error), f->error);
        certenroll_key_free(key);
        key = NULL;
    }
    meddle(&raw, 1);
    assert_fails(certenroll_key_find(&key, f->token, id, 1, &f->error), CERTENROLL_E_STATE,
                 f->error);
    assert_int_equal(raw.module->C_Logout(raw.session), CKR_OK);
    assert_ok(certenroll_token_login(f->token, &f->error), f->error);
    meddle(&raw, 0);
    assert_fails(certenroll_key_generate(&key, f->token, &options, &f->error),
                 CERTENROLL_E_ID_IN_USE, f->error);
    module_restore(f);
    raw_close(&raw);
}

/* Private objects as some drivers number them: in the order in which they are found since the
 * login. */
#define NUMBERED_FROM 1000
#define NUMBERED_MAX 16
static struct {
    CK_OBJECT_HANDLE own[NUMBERED_MAX];
    CK_ULONG count;
} numbered;

static CK_OBJECT_HANDLE own_of(CK_OBJECT_HANDLE object)
{
    if (object < NUMBERED_FROM)
        return object;
    object -= NUMBERED_FROM;
    return object < numbered.count ? numbered.own[object] : CK_INVALID_HANDLE;
}

static CK_OBJECT_HANDLE number_of(CK_OBJECT_HANDLE own)
{
    for (CK_ULONG i = 0; i < numbered.count; i++)
        if (numbered.own[i] == own)
            return NUMBERED_FROM + i;
    assert_true(numbered.count < NUMBERED_MAX);
    numbered.own[numbered.count] = own;
    return NUMBERED_FROM + numbered.count++;
}

static CK_RV find_numbered(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE *objects, CK_ULONG limit,
                           CK_ULONG *count)
{
    CK_RV rv = module_replaced->C_FindObjects(session, objects, limit, count);

    for (CK_ULONG i = 0; rv == CKR_OK && i < *count; i++)
        objects[i] = number_of(objects[i]);
    return rv;
}

static CK_RV read_numbered(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object,
                           CK_ATTRIBUTE *attributes, CK_ULONG count)
{
    return module_replaced->C_GetAttributeValue(session, own_of(object), attributes, count);
}

static CK_RV sign_numbered(CK_SESSION_HANDLE session, CK_MECHANISM *mechanism, CK_OBJECT_HANDLE key)
{
    return module_replaced->C_SignInit(session, mechanism, own_of(key));
}

static int signs(certenroll_key *key)
{
    unsigned char signature[128];
    size_t length = sizeof(signature);
    certenroll_error *error = NULL;
    EVP_PKEY *pkey = NULL;
    EVP_MD_CTX *signer = EVP_MD_CTX_new(), *verifier = EVP_MD_CTX_new();
    int good;

    assert_ok(certenroll_key_evp_pkey(&pkey, key, &error), error);
    good = EVP_DigestSignInit(signer, NULL, EVP_sha256(), NULL, pkey) == 1 &&
           EVP_DigestSign(signer, signature, &length, (const unsigned char *)"x", 1) == 1 &&
           EVP_DigestVerifyInit(verifier, NULL, EVP_sha256(), NULL, pkey) == 1 &&
           EVP_DigestVerify(verifier, signature, length, (const unsigned char *)"x", 1) == 1;
    EVP_MD_CTX_free(signer);
    EVP_MD_CTX_free(verifier);
    EVP_PKEY_free(pkey);
    return good;
}

static certenroll_key *find_one(struct shimmed_token *f, const unsigned char *id)
{
    certenroll_key *key = NULL;

    assert_ok(certenroll_key_find(&key, f->token, id, 1, &f->error), f->error);
    return key;
}

/* With the next login the first number is the other key's. */
static void after_a_login_no_key_signs_for_another(void **state)
{
    static const unsigned char ids[] = { 1, 2 };
    struct shimmed_token *f = &((struct fixture *)*state)->shimmed;
    certenroll_key_options options = CERTENROLL_KEY_OPTIONS_INIT;
    certenroll_key *keys[2] = { NULL, NULL };
    CK_FUNCTION_LIST *module;
    struct raw_token raw;

    options.id_length = 1;
    for (int i = 0; i < 2; i++) {
        options.id = &ids[i];
        assert_ok(certenroll_key_generate(&keys[i], f->token, &options, &f->error), f->error);
        certenroll_key_free(keys[i]);
    }
    raw = raw_open();
    numbered.count = 0;
    module = module_replace(f);
    module->C_FindObjects = find_numbered;
    module->C_GetAttributeValue = read_numbered;
    module->C_SignInit = sign_numbered;
    for (int i = 0; i < 2; i++) {
        keys[i] = find_one(f, &ids[i]);
        assert_true(signs(keys[i]));
    }
    assert_int_equal(raw.module->C_Logout(raw.session), CKR_OK);
    numbered.count = 0;
    assert_true(signs(keys[1]));
    assert_true(signs(keys[0]));
    assert_int_equal(f->pin.asked, 2);
    for (int i = 0; i < 2; i++)
        certenroll_key_free(keys[i]);
    module_restore(f);
    raw_close(&raw);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(tries_spent_while_it_is_typed_are_seen),
        TEST(the_last_try_is_spent_where_it_is_allowed),
        TEST(a_pin_that_turns_out_expired_can_be_changed),
        TEST(a_search_without_the_user_is_not_believed),
        TEST(after_a_login_no_key_signs_for_another),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
