/* SPDX-License-Identifier: Apache-2.0 */
/* Key pairs removed: the one that is meant, all of it, and nothing besides. */
#include "check.h"
#include "raw_token.h"
#include "token/key.h"

#include <certenroll/certenroll.h>

#include <stdlib.h>

static unsigned char some_id[] = { 0xca, 0xfe, 0x00, 0x01, 0x02 };
static unsigned char other_id[] = { 0xca, 0xfe, 0x00, 0x01, 0x03 };
static const struct ce_buffer id = { some_id, sizeof(some_id) };

/* One that states its public value in the private object, and one that does not. */
static const certenroll_key_type types[] = { CERTENROLL_KEY_RSA_2048, CERTENROLL_KEY_P256 };
#define TYPES (sizeof(types) / sizeof(types[0]))

static certenroll_key *make(struct shimmed_token *f, certenroll_key_type type,
                            const unsigned char *key_id)
{
    certenroll_key_options options = CERTENROLL_KEY_OPTIONS_INIT;
    certenroll_key *key = NULL;

    options.type = type;
    options.id = key_id;
    options.id_length = sizeof(some_id);
    assert_ok(certenroll_key_generate(&key, f->token, &options, &f->error), f->error);
    return key;
}

/* Another pair under `some_id`, as pkcs11-tool makes it when it is run again. */
static void make_twin(certenroll_key_type type)
{
    struct raw_token raw = raw_open();

    if (type == CERTENROLL_KEY_P256)
        assert_int_equal(raw_generate(&raw, some_id, sizeof(some_id), CKA_VERIFY), CKR_OK);
    else
        assert_int_equal(raw_generate_rsa(&raw, some_id, sizeof(some_id)), CKR_OK);
    raw_close(&raw);
}

static void write_certificate(struct shimmed_token *f)
{
    unsigned char bytes[] = { 0x30, 0x00 };
    struct ce_certificate_object certificate = { .value = { bytes, 2 }, .id = id };

    certificate.subject = certificate.issuer = certificate.value;
    assert_ok(ce_certificate_write(f->token, &certificate, &f->error), f->error);
}

static void assert_left(size_t private, size_t public)
{
    assert_int_equal(objects_of_class(CKO_PRIVATE_KEY), private);
    assert_int_equal(objects_of_class(CKO_PUBLIC_KEY), public);
}

/* --- tests --- */

static void the_pair_goes_and_nothing_besides(void **state)
{
    struct shimmed_token *f = *state;

    for (size_t i = 0; i < TYPES * 2; i++) {
        certenroll_key *key = make(f, types[i / 2], some_id);
        certenroll_key *other = make(f, types[i / 2], other_id);
        const struct ce_public_value *value = i % 2 == 0 ? ce_key_public(key) : NULL;
        struct ce_buffer both = { other_id, sizeof(other_id) };

        write_certificate(f);
        assert_ok(ce_key_destroy(f->token, &id, value, &f->error), f->error);
        assert_left(1, 1);
        assert_int_equal(objects_on_token(), 3); /* and the certificate */
        assert_ok(ce_key_destroy(f->token, &id, value, &f->error), f->error);
        assert_int_equal(objects_on_token(), 3);

        assert_ok(ce_key_destroy(f->token, &both, ce_key_public(other), &f->error), f->error);
        assert_left(0, 0);
        remove_one_of_class(CKO_CERTIFICATE);
        certenroll_key_free(other);
        certenroll_key_free(key);
    }
}

static void the_private_half_goes_first(void **state)
{
    struct shimmed_token *f = *state;

    for (size_t i = 0; i < TYPES; i++) {
        certenroll_key *key = make(f, types[i], some_id);

        shim_control(f->shim, "fail C_DestroyObject 0x5\n");
        assert_fails(ce_key_destroy(f->token, &id, ce_key_public(key), &f->error),
                     CERTENROLL_E_TOKEN, f->error);
        assert_left(1, 1);
        shim_control(f->shim, "");
        remove_one_of_class(CKO_PRIVATE_KEY); /* and there it was ended */
        assert_ok(ce_key_destroy(f->token, &id, ce_key_public(key), &f->error), f->error);
        assert_left(0, 0);
        certenroll_key_free(key);
    }
}

static void another_pair_under_the_id_stays(void **state)
{
    struct shimmed_token *f = *state;

    for (size_t i = 0; i < TYPES * TYPES; i++) {
        certenroll_key *meant = make(f, types[i / TYPES], some_id);

        assert_ok(ce_key_destroy(f->token, &id, NULL, &f->error), f->error);
        certenroll_key_free(make(f, types[i % TYPES], some_id));
        assert_ok(ce_key_destroy(f->token, &id, ce_key_public(meant), &f->error), f->error);
        assert_left(1, 1);
        remove_one_of_class(CKO_PRIVATE_KEY); /* nor does its public half go alone */
        assert_ok(ce_key_destroy(f->token, &id, ce_key_public(meant), &f->error), f->error);
        assert_left(0, 1);
        remove_one_of_class(CKO_PUBLIC_KEY);
        certenroll_key_free(meant);
    }
}

