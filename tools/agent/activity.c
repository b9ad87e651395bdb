/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE /* asprintf */

#include "activity.h"

#include "base/platform.h"
#include "base/text.h"
#include "common/tool_message.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define FILE_MAX ((off_t)256 * 1024)

/* Of the process: there is one log. */
static int file = -1;

/* --- the file --- */

static int open_file(const char *path)
{
    return open(path,
                O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK,
                S_IRUSR | S_IWUSR);
}

/* A file of the person's alone, and no second name of another one. 0, or -1 with errno. */
static int check_file(int fd, off_t *size)
{
    struct stat found;

    if (fstat(fd, &found) < 0)
        return -1;
    *size = found.st_size;
    if (S_ISREG(found.st_mode) && found.st_uid == geteuid() && found.st_nlink == 1)
        return fchmod(fd, S_IRUSR | S_IWUSR);
    errno = EPERM;
    return -1;
}

/* Beyond its size it is begun anew; the one before is kept as agent.log.1. */
static int open_checked(const char *path)
{
    int fd = open_file(path);
    off_t size = 0;
    char *before = NULL;

    if (fd < 0 || (check_file(fd, &size) == 0 && size <= FILE_MAX))
        return fd;
    close(fd);
    if (size <= FILE_MAX || asprintf(&before, "%s.1", path) < 0)
        return -1;
    fd = rename(path, before) < 0 ? -1 : open_file(path);
    free(before);
    return fd;
}

void activity_open(void)
{
    char *directory = ce_platform_state_directory("certenroll");
    char *path = NULL;

    if (directory && asprintf(&path, "%s/agent.log", directory) < 0)
        path = NULL;
    if (path && ce_platform_make_directory(directory) == 0)
        file = open_checked(path);
    if (file < 0)
        activity(_("The log cannot be written to %s: %s"), path ? path : "~/.local/state",
                 strerror(errno));
    free(path);
    free(directory);
}

void activity_close(void)
{
    if (file >= 0)
        close(file);
    file = -1;
}

/* --- lines --- */

/* In one write, so that two agents do not mix theirs. */
static void put_line(const char *text)
{
    char *shown = ce_text_shown(text);
    char *line = NULL;
    char stamp[48] = "";
    struct tm local;
    int length;

    if (ce_local_time(&local, ce_now()) == 0)
        strftime(stamp, sizeof(stamp), "%Y/%m/%d %H:%M:%S %z", &local);
    length = asprintf(&line, "[%s] %s\n", stamp, shown ? shown : _("out of memory"));
    free(shown);
    if (length < 0)
        return;
    fputs(line, stderr);
    if (file >= 0 && write(file, line, (size_t)length) != length) {
        close(file); /* the disk is full: the terminal still gets them */
        file = -1;
    }
    free(line);
}

void activity(const char *format, ...)
{
    char *text = NULL;
    va_list arguments;
    int length;

    va_start(arguments, format);
    length = vasprintf(&text, format, arguments);
    va_end(arguments);
    if (length < 0)
        return;
    put_line(text);
    free(text);
}
