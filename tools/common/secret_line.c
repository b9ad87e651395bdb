/* SPDX-License-Identifier: Apache-2.0 */
#include "common/secret_line.h"

#include "base/platform.h"
#include "common/interrupt.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void secret_line_free(struct secret_line *line)
{
    ce_locked_free(line, sizeof(*line));
}

/* Byte by byte: what follows the line in a pipe belongs to somebody else, and no buffer but the
 * locked one sees the secret. */
static int read_line(int fd, struct secret_line *line)
{
    for (;;) {
        char *next = line->bytes + line->length;
        ssize_t got = read(fd, next, 1);

        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return -1;
        if (got == 0 || *next == '\n')
            break;
        if (++line->length == sizeof(line->bytes)) {
            errno = EFBIG;
            return -1;
        }
    }
    if (line->length > 0 && line->bytes[line->length - 1] == '\r')
        line->length--;
    errno = ENODATA;
    return line->length > 0 ? 0 : -1;
}

/* The N of "fd:N"; -1 with errno when it is no open descriptor. */
static int parse_descriptor(const char *digits)
{
    char *end;
    long number = strtol(digits, &end, 10);

    if (*digits < '0' || *digits > '9' || *end || number > INT_MAX) {
        errno = EBADF;
        return -1;
    }
    return fcntl((int)number, F_GETFD) < 0 ? -1 : (int)number;
}

static struct secret_line *read_source(const char *source)
{
    int inherited = strncmp(source, "fd:", 3) == 0;
    int fd = inherited ? parse_descriptor(source + 3) : open(source, O_RDONLY | O_CLOEXEC);
    struct secret_line *line = fd < 0 ? NULL : ce_locked_alloc(sizeof(struct secret_line));
    int failed = line && read_line(fd, line) < 0, saved_errno = errno;

    if (failed) {
        secret_line_free(line);
        line = NULL;
    }
    if (fd >= 0 && !inherited)
        close(fd);
    errno = saved_errno;
    return line;
}

struct secret_line *secret_line_read(const char *source)
{
    struct secret_line *line;

    interrupt_ends();
    line = read_source(source);
    interrupt_cancels_again(); /* errno stays: sigaction does not fail here */
    return line;
}
