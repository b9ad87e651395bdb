/* SPDX-License-Identifier: Apache-2.0 */
/* A pair on a token as what a TLS client is known by. */
#ifndef CE_ENROLL_CLIENT_PAIR_H
#define CE_ENROLL_CLIENT_PAIR_H

#include "enroll/inventory.h"
#include "protocol/protocol.h"

struct ce_client_pair {
    EVP_PKEY *key;
    X509 *certificate;
    STACK_OF(X509) *chain; /* the CA certificates on the token that lead from it upwards */
};

/* The pair with this CKA_ID, as ce_inventory_find_pair finds it. Clear it in any case. */
int ce_client_pair_open(struct ce_client_pair *pair, certenroll_token *token,
                        const unsigned char *id, size_t id_length, certenroll_error **error);
void ce_client_pair_clear(struct ce_client_pair *pair);

/* Makes it the one that the endpoint uses; borrowed. */
void ce_client_pair_use(const struct ce_client_pair *pair, struct ca_endpoint *endpoint);

#endif
