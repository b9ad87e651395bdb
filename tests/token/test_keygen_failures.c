/* SPDX-License-Identifier: Apache-2.0 */
/* Key pairs that the token refuses, loses or makes all the same: nothing is left of them that
 * nobody knows of, and never two under one CKA_ID. */
#include "check.h"
#include "raw_token.h"
#include "token/key_pair.h"
#include "token/session.h"

#include <certenroll/certenroll.h>

#include <stdlib.h>

static const unsigned char some_id[] = { 0xca, 0xfe, 0x00, 0x01, 0x02 };

static int generate(certenroll_key **out, struct shimmed_token *f, certenroll_key_type type)
{
    certenroll_key_options options = CERTENROLL_KEY_OPTIONS_INIT;

    options.type = type;
    options.label = "late";
    options.id = some_id;
    options.id_length = sizeof(some_id);
    return certenroll_key_generate(out, f->token, &options, &f->error);
}

static void what_the_token_cannot_do_is_unsupported(void **state)
{
    static const char *const controls[] = {
        "fail C_GenerateKeyPair 0x70\n",
        "fail C_GenerateKeyPair 0x62\n",
        "fail C_GenerateKeyPair 0x130\n",
        "fail C_GenerateKeyPair 0x140\n",
    };
    struct shimmed_token *f = *state;
    certenroll_key *key = NULL;

    for (size_t i = 0; i < sizeof(controls) / sizeof(controls[0]); i++) {
        shim_control(f->shim, controls[i]);
        shim_forget(f->shim);
        assert_fails(generate(&key, f, CERTENROLL_KEY_P256), CERTENROLL_E_UNSUPPORTED, f->error);
        assert_int_equal(shim_calls(f->shim, "C_GenerateKeyPair"), 1);
    }
}

static void templates_that_are_refused_get_shorter(void **state)
{
    /* YubiKeys: CKA_EXTRACTABLE; tpm2-pkcs11: CKA_DECRYPT */
    static const char *const controls[] = {
        "refuse-attribute 0x162 0x12\n",
        "refuse-attribute 0x105 0x5\n",
    };
    struct shimmed_token *f = *state;

    for (size_t i = 0; i < sizeof(controls) / sizeof(controls[0]); i++) {
        certenroll_key_options options = CERTENROLL_KEY_OPTIONS_INIT;
        certenroll_key *key = NULL;

        options.label = "short";
        shim_control(f->shim, controls[i]);
        assert_ok(certenroll_key_generate(&key, f->token, &options, &f->error), f->error);
        assert_true(ce_key_is_safe(key));
        certenroll_key_free(key);
        assert_int_equal(objects_on_token(), 2 * (i + 1));
    }
}

static void husks_of_refused_templates_are_removed(void **state)
{
    struct shimmed_token *f = *state;
    struct raw_token raw = raw_open();
    certenroll_key *kept = NULL, *key = NULL;

    assert_ok(generate(&kept, f, CERTENROLL_KEY_P384), f->error);
    /* SoftHSM leaves an empty public key behind an attribute that it does not take. */
    assert_int_equal(raw_generate(&raw, NULL, 0, CKA_MODULUS), CKR_ATTRIBUTE_TYPE_INVALID);
    raw_close(&raw);
    assert_int_equal(objects_on_token(), 3);

    shim_control(f->shim, "fail C_GenerateKeyPair 0x12 once\n");
    assert_ok(certenroll_key_generate(&key, f->token, NULL, &f->error), f->error);
    assert_int_equal(objects_on_token(), 4); /* two whole pairs */
    certenroll_key_free(key);
    certenroll_key_free(kept);
}

static void a_key_that_could_leave_is_removed(void **state)
{
    struct shimmed_token *f = *state;
    certenroll_key *key = NULL;

    /* Without CKA_SENSITIVE in the template SoftHSM makes the key without it. */
    shim_control(f->shim, "refuse-attribute 0x103 0xd1\n");
    assert_fails(generate(&key, f, CERTENROLL_KEY_P256), CERTENROLL_E_KEY_UNSAFE, f->error);
    assert_null(key);
    assert_int_equal(objects_on_token(), 0);
}

