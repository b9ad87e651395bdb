/* SPDX-License-Identifier: Apache-2.0 */
/* Certificate objects: written, read back, found, removed. To a token the value is just bytes. */
#include "check.h"
#include "raw_token.h"
#include "token/object.h"
#include "token/session.h"

#include <certenroll/certenroll.h>

#include <stdlib.h>

struct fixture {
    struct shimmed_token shimmed;
    struct ce_certificate_object object;
};

static void set(struct ce_buffer *buffer, const void *data, size_t length)
{
    certenroll_error *error = NULL;

    ce_buffer_clear(buffer);
    assert_ok(ce_buffer_set(buffer, data, length, &error), error);
}

/* A value of this many bytes. */
static void set_value(struct fixture *f, size_t length)
{
    unsigned char *value = malloc(length);

    assert_non_null(value);
    memset(value, 0x5a, length);
    set(&f->object.value, value, length);
    free(value);
}

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));

    assert_non_null(f);
    shimmed_token_open(&f->shimmed);
    set_value(f, 700);
    set(&f->object.id, "\x01\x02\x03", 3);
    set(&f->object.label, "a label", 7);
    set(&f->object.subject, "\x30\x00", 2);
    set(&f->object.issuer, "\x30\x00", 2);
    set(&f->object.serial, "\x02\x01\x07", 3);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    ce_certificate_object_clear(&f->object);
    shimmed_token_close(&f->shimmed);
    free(f);
    return 0;
}

static void written_is_read(struct fixture *f)
{
    struct ce_certificate_search by_id = { .id = &f->object.id };
    struct ce_certificate_object *read = NULL;
    size_t count = 0;

    assert_ok(ce_certificate_write(f->shimmed.token, &f->object, &f->shimmed.error),
              f->shimmed.error);
    assert_ok(ce_certificates_read(&read, &count, f->shimmed.token, &by_id, &f->shimmed.error),
              f->shimmed.error);
    assert_int_equal(count, 1);
    assert_int_equal(read[0].value.length, f->object.value.length);
    assert_memory_equal(read[0].value.data, f->object.value.data, f->object.value.length);
    assert_int_equal(read[0].id.length, 3);
    assert_string_equal((const char *)read[0].label.data, "a label");
    ce_certificate_objects_free(read, count);
}

static void what_is_written_is_read(void **state)
{
    struct fixture *f = *state;

    written_is_read(f);
    assert_int_equal(shim_calls(f->shimmed.shim, "C_CreateObject"), 1);
}

static void larger_than_usual_is_read_too(void **state)
{
    struct fixture *f = *state;

    set_value(f, 20000);
    written_is_read(f);
}

static void no_longer_than_is_believed(void **state)
{
    struct fixture *f = *state;

    set_value(f, 100000);
    assert_fails(ce_certificate_write(f->shimmed.token, &f->object, &f->shimmed.error),
                 CERTENROLL_E_TOKEN, f->shimmed.error);
    assert_int_equal(shim_calls(f->shimmed.shim, "C_DestroyObject"), 1);
}

static void writing_costs_two_calls(void **state)
{
    struct fixture *f = *state;

    assert_ok(certenroll_token_login(f->shimmed.token, &f->shimmed.error), f->shimmed.error);
    shim_forget(f->shimmed.shim);
    assert_ok(ce_certificate_write(f->shimmed.token, &f->object, &f->shimmed.error),
              f->shimmed.error);
    assert_int_equal(shim_calls(f->shimmed.shim, NULL), 2);
    assert_int_equal(shim_calls(f->shimmed.shim, "C_CreateObject"), 1);
    assert_int_equal(shim_calls(f->shimmed.shim, "C_GetAttributeValue"), 1);
}

