/* SPDX-License-Identifier: Apache-2.0 */
#include "enroll/client_pair.h"

#include <certenroll/openssl.h>

static int take(struct ce_client_pair *pair, const certenroll_inventory *inventory,
                const certenroll_entry *entry, certenroll_error **error)
{
    int status = certenroll_key_evp_pkey(&pair->key, entry->key, error);

    if (status == CERTENROLL_OK)
        status = ce_inventory_chain(&pair->chain, inventory, entry->certificate, error);
    if (status != CERTENROLL_OK)
        return status;
    X509_up_ref(entry->certificate);
    pair->certificate = entry->certificate;
    return CERTENROLL_OK;
}

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
        status = take(pair, inventory, entry, error);
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
