/* SPDX-License-Identifier: Apache-2.0 */
/* Signatures (provider-signature(7)): hash in software, sign in the token. */
#include "provider/signature.h"

#include "base/message.h"
#include "provider/provider.h"
#include "provider/raise.h"

#include <openssl/core_dispatch.h>

#include <stdlib.h>
#include <string.h>

/* --- the context --- */

static OSSL_FUNC_signature_newctx_fn signature_new;
static OSSL_FUNC_signature_freectx_fn signature_free;
static OSSL_FUNC_signature_dupctx_fn signature_dup;

static struct ce_signature *allocate(void)
{
    struct ce_signature *signature = calloc(1, sizeof(*signature));

    if (!signature)
        ce_provider_refuse_memory();
    return signature;
}

static void *signature_new(void *context, const char *properties)
{
    (void)context;
    (void)properties; /* the caller's context's; our hashes come from the private one */
    return allocate();
}

static void signature_free(void *data)
{
    struct ce_signature *signature = data;

    if (!signature)
        return;
    ce_keydata_free(signature->key);
    EVP_MD_free(signature->digest);
    EVP_MD_free(signature->mgf1);
    EVP_MD_CTX_free(signature->hash);
    free(signature);
}

static int up_ref_digest(EVP_MD **copy, EVP_MD *digest)
{
    if (digest && EVP_MD_up_ref(digest) != 1)
        return 0;
    *copy = digest;
    return 1;
}

static int copy_hash(EVP_MD_CTX **copy, const EVP_MD_CTX *hash)
{
    if (!hash)
        return 1;
    *copy = EVP_MD_CTX_new();
    return *copy && EVP_MD_CTX_copy_ex(*copy, hash) == 1;
}

static void *signature_dup(void *data)
{
    const struct ce_signature *signature = data;
    struct ce_signature *copy = allocate();

    if (!copy)
        return NULL;
    copy->padding = signature->padding;
    copy->salt_length = signature->salt_length;
    if (signature->key)
        copy->key = ce_keydata_ref(signature->key);
    if (!up_ref_digest(&copy->digest, signature->digest) ||
        !up_ref_digest(&copy->mgf1, signature->mgf1) || !copy_hash(&copy->hash, signature->hash)) {
        signature_free(copy);
        return NULL;
    }
    return copy;
}

/* --- starting --- */

/* `key` NULL: begin again with the same key and settings (EVP_DigestSignInit without a key).
 * Otherwise takes it and forgets what was set for the one before. */
static int begin(struct ce_signature *signature, struct ce_keydata *key)
{
    if (key && !key->public_key)
        return ce_provider_refuse(CERTENROLL_E_STATE, _("the key has no value yet"));
    if (!key && !signature->key)
        return ce_provider_refuse(CERTENROLL_E_STATE, _("no key is set"));
    EVP_MD_CTX_free(signature->hash);
    signature->hash = NULL;
    if (!key)
        return 1;
    ce_keydata_ref(key);
    ce_keydata_free(signature->key);
    EVP_MD_free(signature->digest);
    EVP_MD_free(signature->mgf1);
    *signature = (struct ce_signature){ .key = key, .padding = RSA_PKCS1_PADDING };
    return 1;
}

static int begin_signing(struct ce_signature *signature, struct ce_keydata *key)
{
    if (!begin(signature, key))
        return 0;
    if (!signature->key->key)
        return ce_provider_refuse(CERTENROLL_E_STATE, _("a public key does not sign"));
    /* OpenSSL's own default is the longest salt there is room for. Tokens that follow
     * FIPS 186-5 §5.4 refuse more than the hash's length. */
    if (key)
        signature->salt_length = RSA_PSS_SALTLEN_DIGEST;
    return 1;
}

static int begin_verifying(struct ce_signature *signature, struct ce_keydata *key)
{
    if (!begin(signature, key))
        return 0;
    if (key)
        signature->salt_length = RSA_PSS_SALTLEN_AUTO;
    return 1;
}

static int begin_hashing(struct ce_signature *signature, const char *digest_name)
{
    if (digest_name && digest_name[0] && !ce_signature_set_digest(signature, digest_name))
        return 0;
    if (!signature->key->algorithm->hashes)
        return 1;
    if (!signature->digest)
        return ce_provider_refuse(CERTENROLL_E_ARGUMENT, _("no digest is named"));
    signature->hash = EVP_MD_CTX_new();
    return signature->hash && EVP_DigestInit_ex2(signature->hash, signature->digest, NULL) == 1;
}

