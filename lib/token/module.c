/* SPDX-License-Identifier: Apache-2.0 */
#include "token/module.h"

#include "base/message.h"
#include "token/ck_rv.h"

#include <stdlib.h>
#include <string.h>

/* p11-kit's own words on what went wrong: the dynamic linker's, mostly. */
static int fail_load(certenroll_error **error, const char *name)
{
    const char *message = p11_kit_message();

    certenroll_error_set(error, CERTENROLL_E_MODULE, _("cannot load the PKCS#11 module %s"), name);
    if (message)
        certenroll_error_because(error, "%s", message);
    return CERTENROLL_E_MODULE;
}

static int allocate(struct ce_modules *modules, size_t count, certenroll_error **error)
{
    modules->list = calloc(count + 1, sizeof(*modules->list));
    return modules->list ? CERTENROLL_OK : certenroll_error_set_memory(error);
}

/* --- p11-kit's configuration --- */

/* Moves the module at `index` out of p11-kit's array into ours. */
static void take(struct ce_modules *modules, CK_FUNCTION_LIST **configured, size_t index)
{
    modules->list[modules->count++].functions = configured[index];
    do
        configured[index] = configured[index + 1];
    while (configured[index++]);
}

static int take_named(struct ce_modules *modules, CK_FUNCTION_LIST **configured, const char *name,
                      certenroll_error **error)
{
    CK_FUNCTION_LIST *wanted = p11_kit_module_for_name(configured, name);

    modules->named = 1;
    for (size_t i = 0; configured[i]; i++) {
        if (configured[i] == wanted) {
            take(modules, configured, i);
            return CERTENROLL_OK;
        }
    }
    certenroll_error_set(error, CERTENROLL_E_MODULE, _("no PKCS#11 module has the name %s"), name);
    certenroll_error_because(error, _("p11-kit's configuration has no such .module file"));
    return CERTENROLL_E_MODULE;
}

/* Modules that only publish CA certificates hold no token of anybody's. */
static int is_trust_store(CK_FUNCTION_LIST *functions)
{
    char *policy = p11_kit_config_option(functions, "trust-policy");
    int yes = policy && strcmp(policy, "yes") == 0;

    free(policy);
    return yes;
}

static int load_configured(struct ce_modules *modules, const char *name, certenroll_error **error)
{
    CK_FUNCTION_LIST **configured = p11_kit_modules_load(NULL, 0);
    size_t count = 0;
    int status;

    if (!configured)
        return fail_load(error, name ? name : _("that p11-kit's configuration calls critical"));
    while (configured[count])
        count++;
    status = allocate(modules, count, error);
    if (status == CERTENROLL_OK && name)
        status = take_named(modules, configured, name, error);
    for (size_t i = 0; status == CERTENROLL_OK && !name && configured[i];) {
        if (is_trust_store(configured[i]))
            i++;
        else
            take(modules, configured, i);
    }
    p11_kit_modules_release(configured); /* the rest of them, and the array */
    return status;
}

int ce_modules_load(struct ce_modules *out, certenroll_context *context, P11KitUri *uri,
                    const char *path, certenroll_error **error)
{
    const char *name = p11_kit_uri_get_module_name(uri);
    int status;

    memset(out, 0, sizeof(*out));
    if (!path)
        path = p11_kit_uri_get_module_path(uri);
    if (!path) {
        ce_log(context, CERTENROLL_LOG_DEBUG, "loading p11-kit's module %s", name ? name : "list");
        return load_configured(out, name, error);
    }
    ce_log(context, CERTENROLL_LOG_DEBUG, "loading the module %s", path);
    status = allocate(out, 1, error);
    if (status < 0)
        return status;
    out->named = 1;
    out->list[0].functions = p11_kit_module_load(path, 0);
    if (!out->list[0].functions)
        return fail_load(error, path);
    out->count = 1;
    return CERTENROLL_OK;
}

void ce_modules_free(struct ce_modules *modules)
{
    for (size_t i = 0; i < modules->count; i++)
        ce_module_close(&modules->list[i]);
    free(modules->list);
    memset(modules, 0, sizeof(*modules));
}

/* --- one module --- */

/* An init string comes from p11-kit's configuration alone, and reaches only modules that were
 * loaded by it. */
