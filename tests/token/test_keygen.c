/* SPDX-License-Identifier: Apache-2.0 */
/* Key pairs made in the token: what they are, and what they may not be. */
#include "check.h"
#include "raw_token.h"
#include "token/sign.h"

#include <certenroll/certenroll.h>

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
        struct ce_signature_bytes signature;
        const unsigned char *id;
        size_t id_length;

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
        assert_ok(ce_key_sign(&signature, found, &mechanism, some_id, sizeof(some_id), &f->error),
                  f->error);
        assert_int_equal(signature.length, kinds[i].signature_length);
        certenroll_key_free(found);
        certenroll_key_free(made);
    }
}

static void the_attributes_are_as_they_must_be(void **state)
{
    struct shimmed_token *f = *state;
    CK_OBJECT_HANDLE objects[RAW_OBJECTS_MAX];
    certenroll_key *key = NULL;
    struct raw_token raw;

    assert_ok(generate(&key, f, CERTENROLL_KEY_P256), f->error);
    assert_string_equal(certenroll_key_get_label(key), "Suzuki \xe9\x88\xb4\xe6\x9c\xa8");
    raw = raw_open();
    assert_int_equal(raw_objects(objects, &raw), 2);
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
    /* The token is looked at before the PIN is asked for and again before it is sent; and a search
     * that found nothing, to be sure that the user was in. The last search sees the pair to be new.
     */
    static const char expected[] =
        "C_OpenSession C_GetSessionInfo C_GetTokenInfo C_GetTokenInfo C_Login C_FindObjectsInit "
        "C_FindObjects C_FindObjectsFinal C_GetSessionInfo C_GenerateKeyPair C_GetAttributeValue "
        "C_GetAttributeValue C_FindObjectsInit C_FindObjects C_FindObjects C_FindObjectsFinal "
        "C_SignInit C_Sign ";
    struct shimmed_token *f = *state;
    CK_MECHANISM mechanism = { CKM_ECDSA, NULL, 0 };
    certenroll_key *key = NULL;
    struct ce_signature_bytes signature;
    char *log, *line, *rest = NULL, calls[512] = "";

    shim_forget(f->shim);
    assert_ok(generate(&key, f, CERTENROLL_KEY_P256), f->error);
    assert_ok(ce_key_sign(&signature, key, &mechanism, some_id, 5, &f->error), f->error);
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

static void keys_with_one_id_are_not_guessed_between(void **state)
{
    struct shimmed_token *f = *state;
    certenroll_key *key = NULL, **keys = NULL;
    size_t count = 0;
    struct raw_token raw;

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
    assert_ok(ce_keys_read(&keys, &count, f->token, NULL, &f->error), f->error);
    assert_int_equal(count, 2);
    for (size_t i = 0; i < count; i++) /* which public key is whose cannot be told */
        assert_int_equal(ce_key_public(keys[i])->type, 0);
    ce_keys_free(keys, count);
}

static void two_private_keys_do_not_share_a_public_one(void **state)
{
    struct shimmed_token *f = *state;
    certenroll_key *key = NULL, **keys = NULL;
    size_t count = 0;
    struct raw_token raw;

    assert_ok(generate(&key, f, CERTENROLL_KEY_P256), f->error);
    certenroll_key_free(key);
    raw = raw_open();
    assert_int_equal(raw_generate(&raw, some_id, sizeof(some_id), CKA_VERIFY), CKR_OK);
    raw_close(&raw);
    remove_one_of_class(CKO_PUBLIC_KEY);
    assert_ok(ce_keys_read(&keys, &count, f->token, NULL, &f->error), f->error);
    assert_int_equal(count, 2);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(ce_key_public(keys[i])->type, 0);
        assert_int_equal(certenroll_key_get_type(keys[i]), CERTENROLL_KEY_OTHER);
    }
    ce_keys_free(keys, count);
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
        TEST(keys_with_one_id_are_not_guessed_between),
        TEST(two_private_keys_do_not_share_a_public_one),
        cmocka_unit_test(key_types_have_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
