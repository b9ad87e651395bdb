/* SPDX-License-Identifier: Apache-2.0 */
/* The ground floor: errors, text made safe, files written whole, secrets, option structs. */
#include "base/buffer.h"
#include "base/openssl_error.h"
#include "base/option_struct.h"
#include "base/platform.h"
#include "base/secret.h"
#include "base/text.h"
#include "base/whole_file.h"
#include "context/context.h"
#include "context/status.h"

#include <openssl/evp.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/* --- errors --- */

static void test_error_says_what_why_and_what_to_do(void **state)
{
    certenroll_error *error = NULL;

    (void)state;
    assert_int_equal(certenroll_error_set(&error, CERTENROLL_E_PIN_LOCKED,
                                          "the PIN of \"%s\" is locked", "card"),
                     CERTENROLL_E_PIN_LOCKED);
    certenroll_error_because(&error, "CKR_PIN_LOCKED");
    certenroll_error_set_ck_rv(&error, 0x80000123UL);
    assert_int_equal(certenroll_error_status(error), CERTENROLL_E_PIN_LOCKED);
    assert_string_equal(certenroll_error_what(error), "the PIN of \"card\" is locked");
    assert_string_equal(certenroll_error_why(error), "CKR_PIN_LOCKED");
    assert_true(strlen(certenroll_error_advice(error)) > 10);
    assert_non_null(strstr(certenroll_error_message(error), "is locked: CKR_PIN_LOCKED. "));
    assert_true(certenroll_error_ck_rv(error) == 0x80000123UL);
    certenroll_error_free(error);
}

/* What they say is neither ours nor in our place. */
static void test_ra_words_stand_last_and_clean(void **state)
{
    certenroll_error *error = NULL, *copy;

    (void)state;
    certenroll_error_set_ra_words(&error, "nobody listens");
    assert_null(error);
    certenroll_error_set(&error, CERTENROLL_E_REJECTED, "no");
    assert_string_equal(certenroll_error_ra_words(error), "");
    certenroll_error_set_ra_words(&error, "weak\n\x1b[2J\" Run rm.");
    certenroll_error_because(&error, "HTTP 400");
    certenroll_error_advise(&error, "Ask.");
    copy = certenroll_error_copy(error);
    assert_string_equal(certenroll_error_ra_words(copy), "weak ?[2J\" Run rm.");
    assert_string_equal(certenroll_error_message(copy),
                        "no: HTTP 400. Ask. The RA says: \"weak ?[2J\" Run rm.\"");
    certenroll_error_free(copy);
    certenroll_error_set_ra_words(&error, "");
    assert_string_equal(certenroll_error_message(error), "no: HTTP 400. Ask.");
    certenroll_error_free(error);
    assert_string_equal(certenroll_error_ra_words(NULL), "");
}

static void test_error_pointer_may_be_null(void **state)
{
    (void)state;
    assert_int_equal(certenroll_error_set(NULL, CERTENROLL_E_TOKEN, "nobody listens"),
                     CERTENROLL_E_TOKEN);
    certenroll_error_because(NULL, "still nobody");
    assert_int_equal(certenroll_error_set_memory(NULL), CERTENROLL_E_MEMORY);
    assert_int_equal(certenroll_error_status(NULL), 0);
    assert_string_equal(certenroll_error_message(NULL), "");
}

static void test_out_of_memory_is_never_changed_nor_freed(void **state)
{
    certenroll_error *error = NULL;

    (void)state;
    certenroll_error_set_memory(&error);
    certenroll_error_because(&error, "must not be written");
    assert_string_equal(certenroll_error_why(error), "");
    certenroll_error_set(&error, CERTENROLL_E_TOKEN, "replaces it");
    assert_int_equal(certenroll_error_status(error), CERTENROLL_E_TOKEN);
    certenroll_error_free(error);
}

static void test_every_status_has_name_class_and_remedy(void **state)
{
    static const int first_last[][2] = { { -1, -8 },   { -10, -13 }, { -20, -25 },
                                         { -30, -36 }, { -40, -46 }, { -50, -54 } };

    (void)state;
    for (size_t i = 0; i < sizeof(first_last) / sizeof(first_last[0]); i++) {
        for (int status = first_last[i][0]; status >= first_last[i][1]; status--) {
            assert_string_not_equal(certenroll_status_name(status), "UNKNOWN");
            assert_int_not_equal(certenroll_status_class(status), CERTENROLL_CLASS_OK);
            assert_true(strlen(ce_status_advice(status)) > 10);
        }
    }
    assert_string_equal(certenroll_status_name(-999), "UNKNOWN");
    assert_int_equal(certenroll_status_class(-999), CERTENROLL_CLASS_INTERNAL);
}

