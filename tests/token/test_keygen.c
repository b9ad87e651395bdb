/* SPDX-License-Identifier: Apache-2.0 */
/* Key pairs made in the token: what they are, what they may not be, and what is left of those that
 * the token refused. */
#include "check.h"
#include "shimmed_token.h"
#include "token/remains.h"
#include "token/sign.h"

#include <certenroll/certenroll.h>

#include <p11-kit/p11-kit.h>
#include <p11-kit/pkcs11.h>

#include <stdio.h>
#include <stdlib.h>

static const unsigned char some_id[] = { 0xca, 0xfe, 0x00, 0x01, 0x02 };

static int generate(certenroll_key **out, struct shimmed_token *f, certenroll_key_type type)
{
    certenroll_key_options options = CERTENROLL_KEY_OPTIONS_INIT;

    options.type = type;
    options.label = "Suzuki \xe9\x88\xb4\xe6\x9c\xa8";
    options.id = some_id;
    options.id_length = sizeof(some_id);
    return certenroll_key_generate(out, f->token, &options, &f->error);
}

/* --- the module, looked at past the library --- */

struct raw {
    CK_FUNCTION_LIST *module;
    CK_SESSION_HANDLE session;
};

static struct raw raw_open(void)
{
    struct raw raw = { p11_kit_module_load(softhsm_module(), 0), 0 };
    CK_SLOT_ID slots[8];
    CK_ULONG count = 8;

    assert_non_null(raw.module);
    assert_int_equal(p11_kit_module_initialize(raw.module), CKR_OK);
    assert_int_equal(raw.module->C_GetSlotList(CK_TRUE, slots, &count), CKR_OK);
    assert_int_equal(raw.module->C_OpenSession(slots[0], CKF_SERIAL_SESSION | CKF_RW_SESSION, NULL,
                                               NULL, &raw.session),
                     CKR_OK);
    return raw;
}

static void raw_close(struct raw *raw)
{
    p11_kit_module_finalize(raw->module);
    p11_kit_module_release(raw->module);
}

/* All objects that a logged-in user sees. */
static CK_ULONG raw_objects(CK_OBJECT_HANDLE *objects, CK_ULONG room, const struct raw *raw)
{
    CK_ULONG count = 0;

    assert_int_equal(raw->module->C_FindObjectsInit(raw->session, NULL, 0), CKR_OK);
    assert_int_equal(raw->module->C_FindObjects(raw->session, objects, room, &count), CKR_OK);
    raw->module->C_FindObjectsFinal(raw->session);
    return count;
}

static int raw_flag(const struct raw *raw, CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type)
{
    CK_BBOOL value = 2;
    CK_ATTRIBUTE attribute = { type, &value, sizeof(value) };

    assert_int_equal(raw->module->C_GetAttributeValue(raw->session, object, &attribute, 1), CKR_OK);
    return value;
}

static CK_OBJECT_CLASS raw_class(const struct raw *raw, CK_OBJECT_HANDLE object)
{
    CK_OBJECT_CLASS class = 0;
    CK_ATTRIBUTE attribute = { CKA_CLASS, &class, sizeof(class) };

    assert_int_equal(raw->module->C_GetAttributeValue(raw->session, object, &attribute, 1), CKR_OK);
    return class;
}

static size_t objects_on_token(void)
{
    CK_OBJECT_HANDLE objects[64];
    struct raw raw = raw_open();
    size_t count = raw_objects(objects, 64, &raw);

    raw_close(&raw);
    return count;
}

/* --- tests --- */