static void present_means_value_and_id(void **state)
{
    struct fixture *f = *state;
    struct ce_buffer other = { 0 };

    set(&other, "\x09", 1);
    assert_int_equal(
        ce_certificate_present(f->shimmed.token, &f->object.value, NULL, &f->shimmed.error), 0);
    assert_ok(ce_certificate_write(f->shimmed.token, &f->object, &f->shimmed.error),
              f->shimmed.error);
    assert_int_equal(
        ce_certificate_present(f->shimmed.token, &f->object.value, NULL, &f->shimmed.error), 1);
    assert_int_equal(ce_certificate_present(f->shimmed.token, &f->object.value, &f->object.id,
                                            &f->shimmed.error),
                     1);
    assert_int_equal(
        ce_certificate_present(f->shimmed.token, &f->object.value, &other, &f->shimmed.error), 0);
    assert_int_equal(
        ce_certificate_present(f->shimmed.token, &other, &f->object.id, &f->shimmed.error), 0);

    assert_ok(ce_certificate_destroy(f->shimmed.token, &f->object.value, &other, &f->shimmed.error),
              f->shimmed.error);
    assert_int_equal(
        ce_certificate_present(f->shimmed.token, &f->object.value, NULL, &f->shimmed.error), 1);
    assert_ok(ce_certificate_destroy(f->shimmed.token, &f->object.value, &f->object.id,
                                     &f->shimmed.error),
              f->shimmed.error);
    assert_int_equal(
        ce_certificate_present(f->shimmed.token, &f->object.value, NULL, &f->shimmed.error), 0);
    ce_buffer_clear(&other);
}

static void certificates_are_read_without_a_pin(void **state)
{
    struct fixture *f = *state;
    struct ce_certificate_object *read = NULL;
    size_t count = 1;

    assert_ok(ce_certificates_read(&read, &count, f->shimmed.token, NULL, &f->shimmed.error),
              f->shimmed.error);
    assert_int_equal(count, 0);
    ce_certificate_objects_free(read, count);
    assert_int_equal(f->shimmed.pin.asked, 0);
}

static void attributes_that_are_refused_are_left_out(void **state)
{
    /* tpm2-pkcs11 and OpenSC: CKA_PRIVATE; and one that knows no issuers */
    static const char *const controls[] = {
        "refuse-attribute 0x2 0xd1\n",
        "refuse-attribute 0x81 0x12\n",
    };
    struct fixture *f = *state;

    for (size_t i = 0; i < sizeof(controls) / sizeof(controls[0]); i++) {
        shim_control(f->shimmed.shim, controls[i]);
        set_value(f, 300 + i);
        set(&f->object.id, &i, 3);
        written_is_read(f);
    }
}

static void a_full_token_says_so(void **state)
{
    struct fixture *f = *state;

    shim_control(f->shimmed.shim, "fail C_CreateObject 0x31\n");
    assert_fails(ce_certificate_write(f->shimmed.token, &f->object, &f->shimmed.error),
                 CERTENROLL_E_TOKEN_FULL, f->shimmed.error);
    shim_control(f->shimmed.shim, "fail C_CreateObject 0xe2\n");
    assert_fails(ce_certificate_write(f->shimmed.token, &f->object, &f->shimmed.error),
                 CERTENROLL_E_TOKEN_READ_ONLY, f->shimmed.error);
}

static void assert_too_large(struct fixture *f, int expected, int is_told)
{
    int status = ce_certificate_write(f->shimmed.token, &f->object, &f->shimmed.error);

    assert_int_equal(status, expected);
    assert_int_equal(certenroll_error_ck_rv(f->shimmed.error), CKR_FUNCTION_FAILED);
    assert_int_equal(!!strstr(certenroll_error_why(f->shimmed.error), " bytes"), is_told);
    assert_int_equal(!!strstr(certenroll_error_advice(f->shimmed.error), "a smaller one"), is_told);
    certenroll_error_free(f->shimmed.error);
    f->shimmed.error = NULL;
}

