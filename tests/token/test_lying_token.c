/* SPDX-License-Identifier: Apache-2.0 */
/* A module may return anything (tests/shim/lies.h): nothing that was there is lost, and nothing is
 * said to be done that was not. Through an enrolment: tests/flow/test_lying_token_renewal.c. */
#include "check.h"
#include "raw_token.h"
#include "token/key.h"

#include <certenroll/certenroll.h>

#include <stdio.h>
#include <stdlib.h>

static unsigned char first_id[] = { 0xca, 0xfe, 0x00, 0x01 };
static unsigned char second_id[] = { 0xca, 0xfe, 0x00, 0x02 };
static unsigned char new_id[] = { 0xca, 0xfe, 0x00, 0x03 };
#define ID_LENGTH sizeof(first_id)

static const certenroll_key_type types[] = { CERTENROLL_KEY_P256, CERTENROLL_KEY_RSA_2048 };
#define TYPES (sizeof(types) / sizeof(types[0]))

static int generate(certenroll_key **out, struct shimmed_token *f, certenroll_key_type type,
                    const unsigned char *id, const struct ce_public_value *not_this)
{
    const struct ce_key_novelty novelty = { 0, not_this };
    certenroll_key_options options = CERTENROLL_KEY_OPTIONS_INIT;

    options.type = type;
    options.id = id;
    options.id_length = ID_LENGTH;
    return ce_key_generate(out, f->token, &options, &novelty, &f->error);
}

static void lie(struct shimmed_token *f, const char *which)
{
    char line[80];

    snprintf(line, sizeof(line), "lie %s\n", which);
    shim_control(f->shim, line);
    shim_forget(f->shim);
}

/* The pair is there, and signs. */
static void assert_works(struct shimmed_token *f, const unsigned char *id)
{
    certenroll_key *key = NULL;

    assert_ok(certenroll_key_find(&key, f->token, id, ID_LENGTH, &f->error), f->error);
    certenroll_key_free(key);
}

static void assert_says(struct shimmed_token *f, int status, int expected, const char *text)
{
    assert_int_equal(status, expected);
    if (!strstr(certenroll_error_message(f->error), text))
        print_error("no \"%s\" in: %s\n", text, certenroll_error_message(f->error));
    assert_non_null(strstr(certenroll_error_message(f->error), text));
}

static void forget_error(struct shimmed_token *f)
{
    certenroll_error_free(f->error);
    f->error = NULL;
}

/* --- what is given for new --- */

static void what_is_not_seen_to_be_new_is_refused(void **state)
{
    static const char *const lies[] = {
        "generate-existing",     "generate-claimed",  "generate-private-twice",
        "generate-public-twice", "generate-other-id", "values",
        "find-nothing",          "find-foreign",      "find-endless",
    };
    struct shimmed_token *f = *state;
    certenroll_key *key = NULL, *present = NULL;

    for (size_t i = 0; i < TYPES; i++) {
        assert_ok(generate(&present, f, types[i], first_id, NULL), f->error);
        for (size_t j = 0; j < sizeof(lies) / sizeof(lies[0]); j++) {
            const size_t before = objects_on_token();
            int status;

            print_message("%s: %s\n", certenroll_key_type_name(types[i]), lies[j]);
            lie(f, lies[j]);
            status = generate(&key, f, types[i], new_id, ce_key_public(present));
            /* The search for the ID, before anything is made, may be what is lied about. */
            assert_true(status == CERTENROLL_E_TOKEN || status == CERTENROLL_E_ID_IN_USE);
            assert_null(key);
            forget_error(f);
            assert_int_equal(shim_calls(f->shim, "C_DestroyObject"), 0);
            shim_control(f->shim, "");
            assert_true(objects_on_token() >= before);
            assert_works(f, first_id);
            while (objects_on_token() > before) { /* a pair that it made all the same */
                struct ce_buffer made = { new_id, ID_LENGTH };

                assert_ok(ce_key_destroy(f->token, &made, NULL, &f->error), f->error);
                new_id[0] ^= 0x55;
            }
            new_id[0] = 0xca;
        }
        certenroll_key_free(present);
        present = NULL;
        assert_ok(certenroll_pair_remove(f->token, first_id, ID_LENGTH, NULL, &f->error), f->error);
    }
}

/* One that can leave the token is not removed as an unsafe new one. */
static void an_unsafe_pair_that_was_there_is_not_removed(void **state)
{
    struct shimmed_token *f = *state;
    certenroll_key *key = NULL;
    struct raw_token raw;

    assert_ok(certenroll_token_login(f->token, &f->error), f->error);
    raw = raw_open();
    assert_int_equal(raw_generate(&raw, first_id, ID_LENGTH, CKA_VERIFY), CKR_OK);
    raw_close(&raw);
    lie(f, "generate-existing");
    assert_says(f, generate(&key, f, CERTENROLL_KEY_P256, new_id, NULL), CERTENROLL_E_TOKEN,
                "not seen to be new");
    assert_non_null(strstr(certenroll_error_advice(f->error), "Nothing was removed"));
    forget_error(f);
    assert_int_equal(objects_on_token(), 2);
}

