/* SPDX-License-Identifier: Apache-2.0 */
/* The part of the seam that is about files: written whole, private, locked. */
#define _GNU_SOURCE /* secure_getenv */

#include "base/platform.h"

#include <sys/file.h>
#include <sys/stat.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LOCK_PAUSE_MS 10
#define LOCK_TRIES 100 /* of a lock file that others remove at the same time */
#define PASSWD_BYTES ((size_t)64 * 1024)

/* Closes without losing why something before it failed. */
static void close_quietly(int fd)
{
    int saved_errno = errno;

    close(fd);
    errno = saved_errno;
}

/* "ONETWO", malloc'ed. */
static char *join(const char *one, const char *two)
{
    size_t size = strlen(one) + strlen(two) + 1;
    char *joined = malloc(size);

    if (joined)
        snprintf(joined, size, "%s%s", one, two);
    return joined;
}

/* --- reading --- */

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

static int others_may_write(const struct stat *info)
{
    return (info->st_mode & (S_IWGRP | S_IWOTH)) != 0;
}

/* Owned by us, and nobody else may write. Root is no exception: in another user's directory it
 * would work on what that user can change under its hands. */
static int is_ours_alone(const struct stat *info)
{
    return info->st_uid == geteuid() && !others_may_write(info);
}

static int check_trust(const struct stat *info, enum ce_trust trust)
{
    int is_good = 1;

    if (trust != CE_TRUST_ANY && !S_ISREG(info->st_mode)) {
        errno = EINVAL;
        return -1;
    }
    if (trust == CE_TRUST_OWN)
        is_good = info->st_uid == geteuid();
    else if (trust == CE_TRUST_ALONE)
        is_good = is_ours_alone(info);
    else if (trust == CE_TRUST_SYSTEM)
        is_good = is_ours_alone(info) || (info->st_uid == 0 && !others_may_write(info));
    if (!is_good)
        errno = EPERM;
    return is_good ? 0 : -1;
}

int ce_platform_check(const char *path, enum ce_trust trust)
{
    int may_be_link = trust == CE_TRUST_ANY || trust == CE_TRUST_SYSTEM;
    struct stat info;

    if ((may_be_link ? stat : lstat)(path, &info) < 0)
        return -1;
    if (S_ISLNK(info.st_mode)) {
        errno = ELOOP;
        return -1;
    }
    return check_trust(&info, trust);
}

/* Without O_NONBLOCK, opening a FIFO that should be a file waits for somebody to write into it. */
static int open_to_read(const char *path, enum ce_trust trust)
{
    int flags = O_RDONLY | O_CLOEXEC | O_NOCTTY;

    if (trust != CE_TRUST_ANY)
        flags |= O_NONBLOCK;
    if (trust == CE_TRUST_OWN || trust == CE_TRUST_ALONE)
        flags |= O_NOFOLLOW;
    return open(path, flags);
}

int ce_platform_read(const char *path, enum ce_trust trust, size_t limit, unsigned char *buffer,
                     size_t *length)
{
    int fd = path ? open_to_read(path, trust) : STDIN_FILENO;
    struct stat info;
    int result = fd < 0 ? -1 : 0;

    *length = 0;
    if (result == 0 && trust != CE_TRUST_ANY)
        result = fstat(fd, &info) < 0 ? -1 : check_trust(&info, trust);
    if (result == 0)
        result = read_all(fd, limit, buffer, length);
    if (fd >= 0 && path)
        close_quietly(fd);
    return result;
}

/* --- writing --- */

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
    return 0;
}

/* The rename counts only once the directory is on the disk as well. */
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
    int failed = fchmod(fd, (mode_t)mode) < 0 || write_all(fd, data, length) < 0 || fsync(fd) < 0;
    int saved_errno;

    failed = close(fd) < 0 || failed;
    if (!failed && rename(temporary, path) == 0)
        return sync_directory_of(path);
    saved_errno = errno;
    unlink(temporary);
    errno = saved_errno;
    return -1;
}

/* Of a process that was killed, as whoever writes here now holds the lock. */
static int create_anew(const char *path)
{
    if (unlink(path) < 0 && errno != ENOENT)
        return -1;
    return open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
}