/* As modules do that pass over what they do not know of a template. */
static CK_RV find_everything(CK_SESSION_HANDLE session, CK_ATTRIBUTE *template, CK_ULONG count)
{
    (void)template;
    (void)count;
    return module_replaced->C_FindObjectsInit(session, NULL, 0);
}

static int remove_remains(struct ce_session *session, void *argument, certenroll_error **error)
{
    return ce_remains_remove(session, argument, error);
}

static void remains_are_keys_with_the_id_read_back(void **state)
{
    unsigned char bytes[] = { 0x30, 0x00 };
    unsigned char other[] = { 0x01 };
    struct ce_buffer id = { (unsigned char *)(uintptr_t)some_id, sizeof(some_id) };
    struct ce_buffer unused = { other, sizeof(other) };
    struct ce_certificate_object certificate = { .value = { bytes, 2 }, .id = id };
    struct shimmed_token *f = *state;
    certenroll_key *key = NULL;

    certificate.subject = certificate.issuer = certificate.value;
    assert_ok(generate(&key, f, CERTENROLL_KEY_P256), f->error);
    certenroll_key_free(key);
    assert_ok(ce_certificate_write(f->token, &certificate, &f->error), f->error);
    module_replace(f)->C_FindObjectsInit = find_everything;
    assert_ok(ce_session_run(f->token, CE_ACCESS_LOGGED_IN, remove_remains, &unused, &f->error),
              f->error);
    module_restore(f);
    assert_int_equal(objects_on_token(), 3);
    assert_ok(ce_session_run(f->token, CE_ACCESS_LOGGED_IN, remove_remains, &id, &f->error),
              f->error);
    assert_int_equal(objects_on_token(), 1); /* the certificate */
}

/* --- a pair that was made, and an answer that says otherwise --- */

static struct {
    unsigned made;
    unsigned lies; /* how many of the pairs are denied */
    CK_RV answer;
} lie;

static CK_RV generate_and_deny(CK_SESSION_HANDLE session, CK_MECHANISM *mechanism,
                               CK_ATTRIBUTE *public, CK_ULONG public_count, CK_ATTRIBUTE *private,
                               CK_ULONG private_count, CK_OBJECT_HANDLE *public_key,
                               CK_OBJECT_HANDLE *private_key)
{
    CK_OBJECT_HANDLE handles[2];

    assert_int_equal(module_replaced->C_GenerateKeyPair(session, mechanism, public, public_count,
                                                        private, private_count, &handles[0],
                                                        &handles[1]),
                     CKR_OK);
    if (lie.made++ < lie.lies)
        return lie.answer;
    *public_key = handles[0];
    *private_key = handles[1];
    return CKR_OK;
}

/* Generates a pair, or several, whose first `lies` answers are `answer`. */
static int generate_denied(certenroll_key **key, struct shimmed_token *f, CK_RV answer,
                           unsigned lies)
{
    int status;

    lie.made = 0;
    lie.lies = lies;
    lie.answer = answer;
    module_replace(f)->C_GenerateKeyPair = generate_and_deny;
    status = generate(key, f, CERTENROLL_KEY_P256);
    module_restore(f);
    return status;
}

static void a_pair_whose_answer_was_lost_is_found(void **state)
{
    /* the last two: pulled, and back before anybody looked */
    static const CK_RV answers[] = {
        CKR_SESSION_HANDLE_INVALID, CKR_SESSION_CLOSED,    CKR_USER_NOT_LOGGED_IN,
        CKR_DEVICE_REMOVED,         CKR_TOKEN_NOT_PRESENT,
    };
    struct shimmed_token *f = *state;
    struct ce_buffer id = { (unsigned char *)(uintptr_t)some_id, sizeof(some_id) };

    for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
        certenroll_key *key = NULL;

        assert_ok(generate_denied(&key, f, answers[i], 1), f->error);
        assert_int_equal(lie.made, answers[i] == CKR_USER_NOT_LOGGED_IN ? 2 : 1);
        assert_int_equal(objects_on_token(), 2);
        certenroll_key_free(key);
        assert_ok(ce_key_destroy(f->token, &id, NULL, &f->error), f->error);
    }
}