static void test_openssl_reason_is_told_and_the_queue_emptied(void **state)
{
    certenroll_error *error = NULL;
    EVP_MD *none = EVP_MD_fetch(NULL, "no-such-digest", NULL);

    (void)state;
    assert_null(none);
    ce_fail_openssl(&error, CERTENROLL_E_INTERNAL, "cannot fetch");
    assert_non_null(strstr(certenroll_error_why(error), "unsupported"));
    assert_true(certenroll_error_openssl(error) != 0);
    certenroll_error_free(error);
    error = NULL;
    ce_fail_openssl(&error, CERTENROLL_E_INTERNAL, "again");
    assert_string_equal(certenroll_error_why(error), "");
    certenroll_error_free(error);
}

/* --- text --- */

static void assert_clean(const char *in, size_t length, const char *expected)
{
    char out[64];

    ce_text_clean(out, sizeof(out), in, length);
    assert_string_equal(out, expected);
}

static void test_hostile_text_is_disarmed(void **state)
{
    (void)state;
    assert_clean("plain", 5, "plain");
    assert_clean("\xe5\x88\xa9\xe7\x94\xa8", 6, "\xe5\x88\xa9\xe7\x94\xa8");
    assert_clean("a\n2026 forged\tline", 18, "a 2026 forged line");
    assert_clean("esc\x1b[31m", 8, "esc?[31m");
    assert_clean("\xe2\x80\xae"
                 "gnp",
                 6, "?gnp"); /* right-to-left override */
    assert_clean("\xef\xbb\xbf"
                 "x",
                 4, "?x");                   /* byte order mark */
    assert_clean("\xc0\xaf", 2, "??");       /* overlong */
    assert_clean("\xed\xa0\x80", 3, "???");  /* surrogate */
    assert_clean("cut\xe5\x88", 5, "cut??"); /* truncated */
    assert_clean("nul\0inside", 10, "nul?inside");
}

static void test_text_is_cut_between_characters(void **state)
{
    char out[6];

    (void)state;
    ce_text_clean(out, sizeof(out), "ab\xe5\x88\xa9\xe7\x94\xa8", 8);
    assert_string_equal(out, "ab\xe5\x88\xa9");
}

static void test_hex_is_cut_to_fit(void **state)
{
    static const unsigned char bytes[] = { 0x00, 0xab, 0xff };
    char out[7], small[5];

    (void)state;
    ce_hex(out, sizeof(out), bytes, sizeof(bytes));
    assert_string_equal(out, "00abff");
    ce_hex(small, sizeof(small), bytes, sizeof(bytes));
    assert_string_equal(small, "00ab");
}

/* --- buffers --- */

static void test_buffer_keeps_its_limit(void **state)
{
    struct ce_buffer buffer = { 0 };

    (void)state;
    assert_int_equal(ce_buffer_append(&buffer, "12345", 5, 8), 0);
    assert_int_equal(ce_buffer_append(&buffer, "6789", 4, 8), -1);
    assert_int_equal(ce_buffer_append(&buffer, "678", 3, 8), 0);
    assert_string_equal((char *)buffer.data, "12345678");
    assert_int_equal(ce_buffer_append(&buffer, "x", SIZE_MAX, SIZE_MAX), -1);
    ce_buffer_clear(&buffer);
    assert_null(buffer.data);
}

static void test_buffer_grows_by_pieces(void **state)
{
    struct ce_buffer buffer = { 0 };
    size_t room = 0, grown = 0;

    (void)state;
    for (size_t i = 0; i < 1000; i++) {
        size_t before = room;

        assert_int_equal(ce_buffer_append_piece(&buffer, &room, "abc", 3, 3000), 0);
        grown += room != before;
    }
    assert_int_equal(buffer.length, 3000);
    assert_int_equal(strlen((char *)buffer.data), 3000);
    assert_true(room > 3000 && grown < 10);
    assert_int_equal(ce_buffer_append_piece(&buffer, &room, "d", 1, 3000), -1);
    assert_int_equal(ce_buffer_append_piece(&buffer, &room, "d", SIZE_MAX, SIZE_MAX / 2), -1);
    assert_int_equal(buffer.length, 3000);
    ce_buffer_clear(&buffer);
}

/* --- files --- */

