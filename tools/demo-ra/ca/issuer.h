/* SPDX-License-Identifier: Apache-2.0 */
/* The CA: its key in a token, opened and used through libcertenroll. */
#ifndef DEMO_RA_ISSUER_H
#define DEMO_RA_ISSUER_H

#include "ground/operator_secret.h"
#include "ground/ra_directory.h"

#include <certenroll/openssl.h>

/* One CA token, open. The log goes to standard error. `pin` may be NULL: then only the URI's
 * pin-source can open it. Must outlive the token. */
struct ca_token {
    certenroll_context *context;
    certenroll_token *token;
};
int ca_token_open(struct ca_token *out, const char *uri, const char *module, struct secret *pin,
                  certenroll_error **error);
void ca_token_close(struct ca_token *ca);

/* What the running server issues with. Any thread may use it. */
struct issuer {
    struct ca_token ca;
    EVP_PKEY *key; /* the issuing CA's */
    X509 *issuing;
    X509 *root;
};
int issuer_open(struct issuer *out, const struct ra_config *config, const char *directory,
                struct secret *pin, certenroll_error **error);
void issuer_close(struct issuer *issuer);

/* A client certificate: what is asked for, and from when for how long. */
struct client_order {
    const char *account_name;
    EVP_PKEY *key;
    int key_encipherment;
    int64_t now;
    int validity_days;
};
/* `*out` is freed by X509_free. Fails with a line in the log. */
int issuer_issue(const struct issuer *issuer, X509 **out, const struct client_order *order);

/* Certs-only PKCS#7 (RFC 5652 §5.1) in base64 on one line: `leaf`, where there is one, else the
 * root, and the issuing CA. NULL when it cannot be made, which is logged; else freed by the
 * caller. */
char *issuer_certs_only(const struct issuer *issuer, X509 *leaf);

/* Whether the certificate was signed by this CA, whenever it was or is valid. */
int issuer_signed(const struct issuer *issuer, X509 *certificate);

#endif
