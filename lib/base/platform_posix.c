/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE /* explicit_bzero, MADV_DONTDUMP, getrandom */

#include "base/platform.h"

#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* --- reference counts --- */

void ce_refcount_init(ce_refcount *references)
{
    atomic_init(&references->count, 1);
}

void ce_refcount_up(ce_refcount *references)
{
    atomic_fetch_add_explicit(&references->count, 1, memory_order_relaxed);
}

int ce_refcount_down(ce_refcount *references)
{
    return atomic_fetch_sub_explicit(&references->count, 1, memory_order_acq_rel) == 1;
}

/* --- threads --- */

struct ce_mutex {
    pthread_mutex_t mutex;
};

struct ce_condition {
    pthread_cond_t condition;
};

ce_mutex *ce_mutex_new(void)
{
    ce_mutex *mutex = calloc(1, sizeof(*mutex));

    if (mutex && pthread_mutex_init(&mutex->mutex, NULL) != 0) {
        free(mutex);
        return NULL;
    }
    return mutex;
}

void ce_mutex_lock(ce_mutex *mutex)
{
    pthread_mutex_lock(&mutex->mutex);
}

void ce_mutex_unlock(ce_mutex *mutex)
{
    pthread_mutex_unlock(&mutex->mutex);
}

void ce_mutex_free(ce_mutex *mutex)
{
    if (!mutex)
        return;
    pthread_mutex_destroy(&mutex->mutex);
    free(mutex);
}

/* The old contents are dropped, not destroyed: that could wait for threads of the parent. */
void ce_mutex_renew(ce_mutex *mutex)
{
    memset(mutex, 0, sizeof(*mutex));
    pthread_mutex_init(&mutex->mutex, NULL);
}

ce_condition *ce_condition_new(void)
{
    ce_condition *condition = calloc(1, sizeof(*condition));

    if (condition && pthread_cond_init(&condition->condition, NULL) != 0) {
        free(condition);
        return NULL;
    }
    return condition;
}

void ce_condition_wait(ce_condition *condition, ce_mutex *mutex)
{
    pthread_cond_wait(&condition->condition, &mutex->mutex);
}

void ce_condition_wake_one(ce_condition *condition)
{
    pthread_cond_signal(&condition->condition);
}

void ce_condition_wake_all(ce_condition *condition)
{
    pthread_cond_broadcast(&condition->condition);
}

void ce_condition_free(ce_condition *condition)
{
    if (!condition)
        return;
    pthread_cond_destroy(&condition->condition);
    free(condition);
}

void ce_condition_renew(ce_condition *condition)
{
    memset(condition, 0, sizeof(*condition));
    pthread_cond_init(&condition->condition, NULL);
}

uint64_t ce_process_generation(void)
{
    return (uint64_t)getpid();
}

/* --- memory --- */

static size_t whole_pages(size_t size)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);

    return (size + page - 1) / page * page;
}

void *ce_locked_alloc(size_t size)
{
    size_t pages = whole_pages(size);
    void *memory = mmap(NULL, pages, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (memory == MAP_FAILED)
        return NULL;
    /* Both are best effort: RLIMIT_MEMLOCK may be zero, and enrolling must still work then. */
    (void)mlock(memory, pages);
#ifdef MADV_DONTDUMP
    (void)madvise(memory, pages, MADV_DONTDUMP);
#endif
#ifdef MADV_WIPEONFORK
    (void)madvise(memory, pages, MADV_WIPEONFORK);
#endif
    return memory;
}

void ce_locked_free(void *memory, size_t size)
{
    if (!memory)
        return;
    ce_wipe(memory, size);
    munmap(memory, whole_pages(size));
}

void ce_wipe(void *memory, size_t size)
{
    explicit_bzero(memory, size);
}

/* --- libraries that are loaded when they are needed --- */

void *ce_library_open(const char *name, char *reason, size_t size)
{
    void *library = dlopen(name, RTLD_NOW | RTLD_LOCAL);

    if (!library)
        snprintf(reason, size, "%s", dlerror());
    return library;
}

ce_function ce_library_symbol(void *library, const char *name)
{
    void *symbol = dlsym(library, name);
    ce_function function;

    memcpy(&function, &symbol, sizeof(function)); /* as POSIX's dlsym wants it; C has no cast */
    return function;
}

/* --- randomness and time --- */

int ce_random(void *buffer, size_t length)
{
    unsigned char *bytes = buffer;

    while (length > 0) {
        ssize_t got = getrandom(bytes, length, 0);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return -1;
        bytes += got;
        length -= (size_t)got;
    }
    return 0;
}

int64_t ce_now(void)
{
    return (int64_t)time(NULL);
}

/* --- files --- */

/* Reads to the end of `fd`, at most `limit` bytes, into `buffer`. */
static int read_all(int fd, size_t limit, unsigned char *buffer, size_t *length)
{
    unsigned char beyond;

    *length = 0;
    for (;;) {
        size_t room = limit - *length;
        ssize_t got = room ? read(fd, buffer + *length, room) : read(fd, &beyond, 1);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return -1;
        if (got == 0)
            return 0;
        if (!room) {
            ce_wipe(&beyond, 1);
            errno = EFBIG;
            return -1;
        }
        *length += (size_t)got;
    }
}

int ce_platform_read(const char *path, size_t limit, unsigned char *buffer, size_t *length)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    int result, saved_errno;

    if (fd < 0)
        return -1;
    result = read_all(fd, limit, buffer, length);
    saved_errno = errno;
    close(fd);
    errno = saved_errno;
    return result;
}

static int write_all(int fd, const unsigned char *data, size_t length)
{
    while (length > 0) {
        ssize_t written = write(fd, data, length);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return -1;
        data += written;
        length -= (size_t)written;
    }
    return fsync(fd);
}

static int sync_directory_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    char *directory = slash ? strndup(path, (size_t)(slash - path) + 1) : strdup(".");
    int fd, result;

    if (!directory)
        return -1;
    fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    free(directory);
    if (fd < 0)
        return -1;
    result = fsync(fd);
    close(fd);
    return result;
}

/* Fills the temporary file and moves it into place; on failure it is removed. */
static int fill_and_rename(int fd, const char *temporary, const char *path, const void *data,
                           size_t length, unsigned mode)
{
    int failed = fchmod(fd, (mode_t)mode) < 0 || write_all(fd, data, length) < 0;
    int saved_errno;

    failed = close(fd) < 0 || failed;
    if (!failed && rename(temporary, path) == 0)
        return sync_directory_of(path);
    saved_errno = errno;
    unlink(temporary);
    errno = saved_errno;
    return -1;
}

int ce_platform_write_atomic(const char *path, const void *data, size_t length, unsigned mode)
{
    static const char suffix[] = ".XXXXXX";
    size_t size = strlen(path) + sizeof(suffix);
    char *temporary = malloc(size);
    int fd, result = -1;

    if (!temporary)
        return -1;
    snprintf(temporary, size, "%s%s", path, suffix);
    fd = mkostemp(temporary, O_CLOEXEC);
    if (fd >= 0)
        result = fill_and_rename(fd, temporary, path, data, length, mode);
    free(temporary);
    return result;
}
