/* SPDX-License-Identifier: Apache-2.0 */
#include "shim.h"

#include "check.h"
#include "scratch.h"
#include "softhsm.h"

#include <stdio.h>
#include <stdlib.h>

struct shim {
    char *control;
    char *log;
};

struct shim *shim_new(const char *dir)
{
    struct shim *shim = calloc(1, sizeof(*shim));

    check(shim != NULL, "out of memory");
    shim->control = scratch_write_text(dir, "shim.control", "");
    shim->log = scratch_write_text(dir, "shim.log", "");
    check(setenv("SHIM_MODULE", softhsm_module(), 1) == 0 &&
              setenv("SHIM_CONTROL", shim->control, 1) == 0 &&
              setenv("SHIM_LOG", shim->log, 1) == 0,
          "cannot set the environment");
    return shim;
}

void shim_free(struct shim *shim)
{
    if (shim == NULL)
        return;
    unsetenv("SHIM_MODULE");
    unsetenv("SHIM_CONTROL");
    unsetenv("SHIM_LOG");
    free(shim->control);
    free(shim->log);
    free(shim);
}

const char *shim_module(void)
{
    return SHIM_FILE;
}

static void overwrite(const char *path, const char *text)
{
    FILE *file = fopen(path, "wbe");

    check(file != NULL && fputs(text, file) >= 0 && fclose(file) == 0, "cannot write %s", path);
}

void shim_control(const struct shim *shim, const char *lines)
{
    overwrite(shim->control, lines);
}

char *shim_control_now(const struct shim *shim)
{
    return scratch_read(shim->control, NULL);
}

char *shim_log(const struct shim *shim)
{
    return scratch_read(shim->log, NULL);
}

void shim_forget(const struct shim *shim)
{
    overwrite(shim->log, "");
}

unsigned shim_calls(const struct shim *shim, const char *function)
{
    size_t length = function != NULL ? strlen(function) : 0;
    char *log = shim_log(shim);
    unsigned calls = 0;

    for (const char *line = log; *line != '\0'; line = strchr(line, '\n') + 1)
        calls += length == 0 || (strncmp(line, function, length) == 0 && line[length] == ' ');
    free(log);
    return calls;
}
