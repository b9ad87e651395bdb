/* SPDX-License-Identifier: Apache-2.0 */
/* A token's key, certificate and CA certificates into an application's SSL_CTX. */
#include "base/message.h"
#include "base/openssl_error.h"
#include "enroll/inventory.h"

#include <certenroll/openssl.h>

#include <openssl/x509v3.h>

/* The CA certificate on the token that issued `certificate`; NULL when there is none, or when it is
 * its own issuer. */
static X509 *find_issuer(const certenroll_inventory *inventory, X509 *certificate)
{
    for (size_t i = 0; i < certenroll_inventory_count(inventory); i++) {
        X509 *candidate = certenroll_inventory_at(inventory, i)->certificate;

        if (candidate && X509_cmp(candidate, certificate) != 0 &&
            certenroll_entry_is_ca(certenroll_inventory_at(inventory, i)) &&
            X509_check_issued(candidate, certificate) == X509_V_OK)
            return candidate;
    }
    return NULL;
}

/* Adds issuer after issuer; no chain is longer than what the token holds. */
static int add_chain(SSL_CTX *ssl_ctx, const certenroll_inventory *inventory, X509 *certificate)
{
    size_t left = certenroll_inventory_count(inventory);

    if (SSL_CTX_clear_chain_certs(ssl_ctx) != 1)
        return 0;
    for (X509 *issuer = find_issuer(inventory, certificate); issuer && left > 0;
         issuer = find_issuer(inventory, issuer), left--)
        if (SSL_CTX_add1_chain_cert(ssl_ctx, issuer) != 1)
            return 0;
    return 1;
}

static int use_pair(SSL_CTX *ssl_ctx, const certenroll_inventory *inventory,
                    const certenroll_entry *entry, certenroll_error **error)
{
    EVP_PKEY *pkey = NULL;
    int status = certenroll_key_evp_pkey(&pkey, entry->key, error);

    if (status < 0)
        return status;
    if (SSL_CTX_use_certificate(ssl_ctx, entry->certificate) != 1 ||
        SSL_CTX_use_PrivateKey(ssl_ctx, pkey) != 1 ||
        !add_chain(ssl_ctx, inventory, entry->certificate))
        status = ce_fail_openssl(error, CERTENROLL_E_INTERNAL,
                                 _("OpenSSL does not take the token's key and certificate"));
    EVP_PKEY_free(pkey);
    return status;
}

int certenroll_ssl_ctx_use(SSL_CTX *ssl_ctx, certenroll_token *token, const unsigned char *id,
                           size_t id_length, certenroll_error **error)
{
    certenroll_inventory *inventory = NULL;
    const certenroll_entry *entry = NULL;
    int status = certenroll_inventory_new(&inventory, token, error);

    if (status == CERTENROLL_OK)
        status = ce_inventory_find_pair(&entry, inventory, id, id_length, error);
    if (status == CERTENROLL_OK)
        status = use_pair(ssl_ctx, inventory, entry, error);
    certenroll_inventory_free(inventory);
    return status;
}
