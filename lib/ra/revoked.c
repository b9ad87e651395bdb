/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE /* asprintf */

#include "ra/revoked.h"

#include "base/whole_file.h"
#include "ra/configuration.h"

#include <certenroll/https.h>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define ANCHORS_MAX ((size_t)1024 * 1024)
#define SLOW_SECONDS 120

/* --- getting it --- */

static X509_CRL *decode(const certenroll_https_response *response)
{
    size_t length = 0;
    const unsigned char *at = certenroll_https_response_body(response, &length);

    if (certenroll_https_response_status(response) != 200 || length > LONG_MAX)
        return NULL;
    return d2i_X509_CRL(NULL, &at, (long)length);
}

static X509_CRL *fetch(certenroll_context *context, const certenroll_ra *place)
{
    certenroll_https_request request = CERTENROLL_HTTPS_REQUEST_INIT;
    certenroll_https_response *response = NULL;
    X509_CRL *crl = NULL;
    char *url = NULL;

    if (asprintf(&url, "%s/crl", place->entry) < 0)
        return NULL;
    request.url = url;
    request.tls_anchors = place->anchors;
    request.accept = "application/pkix-crl";
    if (certenroll_https_exchange(&response, context, &request, NULL) == CERTENROLL_OK)
        crl = decode(response);
    certenroll_https_response_free(response);
    free(url);
    return crl;
}

/* --- believing it --- */

static X509_STORE *read_anchors(const certenroll_ra *place)
{
    X509_STORE *store = X509_STORE_new();
    struct ce_buffer pem = { NULL, 0 };
    BIO *bio = NULL;
    X509 *anchor;

    if (store && ce_file_read(&pem, place->trust_anchor, CE_TRUST_SYSTEM, ANCHORS_MAX, NULL) ==
                     CERTENROLL_OK)
        bio = BIO_new_mem_buf(pem.data, (int)pem.length);
    while (bio && (anchor = PEM_read_bio_X509(bio, NULL, NULL, NULL)) != NULL) {
        (void)!X509_STORE_add_cert(store, anchor);
        X509_free(anchor);
    }
    BIO_free(bio);
    ce_buffer_clear(&pem);
    return store;
}

static X509 *certificate_of(const certenroll_entry *entry)
{
    size_t length = 0;
    const unsigned char *der = certenroll_entry_certificate(entry, &length);

    return der && length <= LONG_MAX ? d2i_X509(NULL, &der, (long)length) : NULL;
}

/* The CA certificates that came with it. */
static STACK_OF(X509) *read_chain(const certenroll_inventory *inventory)
{
    STACK_OF(X509) *chain = sk_X509_new_null();

    for (size_t i = 0; chain && i < certenroll_inventory_count(inventory); i++) {
        const certenroll_entry *entry = certenroll_inventory_at(inventory, i);
        X509 *ca = certenroll_entry_is_ca(entry) ? certificate_of(entry) : NULL;

        if (ca && sk_X509_push(chain, ca) <= 0)
            X509_free(ca);
    }
    return chain;
}

/* A clock that is a little slow does not make today's list tomorrow's. */
static void set_up(X509_STORE_CTX *check)
{
    X509_VERIFY_PARAM *parameters = X509_STORE_CTX_get0_param(check);

    X509_VERIFY_PARAM_set_flags(parameters, X509_V_FLAG_CRL_CHECK);
    X509_VERIFY_PARAM_set_time(parameters, time(NULL) + SLOW_SECONDS);
}

static enum revoked judge(X509_STORE_CTX *check)
{
    if (X509_verify_cert(check) == 1)
        return REVOKED_NO;
    return X509_STORE_CTX_get_error(check) == X509_V_ERR_CERT_REVOKED ? REVOKED_YES
                                                                      : REVOKED_UNKNOWN;
}

static enum revoked look_up(STACK_OF(X509_CRL) *crls, X509 *certificate, X509_STORE *anchors,
                            STACK_OF(X509) *chain)
{
    X509_STORE_CTX *check = X509_STORE_CTX_new();
    enum revoked answer = REVOKED_UNKNOWN;

    if (check && X509_STORE_CTX_init(check, anchors, certificate, chain) == 1) {
        X509_STORE_CTX_set0_crls(check, crls);
        set_up(check);
        answer = judge(check);
    }
    X509_STORE_CTX_free(check);
    return answer;
}

enum revoked revoked_ask(certenroll_context *context, const certenroll_ra *place,
                         const certenroll_inventory *inventory, const certenroll_entry *entry)
{
    enum revoked answer = REVOKED_UNKNOWN;
    X509_CRL *crl = fetch(context, place);
    STACK_OF(X509_CRL) *crls = sk_X509_CRL_new_null();
    X509_STORE *anchors = read_anchors(place);
    STACK_OF(X509) *chain = read_chain(inventory);
    X509 *certificate = certificate_of(entry);

    if (crl && crls && anchors && chain && certificate && sk_X509_CRL_push(crls, crl) > 0)
        answer = look_up(crls, certificate, anchors, chain);
    X509_free(certificate);
    sk_X509_pop_free(chain, X509_free);
    X509_STORE_free(anchors);
    sk_X509_CRL_free(crls);
    X509_CRL_free(crl);
    ERR_clear_error();
    return answer;
}
