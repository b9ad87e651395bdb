/* SPDX-License-Identifier: Apache-2.0 */
/* Certificates as they come: DER, PEM, certs-only PKCS#7 (RFC 5652 §5.1 degenerate SignedData). */
#ifndef CE_X509_CERTS_H
#define CE_X509_CERTS_H

#include "base/buffer.h"
#include "base/limits.h"

#include <openssl/x509.h>

/* Parses one or more certificates in any of the encodings, or the base64 of one without a header.
 * Everything must parse: trailing garbage is refused. Errors: CERTENROLL_E_CERT_MALFORMED. */
int ce_certs_parse(STACK_OF(X509) **out, const void *data, size_t length, certenroll_error **error);
/* The same with a limit of the caller's instead of CE_CERTS_MAX_COUNT. */
int ce_certs_parse_up_to(STACK_OF(X509) **out, int limit, const void *data, size_t length,
                         certenroll_error **error);

/* Non-zero for what begins as DER, and not as text does. */
int ce_certs_is_der(const unsigned char *data, size_t length);

/* The end-entity certificate among `certs`: the one whose public key is `key`'s, and of several
 * the one that is valid longest; borrowed.
 * Errors: CERTENROLL_E_CERT_KEY when none is, CERTENROLL_E_CERT_MALFORMED when there is none at
 * all. */
int ce_certs_find_leaf(X509 **out, STACK_OF(X509) *certs, const EVP_PKEY *key,
                       certenroll_error **error);

/* d2i_X509() with all that is decoded later decoded at once, and a second try where that failed: a
 * moment without memory must not pass for a fault of the certificate. NULL: no certificate, with
 * the reason on OpenSSL's error queue. */
X509 *ce_x509_decode(const unsigned char **der, size_t length);

/* One certificate in DER, and nothing behind it. Errors: CERTENROLL_E_ARGUMENT (`der` is NULL),
 * CERTENROLL_E_CERT_MALFORMED. */
int ce_x509_parse(X509 **out, const unsigned char *der, size_t length, certenroll_error **error);

/* DER of one certificate. */
int ce_certs_der(struct ce_buffer *out, const X509 *certificate, certenroll_error **error);

/* UTC seconds since 1970; INT64_MIN for what is no time. */
int64_t ce_certs_time(const ASN1_TIME *time);

#endif