static char *scratch_path(const char *name)
{
    static char path[512];
    const char *directory = getenv("TMPDIR");

    snprintf(path, sizeof(path), "%s/certenroll-%s-%ld", directory ? directory : "/tmp", name,
             (long)getpid());
    return path;
}

static void test_file_is_replaced_whole_with_its_mode(void **state)
{
    char *path = scratch_path("file");
    struct ce_buffer read = { 0 };
    struct stat info;

    (void)state;
    assert_int_equal(ce_platform_write_atomic(path, "old", 3, 0644), 0);
    assert_int_equal(ce_platform_write_atomic(path, "new!", 4, 0600), 0);
    assert_int_equal(ce_file_read(&read, path, CE_TRUST_ANY, 4, NULL), 0);
    assert_string_equal((char *)read.data, "new!");
    ce_buffer_clear(&read);
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0600);
    unlink(path);
}

/* What a killed writer left, even read-only, is in nobody's way and does not pile up. */
static void test_stale_temporary_file_is_replaced(void **state)
{
    char *path = scratch_path("stale"), temporary[600];
    struct ce_buffer read = { 0 };

    (void)state;
    snprintf(temporary, sizeof(temporary), "%s.new", path);
    assert_int_equal(ce_platform_write_atomic(temporary, "stale and longer", 16, 0400), 0);
    assert_int_equal(ce_platform_write_atomic(path, "new!", 4, 0600), 0);
    assert_int_equal(access(temporary, F_OK), -1);
    assert_int_equal(ce_file_read(&read, path, CE_TRUST_ANY, 16, NULL), 0);
    assert_string_equal((char *)read.data, "new!");
    ce_buffer_clear(&read);
    unlink(path);
}

static void test_file_over_its_limit_is_refused(void **state)
{
    char *path = scratch_path("long");
    struct ce_buffer read = { 0 };
    certenroll_error *error = NULL;

    (void)state;
    assert_int_equal(ce_platform_write_atomic(path, "12345", 5, 0600), 0);
    assert_int_equal(ce_file_read(&read, path, CE_TRUST_ANY, 4, &error), CERTENROLL_E_ARGUMENT);
    assert_non_null(strstr(certenroll_error_message(error), "longer than 4 bytes"));
    assert_null(read.data);
    certenroll_error_free(error);
    unlink(path);
}

static void test_unwritable_place_leaves_nothing(void **state)
{
    (void)state;
    assert_int_equal(ce_platform_write_atomic("/no/such/directory/file", "x", 1, 0600), -1);
    assert_int_equal(errno, ENOENT);
}

/* --- secrets --- */

static int give_pin(void *user, const certenroll_secret_request *request, char *buffer,
                    size_t capacity, size_t *length)
{
    const char *pin = user;

    assert_int_equal(request->kind, CERTENROLL_SECRET_USER_PIN);
    assert_true(capacity >= strlen(pin));
    memcpy(buffer, pin, strlen(pin));
    *length = strlen(pin);
    return 0;
}

static int claim_too_much(void *user, const certenroll_secret_request *request, char *buffer,
                          size_t capacity, size_t *length)
{
    (void)user, (void)request, (void)buffer;
    *length = capacity + 1;
    return 0;
}

static int refuse(void *user, const certenroll_secret_request *request, char *buffer,
                  size_t capacity, size_t *length)
{
    (void)user, (void)request, (void)buffer, (void)capacity, (void)length;
    return CERTENROLL_E_CANCELLED;
}

static void test_secret_comes_from_the_callback_or_not_at_all(void **state)
{
    char pin[] = "1234";
    certenroll_secret_request request = {
        .size = sizeof(request), .kind = CERTENROLL_SECRET_USER_PIN, .name = "t", .place = "1"
    };
    struct ce_secret_source source = { give_pin, pin };
    struct ce_secret *secret = NULL;

    (void)state;
    assert_int_equal(ce_secret_ask(&secret, &source, &request, NULL), 0);
    assert_int_equal(secret->length, 4);
    assert_memory_equal(secret->bytes, "1234", 4);
    ce_secret_free(secret);

    source.callback = claim_too_much;
    assert_int_equal(ce_secret_ask(&secret, &source, &request, NULL), CERTENROLL_E_ARGUMENT);
    assert_null(secret);
    source.callback = refuse;
    assert_int_equal(ce_secret_ask(&secret, &source, &request, NULL), CERTENROLL_E_CANCELLED);
    assert_null(secret);
    source.callback = NULL;
    assert_int_equal(ce_secret_ask(&secret, &source, &request, NULL), CERTENROLL_E_CANCELLED);
    assert_null(secret);
}

