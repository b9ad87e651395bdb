/* SPDX-License-Identifier: Apache-2.0 */
/* "Does this certificate fit?" - the gates that stand before any write to a token. */
#ifndef CE_X509_FIT_H
#define CE_X509_FIT_H

#include "x509/anchors.h"
#include "x509/request.h"

struct ce_fit {
    const EVP_PKEY *key;               /* the token key's public half */
    const certenroll_anchors *anchors; /* the chain must end at one of these */
    const struct ce_profile *profile;  /* what was asked for; NULL: nothing in particular */
    int ca_names;                      /* the CA decides subject and alternative names */
    int64_t now;                       /* UTC seconds since 1970 */
};

/* Checks `leaf` in this order: key, chain to an anchor (using `certs` as untrusted intermediates,
 * purpose clientAuth), dates, CA:TRUE, subject and names, key usage, EKU, algorithm. Each refusal
 * has its own CERTENROLL_E_CERT_ status and names what was found and what was wanted. */
int ce_fit_check(const struct ce_fit *fit, X509 *leaf, STACK_OF(X509) *certs,
                 certenroll_error **error);

/* The CA certificates between the leaf and its anchor, leaf's issuer first, the anchor itself
 * left out; freed with sk_X509_pop_free. Only after ce_fit_check. */
int ce_fit_chain(STACK_OF(X509) **out, const struct ce_fit *fit, X509 *leaf, STACK_OF(X509) *certs,
                 certenroll_error **error);

#endif
