/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CE_X509_ANCHORS_H
#define CE_X509_ANCHORS_H

#include <certenroll/certificate.h>

#include <openssl/x509.h>

/* Anchors of certificates that were parsed already; `certificates` stays the caller's. */
int ce_anchors_new(certenroll_anchors **out, STACK_OF(X509) *certificates,
                   certenroll_error **error);

/* Another reference to the same anchors; NULL gives NULL. */
certenroll_anchors *ce_anchors_ref(const certenroll_anchors *anchors);

/* The anchors as a certificate store; borrowed. X509_STORE counts its own references. */
X509_STORE *ce_anchors_store(const certenroll_anchors *anchors);

/* The certificates; borrowed. */
STACK_OF(X509) *ce_anchors_certificates(const certenroll_anchors *anchors);

#endif
