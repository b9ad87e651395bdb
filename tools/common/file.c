/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE /* mkostemp */

#include "common/file.h"

#include "common/message.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PUBLIC_FILE_MODE (S_IRUSR | S_IWUSR | S_IRGRP | S_IROTH)

/* --- reading --- */

static int read_up_to(int fd, unsigned char *buffer, size_t capacity, size_t *length)
{
    *length = 0;
    while (*length < capacity) {
        ssize_t got = read(fd, buffer + *length, capacity - *length);

        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return -1;
        if (got == 0)
            break;
        *length += (size_t)got;
    }
    return 0;
}

int file_read(unsigned char **out, size_t *length, const char *path, size_t limit,
              struct failure *failure)
{
    int from_stdin = strcmp(path, "-") == 0;
    int fd = from_stdin ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    int status = CERTENROLL_OK;

    *out = NULL;
    *length = 0;
    if (fd < 0)
        return failure_errno(failure, _("cannot read %s"), path);
    *out = malloc(limit + 1);
    if (!*out)
        status = failure_memory(failure);
    else if (read_up_to(fd, *out, limit + 1, length) < 0)
        status = failure_errno(failure, _("cannot read %s"), path);
    if (!from_stdin)
        close(fd);
    if (status < 0) {
        free(*out);
        *out = NULL;
    }
    return status;
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
    int fd = directory ? open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    int result;

    free(directory);
    if (fd < 0)
        return -1;
    result = fsync(fd);
    close(fd);
    return result;
}

static int fill_and_rename(int fd, const char *temporary, const char *path, const void *data,
                           size_t length, unsigned mode)
{
    int failed = fchmod(fd, (mode_t)mode) < 0 || write_all(fd, data, length) < 0 || fsync(fd) < 0;
    int saved_errno = errno;

    if (close(fd) < 0 && !failed) {
        failed = 1;
        saved_errno = errno;
    }
    if (!failed && rename(temporary, path) == 0)
        return sync_directory_of(path);
    if (!failed)
        saved_errno = errno;
    unlink(temporary);
    errno = saved_errno;
    return -1;
}

int file_replace(const char *path, const void *data, size_t length, unsigned mode)
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

static int write_through(const char *path, const void *data, size_t length)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
    int result;

    if (fd < 0)
        return -1;
    result = write_all(fd, data, length);
    return close(fd) < 0 ? -1 : result;
}

int file_write(const char *path, const void *data, size_t length, struct failure *failure)
{
    struct stat found;
    int result;

    if (!path || strcmp(path, "-") == 0) {
        if (fwrite(data, 1, length, stdout) != length || fflush(stdout) != 0)
            return failure_errno(failure, "%s", _("cannot write to standard output"));
        return CERTENROLL_OK;
    }
    if (stat(path, &found) == 0 && !S_ISREG(found.st_mode))
        result = write_through(path, data, length);
    else
        result = file_replace(path, data, length, PUBLIC_FILE_MODE);
    return result < 0 ? failure_errno(failure, _("cannot write %s"), path) : CERTENROLL_OK;
}
