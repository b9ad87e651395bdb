/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "journal_files.h"

#include "base/platform.h"
#include "journal_record.h"
#include "scratch.h"

#include <stdlib.h>
#include <unistd.h>

int journal_files_set_up(void **state)
{
    struct journal_files *test = calloc(1, sizeof(*test));

    assert_non_null(test);
    test->dir = scratch_new();
    assert_int_equal(certenroll_context_new(&test->context, NULL), CERTENROLL_OK);
    *state = test;
    return 0;
}

int journal_files_tear_down(void **state)
{
    struct journal_files *test = *state;

    assert_null(test->error);
    certenroll_context_free(test->context);
    scratch_remove(test->dir);
    free(test);
    return 0;
}

int journal_files_has(const struct journal_files *test, const char *file)
{
    char *path = scratch_path(test->dir, file);
    int exists = ce_platform_exists(path);

    free(path);
    assert_true(exists >= 0);
    return exists;
}

void journal_files_put(struct journal_files *test, const char *name, certenroll_state state,
                       int64_t begun_at)
{
    struct ce_journal *journal = NULL;
    struct ce_record record;

    journal_record_full(&record, name);
    ce_blobs_clear(&record.revoke); /* the state alone says what is left to do */
    record.operation = CERTENROLL_ENROLL;
    record.state = state;
    record.begun_at = begun_at;
    assert_ok(ce_journal_create(&journal, test->dir, name, &test->error), test->error);
    assert_ok(ce_journal_write(journal, &record, &test->error), test->error);
    ce_journal_close(journal);
    ce_record_clear(&record);
}

void journal_files_tear(const struct journal_files *test, const char *file)
{
    char *path = scratch_path(test->dir, file);

    check(truncate(path, 100) == 0, "cannot cut %s", path);
    free(path);
}

void journal_files_assert_open_fails(struct journal_files *test, const char *name, int status,
                                     const char *word)
{
    static const struct ce_record nothing;
    struct ce_journal *journal = NULL;
    struct ce_record record = { 0 };

    assert_int_equal(ce_journal_open(&journal, &record, test->dir, name, &test->error), status);
    assert_null(journal);
    assert_memory_equal(&record, &nothing, sizeof(record));
    if (!strstr(certenroll_error_message(test->error), word))
        print_error("not \"%s\": %s\n", word, certenroll_error_message(test->error));
    assert_non_null(strstr(certenroll_error_message(test->error), word));
    certenroll_error_free(test->error);
    test->error = NULL;
}

void journal_files_assert_opens(struct journal_files *test, const char *name)
{
    struct ce_journal *journal = NULL;
    struct ce_record record = { 0 };

    assert_ok(ce_journal_open(&journal, &record, test->dir, name, &test->error), test->error);
    ce_journal_close(journal);
    ce_record_clear(&record);
}
