/* SPDX-License-Identifier: Apache-2.0 */
/* A journal as a file: whole, private, and gone when it is done. */
#define _GNU_SOURCE
#include "base/platform.h"
#include "journal_files.h"
#include "journal_record.h"
#include "scratch.h"

#include <sys/stat.h>

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

/* --- its life --- */

static void test_a_journal_lives_and_goes(void **state)
{
    struct journal_files *test = *state;
    struct ce_journal *journal = NULL;
    struct ce_record record, read = { 0 };
    int64_t before = ce_now();

    journal_record_full(&record, "one");
    assert_ok(ce_journal_create(&journal, test->dir, "one", &test->error), test->error);
    assert_true(!journal_files_has(test, "one.journal") && journal_files_has(test, "one.lock"));
    assert_ok(ce_journal_write(journal, &record, &test->error), test->error);
    assert_true(record.updated_at >= before && record.updated_at <= ce_now());
    assert_true(journal_files_has(test, "one.journal") &&
                !journal_files_has(test, "one.journal.new"));
    ce_journal_close(journal);
    assert_true(journal_files_has(test, "one.journal") && !journal_files_has(test, "one.lock"));

    assert_ok(ce_journal_open(&journal, &read, test->dir, "one", &test->error), test->error);
    journal_record_assert_same(&record, &read);
    assert_ok(ce_journal_delete(journal, &test->error), test->error);
    assert_ok(ce_journal_delete(journal, &test->error), test->error);
    ce_journal_close(journal);
    assert_true(!journal_files_has(test, "one.journal") && !journal_files_has(test, "one.lock"));
    journal_files_assert_open_fails(test, "one", CERTENROLL_E_OBJECT_NOT_FOUND,
                                    "no journal \"one\"");
    assert_false(journal_files_has(test, "one.lock"));
    ce_record_clear(&record);
    ce_record_clear(&read);
}

static void test_what_is_written_is_the_users_alone(void **state)
{
    struct journal_files *test = *state;
    char *dir = scratch_path(test->dir, "not/yet/there"), *path;
    struct ce_journal *journal = NULL;
    struct ce_record record;
    mode_t mask = umask(0);
    struct stat info;

    journal_record_small(&record, "one");
    assert_ok(ce_journal_create(&journal, dir, "one", &test->error), test->error);
    assert_ok(ce_journal_write(journal, &record, &test->error), test->error);
    umask(mask);
    assert_int_equal(stat(dir, &info), 0);
    assert_int_equal(info.st_mode & 07777, 0700);
    path = scratch_path(dir, "one.journal");
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_mode & 07777, 0600);
    free(path);
    path = scratch_path(dir, "one.lock");
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_mode & 07777, 0600);
    free(path);
    ce_journal_close(journal);
    ce_record_clear(&record);
    free(dir);
}

static void test_a_name_is_used_once(void **state)
{
    struct journal_files *test = *state;
    struct ce_journal *journal = NULL;

    journal_files_put(test, "one", CERTENROLL_STATE_PENDING, 1000);
    assert_fails(ce_journal_create(&journal, test->dir, "one", &test->error), CERTENROLL_E_STATE,
                 test->error);
    assert_null(journal);
    assert_false(journal_files_has(test, "one.lock"));
    assert_fails(ce_journal_create(&journal, test->dir, "../one", &test->error),
                 CERTENROLL_E_ARGUMENT, test->error);
    assert_fails(ce_journal_create(&journal, "/proc/certenroll", "one", &test->error),
                 CERTENROLL_E_SYSTEM, test->error);
}

