/* SPDX-License-Identifier: Apache-2.0 */
/* What a certification request must satisfy before this RA issues anything for it. */
#ifndef DEMO_RA_POLICY_H
#define DEMO_RA_POLICY_H

#include <openssl/x509.h>

#include <stddef.h>

/* Why something is refused: an HTTP status and one line in each language. Static. */
struct refusal {
    unsigned http_status;
    const char *english;
    const char *japanese;
};

/* Something of ours failed; the operator's line has been written. */
extern const struct refusal refusal_internal;

/* Reads exactly one PKCS#10 request and checks key, signature and requested extensions.
 * NULL when it is acceptable; then `*out` is freed by X509_REQ_free. */
const struct refusal *policy_accept(X509_REQ **out, const unsigned char *der, size_t length);

/* Whether an acceptable request asks for keyEncipherment with a key that can do it (RSA). */
int policy_key_encipherment(X509_REQ *request);

#endif
