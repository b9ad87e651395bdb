/* SPDX-License-Identifier: Apache-2.0 */
/* Key management (provider-keymgmt(7)): everything that is public is asked of a software key with
 * the same public value, so that every OpenSSL release finds the parameters it knows. */
#include "base/message.h"
#include "provider/keydata.h"
#include "provider/provider.h"
#include "provider/raise.h"

#include <openssl/core_dispatch.h>
#include <openssl/core_names.h>
#include <openssl/params.h>

#include <stdlib.h>
#include <string.h>

/* --- the key behind an EVP_PKEY --- */

struct ce_keydata *ce_keydata_new(const struct ce_algorithm *algorithm)
{
    struct ce_keydata *key = calloc(1, sizeof(*key));

    if (!key) {
        ce_provider_refuse_memory();
        return NULL;
    }
    ce_refcount_init(&key->references);
    key->algorithm = algorithm;
    return key;
}

struct ce_keydata *ce_keydata_ref(struct ce_keydata *key)
{
    ce_refcount_up(&key->references);
    return key;
}

void ce_keydata_free(struct ce_keydata *key)
{
    if (!key || !ce_refcount_down(&key->references))
        return;
    certenroll_key_free(key->key);
    EVP_PKEY_free(key->public_key);
    free(key);
}

static OSSL_FUNC_keymgmt_free_fn keymgmt_free;
static OSSL_FUNC_keymgmt_dup_fn keymgmt_dup;
static OSSL_FUNC_keymgmt_has_fn keymgmt_has;
static OSSL_FUNC_keymgmt_match_fn keymgmt_match;
static OSSL_FUNC_keymgmt_import_fn keymgmt_import;
static OSSL_FUNC_keymgmt_export_fn keymgmt_export;
static OSSL_FUNC_keymgmt_get_params_fn keymgmt_get_params;

static void keymgmt_free(void *data)
{
    ce_keydata_free(data);
}

static int keymgmt_has(const void *data, int selection)
{
    const struct ce_keydata *key = data;

    if (!key || !key->public_key)
        return 0;
    return !(selection & OSSL_KEYMGMT_SELECT_PRIVATE_KEY) || key->key != NULL;
}

static int keymgmt_match(const void *a, const void *b, int selection)
{
    const struct ce_keydata *first = a, *second = b;

    if (!first->public_key || !second->public_key)
        return 0;
    if (selection & OSSL_KEYMGMT_SELECT_KEYPAIR)
        return EVP_PKEY_eq(first->public_key, second->public_key) == 1;
    return EVP_PKEY_parameters_eq(first->public_key, second->public_key) == 1;
}

static int keymgmt_get_params(void *data, OSSL_PARAM params[])
{
    const struct ce_keydata *key = data;

    return key->public_key && EVP_PKEY_get_params(key->public_key, params) == 1;
}

/* --- import and export of the public half --- */

static int import_software(struct ce_keydata *key, int selection, const OSSL_PARAM params[])
{
    EVP_PKEY_CTX *context =
        EVP_PKEY_CTX_new_from_name(ce_provider_libctx(), key->algorithm->name, CE_QUERY_SOFTWARE);
    /* EVP_PKEY_fromdata only reads them, but its prototype does not say so. */
    int imported = context && EVP_PKEY_fromdata_init(context) == 1 &&
                   EVP_PKEY_fromdata(context, &key->public_key, selection,
                                     (OSSL_PARAM *)(uintptr_t)params) == 1;

    EVP_PKEY_CTX_free(context);
    return imported;
}

/* Takes references to what load.c put together. */
static int import_keydata(struct ce_keydata *key, const OSSL_PARAM *param)
{
    const struct ce_keydata *given;

    if (param->data_type != OSSL_PARAM_OCTET_STRING || param->data_size != sizeof(given))
        return 0;
    memcpy(&given, param->data, sizeof(given));
    if (given->algorithm != key->algorithm || EVP_PKEY_up_ref(given->public_key) != 1)
        return 0;
    key->public_key = given->public_key;
    key->key = ce_key_ref(given->key);
    return 1;
}

static int keymgmt_import(void *data, int selection, const OSSL_PARAM params[])
{
    struct ce_keydata *key = data;
    const OSSL_PARAM *ours = OSSL_PARAM_locate_const(params, CE_PARAM_KEYDATA);

    if (key->public_key)
        return ce_provider_refuse(CERTENROLL_E_STATE, _("the key has a value already"));
    if (ours)
        return import_keydata(key, ours);
    /* The parameters decide, not `selection`: OpenSSL 3.0 compares keys by a transfer of "all",
     * which holds a public key alone where there is no more. */
    if (OSSL_PARAM_locate_const(params, OSSL_PKEY_PARAM_PRIV_KEY) ||
        OSSL_PARAM_locate_const(params, OSSL_PKEY_PARAM_RSA_D))
        return ce_provider_refuse(CERTENROLL_E_UNSUPPORTED,
                                  _("private keys are not imported; they are made in the token"));
    return import_software(key, selection & ~OSSL_KEYMGMT_SELECT_PRIVATE_KEY, params);
}

/* Refuses in silence: OpenSSL 3.0 tries to export everything each time it compares two keys, goes
 * on when that fails, and does not clear the error queue. */
