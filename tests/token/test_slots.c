/* SPDX-License-Identifier: Apache-2.0 */
/* CKA_IDs that are slots. SoftHSM has none: it is given a YubiKey's name here. */
#include "check.h"
#include "raw_token.h"
#include "token/key.h"
#include "token/session.h"

#include <certenroll/certenroll.h>

#include <stdlib.h>

static int set_up(void **state)
{
    shimmed_token_set_up(state);
    memcpy(((struct shimmed_token *)*state)->token->info->raw.manufacturerID,
           "Yubico (www.yubico.com)         ", 32);
    memcpy(((struct shimmed_token *)*state)->token->info->raw.model, "YubiKey YK5     ", 16);
    return 0;
}

static int generate(struct shimmed_token *f, const void *id, size_t length)
{
    certenroll_key_options options = CERTENROLL_KEY_OPTIONS_INIT;
    certenroll_key *key = NULL;
    int status;

    options.id = id;
    options.id_length = length;
    status = certenroll_key_generate(&key, f->token, &options, &f->error);
    certenroll_key_free(key);
    return status;
}

static unsigned choose(struct shimmed_token *f)
{
    struct ce_buffer id;
    unsigned slot;

    assert_ok(ce_choose_id(f->token, &id, &f->error), f->error);
    assert_int_equal(id.length, 1);
    slot = id.data[0];
    ce_buffer_clear(&id);
    return slot;
}

static void the_first_free_slot_is_chosen(void **state)
{
    struct shimmed_token *f = *state;
    struct raw_token raw = raw_open();

    assert_int_equal(choose(f), 1);
    assert_ok(generate(f, NULL, 0), f->error);
    assert_int_equal(choose(f), 5);
    /* what somebody else has put there counts, whatever it is */
    assert_int_equal(raw_generate(&raw, (const unsigned char *)"\x05", 1, CKA_VERIFY), CKR_OK);
    remove_one_of_class(CKO_PRIVATE_KEY);
    assert_int_equal(choose(f), 6);
    raw_close(&raw);
}

static void nothing_is_overwritten_when_all_are_in_use(void **state)
{
    struct shimmed_token *f = *state;
    struct ce_buffer id;

    for (unsigned i = 0; i < 23; i++)
        assert_ok(generate(f, NULL, 0), f->error);
    shim_forget(f->shim);
    assert_int_equal(generate(f, NULL, 0), CERTENROLL_E_TOKEN_FULL);
    assert_non_null(strstr(certenroll_error_why(f->error), "it has 23 of them"));
    assert_non_null(strstr(certenroll_error_advice(f->error), "the maker's own tool"));
    certenroll_error_free(f->error);
    f->error = NULL;
    assert_fails(ce_choose_id(f->token, &id, &f->error), CERTENROLL_E_TOKEN_FULL, f->error);
    assert_null(id.data);
    assert_int_equal(shim_calls(f->shim, "C_GenerateKeyPair"), 0);
    assert_ok(generate(f, "\x04", 1), f->error); /* for who asks for it */
}

/* What a re-key leaves on a card that keeps private keys: no certificate, and perhaps the private
 * half alone. It may as well be a key whose certificate somebody waits for. */
static void a_key_that_was_left_in_its_slot_is_not_overwritten(void **state)
{
    struct shimmed_token *f = *state;

    assert_ok(generate(f, NULL, 0), f->error);
    remove_one_of_class(CKO_PUBLIC_KEY);
    assert_int_equal(choose(f), 5);
    assert_fails(generate(f, "\x01", 1), CERTENROLL_E_ID_IN_USE, f->error);
}

/* Private keys are out of sight then, and a slot with nothing else in it would look free. */
static void a_slot_is_not_free_because_somebody_logged_out(void **state)
{
    struct shimmed_token *f = *state;
    struct raw_token raw = raw_open();

    assert_ok(generate(f, NULL, 0), f->error);
    remove_one_of_class(CKO_PUBLIC_KEY);
    assert_int_equal(raw.module->C_Logout(raw.session), CKR_OK);
    raw_close(&raw);
    assert_int_equal(choose(f), 5);
    assert_int_equal(f->pin.asked, 2);
}

static void a_slot_in_use_is_not_overwritten(void **state)
{
    struct shimmed_token *f = *state;

    assert_ok(generate(f, "\x02", 1), f->error);
    shim_forget(f->shim);
    assert_fails(generate(f, "\x02", 1), CERTENROLL_E_ID_IN_USE, f->error);
    assert_int_equal(shim_calls(f->shim, "C_GenerateKeyPair"), 0);
}

static void ids_that_are_no_slots_are_refused_with_the_range(void **state)
{
    static const struct {
        const char *id;
        size_t length;
    } ids[] = { { "\x00", 1 }, { "\x1a", 1 }, { "\x01\x02", 2 }, { "12345678901234567890", 20 } };
    struct shimmed_token *f = *state;

    for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
        assert_int_equal(generate(f, ids[i].id, ids[i].length), CERTENROLL_E_ARGUMENT);
        assert_non_null(strstr(certenroll_error_why(f->error), "from 01 to 19"));
        certenroll_error_free(f->error);
        f->error = NULL;
    }
    assert_int_equal(shim_calls(f->shim, "C_OpenSession"), 0);
}

static void other_tokens_keep_any_id(void **state)
{
    struct shimmed_token *f = *state;
    struct ce_buffer id;

    f->token->info->raw.model[0] = 'X';
    assert_ok(ce_choose_id(f->token, &id, &f->error), f->error);
    assert_int_equal(id.length, CE_RANDOM_ID_LENGTH);
    ce_buffer_clear(&id);
    assert_int_equal(shim_calls(f->shim, "C_OpenSession"), 0);
    assert_ok(generate(f, "\x1a", 1), f->error);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, shimmed_token_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(the_first_free_slot_is_chosen),
        TEST(nothing_is_overwritten_when_all_are_in_use),
        TEST(a_key_that_was_left_in_its_slot_is_not_overwritten),
        TEST(a_slot_is_not_free_because_somebody_logged_out),
        TEST(a_slot_in_use_is_not_overwritten),
        TEST(ids_that_are_no_slots_are_refused_with_the_range),
        TEST(other_tokens_keep_any_id),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
