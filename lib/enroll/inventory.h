/* SPDX-License-Identifier: Apache-2.0 */
/* A snapshot of the key pairs and certificates on a token, paired by public key. */
#ifndef CE_ENROLL_INVENTORY_H
#define CE_ENROLL_INVENTORY_H

#include "journal/record.h"
#include "token/key.h"

#include <certenroll/certificate.h>

#include <openssl/x509.h>

struct certenroll_entry {
    certenroll_key *key;  /* NULL: a certificate alone */
    X509 *certificate;    /* NULL: a key pair alone */
    EVP_PKEY *public_key; /* of both; NULL: a key of a kind that OpenSSL does not know, or one whose
                           * public half cannot be told */
    certenroll_key_type key_type;
    struct ce_buffer identity; /* of `public_key`: two keys have the same where they are the same */
    struct ce_buffer id;       /* the certificate's; of a key alone the key's */
    struct ce_buffer label;
    struct ce_buffer der;
    char *subject;
    char *common_name; /* as it is */
    char *issuer;
    char *serial;
    certenroll_mark mark;
    int has_duplicate_id;
};

struct certenroll_inventory {
    size_t count;
    certenroll_entry *entries;
};

/* Gives every entry its mark; inventory_marks.c. */
int ce_inventory_mark(certenroll_inventory *inventory, const certenroll_token *token,
                      const certenroll_inventory_options *options, certenroll_error **error);

/* Non-zero when its key or its certificate has this CKA_ID. */
int ce_entry_bears(const certenroll_entry *entry, const void *id, size_t id_length);

/* Non-zero when the enrolment is for this token, and its own key or certificate does not work yet.
 */
int ce_record_is_under_way_on(const struct ce_record *record, const certenroll_token *token);

/* Of the keys only those with this CKA_ID, their certificates, and the CA certificates above these:
 * for who wants one pair, and its chain. What else is on the token costs nothing. */
int ce_inventory_new_of(certenroll_inventory **out, certenroll_token *token,
                        const unsigned char *id, size_t id_length, certenroll_error **error);

/* Among the entries with this CKA_ID that have both halves: the one whose certificate is valid
 * longest; borrowed. Errors: CERTENROLL_E_OBJECT_NOT_FOUND. */
int ce_inventory_find_pair(const certenroll_entry **out, const certenroll_inventory *inventory,
                           const unsigned char *id, size_t id_length, certenroll_error **error);

/* Non-zero when a pair is there that is valid now for the subject of `present`, under another
 * certificate, and where `is_other_key` says so with another key. */
int ce_inventory_has_successor(const certenroll_inventory *inventory, X509 *present,
                               int is_other_key);

/* The CA certificate in the inventory that issued `certificate`; borrowed; NULL when there is none,
 * or when it is its own issuer. */
X509 *ce_inventory_issuer(const certenroll_inventory *inventory, X509 *certificate);

/* The CA certificates in the inventory that lead from `certificate` upwards, its issuer first;
 * freed by sk_X509_pop_free. May be empty. */
int ce_inventory_chain(STACK_OF(X509) **out, const certenroll_inventory *inventory,
                       X509 *certificate, certenroll_error **error);

#endif
