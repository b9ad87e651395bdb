/* SPDX-License-Identifier: Apache-2.0 */
#include "ca/issuer.h"

#include "base/diagnostics.h"
#include "base/files.h"
#include "ca/certificate.h"
#include "common/message.h"

#include <openssl/err.h>
#include <openssl/pkcs7.h>
#include <openssl/x509v3.h>

#include <stdlib.h>
#include <string.h>

#define DAY INT64_C(86400)
/* Clocks differ: a certificate must be valid on a PC that is a little behind. */
#define BACKDATE_SECONDS 60

static void log_library(void *user, certenroll_log_level level, const char *message)
{
    (void)user;
    (void)level;
    log_event("libcertenroll: %s", message);
}

int ca_token_open(struct ca_token *out, const char *uri, const char *module, struct secret *pin)
{
    certenroll_token_options options = CERTENROLL_TOKEN_OPTIONS_INIT;
    certenroll_error *error = NULL;
    int status;

    memset(out, 0, sizeof(*out));
    options.module_path = module;
    options.secret = pin ? secret_give : NULL;
    options.secret_user = pin;
    status = certenroll_context_new(&out->context, &error);
    if (status == CERTENROLL_OK) {
        certenroll_context_set_log(out->context, CERTENROLL_LOG_WARNING, log_library, NULL);
        status = certenroll_token_open(&out->token, out->context, uri, &options, &error);
    }
    if (status == CERTENROLL_OK)
        status = certenroll_token_login(out->token, &error);
    if (status == CERTENROLL_OK)
        return CERTENROLL_CLASS_OK;
    ca_token_close(out);
    return fail_library(error);
}

void ca_token_close(struct ca_token *ca)
{
    certenroll_token_free(ca->token);
    certenroll_context_free(ca->context);
    memset(ca, 0, sizeof(*ca));
}

static int find_key(EVP_PKEY **out, certenroll_token *token, const unsigned char *id)
{
    certenroll_key *key = NULL;
    certenroll_error *error = NULL;
    int status = certenroll_key_find(&key, token, id, CA_KEY_ID_LENGTH, &error);

    if (status == CERTENROLL_OK)
        status = certenroll_key_evp_pkey(out, key, &error);
    certenroll_key_free(key);
    return status == CERTENROLL_OK ? CERTENROLL_CLASS_OK : fail_library(error);
}

static int load(X509 **out, const char *directory, const char *name)
{
    char *path = file_path(directory, name);
    int result =
        path ? certificate_load(out, path) : fail(CERTENROLL_CLASS_SYSTEM, _("out of memory"));

    free(path);
    return result;
}

int issuer_open(struct issuer *out, const struct config *config, const char *directory,
                struct secret *pin)
{
    int result;

    memset(out, 0, sizeof(*out));
    result = load(&out->root, directory, ROOT_FILE);
    if (!result)
        result = load(&out->issuing, directory, ISSUING_FILE);
    if (!result)
        result = ca_token_open(&out->ca, config->token_uri, config->module, pin);
    if (!result)
        result = find_key(&out->key, out->ca.token, config->issuing_key_id);
    if (!result && EVP_PKEY_eq(out->key, X509_get0_pubkey(out->issuing)) != 1)
        result = fail(CERTENROLL_CLASS_TOKEN, _("the key in the token is not that of %s/%s"),
                      directory, ISSUING_FILE);
    if (result)
        issuer_close(out);
    return result;
}

void issuer_close(struct issuer *issuer)
{
    EVP_PKEY_free(issuer->key);
    X509_free(issuer->issuing);
    X509_free(issuer->root);
    ca_token_close(&issuer->ca);
    memset(issuer, 0, sizeof(*issuer));
}

int issuer_issue(const struct issuer *issuer, X509 **out, const char *account_name, EVP_PKEY *key,
                 int key_encipherment, int64_t now, int validity_days)
{
    const struct certificate_order order = {
        .kind = key_encipherment ? CERTIFICATE_CLIENT_ENCIPHERMENT : CERTIFICATE_CLIENT,
        .common_name = account_name,
        .key = key,
        .issuer = issuer->issuing,
        .issuer_key = issuer->key,
        .not_before = now - BACKDATE_SECONDS,
        .not_after = now + validity_days * DAY,
    };

    return certificate_issue(out, &order);
}

static PKCS7 *certs_only(X509 *first, X509 *second)
{
    PKCS7 *message = PKCS7_new();

    if (message && PKCS7_set_type(message, NID_pkcs7_signed) &&
        PKCS7_content_new(message, NID_pkcs7_data) && PKCS7_set_detached(message, 1) &&
        PKCS7_add_certificate(message, first) && PKCS7_add_certificate(message, second))
        return message;
    PKCS7_free(message);
    return NULL;
}

char *issuer_certs_only(const struct issuer *issuer, X509 *leaf)
{
    PKCS7 *message = certs_only(leaf ? leaf : issuer->root, issuer->issuing);
    unsigned char *der = NULL;
    int length = message ? i2d_PKCS7(message, &der) : 0;
    char *text = length > 0 ? malloc((size_t)(length + 2) / 3 * 4 + 1) : NULL;

    if (text)
        EVP_EncodeBlock((unsigned char *)text, der, length);
    else
        (void)fail_openssl(_("cannot encode certificates"));
    OPENSSL_free(der);
    PKCS7_free(message);
    return text;
}

int issuer_signed(const struct issuer *issuer, X509 *certificate)
{
    int ours = X509_check_issued(issuer->issuing, certificate) == X509_V_OK &&
               X509_verify(certificate, X509_get0_pubkey(issuer->issuing)) == 1;

    ERR_clear_error();
    return ours;
}