/* --- signing --- */

static OSSL_FUNC_signature_sign_init_fn sign_init;
static OSSL_FUNC_signature_sign_fn sign;
static OSSL_FUNC_signature_digest_sign_init_fn digest_sign_init;
static OSSL_FUNC_signature_digest_sign_update_fn digest_update;
static OSSL_FUNC_signature_digest_sign_final_fn digest_sign_final;
static OSSL_FUNC_signature_digest_sign_fn digest_sign;

static int report_size(const struct ce_signature *signature, size_t *length)
{
    *length = (size_t)EVP_PKEY_get_size(signature->key->public_key);
    return 1;
}

/* The room is looked at before the token is asked: a signature may cost a touch or a PIN. */
static int sign_in_token(const struct ce_signature *signature, unsigned char *out, size_t *length,
                         size_t capacity, const unsigned char *data, size_t data_length)
{
    size_t longest = (size_t)EVP_PKEY_get_size(signature->key->public_key);
    struct ce_signature_bytes made = { 0 };
    certenroll_error *error = NULL;

    if (longest > sizeof(made.bytes))
        return ce_provider_refuse(CERTENROLL_E_UNSUPPORTED, _("the key is too long"));
    if (capacity < longest)
        return ce_provider_refuse(CERTENROLL_E_ARGUMENT,
                                  _("%zu bytes are too few for a signature of %zu"), capacity,
                                  longest);
    if (signature->key->algorithm->sign(&made, signature, data, data_length, &error) !=
        CERTENROLL_OK)
        return ce_provider_raise(error);
    memcpy(out, made.bytes, made.length);
    *length = made.length;
    return 1;
}

static int sign_init(void *data, void *key, const OSSL_PARAM params[])
{
    return begin_signing(data, key) && ce_signature_set_params(data, params);
}

static int sign(void *data, unsigned char *out, size_t *length, size_t capacity,
                const unsigned char *hash, size_t hash_length)
{
    const struct ce_signature *signature = data;

    if (!out)
        return report_size(signature, length);
    if (signature->digest && hash_length != (size_t)EVP_MD_get_size(signature->digest))
        return ce_provider_refuse(CERTENROLL_E_ARGUMENT, _("%zu bytes are not a hash by %s"),
                                  hash_length, EVP_MD_get0_name(signature->digest));
    return sign_in_token(signature, out, length, capacity, hash, hash_length);
}

static int digest_sign_init(void *data, const char *digest_name, void *key,
                            const OSSL_PARAM params[])
{
    return begin_signing(data, key) && begin_hashing(data, digest_name) &&
           ce_signature_set_params(data, params);
}

static int digest_update(void *data, const unsigned char *part, size_t length)
{
    const struct ce_signature *signature = data;

    return signature->hash && EVP_DigestUpdate(signature->hash, part, length) == 1;
}

static int digest_sign_final(void *data, unsigned char *out, size_t *length, size_t capacity)
{
    const struct ce_signature *signature = data;
    unsigned char hash[EVP_MAX_MD_SIZE];
    unsigned hash_length = 0;

    if (!out)
        return report_size(signature, length);
    if (!signature->hash || EVP_DigestFinal_ex(signature->hash, hash, &hash_length) != 1)
        return 0;
    return sign_in_token(signature, out, length, capacity, hash, hash_length);
}

static int digest_sign(void *data, unsigned char *out, size_t *length, size_t capacity,
                       const unsigned char *message, size_t message_length)
{
    const struct ce_signature *signature = data;

    if (!out)
        return report_size(signature, length);
    if (!signature->key->algorithm->hashes)
        return sign_in_token(signature, out, length, capacity, message, message_length);
    return digest_update(data, message, message_length) &&
           digest_sign_final(data, out, length, capacity);
}

/* --- verifying --- */

static OSSL_FUNC_signature_verify_init_fn verify_init;
static OSSL_FUNC_signature_verify_fn verify;
static OSSL_FUNC_signature_digest_verify_init_fn digest_verify_init;
static OSSL_FUNC_signature_digest_verify_final_fn digest_verify_final;
static OSSL_FUNC_signature_digest_verify_fn digest_verify;

