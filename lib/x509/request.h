/* SPDX-License-Identifier: Apache-2.0 */
/* Certification requests (PKCS#10, RFC 2986) with extension requests (RFC 2985 §5.4.2). */
#ifndef CE_X509_REQUEST_H
#define CE_X509_REQUEST_H

#include "base/buffer.h"

#include <certenroll/request.h>

#include <openssl/x509.h>
#include <openssl/x509v3.h>

/* What is asked for, parsed: the request is made from it, and the certificate held against it. */
struct ce_profile {
    X509_NAME *subject;
    GENERAL_NAMES *alt_names;          /* NULL: none */
    uint32_t key_usage;                /* set of certenroll_key_usage */
    EXTENDED_KEY_USAGE *ext_key_usage; /* NULL: none */
};

/* From the caller's text. Errors: CERTENROLL_E_ARGUMENT. */
int ce_profile_new(struct ce_profile **out, const certenroll_request_options *options,
                   certenroll_error **error);
/* From a certificate that is to be renewed. */
int ce_profile_from_certificate(struct ce_profile **out, X509 *certificate,
                                certenroll_error **error);
void ce_profile_free(struct ce_profile *profile);

/* Decodes one extension of a certificate; *out is the type that OpenSSL has for `nid`, owned by
 * the caller, and NULL where the certificate lacks it. Errors: CERTENROLL_E_CERT_MALFORMED. */
int ce_extension_decode(void **out, const X509 *certificate, int nid, certenroll_error **error);

/* One "dns:..." entry (request.h of the public API) as GENERAL_NAME. alt_names.c */
int ce_alt_name_parse(GENERAL_NAME **out, const char *text, certenroll_error **error);

/* Non-zero when both name the same: host names are compared without regard to case. */
int ce_alt_name_same(const GENERAL_NAME *a, const GENERAL_NAME *b);
/* The name in the form that ce_alt_name_parse reads, made safe to show, cut to fit. */
void ce_alt_name_describe(char *out, size_t size, const GENERAL_NAME *name);

/* Builds the request and has `key` sign it, then verifies its own signature. The digest follows
 * the key (SHA-256/384/512 by curve size, none for Ed25519). *out is DER. */
int ce_request_sign(struct ce_buffer *out, const struct ce_profile *profile, EVP_PKEY *key,
                    certenroll_error **error);

#endif
