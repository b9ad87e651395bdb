/* SPDX-License-Identifier: Apache-2.0 */
#include "trace.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static unsigned long counted;

static int complain(const char *path)
{
    fprintf(stderr, "certenroll-piv-card: %s: %s\n", path, strerror(errno));
    return -1;
}

int trace_open_log(const char *path)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    return fd < 0 ? complain(path) : fd;
}

int trace_open_count(const char *path)
{
    char text[32] = "";
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0 || pread(fd, text, sizeof text - 1, 0) < 0)
        return complain(path);
    counted = strtoul(text, NULL, 10);
    return fd;
}

void trace_command(int log, int count, struct bytes frame, const uint8_t *status_word)
{
    char text[64];
    uint8_t header[4] = { 0 };
    memcpy(header, frame.data, frame.length < sizeof header ? frame.length : sizeof header);
    counted++;
    int length = snprintf(text, sizeof text, "%02x %02x%02x %02x%02x\n", header[1], header[2],
                          header[3], status_word[0], status_word[1]);
    if (log >= 0 && write(log, text, (size_t)length) != length)
        complain("the log of commands");
    length = snprintf(text, sizeof text, "%lu\n", counted);
    if (count >= 0 && pwrite(count, text, (size_t)length, 0) != length)
        complain("the count of commands");
}
