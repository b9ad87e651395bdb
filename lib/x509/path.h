/* SPDX-License-Identifier: Apache-2.0 */
/* Certification paths (RFC 5280 §6.1) whatever the dates: whose a certificate is, also when it has
 * expired. */
#ifndef CE_X509_PATH_H
#define CE_X509_PATH_H

#include "x509/anchors.h"

/* What a path may lead through, and where it must end. */
struct ce_path {
    STACK_OF(X509) *certs;             /* CA certificates that nobody vouches for; may be NULL */
    const certenroll_anchors *anchors; /* an intermediate CA that is given as one is one */
};

/* Looks for the path of `certificate`, and with `crl` (may be NULL) has OpenSSL hold it against
 * that list, whatever the list's dates too. X509_V_OK, or the X509_V_ERR_ that ends it.
 * `*at` (`at` may be NULL), the caller's: the certificate's issuer, or where there is no path the
 * certificate that it comes to its end with. */
int ce_path_verify(X509 **at, X509 *certificate, const struct ce_path *path, X509_CRL *crl);

/* Non-zero for the X509_V_ERR_ of a path that another CA certificate may complete. */
int ce_path_lacks_issuer(int failure);

#endif