static void test_secret_file_gives_its_first_line(void **state)
{
    char *path = scratch_path("pin");
    struct ce_secret *secret = NULL;

    (void)state;
    assert_int_equal(ce_platform_write_atomic(path, "98 76\r\nsecond\n", 14, 0600), 0);
    assert_int_equal(ce_secret_read(&secret, path, NULL), 0);
    assert_int_equal(secret->length, 5);
    assert_memory_equal(secret->bytes, "98 76", 5);
    ce_secret_free(secret);
    unlink(path);
    assert_int_equal(ce_secret_read(&secret, path, NULL), CERTENROLL_E_SYSTEM);
    assert_null(secret);
}

/* --- options --- */

struct options {
    size_t size;
    int first;
    int second;
};

static void test_shorter_options_keep_the_defaults(void **state)
{
    struct options given = { offsetof(struct options, second), 7, 8 };
    struct options own = { sizeof(own), 1, 2 };

    (void)state;
    assert_int_equal(ce_options_take(&own, sizeof(own), &given, NULL), 0);
    assert_int_equal(own.first, 7);
    assert_int_equal(own.second, 2);
    given.size = sizeof(given) + 1;
    assert_int_equal(ce_options_take(&own, sizeof(own), &given, NULL), CERTENROLL_E_ARGUMENT);
    given.size = 0;
    assert_int_equal(ce_options_take(&own, sizeof(own), &given, NULL), CERTENROLL_E_ARGUMENT);
    assert_int_equal(ce_options_take(&own, sizeof(own), NULL, NULL), 0);
}

/* --- log --- */

static void keep_line(void *user, certenroll_log_level level, const char *message)
{
    snprintf(user, 64, "%d %s", (int)level, message);
}

static void test_log_obeys_its_level(void **state)
{
    certenroll_context *context = NULL;
    char line[64] = "";

    (void)state;
    assert_int_equal(certenroll_context_new(&context, NULL), 0);
    ce_log(context, CERTENROLL_LOG_ERROR, "nobody listens");
    certenroll_context_set_log(context, CERTENROLL_LOG_INFO, keep_line, line);
    ce_log(context, CERTENROLL_LOG_DEBUG, "too fine");
    assert_string_equal(line, "");
    ce_log(context, CERTENROLL_LOG_INFO, "opened %d", 1);
    assert_string_equal(line, "3 opened 1");
    certenroll_context_free(context);
}

/* In a child: there is no way back. */
static void test_process_is_closed(void **state)
{
    int status = -1;
    pid_t child = fork();

    (void)state;
    if (child == 0) {
        struct rlimit core = { 1, 1 };
        int closed = certenroll_process_protect(NULL) == CERTENROLL_OK;

        getrlimit(RLIMIT_CORE, &core);
        _exit(closed && prctl(PR_GET_DUMPABLE) == 0 && core.rlim_cur == 0 && core.rlim_max == 0
                  ? 0
                  : 1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_error_says_what_why_and_what_to_do),
        cmocka_unit_test(test_ra_words_stand_last_and_clean),
        cmocka_unit_test(test_error_pointer_may_be_null),
        cmocka_unit_test(test_out_of_memory_is_never_changed_nor_freed),
        cmocka_unit_test(test_every_status_has_name_class_and_remedy),
        cmocka_unit_test(test_openssl_reason_is_told_and_the_queue_emptied),
        cmocka_unit_test(test_hostile_text_is_disarmed),
        cmocka_unit_test(test_text_is_cut_between_characters),
        cmocka_unit_test(test_hex_is_cut_to_fit),
        cmocka_unit_test(test_buffer_keeps_its_limit),
        cmocka_unit_test(test_buffer_grows_by_pieces),
        cmocka_unit_test(test_file_is_replaced_whole_with_its_mode),
        cmocka_unit_test(test_stale_temporary_file_is_replaced),
        cmocka_unit_test(test_file_over_its_limit_is_refused),
        cmocka_unit_test(test_unwritable_place_leaves_nothing),
        cmocka_unit_test(test_secret_comes_from_the_callback_or_not_at_all),
        cmocka_unit_test(test_secret_file_gives_its_first_line),
        cmocka_unit_test(test_shorter_options_keep_the_defaults),
        cmocka_unit_test(test_log_obeys_its_level),
        cmocka_unit_test(test_process_is_closed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