int ce_platform_write_atomic(const char *path, const void *data, size_t length, unsigned mode)
{
    char *temporary = join(path, CE_TEMPORARY_SUFFIX);
    int fd, result = -1;

    if (!temporary)
        return -1;
    fd = create_anew(temporary);
    if (fd >= 0)
        result = fill_and_rename(fd, temporary, path, data, length, mode);
    free(temporary);
    return result;
}

/* A terminal or pipe is no file that could be replaced. */
static int write_through(const char *path, const void *data, size_t length)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY), result;

    if (fd < 0)
        return -1;
    result = write_all(fd, data, length);
    return close(fd) < 0 ? -1 : result;
}

int ce_platform_replace(const char *path, const void *data, size_t length, unsigned mode)
{
    struct stat info;
    char *temporary;
    int fd, result = -1;

    if (stat(path, &info) == 0 && !S_ISREG(info.st_mode))
        return write_through(path, data, length);
    temporary = join(path, ".XXXXXX");
    if (!temporary)
        return -1;
    fd = mkostemp(temporary, O_CLOEXEC);
    if (fd >= 0)
        result = fill_and_rename(fd, temporary, path, data, length, mode);
    free(temporary);
    return result;
}

int ce_platform_remove(const char *path)
{
    if (unlink(path) < 0 && errno != ENOENT)
        return -1;
    return sync_directory_of(path);
}

/* --- what is there --- */

int ce_platform_exists(const char *path)
{
    struct stat info;

    if (lstat(path, &info) == 0)
        return 1;
    return errno == ENOENT ? 0 : -1;
}

int ce_platform_age(int64_t *seconds, const char *path)
{
    struct stat info;

    if (lstat(path, &info) < 0)
        return -1;
    *seconds = ce_now() - (int64_t)info.st_mtime;
    return 0;
}

/* --- directories --- */

/* The home directory by the user database, malloc'ed. */
static char *home_of_user(void)
{
    char *memory = malloc(PASSWD_BYTES);
    struct passwd entry, *found = NULL;
    char *home = NULL;
    int failure;

    if (!memory)
        return NULL;
    failure = getpwuid_r(geteuid(), &entry, memory, PASSWD_BYTES, &found);
    if (found && found->pw_dir && found->pw_dir[0] == '/')
        home = strdup(found->pw_dir);
    else
        errno = failure ? failure : ENOENT;
    free(memory);
    return home;
}

char *ce_platform_state_directory(const char *name)
{
    const char *state = secure_getenv("XDG_STATE_HOME"), *home = secure_getenv("HOME");
    char *base = NULL, *parent, *directory = NULL;

    /* A relative path is to be ignored, by the specification. */
    if (state && state[0] == '/') {
        parent = join(state, "/");
    } else {
        base = home && home[0] == '/' ? strdup(home) : home_of_user();
        parent = base ? join(base, "/.local/state/") : NULL;
    }
    if (parent)
        directory = join(parent, name);
    free(parent);
    free(base);
    return directory;
}

/* One directory; its parent is there. Not lost by a power cut: what goes into it would be. */
static int make_one(const char *path)
{
    if (mkdir(path, 0700) == 0)
        return sync_directory_of(path);
    return errno == EEXIST ? 0 : -1;
}

int ce_platform_make_directory(const char *path)
{
    char *parent = strdup(path);
    int result = parent ? 0 : -1;

    /* A parent that is there may be one in which we must not make any: EACCES, EROFS. */
    for (char *slash = parent ? strchr(parent + (path[0] == '/'), '/') : NULL; slash && result == 0;
         slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        if (parent[0] != '\0' && ce_platform_exists(parent) != 1)
            result = make_one(parent);
        *slash = '/';
    }
    free(parent);
    return result == 0 ? make_one(path) : -1;
}

int ce_platform_check_directory(const char *path)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    struct stat info;
    int result;

    if (fd < 0)
        return -1;
    result = fstat(fd, &info);
    if (result == 0 && !is_ours_alone(&info)) {
        errno = EPERM;
        result = -1;
    }
    close_quietly(fd);
    return result;
}

static int has_suffix(const char *name, const char *suffix)
{
    size_t length = strlen(name), end = strlen(suffix);

    return length > end && strcmp(name + length - end, suffix) == 0;
}

static int add_name(char ***names, size_t *count, const char *name)
{
    char **grown = realloc(*names, (*count + 1) * sizeof(*grown));

    if (!grown)
        return -1;
    *names = grown;
    grown[*count] = strdup(name);
    if (!grown[*count])
        return -1;
    (*count)++;
    return 0;
}

