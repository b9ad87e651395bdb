/* SPDX-License-Identifier: Apache-2.0 */
/* A directory of journals of a test's own, by the library's inside. */
#ifndef TEST_JOURNAL_FILES_H
#define TEST_JOURNAL_FILES_H

#include "check.h"
#include "journal/journal.h"

struct journal_files {
    certenroll_context *context;
    char *dir;
    certenroll_error *error; /* NULL between the checks */
};

int journal_files_set_up(void **state);
int journal_files_tear_down(void **state);
#define JOURNAL_TEST(function)                                                                     \
    cmocka_unit_test_setup_teardown(function, journal_files_set_up, journal_files_tear_down)

/* A journal as a first enrolment leaves it that was begun at `begun_at`. */
void journal_files_put(struct journal_files *test, const char *name, certenroll_state state,
                       int64_t begun_at);
/* Cuts a file of the directory in the middle. */
void journal_files_tear(const struct journal_files *test, const char *file);
/* Non-zero when the directory has this file. */
int journal_files_has(const struct journal_files *test, const char *file);

/* Opening fails with this status and an error that says `word`, and leaves nothing behind. */
void journal_files_assert_open_fails(struct journal_files *test, const char *name, int status,
                                     const char *word);
/* Opening works; it is closed again. */
void journal_files_assert_opens(struct journal_files *test, const char *name);

#endif