static void twins_that_state_their_value_are_told_apart(void **state)
{
    struct shimmed_token *f = *state;
    certenroll_key *key = make(f, CERTENROLL_KEY_RSA_2048, some_id), *left = NULL;

    make_twin(CERTENROLL_KEY_RSA_2048);
    assert_left(2, 2);
    assert_ok(ce_key_destroy(f->token, &id, ce_key_public(key), &f->error), f->error);
    assert_left(1, 1);
    assert_ok(certenroll_key_find(&left, f->token, some_id, sizeof(some_id), &f->error), f->error);
    assert_false(ce_public_value_equal(ce_key_public(left), ce_key_public(key)));
    certenroll_key_free(left);

    make_twin(CERTENROLL_KEY_P256); /* no RSA key, whatever its value is */
    assert_ok(certenroll_token_login(f->token, &f->error), f->error);
    assert_ok(ce_key_destroy(f->token, &id, ce_key_public(key), &f->error), f->error);
    assert_left(2, 2);
    certenroll_key_free(key);
}

static void twins_that_do_not_are_left_alone(void **state)
{
    struct shimmed_token *f = *state;
    certenroll_key *key = make(f, CERTENROLL_KEY_P256, some_id);

    make_twin(CERTENROLL_KEY_P256);
    assert_fails(ce_key_destroy(f->token, &id, ce_key_public(key), &f->error),
                 CERTENROLL_E_ID_IN_USE, f->error);
    assert_left(2, 2);
    remove_one_of_class(CKO_PUBLIC_KEY); /* the one that is left may be either's */
    assert_fails(ce_key_destroy(f->token, &id, ce_key_public(key), &f->error),
                 CERTENROLL_E_ID_IN_USE, f->error);
    assert_left(2, 1);
    assert_ok(ce_key_destroy(f->token, &id, NULL, &f->error), f->error);
    assert_left(0, 0);
    certenroll_key_free(key);

    key = make(f, CERTENROLL_KEY_P256, some_id);
    make_twin(CERTENROLL_KEY_P256);
    remove_one_of_class(CKO_PRIVATE_KEY); /* of the two public ones one is the other's */
    assert_fails(ce_key_destroy(f->token, &id, ce_key_public(key), &f->error),
                 CERTENROLL_E_ID_IN_USE, f->error);
    assert_left(1, 2);
    assert_ok(ce_key_destroy(f->token, &id, NULL, &f->error), f->error);
    assert_left(0, 0);
    certenroll_key_free(key);
}

static void a_private_key_without_a_public_one_is_nobodys(void **state)
{
    struct shimmed_token *f = *state;
    certenroll_key *key = make(f, CERTENROLL_KEY_P256, some_id);

    remove_one_of_class(CKO_PUBLIC_KEY);
    assert_fails(ce_key_destroy(f->token, &id, ce_key_public(key), &f->error),
                 CERTENROLL_E_ID_IN_USE, f->error);
    assert_left(1, 0);
    assert_ok(ce_key_destroy(f->token, &id, NULL, &f->error), f->error);
    assert_left(0, 0);
    certenroll_key_free(key);

    key = make(f, CERTENROLL_KEY_RSA_2048, some_id); /* an RSA key says itself who it is */
    remove_one_of_class(CKO_PUBLIC_KEY);
    assert_ok(ce_key_destroy(f->token, &id, ce_key_public(key), &f->error), f->error);
    assert_left(0, 0);
    certenroll_key_free(key);
}

/* --- tokens with ways of their own --- */

static unsigned destroyed;

static CK_RV keep_it(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object)
{
    (void)session;
    (void)object;
    destroyed++;
    return CKR_OK;
}

static void a_token_that_keeps_the_key_is_found_out(void **state)
{
    struct shimmed_token *f = *state;

    for (size_t i = 0; i < TYPES * 2; i++) {
        certenroll_key *key = make(f, types[i / 2], some_id);

        destroyed = 0;
        module_replace(f)->C_DestroyObject = keep_it;
        assert_fails(
            ce_key_destroy(f->token, &id, i % 2 == 0 ? ce_key_public(key) : NULL, &f->error),
            CERTENROLL_E_TOKEN, f->error);
        module_restore(f);
        assert_int_equal(destroyed, 1); /* the public half is what the other is told by */
        assert_ok(ce_key_destroy(f->token, &id, ce_key_public(key), &f->error), f->error);
        certenroll_key_free(key);
    }
}

/* The public half is gone by the time it is its turn. */
static CK_RV gone_already(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object)
{
    destroyed++;
    if (destroyed == 1)
        return module_replaced->C_DestroyObject(session, object);
    assert_int_equal(module_replaced->C_DestroyObject(session, object), CKR_OK);
    return CKR_OBJECT_HANDLE_INVALID;
}

/* The second one is refused. */
static CK_RV only_one(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object)
{
    return destroyed++ == 0 ? module_replaced->C_DestroyObject(session, object)
                            : CKR_ACTION_PROHIBITED;
}