static void test_a_write_that_fails_leaves_what_was(void **state)
{
    struct journal_files *test = *state;
    struct ce_journal *journal = NULL;
    struct ce_record record = { 0 };
    char *obstacle = scratch_path(test->dir, "one.journal.new");

    journal_files_put(test, "one", CERTENROLL_STATE_PENDING, 1000);
    assert_ok(ce_journal_open(&journal, &record, test->dir, "one", &test->error), test->error);
    assert_int_equal(mkdir(obstacle, 0700), 0);
    record.state = CERTENROLL_STATE_ISSUED;
    assert_fails(ce_journal_write(journal, &record, &test->error), CERTENROLL_E_SYSTEM,
                 test->error);
    ce_journal_close(journal);
    ce_record_clear(&record);
    assert_int_equal(rmdir(obstacle), 0);
    assert_ok(ce_journal_open(&journal, &record, test->dir, "one", &test->error), test->error);
    assert_int_equal(record.state, CERTENROLL_STATE_PENDING);
    ce_journal_close(journal);
    ce_record_clear(&record);
    free(obstacle);
}

/* --- what a killed process leaves --- */

static void test_a_stale_temporary_file_is_harmless(void **state)
{
    struct journal_files *test = *state;
    struct ce_journal *journal = NULL;
    struct ce_record record = { 0 };

    journal_files_put(test, "one", CERTENROLL_STATE_PENDING, 1000);
    free(scratch_write_text(test->dir, "one.journal.new", "certenroll-jour"));
    assert_ok(ce_journal_open(&journal, &record, test->dir, "one", &test->error), test->error);
    assert_ok(ce_journal_write(journal, &record, &test->error), test->error);
    assert_false(journal_files_has(test, "one.journal.new"));
    free(scratch_write_text(test->dir, "one.journal.new", "certenroll-jour"));
    assert_ok(ce_journal_delete(journal, &test->error), test->error);
    assert_true(!journal_files_has(test, "one.journal.new") &&
                !journal_files_has(test, "one.journal"));
    ce_journal_close(journal);
    ce_record_clear(&record);
}

/* A temporary name that leads elsewhere is not followed. */
static void test_a_planted_link_is_not_written_through(void **state)
{
    struct journal_files *test = *state;
    char *victim = scratch_write_text(test->dir, "victim", "precious");
    char *link = scratch_path(test->dir, "one.journal.new"), *contents;

    assert_int_equal(symlink(victim, link), 0);
    journal_files_put(test, "one", CERTENROLL_STATE_PENDING, 1000);
    contents = scratch_read(victim, NULL);
    assert_string_equal(contents, "precious");
    journal_files_assert_opens(test, "one");
    free(contents);
    free(link);
    free(victim);
}

/* What was left before a journal was written goes with the next enrolment, when nobody has it. */
static void test_leftovers_do_not_pile_up(void **state)
{
    static const char *const files[] = { "old.lock", "old.journal.new", "held.lock",
                                         "held.journal.new", "Foreign.lock" };
    struct journal_files *test = *state;
    struct ce_journal *held = NULL;

    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
        free(scratch_write_text(test->dir, files[i], ""));
    assert_ok(ce_journal_lock(&held, test->dir, "held", &test->error), test->error);
    journal_files_put(test, "one", CERTENROLL_STATE_PENDING, 1000);
    assert_true(!journal_files_has(test, "old.lock") &&
                !journal_files_has(test, "old.journal.new"));
    assert_true(journal_files_has(test, "held.lock") &&
                journal_files_has(test, "held.journal.new"));
    assert_true(journal_files_has(test, "Foreign.lock") && journal_files_has(test, "one.journal"));
    ce_journal_close(held);
}

/* --- files and directories that are not ours alone --- */

static void test_a_journal_that_others_may_write_is_refused(void **state)
{
    struct journal_files *test = *state;
    char *path = scratch_path(test->dir, "one.journal");

    journal_files_put(test, "one", CERTENROLL_STATE_PENDING, 1000);
    assert_int_equal(chmod(path, 0620), 0);
    journal_files_assert_open_fails(test, "one", CERTENROLL_E_JOURNAL, "cannot be trusted");
    assert_int_equal(chmod(path, 0602), 0);
    journal_files_assert_open_fails(test, "one", CERTENROLL_E_JOURNAL, "cannot be trusted");
    assert_int_equal(chmod(path, 0600), 0);
    journal_files_assert_opens(test, "one");
    free(path);
}

