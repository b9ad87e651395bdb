/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "scratch.h"

#include "check.h"

#include <sys/stat.h>

#include <dirent.h>
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

/* The names in a directory but for "." and ".."; freed by the caller, each and all. */
static char **names_in(const char *dir, size_t *count)
{
    DIR *stream = opendir(dir);
    char **names = NULL;
    struct dirent *entry;

    check(stream != NULL, "cannot read %s", dir);
    *count = 0;
    while ((entry = readdir(stream)) != NULL) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        names = realloc(names, (*count + 1) * sizeof(*names));
        check(names != NULL && (names[(*count)++] = strdup(entry->d_name)) != NULL,
              "out of memory");
    }
    closedir(stream);
    return names;
}

static void copy_entry(const char *from, const char *to, const char *name)
{
    char *path = scratch_path(from, name);
    struct stat status;

    check(stat(path, &status) == 0, "cannot read %s", path);
    if (S_ISDIR(status.st_mode)) {
        char *below = scratch_path(to, name);

        scratch_copy(path, below);
        free(below);
    } else {
        size_t length;
        char *data = scratch_read(path, &length);

        check(data != NULL, "cannot read %s", path);
        free(scratch_write(to, name, data, length));
        free(data);
    }
    free(path);
}

void scratch_copy(const char *from, const char *to)
{
    size_t count;
    char **names = names_in(from, &count);

    check(mkdir(to, 0700) == 0, "cannot make %s", to);
    for (size_t i = 0; i < count; i++) {
        copy_entry(from, to, names[i]);
        free(names[i]);
    }
    free(names);
}

void scratch_empty(const char *dir)
{
    size_t count;
    char **names = names_in(dir, &count);

    for (size_t i = 0; i < count; i++) {
        scratch_remove(scratch_path(dir, names[i]));
        free(names[i]);
    }
    free(names);
}

void scratch_forget_sent_ids(void)
{
    const char *state = getenv("XDG_STATE_HOME");
    char *tokens = scratch_path(state ? state : "/nonexistent", "certenroll/tokens");

    if (access(tokens, F_OK) == 0)
        scratch_empty(tokens);
    free(tokens);
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
