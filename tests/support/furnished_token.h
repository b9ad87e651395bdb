/* SPDX-License-Identifier: Apache-2.0 */
/* A SoftHSM token behind the shim, and what an inventory is to find on it: keys, certificates of a
 * CA of the test's own, and beside it a directory of journals. A CKA_ID is a text here. */
#ifndef TEST_FURNISHED_TOKEN_H
#define TEST_FURNISHED_TOKEN_H

#include "base/buffer.h"
#include "shimmed_token.h"
#include "test_ca.h"

#include <certenroll/certenroll.h>

#define DAY (24L * 60 * 60)

struct furnished_token {
    struct shimmed_token shimmed;
    struct test_ca ca;
    char *journals; /* a directory */
};

/* For cmocka: *state is a struct furnished_token. */
int furnished_token_set_up(void **state);
int furnished_token_tear_down(void **state);

/* A new pair, by itself on P-256; its public half, freed by the caller. */
EVP_PKEY *furnish_key_of(struct furnished_token *f, certenroll_key_type type, const char *id);
EVP_PKEY *furnish_key(struct furnished_token *f, const char *id);

/* Days from now. A certificate lasts a minute longer, so that a test may take its time. */
struct span {
    long from;
    long to;
};

/* The CA's certificate for the key; freed by the caller. */
X509 *furnished_issue(struct furnished_token *f, EVP_PKEY *key, const char *subject,
                      struct span span);
/* Writes a certificate. */
void furnish_certificate(struct furnished_token *f, X509 *certificate, const char *id);
/* The two in one, and with a key as well. */
void furnish_issued(struct furnished_token *f, EVP_PKEY *key, const char *id, const char *subject,
                    struct span span);
void furnish_pair(struct furnished_token *f, const char *id, const char *subject, struct span span);

/* ce_buffer_set() on what may be set already. */
void furnish_bytes(struct ce_buffer *buffer, const void *data, size_t length);

/* An inventory with these options; freed by the caller. */
certenroll_inventory *furnished_look(struct furnished_token *f,
                                     const certenroll_inventory_options *options);
/* Its only entry with this subject; "": without certificate. */
const certenroll_entry *entry_of(const certenroll_inventory *inventory, const char *subject);
void assert_mark(const certenroll_inventory *inventory, const char *subject, const char *mark);

#endif
