/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "scratch.h"

#include "check.h"

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

char *scratch_new(void)
{
    const char *base = getenv("TMPDIR");
    char *dir = scratch_path(base != NULL && *base != '\0' ? base : "/tmp", "certenroll.XXXXXX");

    check(mkdtemp(dir) != NULL, "cannot make a directory like %s", dir);
    return dir;
}

static int remove_entry(const char *path, const struct stat *status, int type, struct FTW *walk)
{
    (void)status;
    (void)type;
    (void)walk;
    return remove(path);
}

void scratch_remove(char *dir)
{
    if (dir == NULL)
        return;
    check(nftw(dir, remove_entry, 16, FTW_DEPTH | FTW_PHYS) == 0, "cannot remove %s", dir);
    free(dir);
}

char *scratch_path(const char *dir, const char *name)
{
    char *path = NULL;

    check(asprintf(&path, "%s/%s", dir, name) > 0, "out of memory");
    return path;
}

char *scratch_write(const char *dir, const char *name, const void *data, size_t length)
{
    char *path = scratch_path(dir, name);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    check(fd >= 0, "cannot write %s", path);
    check(write(fd, data, length) == (ssize_t)length, "cannot write %s", path);
    check(close(fd) == 0, "cannot write %s", path);
    return path;
}

char *scratch_write_text(const char *dir, const char *name, const char *text)
{
    return scratch_write(dir, name, text, strlen(text));
}

/* The file to its end; *length counts without the NUL behind. */
static char *read_all(FILE *file, size_t *length)
{
    char *data = NULL;
    FILE *copy = open_memstream(&data, length);
    char block[4096];
    size_t got;

    check(copy != NULL, "out of memory");
    while ((got = fread(block, 1, sizeof(block), file)) > 0)
        check(fwrite(block, 1, got, copy) == got, "out of memory");
    check(fclose(copy) == 0, "out of memory");
    return data;
}

char *scratch_read(const char *path, size_t *length)
{
    FILE *file = fopen(path, "rbe");
    size_t unasked;
    char *data;

    if (file == NULL)
        return NULL;
    data = read_all(file, length != NULL ? length : &unasked);
    fclose(file);
    return data;
}