static void halves_may_go_at_once_or_one_by_one(void **state)
{
    struct shimmed_token *f = *state;

    for (size_t i = 0; i < TYPES; i++) {
        certenroll_key *key = make(f, types[i], some_id);

        destroyed = 0;
        module_replace(f)->C_DestroyObject = gone_already;
        assert_ok(ce_key_destroy(f->token, &id, ce_key_public(key), &f->error), f->error);
        module_restore(f);
        assert_left(0, 0);
        certenroll_key_free(key);

        key = make(f, types[i], some_id);
        destroyed = 0;
        module_replace(f)->C_DestroyObject = only_one;
        assert_fails(ce_key_destroy(f->token, &id, ce_key_public(key), &f->error),
                     CERTENROLL_E_TOKEN, f->error);
        module_restore(f);
        assert_left(0, 1);
        assert_ok(ce_key_destroy(f->token, &id, ce_key_public(key), &f->error), f->error);
        assert_left(0, 0);
        certenroll_key_free(key);
    }
}

/* As modules do that pass over what they do not know of a template. */
static CK_RV find_everything(CK_SESSION_HANDLE session, CK_ATTRIBUTE *template, CK_ULONG count)
{
    (void)template;
    (void)count;
    return module_replaced->C_FindObjectsInit(session, NULL, 0);
}

static void a_search_is_not_taken_at_its_word(void **state)
{
    struct shimmed_token *f = *state;

    for (size_t i = 0; i < TYPES * 2; i++) {
        certenroll_key *key = make(f, types[i / 2], some_id);
        certenroll_key *other = make(f, types[i / 2], other_id);
        struct ce_buffer both = { other_id, sizeof(other_id) };

        write_certificate(f);
        module_replace(f)->C_FindObjectsInit = find_everything;
        assert_ok(ce_key_destroy(f->token, &id, i % 2 == 0 ? ce_key_public(key) : NULL, &f->error),
                  f->error);
        module_restore(f);
        assert_left(1, 1);
        assert_int_equal(objects_on_token(), 3);
        remove_one_of_class(CKO_CERTIFICATE);
        assert_ok(ce_key_destroy(f->token, &both, NULL, &f->error), f->error);
        certenroll_key_free(other);
        certenroll_key_free(key);
    }
}

static void lost_sessions_and_logins_are_made_good(void **state)
{
    static const char *const controls[] = {
        "fail C_DestroyObject 0xb3 once\n", "fail C_DestroyObject 0x101 once\n",
        "fail C_FindObjects 0xb3 once\n",   "fail C_GetAttributeValue 0x82 once\n",
        "fail C_DestroyObject 0x32 once\n", "fail C_FindObjectsInit 0xb0 once\n",
    };
    struct shimmed_token *f = *state;

    for (size_t i = 0; i < sizeof(controls) / sizeof(controls[0]); i++) {
        certenroll_key *key = make(f, CERTENROLL_KEY_P256, some_id);

        shim_control(f->shim, controls[i]);
        assert_ok(ce_key_destroy(f->token, &id, ce_key_public(key), &f->error), f->error);
        assert_left(0, 0);
        certenroll_key_free(key);
    }
}

/* Not to be seen is not the same as not to be there. */
static void a_token_that_does_not_answer_is_no_success(void **state)
{
    static const char *const controls[] = {
        "fail C_FindObjectsInit 0x5\n",
        "fail C_FindObjects 0x5\n",
        "fail C_GetAttributeValue 0x5\n",
    };
    struct shimmed_token *f = *state;
    certenroll_key *key = make(f, CERTENROLL_KEY_P256, some_id);

    for (size_t i = 0; i < sizeof(controls) / sizeof(controls[0]); i++) {
        shim_control(f->shim, controls[i]);
        assert_fails(ce_key_destroy(f->token, &id, ce_key_public(key), &f->error),
                     CERTENROLL_E_TOKEN, f->error);
        assert_fails(ce_key_destroy(f->token, &id, NULL, &f->error), CERTENROLL_E_TOKEN, f->error);
        assert_left(1, 1);
    }
    certenroll_key_free(key);
}

static void no_id_is_no_name(void **state)
{
    struct shimmed_token *f = *state;
    struct ce_buffer none = { NULL, 0 };

    assert_fails(ce_key_destroy(f->token, &none, NULL, &f->error), CERTENROLL_E_ARGUMENT, f->error);
    assert_int_equal(f->pin.asked, 0);
}

int main(void)
{
#define TEST(name)                                                                                 \
    cmocka_unit_test_setup_teardown(name, shimmed_token_set_up, shimmed_token_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(the_pair_goes_and_nothing_besides),
        TEST(the_private_half_goes_first),
        TEST(another_pair_under_the_id_stays),
        TEST(twins_that_state_their_value_are_told_apart),
        TEST(twins_that_do_not_are_left_alone),
        TEST(a_private_key_without_a_public_one_is_nobodys),
        TEST(a_token_that_keeps_the_key_is_found_out),
        TEST(halves_may_go_at_once_or_one_by_one),
        TEST(a_search_is_not_taken_at_its_word),
        TEST(lost_sessions_and_logins_are_made_good),
        TEST(a_token_that_does_not_answer_is_no_success),
        TEST(no_id_is_no_name),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
