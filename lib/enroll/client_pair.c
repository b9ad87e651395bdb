/* SPDX-License-Identifier: Apache-2.0 */
#include "enroll/client_pair.h"

#include "base/message.h"
#include "base/openssl_error.h"

#include <certenroll/openssl.h>

#include <openssl/err.h>

int ce_client_pair_open(struct ce_client_pair *pair, certenroll_token *token,
                        const unsigned char *id, size_t id_length, certenroll_error **error)
{
    certenroll_inventory *inventory = NULL;
    const certenroll_entry *entry = NULL;
    int status = ce_inventory_new_of(&inventory, token, id, id_length, error);

    *pair = (struct ce_client_pair){ 0 };
    if (status == CERTENROLL_OK)
        status = ce_inventory_find_pair(&entry, inventory, id, id_length, error);
    if (status == CERTENROLL_OK)
        status = certenroll_key_evp_pkey(&pair->key, entry->key, error);
    if (status == CERTENROLL_OK)
        status = ce_inventory_chain(&pair->chain, inventory, entry->certificate, error);
    if (status == CERTENROLL_OK) {
        X509_up_ref(entry->certificate);
        pair->certificate = entry->certificate;
    }
    certenroll_inventory_free(inventory);
    return status;
}

void ce_client_pair_clear(struct ce_client_pair *pair)
{
    EVP_PKEY_free(pair->key);
    X509_free(pair->certificate);
    sk_X509_pop_free(pair->chain, X509_free);
    *pair = (struct ce_client_pair){ 0 };
}

void ce_client_pair_use(const struct ce_client_pair *pair, struct ca_endpoint *endpoint)
{
    endpoint->client_key = pair->key;
    endpoint->client_certificate = pair->certificate;
    endpoint->client_chain = pair->chain;
}

/* The whole pair into an application's SSL_CTX. */
int certenroll_ssl_ctx_use(SSL_CTX *ssl_ctx, certenroll_token *token, const unsigned char *id,
                           size_t id_length, certenroll_error **error)
{
    struct ce_client_pair pair;
    int status = ce_client_pair_open(&pair, token, id, id_length, error);

    ERR_clear_error(); /* the reason must be this call's, not an older one's */
    if (status == CERTENROLL_OK &&
        SSL_CTX_use_cert_and_key(ssl_ctx, pair.certificate, pair.key, pair.chain, 1) != 1)
        status = ce_fail_openssl(error, CERTENROLL_E_INTERNAL,
                                 _("OpenSSL does not take the token's key and certificate"));
    ce_client_pair_clear(&pair);
    return status;
}
