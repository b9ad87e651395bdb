/* SPDX-License-Identifier: Apache-2.0 */
/* A token's key, certificate and CA certificates into an application's SSL_CTX. */
#include "base/message.h"
#include "base/openssl_error.h"
#include "enroll/inventory.h"

#include <certenroll/openssl.h>

#include <openssl/err.h>

static int use_pair(SSL_CTX *ssl_ctx, const certenroll_entry *entry, STACK_OF(X509) *chain,
                    certenroll_error **error)
{
    EVP_PKEY *pkey = NULL;
    int status = certenroll_key_evp_pkey(&pkey, entry->key, error);

    if (status < 0)
        return status;
    ERR_clear_error(); /* the reason must be this call's, not an older one's */
    if (SSL_CTX_use_cert_and_key(ssl_ctx, entry->certificate, pkey, chain, 1) != 1)
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
    STACK_OF(X509) *chain = NULL;
    int status = certenroll_inventory_new(&inventory, token, NULL, error);

    if (status == CERTENROLL_OK)
        status = ce_inventory_find_pair(&entry, inventory, id, id_length, error);
    if (status == CERTENROLL_OK)
        status = ce_inventory_chain(&chain, inventory, entry->certificate, error);
    if (status == CERTENROLL_OK)
        status = use_pair(ssl_ctx, entry, chain, error);
    sk_X509_pop_free(chain, X509_free);
    certenroll_inventory_free(inventory);
    return status;
}
