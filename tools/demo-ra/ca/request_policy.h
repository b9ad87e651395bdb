/* SPDX-License-Identifier: Apache-2.0 */
/* What a certification request must satisfy before this RA issues anything for it. */
#ifndef DEMO_RA_REQUEST_POLICY_H
#define DEMO_RA_REQUEST_POLICY_H

#include "ground/problem.h"

#include <openssl/x509.h>

#include <stddef.h>

/* Reads exactly one PKCS#10 request and checks key, signature and requested extensions.
 * PROBLEM_NONE when it is acceptable; then `*out` is freed by X509_REQ_free. */
enum problem policy_accept(X509_REQ **out, const unsigned char *der, size_t length);

/* Whether an acceptable request asks for keyEncipherment with a key that can do it (RSA). */
int policy_key_encipherment(X509_REQ *request);

#endif