static int keymgmt_export(void *data, int selection, OSSL_CALLBACK *callback, void *argument)
{
    const struct ce_keydata *key = data;

    if (!key->public_key || (selection & OSSL_KEYMGMT_SELECT_PRIVATE_KEY))
        return 0;
    return EVP_PKEY_export(key->public_key, selection, callback, argument);
}

/* A copy that is to have the private key shares it; one that is not gets the public half. */
static void *keymgmt_dup(const void *data, int selection)
{
    const struct ce_keydata *key = data;
    struct ce_keydata *copy;

    if (!key->public_key || !(selection & OSSL_KEYMGMT_SELECT_PUBLIC_KEY))
        return NULL;
    copy = ce_keydata_new(key->algorithm);
    if (!copy || EVP_PKEY_up_ref(key->public_key) != 1) {
        ce_keydata_free(copy);
        return NULL;
    }
    copy->public_key = key->public_key;
    if (key->key && (selection & OSSL_KEYMGMT_SELECT_PRIVATE_KEY))
        copy->key = ce_key_ref(key->key);
    return copy;
}

/* --- what OpenSSL asks before there is a key: one set of functions an algorithm --- */

/* The table outlives the EVP_KEYMGMT: it is static in the default provider. */
static const OSSL_PARAM *software_gettable(const struct ce_algorithm *algorithm)
{
    EVP_KEYMGMT *software =
        EVP_KEYMGMT_fetch(ce_provider_libctx(), algorithm->name, CE_QUERY_SOFTWARE);
    const OSSL_PARAM *params = software ? EVP_KEYMGMT_gettable_params(software) : NULL;

    EVP_KEYMGMT_free(software);
    return params;
}

static const OSSL_PARAM rsa_types[] = {
    OSSL_PARAM_BN(OSSL_PKEY_PARAM_RSA_N, NULL, 0),
    OSSL_PARAM_BN(OSSL_PKEY_PARAM_RSA_E, NULL, 0),
    OSSL_PARAM_END,
};
static const OSSL_PARAM ec_types[] = {
    OSSL_PARAM_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, NULL, 0),
    OSSL_PARAM_octet_string(OSSL_PKEY_PARAM_PUB_KEY, NULL, 0),
    OSSL_PARAM_END,
};
static const OSSL_PARAM ed25519_types[] = {
    OSSL_PARAM_octet_string(OSSL_PKEY_PARAM_PUB_KEY, NULL, 0),
    OSSL_PARAM_END,
};

#define ENTRY(id, function)                                                                        \
    {                                                                                              \
        OSSL_FUNC_KEYMGMT_##id, (void (*)(void))(function)                                         \
    }

#define KEYMGMT(algorithm)                                                                         \
    static OSSL_FUNC_keymgmt_new_fn algorithm##_new;                                               \
    static OSSL_FUNC_keymgmt_gettable_params_fn algorithm##_gettable;                              \
    static OSSL_FUNC_keymgmt_import_types_fn algorithm##_public_types;                             \
    static OSSL_FUNC_keymgmt_query_operation_name_fn algorithm##_operation_name;                   \
    static void *algorithm##_new(void *context)                                                    \
    {                                                                                              \
        (void)context;                                                                             \
        return ce_keydata_new(&ce_algorithm_##algorithm);                                          \
    }                                                                                              \
    static const OSSL_PARAM *algorithm##_gettable(void *context)                                   \
    {                                                                                              \
        (void)context;                                                                             \
        return software_gettable(&ce_algorithm_##algorithm);                                       \
    }                                                                                              \
    static const OSSL_PARAM *algorithm##_public_types(int selection)                               \
    {                                                                                              \
        return selection & OSSL_KEYMGMT_SELECT_PUBLIC_KEY ? algorithm##_types : NULL;              \
    }                                                                                              \
    static const char *algorithm##_operation_name(int operation)                                   \
    {                                                                                              \
        return operation == OSSL_OP_SIGNATURE ? ce_algorithm_##algorithm.signature_name : NULL;    \
    }                                                                                              \
    const OSSL_DISPATCH ce_keymgmt_##algorithm[] = {                                               \
        ENTRY(NEW, algorithm##_new),                                                               \
        ENTRY(FREE, keymgmt_free),                                                                 \
        ENTRY(DUP, keymgmt_dup),                                                                   \
        ENTRY(HAS, keymgmt_has),                                                                   \
        ENTRY(MATCH, keymgmt_match),                                                               \
        ENTRY(IMPORT, keymgmt_import),                                                             \
        ENTRY(IMPORT_TYPES, algorithm##_public_types),                                             \
        ENTRY(EXPORT, keymgmt_export),                                                             \
        ENTRY(EXPORT_TYPES, algorithm##_public_types),                                             \
        ENTRY(GET_PARAMS, keymgmt_get_params),                                                     \
        ENTRY(GETTABLE_PARAMS, algorithm##_gettable),                                              \
        ENTRY(QUERY_OPERATION_NAME, algorithm##_operation_name),                                   \
        { 0, NULL },                                                                               \
    }

KEYMGMT(rsa);
KEYMGMT(ec);
KEYMGMT(ed25519);