static int verify_init(void *data, void *key, const OSSL_PARAM params[])
{
    return begin_verifying(data, key) && ce_signature_set_params(data, params);
}

static int verify(void *data, const unsigned char *value, size_t value_length,
                  const unsigned char *hash, size_t hash_length)
{
    return ce_signature_verify(data, value, value_length, hash, hash_length);
}

static int digest_verify_init(void *data, const char *digest_name, void *key,
                              const OSSL_PARAM params[])
{
    return begin_verifying(data, key) && begin_hashing(data, digest_name) &&
           ce_signature_set_params(data, params);
}

static int digest_verify_final(void *data, const unsigned char *value, size_t value_length)
{
    const struct ce_signature *signature = data;
    unsigned char hash[EVP_MAX_MD_SIZE];
    unsigned hash_length = 0;

    return signature->hash && EVP_DigestFinal_ex(signature->hash, hash, &hash_length) == 1 &&
           ce_signature_verify(signature, value, value_length, hash, hash_length);
}

static int digest_verify(void *data, const unsigned char *value, size_t value_length,
                         const unsigned char *message, size_t message_length)
{
    const struct ce_signature *signature = data;

    if (!signature->key->algorithm->hashes)
        return ce_signature_verify(signature, value, value_length, message, message_length);
    return digest_update(data, message, message_length) &&
           digest_verify_final(data, value, value_length);
}

/* --- parameters and tables --- */

static OSSL_FUNC_signature_set_ctx_params_fn set_ctx_params;
static OSSL_FUNC_signature_get_ctx_params_fn get_ctx_params;
static OSSL_FUNC_signature_settable_ctx_params_fn settable_ctx_params;
static OSSL_FUNC_signature_gettable_ctx_params_fn gettable_ctx_params;

static int set_ctx_params(void *data, const OSSL_PARAM params[])
{
    return ce_signature_set_params(data, params);
}

static int get_ctx_params(void *data, OSSL_PARAM params[])
{
    return ce_signature_get_params(data, params);
}

static const OSSL_PARAM *settable_ctx_params(void *data, void *context)
{
    (void)context;
    return ce_signature_settable(data);
}

static const OSSL_PARAM *gettable_ctx_params(void *data, void *context)
{
    (void)context;
    return ce_signature_gettable(data);
}

#define ENTRY(id, function)                                                                        \
    {                                                                                              \
        OSSL_FUNC_SIGNATURE_##id, (void (*)(void))(function)                                       \
    }

#define COMMON_ENTRIES                                                                             \
    ENTRY(NEWCTX, signature_new), ENTRY(FREECTX, signature_free), ENTRY(DUPCTX, signature_dup),    \
        ENTRY(DIGEST_SIGN_INIT, digest_sign_init), ENTRY(DIGEST_SIGN, digest_sign),                \
        ENTRY(DIGEST_VERIFY_INIT, digest_verify_init), ENTRY(DIGEST_VERIFY, digest_verify),        \
        ENTRY(SET_CTX_PARAMS, set_ctx_params), ENTRY(GET_CTX_PARAMS, get_ctx_params),              \
        ENTRY(SETTABLE_CTX_PARAMS, settable_ctx_params),                                           \
        ENTRY(GETTABLE_CTX_PARAMS, gettable_ctx_params)

const OSSL_DISPATCH ce_signature_hashing[] = {
    COMMON_ENTRIES,
    ENTRY(SIGN_INIT, sign_init),
    ENTRY(SIGN, sign),
    ENTRY(VERIFY_INIT, verify_init),
    ENTRY(VERIFY, verify),
    ENTRY(DIGEST_SIGN_UPDATE, digest_update),
    ENTRY(DIGEST_SIGN_FINAL, digest_sign_final),
    ENTRY(DIGEST_VERIFY_UPDATE, digest_update),
    ENTRY(DIGEST_VERIFY_FINAL, digest_verify_final),
    { 0, NULL },
};

/* Ed25519 reads the message twice (RFC 8032 §5.1.6): it cannot be fed in parts. */
const OSSL_DISPATCH ce_signature_one_shot[] = {
    COMMON_ENTRIES,
    { 0, NULL },
};
