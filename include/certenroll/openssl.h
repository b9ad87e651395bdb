/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file openssl.h
 * A token's keys and certificates inside OpenSSL 3. The only public header that names its types.
 */
#ifndef CERTENROLL_OPENSSL_H
#define CERTENROLL_OPENSSL_H

#include <certenroll/enrolment.h>

#include <openssl/ssl.h>

#ifdef __cplusplus
extern "C" {
#endif

/** `key` as an EVP_PKEY whose private operations run in the token: for X509_sign, CMS_sign and TLS,
 *  also inside an application's own SSL_CTX or library context. Logs in when it first signs.
 *  Any number of threads may sign with it at once. It keeps the token open until EVP_PKEY_free.
 *  `*out` is owned by the caller.
 *
 *  Errors: CERTENROLL_E_UNSUPPORTED (CERTENROLL_KEY_OTHER that OpenSSL does not know),
 *  CERTENROLL_E_INTERNAL, CERTENROLL_E_MEMORY. When signing fails later, OpenSSL's error queue
 * holds the reason. */
CERTENROLL_MUST_USE int certenroll_key_evp_pkey(EVP_PKEY **out, certenroll_key *key,
                                                certenroll_error **error);

/** The entry's certificate. `*out` is owned by the caller.
 *
 *  Errors: CERTENROLL_E_OBJECT_NOT_FOUND (the entry has none), CERTENROLL_E_CERT_MALFORMED. */
CERTENROLL_MUST_USE int certenroll_entry_x509(X509 **out, const certenroll_entry *entry,
                                              certenroll_error **error);

/** Puts the key with this CKA_ID, its certificate (where several fit, the one that is valid
 *  longest), and the CA certificates found on the token into `ssl_ctx` for client authentication.
 *  `ssl_ctx` keeps the token open.
 *
 *  Errors: CERTENROLL_E_OBJECT_NOT_FOUND, CERTENROLL_E_TOKEN_*, CERTENROLL_E_PIN_*. */
CERTENROLL_MUST_USE int certenroll_ssl_ctx_use(SSL_CTX *ssl_ctx, certenroll_token *token,
                                               const unsigned char *id, size_t id_length,
                                               certenroll_error **error);

#ifdef __cplusplus
}
#endif
#endif
