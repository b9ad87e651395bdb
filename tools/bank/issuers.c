/* SPDX-License-Identifier: Apache-2.0 */
#include "issuers.h"

#include "common/message.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pkcs7.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CACERTS_PATH "/.well-known/est/cacerts"
#define CRL_PATH "/crl"

/* --- where a chain may go through --- */

static int add_issuers(struct issuers *issuers, struct bank *bank,
                       const certenroll_inventory *inventory)
{
    for (size_t i = 0; i < certenroll_inventory_count(inventory); i++) {
        const certenroll_entry *entry = certenroll_inventory_at(inventory, i);
        size_t length = 0;
        const unsigned char *der = certenroll_entry_certificate(entry, &length);
        X509 *certificate =
            certenroll_entry_is_ca(entry) ? d2i_X509(NULL, &der, (long)length) : NULL;

        if (certificate && !sk_X509_push(issuers->between, certificate)) {
            X509_free(certificate);
            return failure_memory(&bank->failure);
        }
    }
    return CERTENROLL_OK;
}

int issuers_new(struct issuers *out, struct bank *bank, const certenroll_inventory *inventory)
{
    const char *file = bank->place->trust_anchor;

    out->anchors = X509_STORE_new();
    out->between = sk_X509_new_null();
    if (!out->anchors || !out->between)
        return failure_memory(&bank->failure);
    ERR_clear_error();
    if (!X509_STORE_load_file(out->anchors, file))
        return failure_set(&bank->failure, CERTENROLL_E_CERT_MALFORMED,
                           _("the trust anchors in %s cannot be read"), file);
    return add_issuers(out, bank, inventory);
}

void issuers_clear(struct issuers *issuers)
{
    X509_STORE_free(issuers->anchors);
    X509_CRL_free(issuers->revoked);
    sk_X509_pop_free(issuers->between, X509_free);
    memset(issuers, 0, sizeof(*issuers));
}

/* --- asking the bank --- */

/* Base64, in lines or not, of certs-only PKCS#7 (RFC 7030 §4.1.3). */
static PKCS7 *decode(const void *data, size_t length)
{
    BIO *base64 = BIO_new(BIO_f_base64()), *memory = BIO_new_mem_buf(data, (int)length);
    PKCS7 *message = NULL;

    if (base64 && memory) {
        if (!memchr(data, '\n', length))
            BIO_set_flags(base64, BIO_FLAGS_BASE64_NO_NL);
        BIO_push(base64, memory);
        message = d2i_PKCS7_bio(base64, NULL);
    }
    BIO_free(base64);
    BIO_free(memory);
    return message;
}

static certenroll_https_response *get(struct bank *bank, const char *origin, const char *path,
                                      certenroll_error **error)
{
    certenroll_https_request request = CERTENROLL_HTTPS_REQUEST_INIT;
    certenroll_https_response *response = NULL;
    char url[1024];

    snprintf(url, sizeof(url), "%s%s", origin, path);
    request.url = url;
    request.tls_anchors = bank->place->anchors;
    return certenroll_https_exchange(&response, bank->context, &request, error) < 0 ? NULL
                                                                                    : response;
}

static int take_answer(struct issuers *issuers, struct bank *bank,
                       const certenroll_https_response *response)
{
    size_t length = 0;
    const void *body = certenroll_https_response_body(response, &length);
    PKCS7 *message =
        certenroll_https_response_status(response) == 200 ? decode(body, length) : NULL;
    STACK_OF(X509) *found = message && PKCS7_type_is_signed(message) ? message->d.sign->cert : NULL;
    int status = found ? CERTENROLL_OK
                       : failure_set(&bank->failure, CERTENROLL_E_SERVER, "%s",
                                     _("the bank does not tell its CA certificates"));

    for (int i = 0; i < sk_X509_num(found) && status == CERTENROLL_OK; i++)
        if (!X509_add_cert(issuers->between, sk_X509_value(found, i), X509_ADD_FLAG_UP_REF))
            status = failure_memory(&bank->failure);
    PKCS7_free(message);
    return status;
}

static int fetch(struct issuers *issuers, struct bank *bank)
{
    certenroll_error *error = NULL;
    certenroll_https_response *response = get(bank, bank->place->est, CACERTS_PATH, &error);
    int status = response ? take_answer(issuers, bank, response) : bank_take(bank, error);

    issuers->is_fetched = 1;
    certenroll_https_response_free(response);
    return status;
}

/* --- checking --- */

/* An anchor is believed because the configuration names it, whether or not it is a root. `*issuer`
 * (may be NULL) is the caller's; NULL where there is none. */