/* The value is new, and the removal is not what it says. */
static void only_what_is_gone_was_removed(void **state)
{
    struct shimmed_token *f = *state;
    certenroll_key *key = NULL;

    shim_control(f->shim, "refuse-attribute 0x103 0xd1\n");
    assert_says(f, generate(&key, f, CERTENROLL_KEY_P256, new_id, NULL), CERTENROLL_E_KEY_UNSAFE,
                "it was removed");
    forget_error(f);
    assert_int_equal(objects_on_token(), 0);

    shim_control(f->shim, "refuse-attribute 0x103 0xd1\nlie destroy-kept\n");
    assert_says(f, generate(&key, f, CERTENROLL_KEY_P256, new_id, NULL), CERTENROLL_E_KEY_UNSAFE,
                "cafe0003");
    assert_null(strstr(certenroll_error_message(f->error), "was removed"));
    forget_error(f);
    assert_int_equal(objects_on_token(), 2);
}

/* tpm2-pkcs11 at P-521: new all the same, and of no use. */
static void a_malformed_new_pair_is_removed(void **state)
{
    struct shimmed_token *f = *state;
    certenroll_key *key = NULL;

    lie(f, "malformed");
    assert_says(f, generate(&key, f, CERTENROLL_KEY_P256, new_id, NULL), CERTENROLL_E_UNSUPPORTED,
                "the key was removed");
    forget_error(f);
    assert_int_equal(objects_on_token(), 0);
}

/* Ways that are no lies. */
static void tokens_may_search_in_their_own_way(void **state)
{
    static const char *const ways[] = { "find-one", "find-twice", "find-by-id-alone" };
    struct shimmed_token *f = *state;

    for (size_t i = 0; i < TYPES * 3; i++) {
        certenroll_key *key = NULL;

        lie(f, ways[i % 3]);
        assert_ok(generate(&key, f, types[i / 3], new_id, NULL), f->error);
        certenroll_key_free(key);
        assert_works(f, new_id);
        assert_ok(certenroll_pair_remove(f->token, new_id, ID_LENGTH, NULL, &f->error), f->error);
        shim_control(f->shim, "");
        assert_int_equal(objects_on_token(), 0);
    }
}

/* A search ends only where it gives none (PKCS#11 v2.40 §5.7), and ends there. */
static void a_search_goes_on_to_its_end(void **state)
{
    struct shimmed_token *f = *state;
    certenroll_key **keys = NULL, *key = NULL;
    size_t count = 0;

    assert_ok(generate(&key, f, CERTENROLL_KEY_P256, first_id, NULL), f->error);
    certenroll_key_free(key);
    assert_ok(generate(&key, f, CERTENROLL_KEY_P256, second_id, NULL), f->error);
    certenroll_key_free(key);
    for (int i = 0; i < 2; i++) {
        lie(f, i == 0 ? "find-one" : "find-twice");
        assert_ok(ce_keys_read(&keys, &count, f->token, NULL, &f->error), f->error);
        assert_int_equal(count, 2);
        ce_keys_free(keys, count);
    }
    lie(f, "find-endless");
    assert_says(f, ce_keys_read(&keys, &count, f->token, NULL, &f->error), CERTENROLL_E_TOKEN,
                "gives more than");
    forget_error(f);
}

/* --- what is removed --- */

static void write_certificate(struct shimmed_token *f, unsigned char *bytes, size_t length)
{
    struct ce_certificate_object certificate = { .value = { bytes, length },
                                                 .id = { first_id, ID_LENGTH } };

    certificate.subject = certificate.issuer = certificate.value;
    assert_ok(ce_certificate_write(f->token, &certificate, &f->error), f->error);
}

static void a_removal_is_read_back(void **state)
{
    unsigned char bytes[] = { 0x30, 0x00 };
    const struct ce_buffer value = { bytes, sizeof(bytes) };
    struct shimmed_token *f = *state;
    certenroll_key *key = NULL;

    for (size_t i = 0; i < TYPES; i++) {
        assert_ok(generate(&key, f, types[i], first_id, NULL), f->error);
        certenroll_key_free(key);
        write_certificate(f, bytes, sizeof(bytes));
        lie(f, "destroy-kept");
        assert_says(f, certenroll_pair_remove(f->token, first_id, ID_LENGTH, NULL, &f->error),
                    CERTENROLL_E_TOKEN, "keeps it");
        forget_error(f);
        assert_int_equal(shim_calls(f->shim, "C_DestroyObject"), 1);
        assert_says(f, ce_certificate_destroy(f->token, &value, NULL, &f->error),
                    CERTENROLL_E_TOKEN, "keeps it");
        forget_error(f);
        shim_control(f->shim, "");
        assert_int_equal(objects_on_token(), 3);
        assert_ok(certenroll_pair_remove(f->token, first_id, ID_LENGTH, NULL, &f->error), f->error);
        assert_ok(ce_certificate_destroy(f->token, &value, NULL, &f->error), f->error);
        assert_int_equal(objects_on_token(), 0);
    }
}