static void every_kind_is_made_found_and_signs(void **state)
{
    static const struct {
        certenroll_key_type type;
        CK_MECHANISM_TYPE mechanism;
        size_t public_length;
        size_t signature_length;
    } kinds[] = {
        { CERTENROLL_KEY_RSA_2048, CKM_RSA_PKCS, 256, 256 },
        { CERTENROLL_KEY_P256, CKM_ECDSA, 65, 64 },
        { CERTENROLL_KEY_P384, CKM_ECDSA, 97, 96 },
        { CERTENROLL_KEY_P521, CKM_ECDSA, 133, 132 },
        { CERTENROLL_KEY_ED25519, CKM_EDDSA, 32, 64 },
    };
    struct shimmed_token *f = *state;

    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        certenroll_key_options options = CERTENROLL_KEY_OPTIONS_INIT;
        CK_MECHANISM mechanism = { kinds[i].mechanism, NULL, 0 };
        certenroll_key *made = NULL, *found = NULL;
        unsigned char signature[512];
        const unsigned char *id;
        size_t id_length, length;

        options.type = kinds[i].type;
        assert_ok(certenroll_key_generate(&made, f->token, &options, &f->error), f->error);
        assert_int_equal(certenroll_key_get_type(made), kinds[i].type);
        assert_string_equal(certenroll_key_get_label(made), "");
        id = certenroll_key_get_id(made, &id_length);
        assert_int_equal(id_length, 20);
        assert_int_equal(ce_key_public(made)->modulus.length + ce_key_public(made)->point.length,
                         kinds[i].public_length);

        assert_ok(certenroll_key_find(&found, f->token, id, id_length, &f->error), f->error);
        assert_true(ce_key_is_safe(found));
        assert_int_equal(certenroll_key_get_type(found), kinds[i].type);
        assert_memory_equal(ce_key_public(found)->modulus.data, ce_key_public(made)->modulus.data,
                            ce_key_public(made)->modulus.length);
        assert_memory_equal(ce_key_public(found)->point.data, ce_key_public(made)->point.data,
                            ce_key_public(made)->point.length);
        assert_ok(ce_key_sign(found, &mechanism, some_id, sizeof(some_id), signature,
                              sizeof(signature), &length, &f->error),
                  f->error);
        assert_int_equal(length, kinds[i].signature_length);
        certenroll_key_free(found);
        certenroll_key_free(made);
    }
}

static void the_attributes_are_as_they_must_be(void **state)
{
    struct shimmed_token *f = *state;
    CK_OBJECT_HANDLE objects[8];
    certenroll_key *key = NULL;
    struct raw raw;

    assert_ok(generate(&key, f, CERTENROLL_KEY_P256), f->error);
    assert_string_equal(certenroll_key_get_label(key), "Suzuki \xe9\x88\xb4\xe6\x9c\xa8");
    raw = raw_open();
    assert_int_equal(raw_objects(objects, 8, &raw), 2);
    for (int i = 0; i < 2; i++) {
        assert_true(raw_flag(&raw, objects[i], CKA_TOKEN));
        if (raw_class(&raw, objects[i]) == CKO_PUBLIC_KEY) {
            assert_true(raw_flag(&raw, objects[i], CKA_VERIFY));
            assert_false(raw_flag(&raw, objects[i], CKA_ENCRYPT));
            assert_false(raw_flag(&raw, objects[i], CKA_PRIVATE));
            continue;
        }
        assert_true(raw_flag(&raw, objects[i], CKA_PRIVATE));
        assert_true(raw_flag(&raw, objects[i], CKA_SENSITIVE));
        assert_false(raw_flag(&raw, objects[i], CKA_EXTRACTABLE));
        assert_true(raw_flag(&raw, objects[i], CKA_SIGN));
        assert_false(raw_flag(&raw, objects[i], CKA_DECRYPT));
        assert_false(raw_flag(&raw, objects[i], CKA_UNWRAP));
        assert_false(raw_flag(&raw, objects[i], CKA_DERIVE));
    }
    raw_close(&raw);
    certenroll_key_free(key);
}

