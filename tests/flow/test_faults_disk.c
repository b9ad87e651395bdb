/* SPDX-License-Identifier: Apache-2.0 */
/* The disk is full: from the first, second and every further call on by which the library writes
 * files. What the journal could not say was not done, and when there is room again, the enrolment
 * goes on. The linker puts the wrappers below in the place of the system's calls (--wrap,
 * tests/CMakeLists.txt). */
#include "check.h"
#include "fault_world.h"
#include "object_dump.h"

#include <sys/stat.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* --- calls that take room --- */

static _Thread_local struct {
    int armed;
    int for_once; /* only this one fails */
    unsigned count;
    unsigned failing;
} disk;

static int is_full(void)
{
    if (!disk.armed)
        return 0;
    disk.count++;
    if (disk.failing == 0 || disk.count < disk.failing ||
        (disk.for_once && disk.count > disk.failing))
        return 0;
    errno = ENOSPC;
    return 1;
}

int __real_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...);
ssize_t __real_write(int fd, const void *data, size_t length);
ssize_t __wrap_write(int fd, const void *data, size_t length);
int __wrap_fsync(int fd);
int __real_rename(const char *from, const char *to);
int __wrap_rename(const char *from, const char *to);
int __real_mkdir(const char *path, mode_t mode);
int __wrap_mkdir(const char *path, mode_t mode);

int __wrap_open(const char *path, int flags, ...)
{
    mode_t mode = 0;
    va_list arguments;

    if (flags & O_CREAT) {
        va_start(arguments, flags);
        mode = va_arg(arguments, mode_t);
        va_end(arguments);
        if (is_full())
            return -1;
    }
    return __real_open(path, flags, mode);
}

/* Half of it still finds room, as on a disk that fills up. */
ssize_t __wrap_write(int fd, const void *data, size_t length)
{
    if (!is_full())
        return __real_write(fd, data, length);
    if (length > 1 && disk.count == disk.failing)
        return __real_write(fd, data, length / 2);
    return -1;
}

/* Without waiting for the disk: nobody cuts the power here. */
int __wrap_fsync(int fd)
{
    (void)fd;
    return is_full() ? -1 : 0;
}

int __wrap_rename(const char *from, const char *to)
{
    return is_full() ? -1 : __real_rename(from, to);
}

int __wrap_mkdir(const char *path, mode_t mode)
{
    return is_full() ? -1 : __real_mkdir(path, mode);
}

/* --- one point --- */

/* What is there that the journal, `state` or none, does not tell of. */
static const char *untold(struct fault_world *world, const char *before)
{
    certenroll_state state = CERTENROLL_STATE_NEW;
    char *after = object_dump("bank", NULL, 0);
    long more = (long)object_dump_count(after) - (long)object_dump_count(before);
    int changed = strcmp(before, after) != 0;
    int issued = honest_ra_issued(&world->ra) > world->issued_before;

    free(after);
    if (!fault_journal(world, &state))
        return changed  ? "objects without a journal"
               : issued ? "a request without a journal"
                        : NULL;
    if (issued && state < CERTENROLL_STATE_SUBMITTED)
        return "a request that the journal does not know";
    if (state < CERTENROLL_STATE_ISSUED && more > 2)
        return "a certificate that the journal does not know";
    return NULL;
}

static void assert_told(struct fault_world *world, int status, const certenroll_error *error,
                        const char *before)
{
    const char *problem;

    if (status == CERTENROLL_OK)
        return;
    problem = untold(world, before);
    if (status != CERTENROLL_E_SYSTEM || problem != NULL ||
        strstr(certenroll_error_message(error), strerror(ENOSPC)) == NULL)
        fault_complain(world, "call %u: %s: %s; %s", disk.failing, certenroll_status_name(status),
                       certenroll_error_message(error), problem != NULL ? problem : "all was told");
}

/* Returns how many calls there were. */
static unsigned try_call(struct fault_world *world, unsigned failing, int for_once)
{
    certenroll_error *error = NULL;
    unsigned count;
    char *before;
    int status;

    fault_begin(world);
    before = object_dump("bank", NULL, 0);
    disk.failing = failing;
    disk.for_once = for_once;
    disk.count = 0;
    disk.armed = 1;
    status = fault_attempt(world, &error);
    disk.armed = 0;
    count = disk.count;
    assert_told(world, status, error, before);
    certenroll_error_free(error);
    free(before);
    fault_finish(world, failing % 2 == 0);
    return count;
}

/* --- all of them --- */

static void fill(struct fault_world *world)
{
    unsigned count = try_call(world, 0, 0);

    print_message("%s: %u calls\n", world->name, count);
    for (unsigned failing = 1; failing <= count; failing++) {
        try_call(world, failing, 0);
        try_call(world, failing, 1);
    }
    fault_world_balance(world, 2 * 5 * 4); /* five writes at the least, each of four calls */
}

static void test_enrolment(void **state)
{
    fault_world_row(*state, "disk full, enrolment", CERTENROLL_ENROLL, CERTENROLL_KEY_P256);
    fill(*state);
}

static void test_renewal(void **state)
{
    fault_world_row(*state, "disk full, renewal", CERTENROLL_RENEW, CERTENROLL_KEY_P256);
    fill(*state);
}

static void test_re_key(void **state)
{
    fault_world_row(*state, "disk full, re-key", CERTENROLL_REKEY, CERTENROLL_KEY_P256);
    fill(*state);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fault_world_set_up, fault_world_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_enrolment),
        TEST(test_renewal),
        TEST(test_re_key),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
