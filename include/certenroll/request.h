/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file request.h
 * What a certificate is asked for: the contents of a certification request (PKCS#10, RFC 2986).
 */
#ifndef CERTENROLL_REQUEST_H
#define CERTENROLL_REQUEST_H

#include <certenroll/key.h>

#ifdef __cplusplus
extern "C" {
#endif

/** keyUsage bits (RFC 5280 §4.2.1.3) that an end entity may ask for. */
typedef enum certenroll_key_usage {
    CERTENROLL_USAGE_DIGITAL_SIGNATURE = 1 << 0,
    CERTENROLL_USAGE_NON_REPUDIATION = 1 << 1,
    CERTENROLL_USAGE_KEY_ENCIPHERMENT = 1 << 2,
    CERTENROLL_USAGE_DATA_ENCIPHERMENT = 1 << 3,
    CERTENROLL_USAGE_KEY_AGREEMENT = 1 << 4,
} certenroll_key_usage;

/** What to ask for. Start from CERTENROLL_REQUEST_OPTIONS_INIT. */
typedef struct certenroll_request_options {
    size_t size; /**< sizeof(certenroll_request_options) */
    /** Distinguished name in the text form of RFC 4514, UTF-8: "CN=Suzuki,O=Example,C=JP".
     *  The most specific part comes first, as the RFC has it. */
    const char *subject;
    /** subjectAltName entries, each "dns:NAME", "email:ADDRESS", "ip:ADDRESS", "uri:URI" or
     *  "upn:NAME" (Microsoft's user principal name). */
    const char *const *alt_names;
    size_t alt_names_count;
    uint32_t key_usage; /**< a set of certenroll_key_usage; 0: none asked for */
    /** Extended key usage: names of OpenSSL ("clientAuth", "emailProtection") or dotted OIDs,
     *  separated by commas; NULL: none asked for. */
    const char *extended_key_usage;
} certenroll_request_options;
#define CERTENROLL_REQUEST_OPTIONS_INIT                                                            \
    {                                                                                              \
        sizeof(certenroll_request_options), NULL, NULL, 0, CERTENROLL_USAGE_DIGITAL_SIGNATURE,     \
            "clientAuth"                                                                           \
    }

/** How a request is returned. */
typedef enum certenroll_encoding {
    CERTENROLL_DER = 1, /**< binary, as EST and CMP carry it */
    CERTENROLL_PEM = 2, /**< text (RFC 7468), NUL-terminated as well */
} certenroll_encoding;

/** Checks what is asked for - subject, names, usages - without a key or token: before a key is made
 *  for it, which cannot be taken back.
 *  Errors: CERTENROLL_E_ARGUMENT, CERTENROLL_E_MEMORY. Any thread. */
CERTENROLL_MUST_USE int certenroll_request_check(const certenroll_request_options *options,
                                                 certenroll_error **error);

/** Makes a certification request and has `key` sign it in its token. The request's own signature
 *  is verified before it is returned. `*out`, `*length` bytes, is freed by
 * certenroll_buffer_free().
 *
 *  Errors: CERTENROLL_E_ARGUMENT (subject, names or usages), CERTENROLL_E_TOKEN_*,
 *  CERTENROLL_E_PIN_*. */
CERTENROLL_MUST_USE int certenroll_request_sign(unsigned char **out, size_t *length,
                                                certenroll_encoding encoding, certenroll_key *key,
                                                const certenroll_request_options *options,
                                                certenroll_error **error);

#ifdef __cplusplus
}
#endif
#endif
