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

/* Passes `leaf` through the gates in this order: readable extensions, key, path to an anchor (with
 * `certs` as untrusted intermediates), dates of the whole path, CA:TRUE, subject and alternative
 * names, key usage, EKU, algorithms up to the anchor. Each refusal has its own CERTENROLL_E_CERT_
 * status and names what was found and what was wanted. */
int ce_fit_check(const struct ce_fit *fit, X509 *leaf, STACK_OF(X509) *certs,
                 certenroll_error **error);

/* The certificate of `certs` that passes ce_fit_check, borrowed: the longest-lived one for the key,
 * or another for it where that one does not fit. The error is the former's. */
int ce_fit_find(X509 **out, const struct ce_fit *fit, STACK_OF(X509) *certs,
                certenroll_error **error);

/* The CA certificates that a peer needs beside the leaf: from its issuer up to its anchor, a
 * self-signed root left out. An intermediate CA that is the anchor here is not left out, for others
 * may trust its root alone. Freed with sk_X509_pop_free. Only after ce_fit_check. */
int ce_fit_chain(STACK_OF(X509) **out, const struct ce_fit *fit, X509 *leaf, STACK_OF(X509) *certs,
                 certenroll_error **error);

#endif
