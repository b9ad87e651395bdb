/* SPDX-License-Identifier: Apache-2.0 */
/* A journal has one user at a time: of all threads and processes, whatever becomes of them. */
#define _GNU_SOURCE
#include "base/platform.h"
#include "journal_files.h"
#include "journal_record.h"
#include "scratch.h"

#include <sys/wait.h>

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

static void test_another_handle_is_told(void **state)
{
    struct journal_files *test = *state;
    struct ce_journal *journal = NULL, *second = NULL;
    struct ce_record record = { 0 };

    journal_files_put(test, "one", CERTENROLL_STATE_CONFIRMED, 1000);
    assert_ok(ce_journal_open(&journal, &record, test->dir, "one", &test->error), test->error);
    journal_files_assert_open_fails(test, "one", CERTENROLL_E_BUSY, "works on the enrolment one");
    assert_fails(ce_journal_create(&second, test->dir, "one", &test->error), CERTENROLL_E_BUSY,
                 test->error);
    assert_fails(certenroll_journal_remove(test->context, test->dir, "one", 0, &test->error),
                 CERTENROLL_E_BUSY, test->error);
    assert_true(journal_files_has(test, "one.lock"));
    ce_journal_close(journal);
    ce_record_clear(&record);
    journal_files_assert_opens(test, "one");
}

static void *open_in_a_thread(void *user)
{
    struct journal_files *test = user;
    struct ce_journal *journal = NULL;
    struct ce_record record = { 0 };
    int status = ce_journal_open(&journal, &record, test->dir, "one", NULL);

    ce_journal_close(journal);
    ce_record_clear(&record);
    return status == CERTENROLL_E_BUSY ? user : NULL;
}

static void test_another_thread_is_told(void **state)
{
    struct journal_files *test = *state;
    struct ce_journal *journal = NULL;
    void *was_told = NULL;
    pthread_t thread;

    assert_ok(ce_journal_create(&journal, test->dir, "one", &test->error), test->error);
    assert_int_equal(pthread_create(&thread, NULL, open_in_a_thread, test), 0);
    assert_int_equal(pthread_join(thread, &was_told), 0);
    assert_ptr_equal(was_told, test);
    ce_journal_close(journal);
}

/* A child that holds the lock until it is killed. */
static pid_t hold_in_a_child(const struct journal_files *test, const char *name)
{
    int ready[2];
    char said = 0;
    pid_t child;

    check(pipe(ready) == 0, "no pipe");
    child = fork();
    check(child >= 0, "no child");
    if (child == 0) {
        struct ce_journal *journal = NULL;

        said = ce_journal_lock(&journal, test->dir, name, NULL) == CERTENROLL_OK ? 'y' : 'n';
        if (write(ready[1], &said, 1) == 1)
            for (;;)
                pause();
        _exit(1);
    }
    close(ready[1]);
    check(read(ready[0], &said, 1) == 1 && said == 'y', "the child has no lock");
    close(ready[0]);
    return child;
}

static void test_another_process_is_told_and_its_death_unlocks(void **state)
{
    struct journal_files *test = *state;
    pid_t child;

    journal_files_put(test, "one", CERTENROLL_STATE_PENDING, 1000);
    child = hold_in_a_child(test, "one");
    journal_files_assert_open_fails(test, "one", CERTENROLL_E_BUSY, "works on the enrolment one");
    assert_int_equal(kill(child, SIGKILL), 0);
    assert_int_equal(waitpid(child, NULL, 0), child);
    assert_true(journal_files_has(test, "one.lock"));
    journal_files_assert_opens(test, "one");
    assert_false(journal_files_has(test, "one.lock"));
}

/* The child's copy of the enrolment is of no use to it, and its end takes nothing from the parent.
 */
static void test_a_forked_child_has_no_lock(void **state)
{
    struct journal_files *test = *state;
    struct ce_journal *journal = NULL;
    struct ce_record record;
    int ended = 0;
    pid_t child;

    journal_record_small(&record, "one");
    assert_ok(ce_journal_create(&journal, test->dir, "one", &test->error), test->error);
    child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        int refused = ce_journal_write(journal, &record, NULL) == CERTENROLL_E_BUSY &&
                      ce_journal_delete(journal, NULL) == CERTENROLL_E_BUSY;

        ce_journal_close(journal);
        _exit(refused ? 0 : 1);
    }
    assert_int_equal(waitpid(child, &ended, 0), child);
    assert_true(WIFEXITED(ended) && WEXITSTATUS(ended) == 0);
    assert_true(journal_files_has(test, "one.lock"));
    journal_files_assert_open_fails(test, "one", CERTENROLL_E_BUSY, "works on");
    assert_ok(ce_journal_write(journal, &record, &test->error), test->error);
    ce_journal_close(journal);
    ce_record_clear(&record);
}

/* A child that lives on does not keep the lock that its parent has given up. */
static void test_a_living_child_keeps_no_lock(void **state)
{
    struct journal_files *test = *state;
    struct ce_journal *journal = NULL;
    pid_t child;

    journal_files_put(test, "one", CERTENROLL_STATE_PENDING, 1000);
    assert_ok(ce_journal_lock(&journal, test->dir, "one", &test->error), test->error);
    child = hold_in_a_child(test, "other"); /* and has a copy of our handle */
    ce_journal_close(journal);
    journal_files_assert_opens(test, "one");
    assert_int_equal(kill(child, SIGKILL), 0);
    assert_int_equal(waitpid(child, NULL, 0), child);
}

/* Threads that take and give up the lock, whose file goes each time: never two at once. */
struct contest {
    const char *path;
    int inside;
    unsigned long taken;
    int damage;
};

static void *contend(void *user)
{
    struct contest *contest = user;

    for (int i = 0; i < 2000; i++) {
        ce_lock *lock = NULL;
        int result = ce_lock_take(&lock, contest->path, CE_LOCK_PATIENCE_MS);

        if (result < 0)
            __atomic_store_n(&contest->damage, 1, __ATOMIC_SEQ_CST);
        if (result != 0)
            continue;
        if (__atomic_add_fetch(&contest->inside, 1, __ATOMIC_SEQ_CST) != 1)
            __atomic_store_n(&contest->damage, 1, __ATOMIC_SEQ_CST);
        sched_yield(); /* the others try meanwhile */
        __atomic_add_fetch(&contest->taken, 1, __ATOMIC_SEQ_CST);
        __atomic_sub_fetch(&contest->inside, 1, __ATOMIC_SEQ_CST);
        ce_lock_release(lock);
    }
    return NULL;
}

static void test_a_lock_has_one_holder_although_its_file_goes(void **state)
{
    struct journal_files *test = *state;
    char *path = scratch_path(test->dir, "contest.lock");
    struct contest contest = { path, 0, 0, 0 };
    pthread_t threads[8];

    for (size_t i = 0; i < 8; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, contend, &contest), 0);
    for (size_t i = 0; i < 8; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    assert_false(contest.damage);
    assert_true(contest.taken > 0);
    assert_false(journal_files_has(test, "contest.lock"));
    free(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        JOURNAL_TEST(test_another_handle_is_told),
        JOURNAL_TEST(test_another_thread_is_told),
        JOURNAL_TEST(test_another_process_is_told_and_its_death_unlocks),
        JOURNAL_TEST(test_a_forked_child_has_no_lock),
        JOURNAL_TEST(test_a_living_child_keeps_no_lock),
        JOURNAL_TEST(test_a_lock_has_one_holder_although_its_file_goes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
