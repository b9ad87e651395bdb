/* SPDX-License-Identifier: Apache-2.0 */
/* Certificate revocation lists (RFC 5280 §5): what one says of a certificate. */
#ifndef CE_X509_CRL_H
#define CE_X509_CRL_H

#include "x509/path.h"

#include <certenroll/error.h>
#include <certenroll/revocation.h>

/* Some 250,000 revoked certificates. */
#define CE_CRL_MAX_BYTES (10 * 1024 * 1024)

/* One list, DER or PEM, and nothing else. Errors: CERTENROLL_E_CERT_MALFORMED. */
int ce_crl_parse(X509_CRL **out, const void *data, size_t length, certenroll_error **error);

/* What the list says of `certificate` at `now` (UTC seconds since 1970); not `out->size`. That it
 * says nothing is an answer too. */
void ce_crl_check(certenroll_revocation *out, X509_CRL *crl, X509 *certificate,
                  const struct ce_path *path, int64_t now);

/* The answer "not known", with the reason for a person. */
void ce_crl_unknown(certenroll_revocation *out, const char *why, ...) CERTENROLL_PRINTF(2, 3);

#endif
