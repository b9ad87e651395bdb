/* SPDX-License-Identifier: Apache-2.0 */
/* The settings of a signature operation, as OpenSSL passes them: by number or by word. */
#include "base/message.h"
#include "provider/provider.h"
#include "provider/raise.h"
#include "provider/signature.h"

#include <openssl/core_names.h>
#include <openssl/params.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAME_MAX_LENGTH 64

struct word {
    int number;
    const char *word;
};

static const struct word paddings[] = {
    { RSA_PKCS1_PADDING, OSSL_PKEY_RSA_PAD_MODE_PKCSV15 },
    { RSA_PKCS1_PSS_PADDING, OSSL_PKEY_RSA_PAD_MODE_PSS },
    { 0, NULL },
};

static const struct word salts[] = {
    { RSA_PSS_SALTLEN_DIGEST, OSSL_PKEY_RSA_PSS_SALT_LEN_DIGEST },
    { RSA_PSS_SALTLEN_AUTO, OSSL_PKEY_RSA_PSS_SALT_LEN_AUTO },
    { RSA_PSS_SALTLEN_MAX, OSSL_PKEY_RSA_PSS_SALT_LEN_MAX },
    { CE_SALT_AUTO_DIGEST_MAX, "auto-digestmax" },
    { 0, NULL },
};

static const char *find_word(const struct word *words, int number)
{
    for (; words->word; words++)
        if (words->number == number)
            return words->word;
    return NULL;
}

static const struct word *find_number(const struct word *words, const char *word)
{
    for (; words->word; words++)
        if (strcmp(words->word, word) == 0)
            return words;
    return NULL;
}

/* A text parameter; never longer than a name is. */
static int get_text(const OSSL_PARAM *param, char text[NAME_MAX_LENGTH])
{
    return OSSL_PARAM_get_utf8_string(param, &text, NAME_MAX_LENGTH);
}

/* --- setting --- */

static int fetch_digest(EVP_MD **out, const char *name)
{
    EVP_MD *digest = EVP_MD_fetch(ce_provider_libctx(), name, CE_QUERY_SOFTWARE);

    if (!digest || (EVP_MD_get_flags(digest) & EVP_MD_FLAG_XOF)) {
        EVP_MD_free(digest);
        return ce_provider_refuse(CERTENROLL_E_ARGUMENT, _("%s is no digest for signatures"), name);
    }
    EVP_MD_free(*out);
    *out = digest;
    return 1;
}

int ce_signature_set_digest(struct ce_signature *signature, const char *name)
{
    if (!signature->key->algorithm->hashes)
        return ce_provider_refuse(CERTENROLL_E_ARGUMENT, _("%s takes no digest, but %s is named"),
                                  signature->key->algorithm->name, name);
    if (signature->digest && EVP_MD_is_a(signature->digest, name))
        return 1;
    if (signature->hash)
        return ce_provider_refuse(CERTENROLL_E_STATE, _("the digest is %s already, not %s"),
                                  EVP_MD_get0_name(signature->digest), name);
    return fetch_digest(&signature->digest, name);
}

static int set_digest(struct ce_signature *signature, const OSSL_PARAM *param)
{
    char name[NAME_MAX_LENGTH];

    return get_text(param, name) && ce_signature_set_digest(signature, name);
}

static int set_mgf1(struct ce_signature *signature, const OSSL_PARAM *param)
{
    char name[NAME_MAX_LENGTH];

    return get_text(param, name) && fetch_digest(&signature->mgf1, name);
}

static int set_padding(struct ce_signature *signature, const OSSL_PARAM *param)
{
    const struct word *word;
    char text[NAME_MAX_LENGTH];
    int padding = 0;

    if (param->data_type == OSSL_PARAM_UTF8_STRING) {
        word = get_text(param, text) ? find_number(paddings, text) : NULL;
        padding = word ? word->number : 0;
    } else if (!OSSL_PARAM_get_int(param, &padding)) {
        return 0;
    }
    if (!find_word(paddings, padding))
        return ce_provider_refuse(CERTENROLL_E_UNSUPPORTED,
                                  _("only PKCS#1 v1.5 and PSS padding are signed with"));
    signature->padding = padding;
    return 1;
}

static int parse_salt(int *out, const char *text)
{
    const struct word *word = find_number(salts, text);
    char *end = NULL;
    long number;

    if (word) {
        *out = word->number;
        return 1;
    }
    number = strtol(text, &end, 10);
    if (end == text || *end != '\0' || number < 0 || number > CE_SIGNATURE_MAX)
        return 0;
    *out = (int)number;
    return 1;
}

static int set_salt(struct ce_signature *signature, const OSSL_PARAM *param)
{
    char text[NAME_MAX_LENGTH];
    int salt = 0, read;

    if (signature->padding != RSA_PKCS1_PSS_PADDING)
        return ce_provider_refuse(CERTENROLL_E_STATE, _("a salt length needs PSS padding"));
    if (param->data_type == OSSL_PARAM_UTF8_STRING)
        read = get_text(param, text) && parse_salt(&salt, text);
    else
        read = OSSL_PARAM_get_int(param, &salt);
    if (!read || (salt < 0 && !find_word(salts, salt)) || salt > CE_SIGNATURE_MAX)
        return ce_provider_refuse(CERTENROLL_E_ARGUMENT, _("the PSS salt length makes no sense"));
    signature->salt_length = salt;
    return 1;
}

/* --- getting --- */

/* As the caller's parameter is typed. */
static int give(OSSL_PARAM *param, int number, const char *word)
{
    char digits[16];

    if (param->data_type != OSSL_PARAM_UTF8_STRING)
        return OSSL_PARAM_set_int(param, number);
    snprintf(digits, sizeof(digits), "%d", number);
    return OSSL_PARAM_set_utf8_string(param, word ? word : digits);
}

