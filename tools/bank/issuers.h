/* SPDX-License-Identifier: Apache-2.0 */
/* Whether a certificate is one of this bank's. */
#ifndef BANK_ISSUERS_H
#define BANK_ISSUERS_H

#include "bank.h"

#include <openssl/x509.h>

struct issuers {
    X509_STORE *anchors;
    STACK_OF(X509) *between; /* CA certificates that a chain may go through */
    int is_fetched;          /* the bank's own are among them */
    X509_CRL *revoked;       /* the bank's list of today; NULL: none, or nobody has asked */
    int is_list_fetched;
};

/* The bank's trust anchors, and the CA certificates of the token. */
int issuers_new(struct issuers *out, struct bank *bank, const certenroll_inventory *inventory);
void issuers_clear(struct issuers *issuers);

/* *is_ours: the certificate chains to an anchor, whatever its dates. `online`: where an issuer is
 * missing, the bank is asked for its CA certificates (RFC 7030 §4.1); else it has the benefit of
 * the doubt, for some tokens have no room for issuers. */
int issuers_check(int *is_ours, struct issuers *issuers, struct bank *bank, X509 *certificate,
                  int online);

/* What the bank's list of revoked certificates (RFC 5280 §5) says of it: one that is the issuer's
 * and of today. Where there is no such list the person is told, and nothing is known against it. */
enum issuers_word { ISSUERS_SILENT, ISSUERS_ON_HOLD, ISSUERS_REVOKED };
enum issuers_word issuers_ask(struct issuers *issuers, struct bank *bank, X509 *certificate);

#endif