static int chain_error(const struct issuers *issuers, X509 *certificate, X509 **issuer)
{
    X509_STORE_CTX *context = X509_STORE_CTX_new();
    int result = X509_V_ERR_OUT_OF_MEM;

    if (context && X509_STORE_CTX_init(context, issuers->anchors, certificate, issuers->between)) {
        X509_STORE_CTX_set_flags(context, X509_V_FLAG_PARTIAL_CHAIN | X509_V_FLAG_NO_CHECK_TIME);
        result = X509_verify_cert(context) == 1 ? X509_V_OK : X509_STORE_CTX_get_error(context);
        if (issuer && result == X509_V_OK)
            *issuer = sk_X509_value(X509_STORE_CTX_get0_chain(context), 1);
        if (issuer && *issuer)
            X509_up_ref(*issuer);
    }
    X509_STORE_CTX_free(context);
    ERR_clear_error();
    return result;
}

static int lacks_issuer(int error)
{
    return error == X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT ||
           error == X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY ||
           error == X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE;
}

int issuers_check(int *is_ours, struct issuers *issuers, struct bank *bank, X509 *certificate,
                  int online)
{
    int error = chain_error(issuers, certificate, NULL), status = CERTENROLL_OK;

    if (lacks_issuer(error) && online && !issuers->is_fetched) {
        status = fetch(issuers, bank);
        error = chain_error(issuers, certificate, NULL);
    }
    *is_ours = error == X509_V_OK || (lacks_issuer(error) && !online);
    return status;
}

/* --- revoked? --- */

static X509_CRL *fetch_list(struct bank *bank)
{
    certenroll_error *error = NULL;
    certenroll_https_response *response = get(bank, bank->place->entry, CRL_PATH, &error);
    X509_CRL *list = NULL;
    size_t length = 0;
    const unsigned char *der;

    if (response && certenroll_https_response_status(response) == 200) {
        der = certenroll_https_response_body(response, &length);
        list = d2i_X509_CRL(NULL, &der, (long)length);
    }
    certenroll_https_response_free(response);
    certenroll_error_free(error);
    return list;
}

/* One without a next update says nothing about today. */
static int is_of_today(const X509_CRL *list)
{
    const ASN1_TIME *next = X509_CRL_get0_nextUpdate(list);

    return next && X509_cmp_current_time(X509_CRL_get0_lastUpdate(list)) < 0 &&
           X509_cmp_current_time(next) > 0;
}

static int is_from(X509_CRL *list, X509 *issuer)
{
    return X509_NAME_cmp(X509_CRL_get_issuer(list), X509_get_subject_name(issuer)) == 0 &&
           X509_CRL_verify(list, X509_get0_pubkey(issuer)) == 1;
}

/* What is only on hold can come back into force. A reason that cannot be read is no reason. */
static enum issuers_word word_of(const X509_REVOKED *entry)
{
    int found = 0;
    ASN1_ENUMERATED *reason = X509_REVOKED_get_ext_d2i(entry, NID_crl_reason, &found, NULL);
    int is_for_good =
        reason ? ASN1_ENUMERATED_get(reason) != CRL_REASON_CERTIFICATE_HOLD : found == -1;

    ASN1_ENUMERATED_free(reason);
    return is_for_good ? ISSUERS_REVOKED : ISSUERS_ON_HOLD;
}

/* Once: without it nothing is held to be revoked, and nothing removed. */
static void tell_unknown(struct bank *bank)
{
    if (!bank->is_list_missed)
        fprintf(stderr, "%s\n",
                _("- the bank's revocation list of today cannot be had: whether it has revoked a "
                  "certificate on the token is not known"));
    bank->is_list_missed = 1;
}

static void take_list(struct issuers *issuers, struct bank *bank)
{
    X509_CRL *list = fetch_list(bank);

    issuers->is_list_fetched = 1;
    if (list && is_of_today(list)) {
        issuers->revoked = list;
        return;
    }
    X509_CRL_free(list);
    tell_unknown(bank);
}

enum issuers_word issuers_ask(struct issuers *issuers, struct bank *bank, X509 *certificate)
{
    enum issuers_word word = ISSUERS_SILENT;
    X509_REVOKED *entry = NULL;
    X509 *issuer = NULL;

    if (!issuers->is_list_fetched)
        take_list(issuers, bank);
    if (issuers->revoked && chain_error(issuers, certificate, &issuer) == X509_V_OK && issuer &&
        is_from(issuers->revoked, issuer) &&
        X509_CRL_get0_by_cert(issuers->revoked, &entry, certificate) == 1)
        word = word_of(entry);
    X509_free(issuer);
    ERR_clear_error();
    return word;
}