static void test_links_and_fifos_are_no_journals(void **state)
{
    struct journal_files *test = *state;
    char *path = scratch_path(test->dir, "one.journal");
    char *link = scratch_path(test->dir, "two.journal");
    char *fifo = scratch_path(test->dir, "three.journal");
    char *directory = scratch_path(test->dir, "four.journal");

    journal_files_put(test, "one", CERTENROLL_STATE_PENDING, 1000);
    assert_int_equal(symlink(path, link), 0);
    assert_int_equal(mkfifo(fifo, 0600), 0);
    assert_int_equal(mkdir(directory, 0700), 0);
    journal_files_assert_open_fails(test, "two", CERTENROLL_E_JOURNAL, "cannot be trusted");
    journal_files_assert_open_fails(test, "three", CERTENROLL_E_JOURNAL, "cannot be trusted");
    journal_files_assert_open_fails(test, "four", CERTENROLL_E_JOURNAL, "cannot be trusted");
    free(directory);
    free(fifo);
    free(link);
    free(path);
}

static void test_a_lock_file_that_is_a_link_is_refused(void **state)
{
    struct journal_files *test = *state;
    char *link = scratch_path(test->dir, "one.lock"), *made = scratch_path(test->dir, "made");
    struct ce_journal *journal = NULL;

    assert_int_equal(symlink(made, link), 0);
    assert_fails(ce_journal_create(&journal, test->dir, "one", &test->error), CERTENROLL_E_SYSTEM,
                 test->error);
    assert_false(journal_files_has(test, "made"));
    free(made);
    free(link);
}

static void test_a_directory_that_others_may_write_is_refused(void **state)
{
    struct journal_files *test = *state;
    struct ce_journal *journal = NULL;
    certenroll_journal_list *list = NULL;

    journal_files_put(test, "one", CERTENROLL_STATE_CONFIRMED, 1000);
    for (mode_t mode = 0720; mode != 0; mode = mode == 0720 ? 0702 : 0) {
        assert_int_equal(chmod(test->dir, mode), 0);
        journal_files_assert_open_fails(test, "one", CERTENROLL_E_SYSTEM, "others may write to it");
        assert_fails(ce_journal_create(&journal, test->dir, "two", &test->error),
                     CERTENROLL_E_SYSTEM, test->error);
        assert_fails(certenroll_journal_list_new(&list, test->context, test->dir, &test->error),
                     CERTENROLL_E_SYSTEM, test->error);
        assert_null(list);
        assert_fails(certenroll_journal_remove(test->context, test->dir, "one", 0, &test->error),
                     CERTENROLL_E_SYSTEM, test->error);
    }
    assert_int_equal(chmod(test->dir, 0755), 0);
    journal_files_assert_opens(test, "one");
}

/* Neither root nor anybody else works in a directory of another user's. */
static void test_anothers_directory_is_refused(void **state)
{
    struct journal_files *test = *state;
    struct ce_journal *journal = NULL;

    if (geteuid() == 0) {
        journal_files_put(test, "one", CERTENROLL_STATE_CONFIRMED, 1000);
        assert_int_equal(chown(test->dir, 65534, 65534), 0);
        journal_files_assert_open_fails(test, "one", CERTENROLL_E_SYSTEM,
                                        "belongs to another user");
        assert_int_equal(chown(test->dir, 0, 0), 0);
    } else {
        assert_fails(ce_journal_create(&journal, "/usr", "one", &test->error), CERTENROLL_E_SYSTEM,
                     test->error);
    }
}

/* --- what was written elsewhere --- */

static void test_a_journal_under_another_name_is_refused(void **state)
{
    struct journal_files *test = *state;
    char *path = scratch_path(test->dir, "one.journal");
    char *copy = scratch_path(test->dir, "two.journal");

    journal_files_put(test, "one", CERTENROLL_STATE_PENDING, 1000);
    assert_int_equal(link(path, copy), 0);
    journal_files_assert_open_fails(test, "two", CERTENROLL_E_JOURNAL, "under another name");
    journal_files_assert_opens(test, "one");
    free(copy);
    free(path);
}

