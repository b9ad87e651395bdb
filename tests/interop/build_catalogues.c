/* SPDX-License-Identifier: Apache-2.0 */
/* LD_PRELOAD: programs that are not installed find the build's own message catalogues, in the
 * directory that CATALOGUES names. */
#define _GNU_SOURCE /* RTLD_NEXT */

#include <dlfcn.h>
#include <libintl.h>
#include <stdlib.h>
#include <string.h>

#undef bindtextdomain

static const char *own;

/* At once: a program may clean its environment before anything else. */
__attribute__((constructor)) static void read_environment(void)
{
    own = getenv("CATALOGUES");
}

__attribute__((visibility("default"))) char *bindtextdomain(const char *domain,
                                                            const char *directory)
{
    char *(*next)(const char *, const char *);
    void *symbol = dlsym(RTLD_NEXT, "bindtextdomain");

    memcpy(&next, &symbol, sizeof(next));
    return next(domain, own ? own : directory);
}
