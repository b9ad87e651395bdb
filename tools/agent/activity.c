/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE /* asprintf, localtime_r */

#include "activity.h"

#include "common/message.h"
#include "common/text.h"

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

/* Makes each directory of the path but those that are there; XDG wants 0700. 0, or -1 with errno.
 */
static int make_directories(char *path)
{
    for (char *at = strchr(path + 1, '/'); at; at = strchr(at + 1, '/')) {
        int failed;

        *at = '\0';
        failed = mkdir(path, S_IRWXU) < 0 && errno != EEXIST;
        *at = '/';
        if (failed)
            return -1;
    }
    return 0;
}

/* Freed by free(); NULL: there is no place for it. */
static char *file_path(void)
{
    const char *state = getenv("XDG_STATE_HOME");
    const char *home = getenv("HOME");
    char *path = NULL;
    int length = -1;

    if (state && state[0] == '/')
        length = asprintf(&path, "%s/certenroll/agent.log", state);
    else if (home && home[0] == '/')
        length = asprintf(&path, "%s/.local/state/certenroll/agent.log", home);
    return length < 0 ? NULL : path;
}

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

/* The file before this one is kept as agent.log.1. */
static int start_anew(const char *path)
{
    char *before = NULL;
    int result = asprintf(&before, "%s.1", path) < 0 ? -1 : rename(path, before);

    free(before);
    return result < 0 ? -1 : open_file(path);
}

static int open_checked(const char *path)
{
    int fd = open_file(path);
    off_t size = 0;

    if (fd >= 0 && check_file(fd, &size) == 0 && size <= FILE_MAX)
        return fd;
    if (fd >= 0)
        close(fd);
    return fd >= 0 && size > FILE_MAX ? start_anew(path) : -1;
}

void activity_open(void)
{
    char *path = file_path();

    if (path && make_directories(path) == 0)
        file = open_checked(path);
    if (file < 0)
        activity(_("The log cannot be written to %s: %s"), path ? path : "~/.local/state",
                 strerror(errno));
    free(path);
}

void activity_close(void)
{
    if (file >= 0)
        close(file);
    file = -1;
}

/* --- lines --- */

static void put_stamp(char *out, size_t size)
{
    time_t now = time(NULL);
    struct tm local;

    out[0] = '\0';
    if (localtime_r(&now, &local))
        strftime(out, size, "%Y/%m/%d %H:%M:%S %z", &local);
}

/* In one write, so that two agents do not mix theirs. */
static void put_line(const char *text)
{
    char *clean = text_clean(text);
    char *line = NULL;
    char stamp[48];
    int length;

    put_stamp(stamp, sizeof(stamp));
    length = asprintf(&line, "[%s] %s\n", stamp, clean ? clean : _("out of memory"));
    free(clean);
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
