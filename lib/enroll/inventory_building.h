/* SPDX-License-Identifier: Apache-2.0 */
/* An inventory while it is made: keys are read, and certificates added, each to its key. */
#ifndef CE_ENROLL_INVENTORY_BUILDING_H
#define CE_ENROLL_INVENTORY_BUILDING_H

#include "enroll/inventory.h"

struct ce_found_key {
    certenroll_key *key;
    EVP_PKEY *public_key;      /* NULL: not one that OpenSSL can use */
    struct ce_buffer identity; /* of the public key; empty without it */
    int is_paired;             /* a certificate is for it */
};

struct ce_inventory_building {
    certenroll_token *token;
    certenroll_inventory *inventory;
    size_t room; /* for so many entries */
    struct ce_found_key *keys;
    size_t key_count;
    const struct ce_found_key **by_identity; /* those with a public key, sorted; of the same one
                                              * the first that was read is the first */
    size_t identity_count;
    int finds_names; /* a search for a certificate's name gave one */
    int has_all;     /* no certificate of the token is left to be looked for */
};

/* Reads keys, all (`id` NULL) or those with a CKA_ID; then, once all are read, sorts them. */
int ce_building_read_keys(struct ce_inventory_building *building, const struct ce_buffer *id,
                          certenroll_error **error);
int ce_building_sort_keys(struct ce_inventory_building *building, certenroll_error **error);

/* Adds entries for the certificates that are searched for, but for those that are there already: 1,
 * or 0 where the search gives none. The other one begins anew. */
int ce_building_add_certificates(struct ce_inventory_building *building,
                                 const struct ce_certificate_search *search,
                                 certenroll_error **error);
int ce_building_add_all_certificates(struct ce_inventory_building *building,
                                     certenroll_error **error);

/* What is looked for; either or both. */
struct ce_inventory_wanted {
    const struct ce_buffer *id;    /* NULL: any */
    const struct ce_buffer *label; /* NULL: any */
    int with_chain;                /* and the CA certificates above it */
};

/* Keys and certificates of what is wanted, found by searches instead of reading all;
 * inventory_search.c. More may be among them. */
int ce_building_search(struct ce_inventory_building *building,
                       const struct ce_inventory_wanted *wanted, certenroll_error **error);

#endif
