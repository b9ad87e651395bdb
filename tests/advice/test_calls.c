/* SPDX-License-Identifier: Apache-2.0 */
/* Advice that a program gets from the library's calls, and no command of the tools: followed. The
 * rows are those of the area "calls" in tests/advice/table; each has to be followed by somebody. */
#define _POSIX_C_SOURCE 200809L /* getline */

#include "pins_token.h"
#include "raw_token.h"
#include "renewal_world.h"
#include "shim.h"
#include "test_pins.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- the table --- */

#define AREA "calls\t"
#define ROWS_MAX 64

static struct {
    char *msgid;
    int is_followed;
} rows[ROWS_MAX];
static size_t row_count;

static void read_table(void)
{
    char path[4096], *line = NULL, *msgid;
    size_t size = 0;
    FILE *file;

    assert_true(snprintf(path, sizeof(path), "%s/tests/advice/table", getenv("SOURCE_DIR")) <
                (int)sizeof(path));
    file = fopen(path, "r");
    assert_non_null(file);
    while (getline(&line, &size, file) > 0) {
        if (strncmp(line, AREA, strlen(AREA)) != 0)
            continue;
        line[strcspn(line, "\n")] = '\0';
        msgid = strchr(line + strlen(AREA), '\t');
        assert_true(msgid != NULL && row_count < ROWS_MAX);
        rows[row_count].msgid = strdup(msgid + 1);
        assert_non_null(rows[row_count++].msgid);
    }
    free(line);
    assert_int_equal(fclose(file), 0);
}

static size_t row_of(const char *beginning)
{
    for (size_t i = 0; i < row_count; i++)
        if (strncmp(rows[i].msgid, beginning, strlen(beginning)) == 0)
            return i;
    fail_msg("no row of this area begins with \"%s\"", beginning);
    return 0;
}

static int has_advice(const certenroll_error *error, size_t row)
{
    const char *msgid = rows[row].msgid;

    return strncmp(certenroll_error_advice(error), msgid, strcspn(msgid, "%")) == 0;
}

/* The failure has the advice that begins so; it is cleared. */
static size_t advises(certenroll_error **error, const char *beginning)
{
    size_t row = row_of(beginning);

    if (!has_advice(*error, row))
        fail_msg("not advised \"%s\": %s", rows[row].msgid, certenroll_error_message(*error));
    certenroll_error_clear(error);
    return row;
}

/* It was followed, and this came of it. */
static void helped(size_t row, int status, certenroll_error *const *error)
{
    if (status < 0)
        fail_msg("followed \"%s\": %s", rows[row].msgid, certenroll_error_message(*error));
    rows[row].is_followed = 1;
}

static int check_all_followed(void **state)
{
    (void)state;
    for (size_t i = 0; i < row_count; i++)
        if (!rows[i].is_followed) {
            print_error("nobody followed \"%s\"\n", rows[i].msgid);
            return -1;
        }
    return 0;
}

/* --- out of memory, as somebody else has it all --- */

static int memory_is_gone;

void *__real_calloc(size_t count, size_t size);
void *__wrap_calloc(size_t count, size_t size);

void *__wrap_calloc(size_t count, size_t size)
{
    return memory_is_gone ? NULL : __real_calloc(count, size);
}

static void test_memory_is_added(void **state)
{
    certenroll_context *context = NULL;
    certenroll_error *error = NULL;
    size_t row;

    (void)state;
    memory_is_gone = 1;
    assert_true(certenroll_context_new(&context, &error) < 0);
    memory_is_gone = 0;
    row = advises(&error, "Close other programs or add memory");
    helped(row, certenroll_context_new(&context, &error), &error);
    certenroll_context_free(context);
}

/* --- a call that makes no sense --- */

static void test_the_call_is_corrected(void **state)
{
    struct renewal_world *world = *state;
    certenroll_enrolment_options options = renewal_options(world, CERTENROLL_ENROLL);
    const certenroll_anchors *anchors = options.anchors;
    certenroll_enrolment *enrolment = NULL;
    size_t row;

    options.anchors = NULL;
    assert_true(certenroll_enrolment_new(&enrolment, world->token, &options, &world->error) < 0);
    row = advises(&world->error, "Correct the call and try again");
    options.anchors = anchors;
    helped(row, certenroll_enrolment_new(&enrolment, world->token, &options, &world->error),
           &world->error);
    certenroll_enrolment_free(enrolment);

    options.size += 1;
    assert_true(certenroll_enrolment_new(&enrolment, world->token, &options, &world->error) < 0);
    row = advises(&world->error, "Start from the header's");
    options = renewal_options(world, CERTENROLL_ENROLL);
    helped(row, certenroll_enrolment_new(&enrolment, world->token, &options, &world->error),
           &world->error);
    certenroll_enrolment_free(enrolment);
}

