/* SPDX-License-Identifier: Apache-2.0 */
/* PKCS#11 modules, loaded and started through p11-kit, which counts who else in the process uses
 * them: a host's sessions and login outlive ours. */
#ifndef CE_TOKEN_MODULE_H
#define CE_TOKEN_MODULE_H

#include "context/context.h"

#include <p11-kit/p11-kit.h>
#include <p11-kit/uri.h>

struct ce_module {
    CK_FUNCTION_LIST *functions; /* NULL: nothing loaded */
    int initialized;
};

/* The modules to look in. */
struct ce_modules {
    struct ce_module *list;
    size_t count;
    int named; /* the caller named the one there is: its failure is the call's */
};

/* Loads, and does not start yet, the module at `path`, else the one the URI names, else all that
 * p11-kit's configuration has for tokens. Freed by ce_modules_free, also after failure. */
int ce_modules_load(struct ce_modules *out, certenroll_context *context, P11KitUri *uri,
                    const char *path, certenroll_error **error);
void ce_modules_free(struct ce_modules *modules);

/* C_Initialize, if nobody else has. */
int ce_module_initialize(struct ce_module *module, certenroll_error **error);

/* Finalizes (where it is initialized) and unloads. */
void ce_module_close(struct ce_module *module);

/* The module's file name; owned by the caller. NULL when memory is out. */
char *ce_module_file_name(CK_FUNCTION_LIST *functions);

#endif