int ce_platform_list(char ***names, size_t *count, const char *directory, const char *suffix)
{
    DIR *stream = opendir(directory);
    struct dirent *entry;
    int result = 0;

    *names = NULL;
    *count = 0;
    if (!stream)
        return -1;
    while (errno = 0, result == 0 && (entry = readdir(stream)))
        if (has_suffix(entry->d_name, suffix))
            result = add_name(names, count, entry->d_name);
    if (result == 0 && errno != 0)
        result = -1;
    if (result < 0) {
        int saved_errno = errno;

        ce_platform_list_free(*names, *count);
        *names = NULL;
        *count = 0;
        errno = saved_errno ? saved_errno : ENOMEM;
    }
    closedir(stream);
    return result;
}

void ce_platform_list_free(char **names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        free(names[i]);
    free(names);
}

char *ce_platform_absolute(const char *path)
{
    return realpath(path, NULL);
}

/* --- locks --- */

struct ce_lock {
    int fd;
    char *path;
    uint64_t generation;
};

/* Non-zero when the path still leads to the file that was locked: whoever had the lock before may
 * have removed it between our opening and locking, and a third one made a new file. */
static int is_still_there(int fd, const char *path)
{
    struct stat locked, there;

    return fstat(fd, &locked) == 0 && lstat(path, &there) == 0 && locked.st_dev == there.st_dev &&
           locked.st_ino == there.st_ino;
}

/* flock, not fcntl: its owner is the open file, so that another handle of this process has to
 * respect it as well. */
static int open_and_lock(int *out, const char *path, unsigned patience_ms)
{
    unsigned waited_ms = 0;

    for (int removed = 0; removed < LOCK_TRIES;) {
        int fd = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, 0600);
        int result;

        if (fd < 0)
            return -1;
        do
            result = flock(fd, LOCK_EX | LOCK_NB);
        while (result < 0 && errno == EINTR);
        if (result == 0 && is_still_there(fd, path)) {
            *out = fd;
            return 0;
        }
        close_quietly(fd);
        if (result == 0) {
            removed++;
            continue;
        }
        if (errno != EWOULDBLOCK)
            return -1;
        if (waited_ms >= patience_ms)
            return 1;
        ce_sleep_ms(LOCK_PAUSE_MS);
        waited_ms += LOCK_PAUSE_MS;
    }
    return 1;
}

int ce_lock_take(ce_lock **out, const char *path, unsigned patience_ms)
{
    ce_lock *lock = calloc(1, sizeof(*lock));
    int result = -1;

    *out = NULL;
    if (!lock)
        return -1;
    lock->generation = ce_process_generation();
    lock->path = strdup(path);
    if (lock->path)
        result = open_and_lock(&lock->fd, path, patience_ms);
    if (result == 0) {
        *out = lock;
        return 0;
    }
    free(lock->path);
    free(lock);
    return result;
}

int ce_lock_is_held(const ce_lock *lock)
{
    return lock->generation == ce_process_generation();
}

int ce_lock_read(ce_lock *lock, size_t limit, unsigned char *buffer, size_t *length)
{
    if (lseek(lock->fd, 0, SEEK_SET) < 0)
        return -1;
    return read_all(lock->fd, limit, buffer, length);
}

int ce_lock_write(ce_lock *lock, const void *data, size_t length, int durable)
{
    return lseek(lock->fd, 0, SEEK_SET) < 0 || ftruncate(lock->fd, 0) < 0 ||
                   write_all(lock->fd, data, length) < 0 || (durable && fsync(lock->fd) < 0)
               ? -1
               : 0;
}

static void end_lock(ce_lock *lock, int removes)
{
    if (!lock)
        return;
    /* In a forked child the lock is the parent's: nothing but the copy of the handle goes. */
    if (ce_lock_is_held(lock)) {
        if (removes)
            unlink(lock->path);
        flock(lock->fd, LOCK_UN); /* also where a child keeps a copy */
    }
    close(lock->fd);
    free(lock->path);
    free(lock);
}

void ce_lock_leave(ce_lock *lock)
{
    end_lock(lock, 0);
}

void ce_lock_release(ce_lock *lock)
{
    end_lock(lock, 1);
}