static void test_calls_come_in_their_order(void **state)
{
    struct renewal_world *world = *state;
    certenroll_enrolment_options options = renewal_options(world, CERTENROLL_ENROLL);
    const struct ce_buffer *any = &world->present_certificate;
    certenroll_enrolment *enrolment;
    size_t row;

    options.est_url = NULL;
    enrolment = renewal_new(world, &options);
    assert_true(certenroll_enrolment_supply(enrolment, any->data, any->length, &world->error) < 0);
    row = advises(&world->error, "Check the order of the calls.");
    assert_int_equal(certenroll_enrolment_run(enrolment, &world->error), CERTENROLL_PENDING);
    helped(row, certenroll_enrolment_supply(enrolment, any->data, any->length, &world->error),
           &world->error);
    certenroll_enrolment_free(enrolment);
}

static int answer_password(void *user, const certenroll_secret_request *request, char *buffer,
                           size_t capacity, size_t *length)
{
    (void)user;
    (void)request;
    assert_true(capacity > 6);
    memcpy(buffer, "secret", 6);
    *length = 6;
    return CERTENROLL_OK;
}

static void test_it_is_said_who_asks(void **state)
{
    struct renewal_world *world = *state;
    const struct ce_buffer *certificate = &world->present_certificate;
    certenroll_revoke_options options = CERTENROLL_REVOKE_OPTIONS_INIT;
    size_t row;

    options.est_url = world->ra.endpoint.url;
    options.tls_anchors = world->ra.endpoint.anchors;
    options.secret = answer_password;
    assert_true(certenroll_certificate_revoke(world->context, NULL, certificate->data,
                                              certificate->length, &options, &world->error) < 0);
    row = advises(&world->error, "Give the CKA_ID of a key pair");
    options.username = HONEST_RA_USER;
    helped(row,
           certenroll_certificate_revoke(world->context, NULL, certificate->data,
                                         certificate->length, &options, &world->error),
           &world->error);
}

/* --- a token that others use --- */

static void test_sessions_become_free(void **state)
{
    struct pins_token *f = *state;
    size_t row;

    shim_control(f->shim, "fail C_OpenSession 0xb1\n");
    assert_true(certenroll_token_login(f->token, &f->error) < 0);
    row = advises(&f->error, "Others hold all sessions");
    shim_control(f->shim, "");
    helped(row, certenroll_token_login(f->token, &f->error), &f->error);
}

static void test_others_end_with_the_token(void **state)
{
    struct pins_token *f = *state;
    struct raw_token other = raw_open();
    size_t row;

    assert_int_equal(
        other.module->C_Login(other.session, CKU_USER, (CK_BYTE *)SOFTHSM_PIN, strlen(SOFTHSM_PIN)),
        CKR_OK);
    assert_true(certenroll_token_reset_pin(f->token, &f->error) < 0);
    row = advises(&f->error, "Have that part of the program log out");
    assert_int_equal(other.module->C_Logout(other.session), CKR_OK);
    helped(row, certenroll_token_reset_pin(f->token, &f->error), &f->error);
    raw_close(&other);

    shim_control(f->shim, "fail C_Login 0xb7\n");
    assert_true(certenroll_token_reset_pin(f->token, &f->error) < 0);
    row = advises(&f->error, "Close the read-only sessions");
    shim_control(f->shim, "");
    helped(row, certenroll_token_reset_pin(f->token, &f->error), &f->error);
}

static void test_a_token_is_erased_on_purpose(void **state)
{
    struct pins_token *f = *state;
    certenroll_initialize_options options = CERTENROLL_INITIALIZE_OPTIONS_INIT;
    certenroll_token *other;
    size_t row;

    options.label = "bank";
    options.module_path = shim_module();
    options.secret = test_pins_answer;
    options.secret_user = &f->pins;
    assert_true(certenroll_token_initialize(f->context, "pkcs11:token=bank", &options, &f->error) <
                0);
    row = advises(&f->error, "Name another token, or say");
    options.erase = 1;
    helped(row, certenroll_token_initialize(f->context, "pkcs11:token=bank", &options, &f->error),
           &f->error);

    f->pins.answers[CERTENROLL_SECRET_USER_PIN] = f->pins.answers[CERTENROLL_SECRET_NEW_PIN];
    other = test_pins_open(shim_module(), f->context, "bank", &f->pins, 0);
    assert_ok(certenroll_token_login(other, &f->error), f->error);
    assert_true(certenroll_token_initialize(f->context, "pkcs11:token=bank", &options, &f->error) <
                0);
    row = advises(&f->error, "Close the token in all parts");
    certenroll_token_free(other);
    helped(row, certenroll_token_initialize(f->context, "pkcs11:token=bank", &options, &f->error),
           &f->error);
}

int main(void)
{
#define PINS_TEST(name)                                                                            \
    cmocka_unit_test_setup_teardown(name, pins_token_set_up, pins_token_tear_down)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_memory_is_added),       RENEWAL_TEST(test_the_call_is_corrected),
        RENEWAL_TEST(test_calls_come_in_their_order), RENEWAL_TEST(test_it_is_said_who_asks),
        PINS_TEST(test_sessions_become_free),         PINS_TEST(test_others_end_with_the_token),
        PINS_TEST(test_a_token_is_erased_on_purpose),
    };

    read_table();
    return cmocka_run_group_tests(tests, NULL, check_all_followed);
}
