/* SPDX-License-Identifier: Apache-2.0 */
#include "provider/provider.h"

#include "base/version.h"
#include "provider/keydata.h"
#include "provider/raise.h"

#include <openssl/core_dispatch.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/params.h>
#include <openssl/provider.h>

#include <stdarg.h>
#include <string.h>

/* Room for one reason a status: the numbers of certenroll_status stay above -64. */
#define REASONS_MAX 64

/* The one instance in this process. Written once, under `once`, and never changed after. */
static struct {
    OSSL_LIB_CTX *libctx;
    const OSSL_CORE_HANDLE *handle;
    OSSL_FUNC_core_new_error_fn *new_error;
    OSSL_FUNC_core_vset_error_fn *vset_error;
    OSSL_ITEM reasons[REASONS_MAX + 1];
} provider;
static CRYPTO_ONCE once = CRYPTO_ONCE_STATIC_INIT;

/* --- errors --- */

static void raise_list(int reason, const char *format, va_list arguments)
{
    provider.new_error(provider.handle);
    provider.vset_error(provider.handle, (uint32_t)reason, format, arguments);
}

static void raise_entry(int reason, const char *format, ...) CERTENROLL_PRINTF(2, 3);

static void raise_entry(int reason, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    raise_list(reason, format, arguments);
    va_end(arguments);
}

int ce_provider_refuse(int status, const char *what, ...)
{
    va_list arguments;

    va_start(arguments, what);
    raise_list(-status, what, arguments);
    va_end(arguments);
    return 0;
}

int ce_provider_refuse_memory(void)
{
    certenroll_error *error = NULL;

    certenroll_error_set_memory(&error);
    return ce_provider_raise(error);
}

int ce_provider_raise(certenroll_error *error)
{
    const char *why = certenroll_error_why(error);

    ce_provider_refuse(certenroll_error_status(error), "%s%s%s", certenroll_error_what(error),
                       why[0] ? ": " : "", why);
    if (certenroll_error_ck_rv(error))
        raise_entry(CE_OPENSSL_CK_RV, "0x%08lx", certenroll_error_ck_rv(error));
    certenroll_error_free(error);
    return 0;
}

/* The names of all statuses, as ERR_reason_error_string will give them. */
static void list_reasons(void)
{
    size_t count = 0;

    for (int status = -1; status >= -REASONS_MAX; status--) {
        const char *name = certenroll_status_name(status);

        if (strcmp(name, "UNKNOWN") != 0) {
            provider.reasons[count].id = (unsigned)-status;
            provider.reasons[count++].ptr = (void *)(uintptr_t)name; /* only ever read */
        }
    }
}

/* --- the provider, as OpenSSL's core sees it (provider-base(7)) --- */

static OSSL_FUNC_provider_gettable_params_fn gettable_params;
static OSSL_FUNC_provider_get_params_fn get_params;
static OSSL_FUNC_provider_query_operation_fn query_operation;
static OSSL_FUNC_provider_get_reason_strings_fn get_reason_strings;

static const OSSL_PARAM *gettable_params(void *context)
{
    static const OSSL_PARAM params[] = {
        OSSL_PARAM_utf8_ptr(OSSL_PROV_PARAM_NAME, NULL, 0),
        OSSL_PARAM_utf8_ptr(OSSL_PROV_PARAM_VERSION, NULL, 0),
        OSSL_PARAM_int(OSSL_PROV_PARAM_STATUS, NULL),
        OSSL_PARAM_END,
    };

    (void)context;
    return params;
}

static int get_params(void *context, OSSL_PARAM params[])
{
    OSSL_PARAM *name = OSSL_PARAM_locate(params, OSSL_PROV_PARAM_NAME);
    OSSL_PARAM *version = OSSL_PARAM_locate(params, OSSL_PROV_PARAM_VERSION);
    OSSL_PARAM *status = OSSL_PARAM_locate(params, OSSL_PROV_PARAM_STATUS);

    (void)context;
    return (!name || OSSL_PARAM_set_utf8_ptr(name, "libcertenroll")) &&
           (!version || OSSL_PARAM_set_utf8_ptr(version, CE_VERSION)) &&
           (!status || OSSL_PARAM_set_int(status, 1));
}