/* ykcs11 says no more of one than that something failed. */
static void a_certificate_that_is_too_large_is_told_by_its_size(void **state)
{
    struct fixture *f = *state;
    CK_TOKEN_INFO *info = &f->shimmed.token->info->raw;

    shim_control(f->shimmed.shim, "fail C_CreateObject 0x6\n");
    assert_too_large(f, CERTENROLL_E_TOKEN, 0);
    set_value(f, 5000);
    assert_too_large(f, CERTENROLL_E_TOKEN, 1); /* perhaps: it is not known of this token */
    memcpy(info->manufacturerID, "Yubico (www.yubico.com)         ", 32);
    memcpy(info->model, "YubiKey YK5     ", 16);
    assert_too_large(f, CERTENROLL_E_TOKEN_FULL, 1);
    set_value(f, 3000);
    assert_too_large(f, CERTENROLL_E_TOKEN, 1);
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
    struct fixture *f = *state;
    struct ce_buffer other = { 0 };
    certenroll_key *key = NULL;

    set(&other, "\x09", 1);
    assert_ok(certenroll_key_generate(&key, f->shimmed.token, NULL, &f->shimmed.error),
              f->shimmed.error);
    certenroll_key_free(key);
    assert_ok(ce_certificate_write(f->shimmed.token, &f->object, &f->shimmed.error),
              f->shimmed.error);
    module_replace(&f->shimmed)->C_FindObjectsInit = find_everything;
    assert_int_equal(ce_certificate_present(f->shimmed.token, &other, NULL, &f->shimmed.error), 0);
    assert_ok(ce_certificate_destroy(f->shimmed.token, &other, &f->object.id, &f->shimmed.error),
              f->shimmed.error);
    assert_ok(ce_certificate_destroy(f->shimmed.token, &f->object.value, &other, &f->shimmed.error),
              f->shimmed.error);
    assert_int_equal(objects_on_token(), 3);
    assert_ok(ce_certificate_destroy(f->shimmed.token, &f->object.value, &f->object.id,
                                     &f->shimmed.error),
              f->shimmed.error);
    module_restore(&f->shimmed);
    assert_int_equal(objects_on_token(), 2);
    ce_buffer_clear(&other);
}

/* The first template is refused, and the search for an earlier try finds the present certificate,
 * which bears the same ID, as in a renewal. */
static void the_present_certificate_is_not_taken_for_the_new_one(void **state)
{
    struct fixture *f = *state;
    struct ce_buffer present = { 0 };

    assert_ok(ce_certificate_write(f->shimmed.token, &f->object, &f->shimmed.error),
              f->shimmed.error);
    set(&present, f->object.value.data, f->object.value.length);
    set_value(f, 800);
    shim_control(f->shimmed.shim, "refuse-attribute 0x2 0xd1\n");
    module_replace(&f->shimmed)->C_FindObjectsInit = find_everything;
    assert_ok(ce_certificate_write(f->shimmed.token, &f->object, &f->shimmed.error),
              f->shimmed.error);
    module_restore(&f->shimmed);
    assert_int_equal(objects_on_token(), 2);
    assert_int_equal(
        ce_certificate_present(f->shimmed.token, &present, &f->object.id, &f->shimmed.error), 1);
    assert_int_equal(ce_certificate_present(f->shimmed.token, &f->object.value, &f->object.id,
                                            &f->shimmed.error),
                     1);
    ce_buffer_clear(&present);
}

static CK_RV keep_it(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object)
{
    (void)session;
    (void)object;
    return CKR_OK;
}

static void a_token_that_keeps_a_certificate_is_found_out(void **state)
{
    struct fixture *f = *state;

    assert_ok(ce_certificate_write(f->shimmed.token, &f->object, &f->shimmed.error),
              f->shimmed.error);
    module_replace(&f->shimmed)->C_DestroyObject = keep_it;
    assert_fails(ce_certificate_destroy(f->shimmed.token, &f->object.value, &f->object.id,
                                        &f->shimmed.error),
                 CERTENROLL_E_TOKEN, f->shimmed.error);
    module_restore(&f->shimmed);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(what_is_written_is_read),
        TEST(larger_than_usual_is_read_too),
        TEST(no_longer_than_is_believed),
        TEST(writing_costs_two_calls),
        TEST(present_means_value_and_id),
        TEST(certificates_are_read_without_a_pin),
        TEST(attributes_that_are_refused_are_left_out),
        TEST(a_full_token_says_so),
        TEST(a_certificate_that_is_too_large_is_told_by_its_size),
        TEST(a_search_is_not_taken_at_its_word),
        TEST(the_present_certificate_is_not_taken_for_the_new_one),
        TEST(a_token_that_keeps_a_certificate_is_found_out),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