static void test_a_journal_has_a_greatest_length(void **state)
{
    struct journal_files *test = *state;
    char *path = scratch_path(test->dir, "one.journal");

    journal_files_put(test, "one", CERTENROLL_STATE_PENDING, 1000);
    assert_int_equal(truncate(path, CE_JOURNAL_MAX_BYTES), 0);
    journal_files_assert_open_fails(test, "one", CERTENROLL_E_JOURNAL, "torn");
    assert_int_equal(truncate(path, (off_t)CE_JOURNAL_MAX_BYTES + 1), 0);
    journal_files_assert_open_fails(test, "one", CERTENROLL_E_JOURNAL, "longer than");
    free(path);
}

static void test_a_broken_journal_says_which_and_why(void **state)
{
    struct journal_files *test = *state;

    journal_files_put(test, "one", CERTENROLL_STATE_PENDING, 1000);
    journal_files_tear(test, "one.journal");
    journal_files_assert_open_fails(test, "one", CERTENROLL_E_JOURNAL,
                                    "journal one: the journal is torn");
    free(scratch_write_text(test->dir, "two.journal", "certenroll-journal 7\nx\n"));
    journal_files_assert_open_fails(test, "two", CERTENROLL_E_JOURNAL, "newer");
    assert_false(journal_files_has(test, "one.lock"));
}

/* --- where --- */

static void test_the_state_directory_follows_xdg(void **state)
{
    char *kept_state = getenv("XDG_STATE_HOME"), *kept_home = getenv("HOME"), *directory = NULL;

    (void)state;
    kept_state = kept_state ? strdup(kept_state) : NULL;
    kept_home = kept_home ? strdup(kept_home) : NULL;
    assert_int_equal(setenv("XDG_STATE_HOME", "/some/where", 1), 0);
    assert_int_equal(setenv("HOME", "/home/of", 1), 0);
    assert_int_equal(ce_journal_directory(&directory, NULL, NULL), 0);
    assert_string_equal(directory, "/some/where/certenroll");
    free(directory);
    assert_int_equal(setenv("XDG_STATE_HOME", "relative", 1), 0);
    assert_int_equal(ce_journal_directory(&directory, NULL, NULL), 0);
    assert_string_equal(directory, "/home/of/.local/state/certenroll");
    free(directory);
    assert_int_equal(unsetenv("XDG_STATE_HOME"), 0);
    assert_int_equal(unsetenv("HOME"), 0);
    assert_int_equal(ce_journal_directory(&directory, NULL, NULL), 0);
    assert_true(directory[0] == '/');
    assert_non_null(strstr(directory, "/.local/state/certenroll"));
    free(directory);
    assert_int_equal(ce_journal_directory(&directory, "given", NULL), 0);
    assert_string_equal(directory, "given");
    free(directory);
    if (kept_state)
        setenv("XDG_STATE_HOME", kept_state, 1);
    if (kept_home)
        setenv("HOME", kept_home, 1);
    free(kept_state);
    free(kept_home);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        JOURNAL_TEST(test_a_journal_lives_and_goes),
        JOURNAL_TEST(test_what_is_written_is_the_users_alone),
        JOURNAL_TEST(test_a_name_is_used_once),
        JOURNAL_TEST(test_a_write_that_fails_leaves_what_was),
        JOURNAL_TEST(test_a_stale_temporary_file_is_harmless),
        JOURNAL_TEST(test_a_planted_link_is_not_written_through),
        JOURNAL_TEST(test_leftovers_do_not_pile_up),
        JOURNAL_TEST(test_a_journal_that_others_may_write_is_refused),
        JOURNAL_TEST(test_links_and_fifos_are_no_journals),
        JOURNAL_TEST(test_a_lock_file_that_is_a_link_is_refused),
        JOURNAL_TEST(test_a_directory_that_others_may_write_is_refused),
        JOURNAL_TEST(test_anothers_directory_is_refused),
        JOURNAL_TEST(test_a_journal_under_another_name_is_refused),
        JOURNAL_TEST(test_a_journal_has_a_greatest_length),
        JOURNAL_TEST(test_a_broken_journal_says_which_and_why),
        cmocka_unit_test(test_the_state_directory_follows_xdg),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