static int get_algorithm_id(const struct ce_signature *signature, OSSL_PARAM *param)
{
    unsigned char *der = NULL;
    int length = ce_signature_algorithm_id(&der, signature);
    int given = length > 0 && OSSL_PARAM_set_octet_string(param, der, (size_t)length);

    OPENSSL_free(der);
    return given;
}

static int get_digest(const struct ce_signature *signature, OSSL_PARAM *param)
{
    return OSSL_PARAM_set_utf8_string(param,
                                      signature->digest ? EVP_MD_get0_name(signature->digest) : "");
}

static int get_mgf1(const struct ce_signature *signature, OSSL_PARAM *param)
{
    const EVP_MD *digest = signature->mgf1 ? signature->mgf1 : signature->digest;

    return OSSL_PARAM_set_utf8_string(param, digest ? EVP_MD_get0_name(digest) : "");
}

static int get_padding(const struct ce_signature *signature, OSSL_PARAM *param)
{
    return give(param, signature->padding, find_word(paddings, signature->padding));
}

static int get_salt(const struct ce_signature *signature, OSSL_PARAM *param)
{
    return give(param, signature->salt_length, find_word(salts, signature->salt_length));
}

/* --- the table --- */

enum needs { ANY, HASHES, PADDING };

/* In this order they are taken: a salt length needs the padding before it. */
static const struct setting {
    const char *name;
    enum needs needs;
    int (*set)(struct ce_signature *signature, const OSSL_PARAM *param);
    int (*get)(const struct ce_signature *signature, OSSL_PARAM *param);
} settings[] = {
    { OSSL_SIGNATURE_PARAM_ALGORITHM_ID, ANY, NULL, get_algorithm_id },
    { OSSL_SIGNATURE_PARAM_DIGEST, HASHES, set_digest, get_digest },
    { OSSL_SIGNATURE_PARAM_PAD_MODE, PADDING, set_padding, get_padding },
    { OSSL_SIGNATURE_PARAM_PSS_SALTLEN, PADDING, set_salt, get_salt },
    { OSSL_SIGNATURE_PARAM_MGF1_DIGEST, PADDING, set_mgf1, get_mgf1 },
};
#define SETTINGS (sizeof(settings) / sizeof(settings[0]))

static int applies(const struct setting *setting, const struct ce_signature *signature)
{
    const struct ce_algorithm *algorithm = signature->key->algorithm;

    return setting->needs == ANY || (setting->needs == HASHES && algorithm->hashes) ||
           (setting->needs == PADDING && algorithm->has_padding);
}

int ce_signature_set_params(struct ce_signature *signature, const OSSL_PARAM params[])
{
    for (size_t i = 0; params && i < SETTINGS; i++) {
        const OSSL_PARAM *param = OSSL_PARAM_locate_const(params, settings[i].name);

        if (param && settings[i].set && applies(&settings[i], signature) &&
            !settings[i].set(signature, param))
            return 0;
    }
    return 1;
}

int ce_signature_get_params(struct ce_signature *signature, OSSL_PARAM params[])
{
    for (size_t i = 0; params && i < SETTINGS; i++) {
        OSSL_PARAM *param = OSSL_PARAM_locate(params, settings[i].name);

        if (param && applies(&settings[i], signature) && !settings[i].get(signature, param))
            return 0;
    }
    return 1;
}

#define DIGEST OSSL_PARAM_utf8_string(OSSL_SIGNATURE_PARAM_DIGEST, NULL, 0)
#define ALGORITHM_ID OSSL_PARAM_octet_string(OSSL_SIGNATURE_PARAM_ALGORITHM_ID, NULL, 0)
#define PADDING_SETTINGS                                                                           \
    OSSL_PARAM_utf8_string(OSSL_SIGNATURE_PARAM_PAD_MODE, NULL, 0),                                \
        OSSL_PARAM_utf8_string(OSSL_SIGNATURE_PARAM_PSS_SALTLEN, NULL, 0),                         \
        OSSL_PARAM_utf8_string(OSSL_SIGNATURE_PARAM_MGF1_DIGEST, NULL, 0)

const OSSL_PARAM *ce_signature_settable(const struct ce_signature *signature)
{
    static const OSSL_PARAM rsa[] = { DIGEST, PADDING_SETTINGS, OSSL_PARAM_END };
    static const OSSL_PARAM rsa_hashing[] = { PADDING_SETTINGS, OSSL_PARAM_END };
    static const OSSL_PARAM ecdsa[] = { DIGEST, OSSL_PARAM_END };
    static const OSSL_PARAM none[] = { OSSL_PARAM_END };

    if (!signature || !signature->key || !signature->key->algorithm->hashes)
        return none;
    if (signature->key->algorithm->has_padding)
        return signature->hash ? rsa_hashing : rsa;
    return signature->hash ? none : ecdsa;
}

const OSSL_PARAM *ce_signature_gettable(const struct ce_signature *signature)
{
    static const OSSL_PARAM rsa[] = { ALGORITHM_ID, DIGEST, PADDING_SETTINGS, OSSL_PARAM_END };
    static const OSSL_PARAM ecdsa[] = { ALGORITHM_ID, DIGEST, OSSL_PARAM_END };
    static const OSSL_PARAM ed25519[] = { ALGORITHM_ID, OSSL_PARAM_END };

    if (!signature || !signature->key || !signature->key->algorithm->hashes)
        return ed25519;
    return signature->key->algorithm->has_padding ? rsa : ecdsa;
}
