/* SPDX-License-Identifier: Apache-2.0 */
#include "ca/issuer.h"

#include "base/openssl_error.h"
#include "ca/certificate_issue.h"
#include "common/tool_message.h"
#include "ground/diagnostics.h"

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

int ca_token_open(struct ca_token *out, const char *uri, const char *module, struct secret *pin,
                  certenroll_error **error)
{
    certenroll_token_options options = CERTENROLL_TOKEN_OPTIONS_INIT;
    int status;

    memset(out, 0, sizeof(*out));
    options.module_path = module;
    options.secret = pin ? secret_give : NULL;
    options.secret_user = pin;
    status = certenroll_context_new(&out->context, error);
    if (!status) {
        certenroll_context_set_log(out->context, CERTENROLL_LOG_WARNING, log_library, NULL);
        status = certenroll_token_open(&out->token, out->context, uri, &options, error);
    }
    if (!status)
        status = certenroll_token_login(out->token, error);
    if (status)
        ca_token_close(out);
    return status;
}

void ca_token_close(struct ca_token *ca)
{
    certenroll_token_free(ca->token);
    certenroll_context_free(ca->context);
    memset(ca, 0, sizeof(*ca));
}

int issuer_open(struct issuer *out, const struct ra_config *config, const char *directory,
                struct secret *pin, certenroll_error **error)
{
    certenroll_key *key = NULL;
    int status;

    memset(out, 0, sizeof(*out));
    status = certificate_load(&out->root, directory, ROOT_FILE, error);
    if (!status)
        status = certificate_load(&out->issuing, directory, ISSUING_FILE, error);
    if (!status)
        status = ca_token_open(&out->ca, config->token_uri, config->module, pin, error);
    if (!status)
        status = certenroll_key_find(&key, out->ca.token, config->issuing_key_id, CA_KEY_ID_LENGTH,
                                     error);
    if (!status)
        status = certenroll_key_evp_pkey(&out->key, key, error);
    certenroll_key_free(key);
    if (!status && EVP_PKEY_eq(out->key, X509_get0_pubkey(out->issuing)) != 1)
        status = certenroll_error_set(error, CERTENROLL_E_TOKEN,
                                      _("the key in the token is not that of %s/%s"), directory,
                                      ISSUING_FILE);
    if (status)
        issuer_close(out);
    return status;
}

void issuer_close(struct issuer *issuer)
{
    EVP_PKEY_free(issuer->key);
    X509_free(issuer->issuing);
    X509_free(issuer->root);
    ca_token_close(&issuer->ca);
    memset(issuer, 0, sizeof(*issuer));
}

int issuer_issue(const struct issuer *issuer, X509 **out, const struct client_order *wanted)
{
    const struct certificate_order order = {
        .kind = wanted->key_encipherment ? CERTIFICATE_CLIENT_ENCIPHERMENT : CERTIFICATE_CLIENT,
        .common_name = wanted->account_name,
        .key = wanted->key,
        .issuer = issuer->issuing,
        .issuer_key = issuer->key,
        .not_before = wanted->now - BACKDATE_SECONDS,
        .not_after = wanted->now + wanted->validity_days * DAY,
    };
    certenroll_error *error = NULL;
    int status = certificate_issue(out, &order, &error);

    if (status)
        log_error(&error);
    return status;
}

char *issuer_certs_only(const struct issuer *issuer, X509 *leaf)
{
    PKCS7 *message = PKCS7_new();
    certenroll_error *error = NULL;
    unsigned char *der = NULL;
    int length = message && PKCS7_set_type(message, NID_pkcs7_signed) &&
                         PKCS7_content_new(message, NID_pkcs7_data) &&
                         PKCS7_set_detached(message, 1) &&
                         PKCS7_add_certificate(message, leaf ? leaf : issuer->root) &&
                         PKCS7_add_certificate(message, issuer->issuing)
                     ? i2d_PKCS7(message, &der)
                     : 0;
    char *text = length > 0 ? malloc((size_t)(length + 2) / 3 * 4 + 1) : NULL;

    if (text) {
        EVP_EncodeBlock((unsigned char *)text, der, length);
    } else {
        ce_fail_openssl(&error, CERTENROLL_E_INTERNAL, _("cannot encode certificates"));
        log_error(&error);
    }
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