/* A certificate that is known to be there, on a token that does not find it by its value. */
static void a_certificate_is_found_one_by_one(void **state)
{
    unsigned char bytes[] = { 0x30, 0x00 }, other[] = { 0x30, 0x01, 0x05 };
    const struct ce_buffer value = { bytes, sizeof(bytes) };
    struct shimmed_token *f = *state;

    write_certificate(f, bytes, sizeof(bytes));
    write_certificate(f, other, sizeof(other));
    lie(f, "find-by-id-alone");
    assert_ok(ce_certificate_destroy(f->token, &value, NULL, &f->error), f->error);
    shim_control(f->shim, "");
    assert_int_equal(objects_on_token(), 1);
    write_certificate(f, bytes, sizeof(bytes));
    shim_control(f->shim, "lie find-by-id-alone\nlie destroy-kept\n");
    assert_says(f, ce_certificate_destroy(f->token, &value, NULL, &f->error), CERTENROLL_E_TOKEN,
                "keeps it");
    forget_error(f);
}

static void no_other_pair_goes(void **state)
{
    static const char *const lies[] = { "find-foreign", "find-nothing", "find-endless", "values" };
    struct shimmed_token *f = *state;
    certenroll_key *key = NULL;

    for (size_t i = 0; i < TYPES; i++) {
        assert_ok(generate(&key, f, types[i], first_id, NULL), f->error);
        certenroll_key_free(key);
        assert_ok(generate(&key, f, types[i], second_id, NULL), f->error);
        for (size_t j = 0; j < sizeof(lies) / sizeof(lies[0]); j++) {
            struct ce_buffer id = { second_id, ID_LENGTH };

            print_message("%s: %s\n", certenroll_key_type_name(types[i]), lies[j]);
            lie(f, lies[j]);
            assert_int_not_equal(
                certenroll_pair_remove(f->token, second_id, ID_LENGTH, NULL, &f->error),
                CERTENROLL_OK);
            forget_error(f);
            (void)ce_key_destroy(f->token, &id, ce_key_public(key), &f->error);
            forget_error(f);
            assert_int_equal(shim_calls(f->shim, "C_DestroyObject"), 0);
            shim_control(f->shim, "");
            assert_int_equal(objects_on_token(), 4);
        }
        certenroll_key_free(key);
        assert_ok(certenroll_pair_remove(f->token, first_id, ID_LENGTH, NULL, &f->error), f->error);
        assert_ok(certenroll_pair_remove(f->token, second_id, ID_LENGTH, NULL, &f->error),
                  f->error);
    }
}

/* --- the module --- */

static void a_function_that_is_not_there_is_told(void **state)
{
    static const char *const missing[] = { "C_Initialize",        "C_GetTokenInfo",
                                           "C_FindObjects",       "C_GenerateKeyPair",
                                           "C_GetAttributeValue", "C_DestroyObject" };
    struct softhsm *hsm = softhsm_new((const char *[]){ "bank", NULL });
    struct shim *shim = shim_new(softhsm_dir(hsm));
    certenroll_token_options options = CERTENROLL_TOKEN_OPTIONS_INIT;
    certenroll_context *context = NULL;
    certenroll_token *token = NULL;
    certenroll_error *error = NULL;

    (void)state;
    assert_ok(certenroll_context_new(&context, &error), error);
    options.module_path = shim_module();
    for (size_t i = 0; i < sizeof(missing) / sizeof(missing[0]); i++) {
        char line[80];

        snprintf(line, sizeof(line), "null %s\n", missing[i]);
        shim_control(shim, line);
        assert_int_equal(
            certenroll_token_open(&token, context, "pkcs11:token=bank", &options, &error),
            CERTENROLL_E_MODULE);
        assert_non_null(strstr(certenroll_error_message(error), missing[i]));
        certenroll_error_free(error);
        error = NULL;
    }
    shim_control(shim, "null C_DigestKey\n"); /* nobody calls that */
    assert_ok(certenroll_token_open(&token, context, "pkcs11:token=bank", &options, &error), error);
    certenroll_token_free(token);
    certenroll_context_free(context);
    shim_free(shim);
    softhsm_free(hsm);
}

int main(void)
{
#define TEST(name)                                                                                 \
    cmocka_unit_test_setup_teardown(name, shimmed_token_set_up, shimmed_token_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_malformed_new_pair_is_removed),
        TEST(what_is_not_seen_to_be_new_is_refused),
        TEST(an_unsafe_pair_that_was_there_is_not_removed),
        TEST(only_what_is_gone_was_removed),
        TEST(tokens_may_search_in_their_own_way),
        TEST(a_search_goes_on_to_its_end),
        TEST(a_removal_is_read_back),
        TEST(a_certificate_is_found_one_by_one),
        TEST(no_other_pair_goes),
        cmocka_unit_test(a_function_that_is_not_there_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
