/* SPDX-License-Identifier: Apache-2.0 */
#define _POSIX_C_SOURCE 200809L /* O_CLOEXEC, O_NOFOLLOW */

#include "common/safe_file.h"

#include "common/message.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

/* Without O_NONBLOCK, opening a FIFO waits for somebody to write into it. */
static int open_file(const char *path, enum safe_file_rule rule, struct failure *failure)
{
    int flags = O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
    int fd = open(path, rule == SAFE_FILE_OWN ? flags | O_NOFOLLOW : flags);

    if (fd < 0 && errno == ELOOP && rule == SAFE_FILE_OWN)
        failure_set(failure, CERTENROLL_E_ARGUMENT, _("%s is a symbolic link"), path);
    else if (fd < 0)
        failure_errno(failure, _("cannot read %s"), path);
    return fd;
}

static int is_trusted(const struct stat *found)
{
    return (found->st_uid == 0 || found->st_uid == geteuid()) &&
           !(found->st_mode & (S_IWGRP | S_IWOTH));
}

static int refuse_untrusted(const char *path, struct failure *failure)
{
    int status = failure_set(failure, CERTENROLL_E_ARGUMENT,
                             _("%s could have been changed by others"), path);

    failure_advise(failure, "%s",
                   _("It must belong to root or to you, and be writable by its owner alone."));
    return status;
}

static int check(const struct stat *found, const char *path, enum safe_file_rule rule, size_t limit,
                 struct failure *failure)
{
    if (!S_ISREG(found->st_mode))
        return failure_set(failure, CERTENROLL_E_ARGUMENT, _("%s is not a regular file"), path);
    if (rule == SAFE_FILE_OWN && found->st_uid != geteuid())
        return failure_set(failure, CERTENROLL_E_ARGUMENT, _("%s belongs to somebody else"), path);
    if (rule == SAFE_FILE_TRUSTED && !is_trusted(found))
        return refuse_untrusted(path, failure);
    if (found->st_size > (off_t)limit)
        return failure_set(failure, CERTENROLL_E_ARGUMENT, _("%s is longer than %zu bytes"), path,
                           limit);
    return CERTENROLL_OK;
}

/* As much as there is, up to `capacity`: it may have grown since it was measured. */
static ssize_t read_up_to(int fd, char *buffer, size_t capacity)
{
    size_t length = 0;

    while (length < capacity) {
        ssize_t got = read(fd, buffer + length, capacity - length);

        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return -1;
        if (got == 0)
            break;
        length += (size_t)got;
    }
    return (ssize_t)length;
}

static int take_contents(char **out, size_t *length, int fd, const char *path, size_t limit,
                         struct failure *failure)
{
    char *buffer = malloc(limit + 2);
    ssize_t got = buffer ? read_up_to(fd, buffer, limit + 1) : 0;

    if (!buffer)
        return failure_memory(failure);
    if (got < 0 || (size_t)got > limit) {
        free(buffer);
        return got < 0 ? failure_errno(failure, _("cannot read %s"), path)
                       : failure_set(failure, CERTENROLL_E_ARGUMENT,
                                     _("%s is longer than %zu bytes"), path, limit);
    }
    buffer[got] = '\0';
    *out = buffer;
    *length = (size_t)got;
    return CERTENROLL_OK;
}

int safe_file_read(char **out, size_t *length, const char *path, enum safe_file_rule rule,
                   size_t limit, struct failure *failure)
{
    int fd = open_file(path, rule, failure);
    struct stat found;
    int status;

    *out = NULL;
    *length = 0;
    if (fd < 0)
        return failure->status;
    if (fstat(fd, &found) < 0)
        status = failure_errno(failure, _("cannot read %s"), path);
    else
        status = check(&found, path, rule, limit, failure);
    if (status == CERTENROLL_OK)
        status = take_contents(out, length, fd, path, limit, failure);
    close(fd);
    return status;
}

int safe_file_check_program(const char *path, struct failure *failure)
{
    struct stat found;

    if (stat(path, &found) < 0)
        return failure_errno(failure, _("cannot run %s"), path);
    if (!S_ISREG(found.st_mode))
        return failure_set(failure, CERTENROLL_E_ARGUMENT, _("%s is not a regular file"), path);
    return is_trusted(&found) ? CERTENROLL_OK : refuse_untrusted(path, failure);
}
