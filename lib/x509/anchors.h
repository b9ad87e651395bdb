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

/* CERTENROLL_E_CERT_DATES, with the clock named, when not one of them is valid at `now`. */
int ce_anchors_check_dates(const certenroll_anchors *anchors, int64_t now,
                           certenroll_error **error);

/* The anchors as a certificate store; borrowed. X509_STORE counts its own references. */
X509_STORE *ce_anchors_store(const certenroll_anchors *anchors);

/* The certificates; borrowed. */
STACK_OF(X509) *ce_anchors_certificates(const certenroll_anchors *anchors);

#endif