static void one_pair_and_a_signature_cost_these_calls(void **state)
{
    static const char expected[] =
        "C_OpenSession C_GetSessionInfo C_GetTokenInfo C_Login C_FindObjectsInit C_FindObjects "
        "C_FindObjectsFinal C_GenerateKeyPair C_GetAttributeValue C_GetAttributeValue C_SignInit "
        "C_Sign ";
    struct shimmed_token *f = *state;
    CK_MECHANISM mechanism = { CKM_ECDSA, NULL, 0 };
    certenroll_key *key = NULL;
    unsigned char signature[128];
    char *log, *line, *rest = NULL, calls[512] = "";
    size_t length;

    shim_forget(f->shim);
    assert_ok(generate(&key, f, CERTENROLL_KEY_P256), f->error);
    assert_ok(
        ce_key_sign(key, &mechanism, some_id, 5, signature, sizeof(signature), &length, &f->error),
        f->error);
    log = shim_log(f->shim);
    for (line = strtok_r(log, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
        size_t used = strlen(calls);
        snprintf(calls + used, sizeof(calls) - used, "%.*s ", (int)strcspn(line, " "), line);
    }
    assert_string_equal(calls, expected);
    free(log);
    certenroll_key_free(key);
}

static void an_id_in_use_is_refused_and_nothing_made(void **state)
{
    struct shimmed_token *f = *state;
    certenroll_key *key = NULL;

    assert_ok(generate(&key, f, CERTENROLL_KEY_P256), f->error);
    certenroll_key_free(key);
    assert_fails(generate(&key, f, CERTENROLL_KEY_P384), CERTENROLL_E_ID_IN_USE, f->error);
    assert_null(key);
    assert_int_equal(shim_calls(f->shim, "C_GenerateKeyPair"), 1);
    assert_int_equal(objects_on_token(), 2);
}

static void arguments_that_make_no_sense_are_refused(void **state)
{
    struct shimmed_token *f = *state;
    certenroll_key_options options = CERTENROLL_KEY_OPTIONS_INIT;
    unsigned char long_id[CERTENROLL_ID_MAX + 1] = { 1 };
    char label[256];
    certenroll_key *key = NULL;

    options.type = (certenroll_key_type)42;
    assert_fails(certenroll_key_generate(&key, f->token, &options, &f->error),
                 CERTENROLL_E_ARGUMENT, f->error);
    options.type = CERTENROLL_KEY_OTHER;
    assert_fails(certenroll_key_generate(&key, f->token, &options, &f->error),
                 CERTENROLL_E_ARGUMENT, f->error);
    options.type = CERTENROLL_KEY_P256;
    options.id = long_id;
    options.id_length = sizeof(long_id);
    assert_fails(certenroll_key_generate(&key, f->token, &options, &f->error),
                 CERTENROLL_E_ARGUMENT, f->error);
    options.id_length = 0;
    assert_fails(certenroll_key_generate(&key, f->token, &options, &f->error),
                 CERTENROLL_E_ARGUMENT, f->error);
    memset(label, 'x', sizeof(label));
    label[255] = '\0';
    options.id = NULL;
    options.label = label;
    assert_fails(certenroll_key_generate(&key, f->token, &options, &f->error),
                 CERTENROLL_E_ARGUMENT, f->error);
    assert_fails(certenroll_key_find(&key, f->token, long_id, 0, &f->error), CERTENROLL_E_ARGUMENT,
                 f->error);
    assert_int_equal(f->pin.asked, 0);
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

/* C_GenerateKeyPair of a P-256 pair with this CKA_ID (NULL: none) and one more attribute in the
 * public template, past the library. */
static CK_RV raw_generate(const struct raw *raw, const unsigned char *id, CK_ULONG id_length,
                          CK_ATTRIBUTE_TYPE more)
{
    CK_BBOOL yes = CK_TRUE;
    unsigned char curve[] = { 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07 };
    CK_ATTRIBUTE public[] = {
        { CKA_TOKEN, &yes, sizeof(yes) },
        { CKA_ID, (void *)(uintptr_t)id, id_length },
        { CKA_EC_PARAMS, curve, sizeof(curve) },
        { more, &yes, sizeof(yes) },
    };
    CK_ATTRIBUTE private[] = {
        { CKA_TOKEN, &yes, sizeof(yes) },
        { CKA_PRIVATE, &yes, sizeof(yes) },
        { CKA_ID, (void *)(uintptr_t)id, id_length },
    };
    CK_MECHANISM mechanism = { CKM_EC_KEY_PAIR_GEN, NULL, 0 };
    CK_OBJECT_HANDLE one, other;

    return raw->module->C_GenerateKeyPair(raw->session, &mechanism, public, 4, private, 3, &one,
                                          &other);
}

static void husks_of_refused_templates_are_removed(void **state)
{
    struct shimmed_token *f = *state;
    struct raw raw = raw_open();
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

static void keys_with_one_id_are_not_guessed_between(void **state)
{
    struct shimmed_token *f = *state;
    certenroll_key *key = NULL, **keys = NULL;
    size_t count = 0;
    struct raw raw;

    assert_fails(certenroll_key_find(&key, f->token, some_id, 5, &f->error),
                 CERTENROLL_E_OBJECT_NOT_FOUND, f->error);
    assert_ok(generate(&key, f, CERTENROLL_KEY_P256), f->error);
    certenroll_key_free(key);
    /* a second pair under the same CKA_ID, as pkcs11-tool makes it when it is run again */
    raw = raw_open();
    assert_int_equal(raw_generate(&raw, some_id, sizeof(some_id), CKA_VERIFY), CKR_OK);
    raw_close(&raw);
    assert_fails(certenroll_key_find(&key, f->token, some_id, 5, &f->error), CERTENROLL_E_ID_IN_USE,
                 f->error);
    assert_ok(ce_keys_read(&keys, &count, f->token, &f->error), f->error);
    assert_int_equal(count, 0); /* which public key is whose cannot be told */
    ce_keys_free(keys, count);
}

/* Removes one of the public objects; afterwards two private keys share its CKA_ID. */
static void raw_remove_public(const struct raw *raw)
{
    CK_OBJECT_HANDLE objects[8];
    CK_ULONG count = raw_objects(objects, 8, raw);

    for (CK_ULONG i = 0; i < count; i++) {
        if (raw_class(raw, objects[i]) != CKO_PUBLIC_KEY)
            continue;
        assert_int_equal(raw->module->C_DestroyObject(raw->session, objects[i]), CKR_OK);
        return;
    }
    fail();
}

static void two_private_keys_do_not_share_a_public_one(void **state)
{
    struct shimmed_token *f = *state;
    certenroll_key *key = NULL, **keys = NULL;
    size_t count = 0;
    struct raw raw;

    assert_ok(generate(&key, f, CERTENROLL_KEY_P256), f->error);
    certenroll_key_free(key);
    raw = raw_open();
    assert_int_equal(raw_generate(&raw, some_id, sizeof(some_id), CKA_VERIFY), CKR_OK);
    raw_remove_public(&raw);
    raw_close(&raw);
    assert_ok(ce_keys_read(&keys, &count, f->token, &f->error), f->error);
    assert_int_equal(count, 0);
    ce_keys_free(keys, count);
}

/* --- the module, with a function of it replaced for this library --- */

static CK_FUNCTION_LIST *replaced;
static CK_FUNCTION_LIST replacing;

static void replace(struct shimmed_token *f)
{
    replaced = f->token->module.functions;
    replacing = *replaced;
    f->token->module.functions = &replacing;
}

static void put_back(struct shimmed_token *f)
{
    f->token->module.functions = replaced;
}

static CK_RV find_everything(CK_SESSION_HANDLE session, CK_ATTRIBUTE *template, CK_ULONG count)
{
    (void)template;
    (void)count;
    return replaced->C_FindObjectsInit(session, NULL, 0);
}

static int remove_remains(struct ce_session *session, void *argument, certenroll_error **error)
{
    (void)error;
    ce_remains_remove(session, argument, CKK_EC);
    return CERTENROLL_OK;
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
    replace(f);
    replacing.C_FindObjectsInit = find_everything;
    assert_ok(ce_session_run(f->token, CE_ACCESS_LOGGED_IN, remove_remains, &unused, &f->error),
              f->error);
    put_back(f);
    assert_int_equal(objects_on_token(), 3);
    assert_ok(ce_session_run(f->token, CE_ACCESS_LOGGED_IN, remove_remains, &id, &f->error),
              f->error);
    assert_int_equal(objects_on_token(), 1); /* the certificate */
}

static unsigned generated;

static CK_RV generate_and_lose(CK_SESSION_HANDLE session, CK_MECHANISM *mechanism,
                               CK_ATTRIBUTE *public, CK_ULONG public_count, CK_ATTRIBUTE *private,
                               CK_ULONG private_count, CK_OBJECT_HANDLE *public_key,
                               CK_OBJECT_HANDLE *private_key)
{
    CK_OBJECT_HANDLE lost[2];

    (void)public_key;
    (void)private_key;
    generated++;
    assert_int_equal(replaced->C_GenerateKeyPair(session, mechanism, public, public_count, private,
                                                 private_count, &lost[0], &lost[1]),
                     CKR_OK);
    return CKR_SESSION_HANDLE_INVALID;
}

static void a_pair_whose_answer_was_lost_is_found(void **state)
{
    struct shimmed_token *f = *state;
    certenroll_key *key = NULL;

    generated = 0;
    replace(f);
    replacing.C_GenerateKeyPair = generate_and_lose;
    assert_ok(certenroll_key_generate(&key, f->token, NULL, &f->error), f->error);
    put_back(f);
    assert_int_equal(generated, 1);
    assert_int_equal(objects_on_token(), 2);
    certenroll_key_free(key);
}

static void a_pair_that_cannot_be_read_is_removed_or_named(void **state)
{
    struct shimmed_token *f = *state;
    certenroll_key *key = NULL;

    shim_control(f->shim, "fail C_GetAttributeValue 0x5\n");
    assert_fails(generate(&key, f, CERTENROLL_KEY_P256), CERTENROLL_E_TOKEN, f->error);
    assert_null(key);
    assert_int_equal(objects_on_token(), 0);

    shim_control(f->shim, "fail C_GetAttributeValue 0x5\nfail C_DestroyObject 0x5\n");
    assert_int_equal(generate(&key, f, CERTENROLL_KEY_P256), CERTENROLL_E_TOKEN);
    assert_non_null(strstr(certenroll_error_message(f->error), "cafe000102"));
    certenroll_error_free(f->error);
    f->error = NULL;
    assert_int_equal(objects_on_token(), 2);
}

static void key_types_have_names(void **state)
{
    (void)state;
    assert_int_equal(certenroll_key_type_from_name("rsa-3072"), CERTENROLL_KEY_RSA_3072);
    assert_int_equal(certenroll_key_type_from_name("P-521"), CERTENROLL_KEY_P521);
    assert_int_equal(certenroll_key_type_from_name("ED25519"), CERTENROLL_KEY_ED25519);
    assert_int_equal(certenroll_key_type_from_name("P-25"), 0);
    assert_int_equal(certenroll_key_type_from_name("P-2566"), 0);
    assert_int_equal(certenroll_key_type_from_name(""), 0);
    assert_string_equal(certenroll_key_type_name(CERTENROLL_KEY_P256), "P-256");
    assert_string_equal(certenroll_key_type_name(CERTENROLL_KEY_OTHER), "other");
}

int main(void)
{
#define TEST(name)                                                                                 \
    cmocka_unit_test_setup_teardown(name, shimmed_token_set_up, shimmed_token_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(every_kind_is_made_found_and_signs),
        TEST(the_attributes_are_as_they_must_be),
        TEST(one_pair_and_a_signature_cost_these_calls),
        TEST(an_id_in_use_is_refused_and_nothing_made),
        TEST(arguments_that_make_no_sense_are_refused),
        TEST(what_the_token_cannot_do_is_unsupported),
        TEST(templates_that_are_refused_get_shorter),
        TEST(husks_of_refused_templates_are_removed),
        TEST(a_key_that_could_leave_is_removed),
        TEST(keys_with_one_id_are_not_guessed_between),
        TEST(two_private_keys_do_not_share_a_public_one),
        TEST(remains_are_keys_with_the_id_read_back),
        TEST(a_pair_whose_answer_was_lost_is_found),
        TEST(a_pair_that_cannot_be_read_is_removed_or_named),
        cmocka_unit_test(key_types_have_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