static const OSSL_ALGORITHM *query_operation(void *context, int operation, int *no_cache)
{
    /* Key types carry OpenSSL's own names, all of them: EVP_PKEY_is_a and libssl's choice of the
     * certificate slot go by name. */
    static const OSSL_ALGORITHM key_types[] = {
        { "RSA:rsaEncryption:1.2.840.113549.1.1.1", CE_QUERY_OURS, ce_keymgmt_rsa, NULL },
        { "EC:id-ecPublicKey:1.2.840.10045.2.1", CE_QUERY_OURS, ce_keymgmt_ec, NULL },
        { "ED25519:1.3.101.112", CE_QUERY_OURS, ce_keymgmt_ed25519, NULL },
        { NULL, NULL, NULL, NULL },
    };
    static const OSSL_ALGORITHM signatures[] = {
        { CE_SIGNATURE_RSA, CE_QUERY_OURS, ce_signature_hashing, NULL },
        { CE_SIGNATURE_EC, CE_QUERY_OURS, ce_signature_hashing, NULL },
        { CE_SIGNATURE_ED25519, CE_QUERY_OURS, ce_signature_one_shot, NULL },
        { NULL, NULL, NULL, NULL },
    };

    (void)context;
    *no_cache = 0;
    if (operation == OSSL_OP_KEYMGMT)
        return key_types;
    return operation == OSSL_OP_SIGNATURE ? signatures : NULL;
}

static const OSSL_ITEM *get_reason_strings(void *context)
{
    (void)context;
    return provider.reasons;
}

static int initialise(const OSSL_CORE_HANDLE *handle, const OSSL_DISPATCH *in,
                      const OSSL_DISPATCH **out, void **context)
{
    static const OSSL_DISPATCH functions[] = {
        { OSSL_FUNC_PROVIDER_GETTABLE_PARAMS, (void (*)(void))gettable_params },
        { OSSL_FUNC_PROVIDER_GET_PARAMS, (void (*)(void))get_params },
        { OSSL_FUNC_PROVIDER_QUERY_OPERATION, (void (*)(void))query_operation },
        { OSSL_FUNC_PROVIDER_GET_REASON_STRINGS, (void (*)(void))get_reason_strings },
        { 0, NULL },
    };

    for (; in->function_id != 0; in++) {
        if (in->function_id == OSSL_FUNC_CORE_NEW_ERROR)
            provider.new_error = OSSL_FUNC_core_new_error(in);
        else if (in->function_id == OSSL_FUNC_CORE_VSET_ERROR)
            provider.vset_error = OSSL_FUNC_core_vset_error(in);
    }
    list_reasons();
    provider.handle = handle;
    *context = &provider;
    *out = functions;
    return provider.new_error && provider.vset_error;
}

/* --- the private library context --- */

/* A context of our own, because the application's may lack the default provider, carry property
 * queries (FIPS) or another provider that answers to the same names. */
static void set_up(void)
{
    OSSL_LIB_CTX *libctx = OSSL_LIB_CTX_new();

    if (libctx && OSSL_PROVIDER_load(libctx, "default") &&
        OSSL_PROVIDER_add_builtin(libctx, CE_PROVIDER_NAME, initialise) == 1 &&
        OSSL_PROVIDER_load(libctx, CE_PROVIDER_NAME))
        provider.libctx = libctx;
    else
        OSSL_LIB_CTX_free(libctx);
}

OSSL_LIB_CTX *ce_provider_libctx(void)
{
    return CRYPTO_THREAD_run_once(&once, set_up) ? provider.libctx : NULL;
}
