/* SPDX-License-Identifier: Apache-2.0 */
#include "base/files.h"

#include "base/diagnostics.h"
#include "base/platform.h"
#include "common/message.h"

#include <sys/stat.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

char *file_path(const char *directory, const char *name)
{
    size_t size = strlen(directory) + 1 + strlen(name) + 1;
    char *path = malloc(size);

    if (path)
        snprintf(path, size, "%s/%s", directory, name);
    return path;
}

int directory_make(const char *path)
{
    struct stat found;

    if (mkdir(path, 0700) < 0 && errno != EEXIST)
        return fail_errno(_("cannot make the directory %s"), path);
    if (stat(path, &found) < 0)
        return fail_errno(_("cannot read %s"), path);
    if (!S_ISDIR(found.st_mode))
        return fail(CERTENROLL_CLASS_SYSTEM, _("%s is no directory"), path);
    if (access(path, W_OK | X_OK) < 0)
        return fail_errno(_("cannot write in %s"), path);
    return CERTENROLL_CLASS_OK;
}

int whole_file_write(const char *path, const void *data, size_t length, unsigned mode)
{
    if (ce_platform_replace(path, data, length, mode) < 0)
        return fail_errno(_("cannot write %s"), path);
    return CERTENROLL_CLASS_OK;
}

int whole_file_read(char **out, size_t *length, const char *path, size_t limit)
{
    FILE *file = fopen(path, "rb");
    char *data = malloc(limit + 2);
    int result = CERTENROLL_CLASS_OK;

    *out = NULL;
    *length = 0;
    if (file)
        setvbuf(file, NULL, _IONBF, 0); /* no second copy of a private key */
    if (!file)
        result = fail_errno(_("cannot read %s"), path);
    else if (!data)
        result = fail(CERTENROLL_CLASS_SYSTEM, _("out of memory"));
    else
        *length = fread(data, 1, limit + 1, file);
    if (!result && ferror(file))
        result = fail_errno(_("cannot read %s"), path);
    if (!result && *length > limit)
        result = fail(CERTENROLL_CLASS_SYSTEM, _("%s is larger than %zu bytes"), path, limit);
    if (file)
        fclose(file);
    if (result) {
        free(data);
        *length = 0;
        return result;
    }
    data[*length] = '\0';
    *out = data;
    return result;
}
