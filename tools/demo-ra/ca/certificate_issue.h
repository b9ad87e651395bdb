/* SPDX-License-Identifier: Apache-2.0 */
/* The certificates of this RA: what each kind contains, and files of them. */
#ifndef DEMO_RA_CERTIFICATE_ISSUE_H
#define DEMO_RA_CERTIFICATE_ISSUE_H

#include <certenroll/error.h>

#include <openssl/x509.h>

#include <stdint.h>

enum certificate_kind {
    CERTIFICATE_ROOT,
    CERTIFICATE_ISSUING_CA,
    CERTIFICATE_SERVER,
    CERTIFICATE_CLIENT,              /* digitalSignature, clientAuth */
    CERTIFICATE_CLIENT_ENCIPHERMENT, /* the same with keyEncipherment */
};

struct certificate_order {
    enum certificate_kind kind;
    const char *organization; /* NULL: the subject is the common name alone */
    const char *common_name;
    EVP_PKEY *key;
    X509 *issuer;         /* NULL: self-signed */
    EVP_PKEY *issuer_key; /* may live in a token */
    int64_t not_before;   /* seconds since 1970-01-01T00:00:00Z */
    int64_t not_after;    /* cut to the issuer's */
};

/* Builds and signs. `*out` is freed by X509_free. */
int certificate_issue(X509 **out, const struct certificate_order *order, certenroll_error **error);

/* A file of the RA's directory: the certificates in PEM, one after the other; `second` may be NULL.
 */
int certificate_save(const char *directory, const char *name, X509 *first, X509 *second,
                     certenroll_error **error);
int certificate_load(X509 **out, const char *directory, const char *name, certenroll_error **error);

#endif
