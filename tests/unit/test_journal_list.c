/* SPDX-License-Identifier: Apache-2.0 */
/* The journals of a directory by the public API: listed beside what is broken, and removed. */
#include "journal_files.h"
#include "scratch.h"

#include <stdlib.h>

static void test_no_directory_has_no_journals(void **state)
{
    struct journal_files *test = *state;
    char *nowhere = scratch_path(test->dir, "nowhere");
    certenroll_journal_list *list = NULL;

    assert_ok(certenroll_journal_list_new(&list, test->context, nowhere, &test->error),
              test->error);
    assert_int_equal(certenroll_journal_list_count(list), 0);
    assert_null(certenroll_journal_list_at(list, 0));
    certenroll_journal_list_free(list);
    certenroll_journal_list_free(NULL);
    assert_fails(certenroll_journal_remove(test->context, nowhere, "one", 0, &test->error),
                 CERTENROLL_E_OBJECT_NOT_FOUND, test->error);
    journal_files_assert_open_fails(test, "one", CERTENROLL_E_OBJECT_NOT_FOUND, "no journal");
    free(nowhere);
}

static void test_a_torn_journal_hinders_no_other(void **state)
{
    static const char *const order[] = { "torn", "first", "second-a", "second-b" };
    struct journal_files *test = *state;
    certenroll_journal_list *list = NULL;

    journal_files_put(test, "second-b", CERTENROLL_STATE_PENDING, 2000);
    journal_files_put(test, "torn", CERTENROLL_STATE_PENDING, 3000);
    journal_files_put(test, "first", CERTENROLL_STATE_CONFIRMED, 1000);
    journal_files_put(test, "second-a", CERTENROLL_STATE_ISSUED, 2000);
    journal_files_tear(test, "torn.journal");
    free(scratch_write_text(test->dir, "notes.txt", "foreign"));
    free(scratch_write_text(test->dir, ".journal", "foreign"));
    free(scratch_write_text(test->dir, "Not Ours.journal", "foreign"));
    free(scratch_write_text(test->dir, "first.journal.new", "half"));

    assert_ok(certenroll_journal_list_new(&list, test->context, test->dir, &test->error),
              test->error);
    assert_int_equal(certenroll_journal_list_count(list), 4);
    for (size_t i = 0; i < 4; i++) {
        const certenroll_journal *journal = certenroll_journal_list_at(list, i);
        const certenroll_error *problem = certenroll_journal_problem(journal);

        assert_string_equal(certenroll_journal_name(journal), order[i]);
        assert_int_equal(certenroll_error_status(problem), i == 0 ? CERTENROLL_E_JOURNAL : 0);
        assert_int_equal(ce_journal_record(journal) == NULL, i == 0);
        assert_int_equal(!!certenroll_journal_is_finished(journal), i == 1);
    }
    assert_null(certenroll_journal_list_at(list, 4));
    certenroll_journal_list_free(list);
}

static void test_a_listed_journal_is_described(void **state)
{
    struct journal_files *test = *state;
    certenroll_journal_list *list = NULL;
    const certenroll_journal *journal;
    const unsigned char *id;
    size_t length = 0;

    journal_files_put(test, "one", CERTENROLL_STATE_PENDING, 1000);
    assert_ok(certenroll_journal_list_new(&list, test->context, test->dir, &test->error),
              test->error);
    journal = certenroll_journal_list_at(list, 0);
    assert_non_null(journal);
    assert_int_equal(certenroll_journal_operation(journal), CERTENROLL_ENROLL);
    assert_int_equal(certenroll_journal_state(journal), CERTENROLL_STATE_PENDING);
    assert_string_equal(certenroll_journal_subject(journal), "CN=a");
    assert_string_equal(certenroll_journal_token_uri(journal), "pkcs11:token=bank");
    assert_non_null(strstr(certenroll_journal_token_label(journal), "card"));
    assert_string_equal(certenroll_journal_token_serial(journal), "");
    assert_non_null(strstr(certenroll_journal_module(journal), "lib.so"));
    assert_non_null(strstr(certenroll_journal_url(journal), "ra.example"));
    assert_non_null(strstr(certenroll_journal_username(journal), "line"));
    id = certenroll_journal_id(journal, &length);
    assert_int_equal(length, 3);
    assert_memory_equal(id, "\x01\x80\xff", 3);
    assert_true(certenroll_journal_begun_at(journal) == 1000);
    assert_true(certenroll_journal_updated_at(journal) > 1000);
    assert_true(certenroll_journal_retry_at(journal) == 951782399);
    assert_true(certenroll_journal_retire_at(journal) == INT64_C(253402300799));
    certenroll_journal_list_free(list);
}

/* --- removing --- */

static void test_only_what_is_finished_or_broken_is_removed(void **state)
{
    struct journal_files *test = *state;

    journal_files_put(test, "open", CERTENROLL_STATE_PENDING, 1000);
    journal_files_put(test, "done", CERTENROLL_STATE_CONFIRMED, 1000);
    journal_files_put(test, "torn", CERTENROLL_STATE_PENDING, 1000);
    journal_files_tear(test, "torn.journal");
    assert_fails(certenroll_journal_remove(test->context, test->dir, "open", 0, &test->error),
                 CERTENROLL_E_STATE, test->error);
    assert_true(journal_files_has(test, "open.journal"));
    assert_ok(certenroll_journal_remove(test->context, test->dir, "done", 0, &test->error),
              test->error);
    assert_ok(certenroll_journal_remove(test->context, test->dir, "torn", 0, &test->error),
              test->error);
    assert_fails(certenroll_journal_remove(test->context, test->dir, "done", 0, &test->error),
                 CERTENROLL_E_OBJECT_NOT_FOUND, test->error);
    assert_ok(certenroll_journal_remove(test->context, test->dir, "open", 1, &test->error),
              test->error);
    assert_fails(certenroll_journal_remove(test->context, test->dir, "../x", 0, &test->error),
                 CERTENROLL_E_OBJECT_NOT_FOUND, test->error);
    assert_true(!journal_files_has(test, "open.journal") && !journal_files_has(test, "open.lock"));
    assert_true(!journal_files_has(test, "done.journal") &&
                !journal_files_has(test, "torn.journal"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        JOURNAL_TEST(test_no_directory_has_no_journals),
        JOURNAL_TEST(test_a_torn_journal_hinders_no_other),
        JOURNAL_TEST(test_a_listed_journal_is_described),
        JOURNAL_TEST(test_only_what_is_finished_or_broken_is_removed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