static void explain_arguments(certenroll_error **error, CK_FUNCTION_LIST *functions)
{
    char *configured = p11_kit_module_get_name(functions);
    char *init_string = p11_kit_config_option(functions, "x-init-reserved");

    if (init_string)
        certenroll_error_advise(error,
                                _("Check x-init-reserved in the module's p11-kit configuration."));
    else if (configured)
        certenroll_error_advise(
            error, _("The module may need an init string: give it one by x-init-reserved in "
                     "its p11-kit configuration."));
    else
        certenroll_error_advise(
            error, _("The module may need an init string, as NSS's softokn does: write a "
                     ".module file with x-init-reserved for p11-kit (pkcs11.conf(5)), and "
                     "name the module not by its path but by module-name in the URI."));
    free(init_string);
    free(configured);
}

/* The function that a module's list has no pointer for, among those that are called; NULL: none.
 * PKCS#11 v2.40 §4.6 wants all of them, if only to say that they are not supported. */
static const char *missing_function(const CK_FUNCTION_LIST *list)
{
#define CHECK(name)                                                                                \
    if (!list->name)                                                                               \
    return #name
    CHECK(C_Initialize);
    CHECK(C_Finalize);
    CHECK(C_GetInfo);
    CHECK(C_GetSlotList);
    CHECK(C_GetSlotInfo);
    CHECK(C_GetTokenInfo);
    CHECK(C_InitToken);
    CHECK(C_InitPIN);
    CHECK(C_SetPIN);
    CHECK(C_OpenSession);
    CHECK(C_CloseSession);
    CHECK(C_GetSessionInfo);
    CHECK(C_Login);
    CHECK(C_Logout);
    CHECK(C_CreateObject);
    CHECK(C_DestroyObject);
    CHECK(C_GetAttributeValue);
    CHECK(C_FindObjectsInit);
    CHECK(C_FindObjects);
    CHECK(C_FindObjectsFinal);
    CHECK(C_SignInit);
    CHECK(C_Sign);
    CHECK(C_GenerateKeyPair);
#undef CHECK
    return NULL;
}

/* p11-kit puts a list of its own in front of the module's, and calls through what is not there. One
 * that has no file of its own, as p11-kit's remote, is p11-kit's own. */
static int check_functions(const char *file, certenroll_error **error)
{
    CK_FUNCTION_LIST *own = file ? p11_kit_module_load(file, P11_KIT_MODULE_UNMANAGED) : NULL;
    const char *missing = own ? missing_function(own) : NULL;

    if (own)
        p11_kit_module_release(own);
    if (!missing)
        return CERTENROLL_OK;
    certenroll_error_set(error, CERTENROLL_E_MODULE, _("the PKCS#11 module %s is defective"), file);
    certenroll_error_because(error, _("it has no function %s"), missing);
    certenroll_error_advise(error, _("Ask the module's maker for another version."));
    return CERTENROLL_E_MODULE;
}

static int start(struct ce_module *module, const char *file, certenroll_error **error)
{
    CK_RV rv = p11_kit_module_initialize(module->functions);
    char name[CE_CK_RV_NAME_SIZE];

    if (rv == CKR_OK) {
        module->initialized = 1;
        return CERTENROLL_OK;
    }
    certenroll_error_set(error, CERTENROLL_E_MODULE, _("cannot start the PKCS#11 module %s"),
                         file ? file : "");
    certenroll_error_because(error, "%s", ce_ck_rv_name(name, sizeof(name), rv));
    certenroll_error_set_ck_rv(error, rv);
    if (rv == CKR_ARGUMENTS_BAD)
        explain_arguments(error, module->functions);
    else
        certenroll_error_advise(
            error, _("The module is there: check its own configuration, and the device or "
                     "service that it needs."));
    return CERTENROLL_E_MODULE;
}

int ce_module_initialize(struct ce_module *module, certenroll_error **error)
{
    char *file = ce_module_file_name(module->functions);
    int status = check_functions(file, error);

    if (status == CERTENROLL_OK)
        status = start(module, file, error);
    free(file);
    return status;
}

void ce_module_close(struct ce_module *module)
{
    if (!module->functions)
        return;
    if (module->initialized)
        p11_kit_module_finalize(module->functions);
    p11_kit_module_release(module->functions);
    memset(module, 0, sizeof(*module));
}

char *ce_module_file_name(CK_FUNCTION_LIST *functions)
{
    return p11_kit_module_get_filename(functions);
}