static void a_pair_that_the_token_denies_does_not_stay(void **state)
{
    static const CK_RV answers[] = {
        CKR_HOST_MEMORY,       CKR_GENERAL_ERROR,       CKR_FUNCTION_FAILED,
        CKR_DEVICE_ERROR,      CKR_DEVICE_MEMORY,       CKR_MECHANISM_INVALID,
        CKR_FUNCTION_CANCELED, CKR_TEMPLATE_INCOMPLETE, 0x80000042,
    };
    struct shimmed_token *f = *state;
    certenroll_key *key = NULL;

    for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
        assert_int_not_equal(generate_denied(&key, f, answers[i], 9), CERTENROLL_OK);
        assert_null(key);
        assert_null(strstr(certenroll_error_message(f->error), "cafe000102"));
        certenroll_error_free(f->error);
        f->error = NULL;
        assert_int_equal(objects_on_token(), 0);
    }
    assert_ok(generate_denied(&key, f, CKR_GENERAL_ERROR, 1), f->error);
    assert_int_equal(lie.made, 2);
    assert_int_equal(objects_on_token(), 2);
    certenroll_key_free(key);
}

static void a_denied_pair_that_cannot_be_removed_gets_no_twin(void **state)
{
    struct shimmed_token *f = *state;
    certenroll_key *key = NULL;

    shim_control(f->shim, "fail C_DestroyObject 0x5\n");
    assert_int_equal(generate_denied(&key, f, CKR_GENERAL_ERROR, 9), CERTENROLL_E_TOKEN);
    assert_int_equal(lie.made, 1);
    assert_non_null(strstr(certenroll_error_message(f->error), "CKR_GENERAL_ERROR"));
    assert_non_null(strstr(certenroll_error_message(f->error), "cafe000102"));
    certenroll_error_free(f->error);
    f->error = NULL;
    shim_control(f->shim, "");
    assert_fails(generate(&key, f, CERTENROLL_KEY_P256), CERTENROLL_E_ID_IN_USE, f->error);
    assert_ok(certenroll_key_find(&key, f->token, some_id, sizeof(some_id), &f->error), f->error);
    certenroll_key_free(key);
}

/* Clearing up is where the session dies: it goes on in another one. */
static void clearing_up_outlives_its_session(void **state)
{
    struct shimmed_token *f = *state;
    certenroll_key *key = NULL;

    shim_control(f->shim, "fail C_DestroyObject 0xb3 once\n");
    assert_ok(generate_denied(&key, f, CKR_GENERAL_ERROR, 1), f->error);
    assert_int_equal(lie.made, 1);
    assert_int_equal(objects_on_token(), 2);
    certenroll_key_free(key);
}

static void a_pair_made_as_the_token_was_pulled_is_found_later(void **state)
{
    struct shimmed_token *f = *state;
    certenroll_key *key = NULL;

    assert_ok(certenroll_token_login(f->token, &f->error), f->error);
    shim_control(f->shim, "fail C_OpenSession 0xe0\n");
    assert_int_equal(generate_denied(&key, f, CKR_DEVICE_REMOVED, 9), CERTENROLL_E_TOKEN_REMOVED);
    assert_non_null(strstr(certenroll_error_message(f->error), "cafe000102"));
    certenroll_error_free(f->error);
    f->error = NULL;
    shim_control(f->shim, ""); /* put back */
    assert_fails(generate(&key, f, CERTENROLL_KEY_P256), CERTENROLL_E_ID_IN_USE, f->error);
    assert_ok(certenroll_key_find(&key, f->token, some_id, sizeof(some_id), &f->error), f->error);
    certenroll_key_free(key);
    assert_int_equal(objects_on_token(), 2);
}

/* As SoftHSM leaves it when the process is killed between its writing of the template and of the
 * key: seen by killing it at each write. */
