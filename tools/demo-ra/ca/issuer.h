/* SPDX-License-Identifier: Apache-2.0 */
/* The CA: its key in a token, opened and used through libcertenroll. */
#ifndef DEMO_RA_ISSUER_H
#define DEMO_RA_ISSUER_H

#include "base/config.h"
#include "base/operator_secret.h"

#include <certenroll/openssl.h>

/* One CA token, open. The log goes to standard error. `pin` may be NULL: then only the URI's
 * pin-source can open it. Must outlive the token. */
struct ca_token {
    certenroll_context *context;
    certenroll_token *token;
};
int ca_token_open(struct ca_token *out, const char *uri, const char *module, struct secret *pin);
void ca_token_close(struct ca_token *ca);

/* What the running server issues with. Any thread may use it. */
struct issuer {
    struct ca_token ca;
    EVP_PKEY *key; /* the issuing CA's */
    X509 *issuing;
    X509 *root;
};
int issuer_open(struct issuer *out, const struct config *config, const char *directory,
                struct secret *pin);
void issuer_close(struct issuer *issuer);

/* A client certificate for `key` in the account's name. `*out` is freed by X509_free. */
int issuer_issue(const struct issuer *issuer, X509 **out, const char *account_name, EVP_PKEY *key,
                 int key_encipherment, int64_t now, int validity_days);

/* Certs-only PKCS#7 (RFC 5652 §5.1) in base64 on one line: `leaf`, where there is one, else the
 * root, and the issuing CA. NULL when it cannot be made; else freed by the caller. */
char *issuer_certs_only(const struct issuer *issuer, X509 *leaf);

/* Whether the certificate was signed by this CA, whenever it was or is valid. */
int issuer_signed(const struct issuer *issuer, X509 *certificate);

#endif
