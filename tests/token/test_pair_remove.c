/* SPDX-License-Identifier: Apache-2.0 */
/* A pair is removed by its CKA_ID: what is refused where that does not tell one key from another,
 * and what is done where an earlier removal was ended. */
#include "check.h"
#include "raw_token.h"
#include "token/key.h"
#include "token/session.h"

#include <certenroll/certenroll.h>

#include <string.h>

static const unsigned char some_id[] = { 0xca, 0xfe, 0x00, 0x01 };
static const unsigned char other_id[] = { 0xca, 0xfe, 0x00, 0x02 };

static const certenroll_key_type types[] = { CERTENROLL_KEY_RSA_2048, CERTENROLL_KEY_P256,
                                             CERTENROLL_KEY_ED25519 };
#define TYPES (sizeof(types) / sizeof(types[0]))

static void make(struct shimmed_token *f, certenroll_key_type type, const unsigned char *id)
{
    certenroll_key_options options = CERTENROLL_KEY_OPTIONS_INIT;
    certenroll_key *key = NULL;

    options.type = type;
    options.id = id;
    options.id_length = sizeof(some_id);
    assert_ok(certenroll_key_generate(&key, f->token, &options, &f->error), f->error);
    certenroll_key_free(key);
}

static void make_twin(void)
{
    struct raw_token raw = raw_open();

    assert_int_equal(raw_generate(&raw, some_id, sizeof(some_id), CKA_VERIFY), CKR_OK);
    raw_close(&raw);
}

static int remove_pair(struct shimmed_token *f)
{
    return certenroll_pair_remove(f->token, some_id, sizeof(some_id), NULL, &f->error);
}

static void assert_left(size_t private, size_t public)
{
    assert_int_equal(objects_of_class(CKO_PRIVATE_KEY), private);
    assert_int_equal(objects_of_class(CKO_PUBLIC_KEY), public);
}

/* --- tests --- */

static void every_type_goes_and_the_other_pair_stays(void **state)
{
    struct shimmed_token *f = *state;

    make(f, CERTENROLL_KEY_P256, other_id);
    for (size_t i = 0; i < TYPES; i++) {
        make(f, types[i], some_id);
        assert_left(2, 2);
        assert_ok(remove_pair(f), f->error);
        assert_left(1, 1);
    }
}

static void an_id_is_wanted(void **state)
{
    struct shimmed_token *f = *state;
    unsigned char long_id[CERTENROLL_ID_MAX + 1] = { 1 };

    assert_fails(certenroll_pair_remove(f->token, some_id, 0, NULL, &f->error),
                 CERTENROLL_E_ARGUMENT, f->error);
    assert_fails(certenroll_pair_remove(f->token, NULL, 4, NULL, &f->error), CERTENROLL_E_ARGUMENT,
                 f->error);
    assert_fails(certenroll_pair_remove(f->token, long_id, sizeof(long_id), NULL, &f->error),
                 CERTENROLL_E_ARGUMENT, f->error);
    assert_fails(remove_pair(f), CERTENROLL_E_OBJECT_NOT_FOUND, f->error);
    assert_int_equal(certenroll_pair_remove(f->token, some_id, sizeof(some_id), NULL, NULL),
                     CERTENROLL_E_OBJECT_NOT_FOUND);
}

static void twins_are_refused(void **state)
{
    struct shimmed_token *f = *state;

    for (size_t i = 0; i < TYPES; i++) {
        struct ce_buffer id = { (unsigned char *)some_id, sizeof(some_id) };

        make(f, types[i], some_id);
        make_twin();
        assert_int_equal(remove_pair(f), CERTENROLL_E_ID_IN_USE);
        assert_non_null(strstr(certenroll_error_message(f->error), "nothing was removed"));
        certenroll_error_free(f->error);
        f->error = NULL;
        assert_left(2, 2);
        assert_ok(ce_key_destroy(f->token, &id, NULL, &f->error), f->error);
        assert_left(0, 0);
    }
}

static void a_key_that_is_nobodys_is_refused(void **state)
{
    struct shimmed_token *f = *state;

    make(f, CERTENROLL_KEY_P256, some_id);
    remove_one_of_class(CKO_PUBLIC_KEY);
    assert_fails(remove_pair(f), CERTENROLL_E_OBJECT_NOT_FOUND, f->error);
    assert_left(1, 0);
}

/* It was ended between the two halves. */
static void the_rest_of_a_removal_goes(void **state)
{
    struct shimmed_token *f = *state;

    for (size_t i = 0; i < TYPES; i++) {
        make(f, types[i], some_id);
        remove_one_of_class(CKO_PRIVATE_KEY);
        assert_left(0, 1);
        assert_ok(remove_pair(f), f->error);
        assert_left(0, 0);
        assert_fails(remove_pair(f), CERTENROLL_E_OBJECT_NOT_FOUND, f->error);
    }
}

/* A public key that a certificate is beside belongs to somebody, wherever its private half is. */
static void a_certificate_without_its_private_key_keeps_the_public_one(void **state)
{
    struct shimmed_token *f = *state;
    unsigned char bytes[] = { 0x30, 0x00 };
    struct ce_certificate_object certificate = {
        .value = { bytes, 2 },
        .id = { (unsigned char *)some_id, sizeof(some_id) },
    };

    certificate.subject = certificate.issuer = certificate.value;
    make(f, CERTENROLL_KEY_P256, some_id);
    assert_ok(ce_certificate_write(f->token, &certificate, &f->error), f->error);
    remove_one_of_class(CKO_PRIVATE_KEY);
    assert_fails(remove_pair(f), CERTENROLL_E_OBJECT_NOT_FOUND, f->error);
    assert_left(0, 1);
    assert_int_equal(objects_on_token(), 2);
}

static void a_token_that_fails_is_no_success(void **state)
{
    struct shimmed_token *f = *state;

    make(f, CERTENROLL_KEY_P256, some_id);
    shim_control(f->shim, "fail C_DestroyObject 0x5\n");
    assert_fails(remove_pair(f), CERTENROLL_E_TOKEN, f->error);
    shim_control(f->shim, "fail C_FindObjectsInit 0x5\n");
    assert_fails(remove_pair(f), CERTENROLL_E_TOKEN, f->error);
    shim_control(f->shim, "");
    assert_left(1, 1);
    assert_ok(remove_pair(f), f->error);
    assert_left(0, 0);
}

/* As a YubiKey says of itself. */
static void a_token_that_keeps_keys_is_known(void **state)
{
    struct shimmed_token *f = *state;
    CK_TOKEN_INFO *info = &f->token->info->raw;

    assert_false(certenroll_token_keeps_private_keys(f->token));
    memcpy(info->manufacturerID, "Yubico (www.yubico.com)", 23);
    memcpy(info->model, "YubiKey YK5", 11);
    assert_true(certenroll_token_keeps_private_keys(f->token));
}

#define TEST(name)                                                                                 \
    cmocka_unit_test_setup_teardown(name, shimmed_token_set_up, shimmed_token_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(every_type_goes_and_the_other_pair_stays),
        TEST(an_id_is_wanted),
        TEST(twins_are_refused),
        TEST(a_key_that_is_nobodys_is_refused),
        TEST(the_rest_of_a_removal_goes),
        TEST(a_certificate_without_its_private_key_keeps_the_public_one),
        TEST(a_token_that_fails_is_no_success),
        TEST(a_token_that_keeps_keys_is_known),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