static void make_husk(void)
{
    CK_OBJECT_CLASS class = CKO_PRIVATE_KEY;
    CK_KEY_TYPE type = CKK_EC;
    CK_BBOOL yes = CK_TRUE, no = CK_FALSE;
    CK_ATTRIBUTE template[] = {
        { CKA_CLASS, &class, sizeof(class) },
        { CKA_KEY_TYPE, &type, sizeof(type) },
        { CKA_TOKEN, &yes, sizeof(yes) },
        { CKA_PRIVATE, &yes, sizeof(yes) },
        { CKA_SENSITIVE, &yes, sizeof(yes) },
        { CKA_EXTRACTABLE, &no, sizeof(no) },
        { CKA_SIGN, &yes, sizeof(yes) },
        { CKA_ID, (void *)(uintptr_t)some_id, sizeof(some_id) },
        { CKA_EC_PARAMS, "", 0 },
        { CKA_VALUE, "", 0 },
    };
    struct raw_token raw = raw_open();
    CK_OBJECT_HANDLE object;

    assert_int_equal(raw.module->C_CreateObject(raw.session, template, 10, &object), CKR_OK);
    raw_close(&raw);
}

static void a_pair_that_was_never_finished_is_no_key(void **state)
{
    struct shimmed_token *f = *state;
    struct ce_buffer id = { (unsigned char *)(uintptr_t)some_id, sizeof(some_id) };
    certenroll_key *key = NULL, **keys = NULL;
    size_t count = 0;

    assert_ok(generate(&key, f, CERTENROLL_KEY_P256), f->error);
    certenroll_key_free(key);
    key = NULL;
    remove_one_of_class(CKO_PRIVATE_KEY); /* the public half is whole by then */
    for (int with_husk = 0; with_husk < 2; with_husk++) {
        if (with_husk)
            make_husk();
        assert_fails(generate(&key, f, CERTENROLL_KEY_P256), CERTENROLL_E_ID_IN_USE, f->error);
        assert_fails(certenroll_key_find(&key, f->token, some_id, sizeof(some_id), &f->error),
                     CERTENROLL_E_OBJECT_NOT_FOUND, f->error);
        assert_null(key);
        assert_ok(ce_keys_read(&keys, &count, f->token, NULL, &f->error), f->error);
        assert_int_equal(count, 0);
        ce_keys_free(keys, count);
    }
    assert_ok(ce_key_destroy(f->token, &id, NULL, &f->error), f->error);
    assert_ok(generate(&key, f, CERTENROLL_KEY_P256), f->error);
    certenroll_key_free(key);
    assert_int_equal(objects_on_token(), 2);
}

static void a_pair_that_cannot_be_read_is_named(void **state)
{
    struct shimmed_token *f = *state;
    certenroll_key *key = NULL;

    /* It was not seen to be new. */
    shim_control(f->shim, "fail C_GetAttributeValue 0x5\n");
    shim_forget(f->shim);
    assert_int_equal(generate(&key, f, CERTENROLL_KEY_P256), CERTENROLL_E_TOKEN);
    assert_null(key);
    assert_int_equal(shim_calls(f->shim, "C_DestroyObject"), 0);
    assert_non_null(strstr(certenroll_error_message(f->error), "cafe000102"));
    certenroll_error_free(f->error);
    f->error = NULL;
    assert_int_equal(objects_on_token(), 2);
}

int main(void)
{
#define TEST(name)                                                                                 \
    cmocka_unit_test_setup_teardown(name, shimmed_token_set_up, shimmed_token_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(what_the_token_cannot_do_is_unsupported),
        TEST(templates_that_are_refused_get_shorter),
        TEST(husks_of_refused_templates_are_removed),
        TEST(a_key_that_could_leave_is_removed),
        TEST(remains_are_keys_with_the_id_read_back),
        TEST(a_pair_whose_answer_was_lost_is_found),
        TEST(a_pair_that_the_token_denies_does_not_stay),
        TEST(a_denied_pair_that_cannot_be_removed_gets_no_twin),
        TEST(clearing_up_outlives_its_session),
        TEST(a_pair_made_as_the_token_was_pulled_is_found_later),
        TEST(a_pair_that_was_never_finished_is_no_key),
        TEST(a_pair_that_cannot_be_read_is_named),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
