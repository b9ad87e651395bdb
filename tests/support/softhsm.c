/* SPDX-License-Identifier: Apache-2.0 */
#include "softhsm.h"

#include "check.h"
#include "run.h"
#include "scratch.h"

#include <sys/stat.h>

#include <stdio.h>
#include <stdlib.h>

struct softhsm {
    char *dir;
};

/* Object store and log level in the scratch directory; nothing is shared with other tests. */
static void write_configuration(const struct softhsm *hsm)
{
    char *tokens = scratch_path(hsm->dir, "tokens");
    char text[4096];
    char *path;

    check(mkdir(tokens, 0700) == 0, "cannot make %s", tokens);
    check((size_t)snprintf(text, sizeof(text),
                           "directories.tokendir = %s\nobjectstore.backend = file\n"
                           "log.level = ERROR\nslots.removable = false\n",
                           tokens) < sizeof(text),
          "the scratch directory's name is too long");
    path = scratch_write_text(hsm->dir, "softhsm2.conf", text);
    check(setenv("SOFTHSM2_CONF", path, 1) == 0, "cannot set SOFTHSM2_CONF");
    free(path);
    free(tokens);
}

struct softhsm *softhsm_new(const char *const *labels)
{
    struct softhsm *hsm = calloc(1, sizeof(*hsm));

    check(hsm != NULL, "out of memory");
    hsm->dir = scratch_new();
    write_configuration(hsm);
    for (; *labels != NULL; labels++)
        softhsm_add(hsm, *labels);
    return hsm;
}

void softhsm_free(struct softhsm *hsm)
{
    if (hsm == NULL)
        return;
    unsetenv("SOFTHSM2_CONF");
    scratch_remove(hsm->dir);
    free(hsm);
}

void softhsm_add(struct softhsm *hsm, const char *label)
{
    struct run run = run_program(
        hsm->dir, (const char *[]){ SOFTHSM2_UTIL, "--init-token", "--free", "--label", label,
                                    "--pin", SOFTHSM_PIN, "--so-pin", SOFTHSM_SO_PIN, NULL });

    check(run.status == 0, "softhsm2-util: %s", run.err);
    run_clear(&run);
}

const char *softhsm_dir(const struct softhsm *hsm)
{
    return hsm->dir;
}

const char *softhsm_module(void)
{
    const char *module = getenv("SOFTHSM2_MODULE");

    return module != NULL ? module : SOFTHSM2_MODULE;
}
