/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file https.h
 * One HTTPS exchange with an RA: for what it offers beside EST, such as logging on to its pages
 * with the certificate that was enrolled.
 *
 * It is made as the library's own are: the given trust anchors alone are believed, TLS 1.2 or
 * later, the host name checked, sizes and times limited, no cookie kept, and no redirect followed.
 */
#ifndef CERTENROLL_HTTPS_H
#define CERTENROLL_HTTPS_H

#include <certenroll/certificate.h>

#ifdef __cplusplus
extern "C" {
#endif

/** What to send. Start from CERTENROLL_HTTPS_REQUEST_INIT. Everything is borrowed for the call. */
typedef struct certenroll_https_request {
    size_t size;     /**< sizeof(certenroll_https_request) */
    const char *url; /**< "https://HOST[:PORT]/PATH"; required */
    const certenroll_anchors
        *tls_anchors;         /**< the server's certificate must chain to one; required */
    const char *content_type; /**< of a POST; NULL: a GET */
    const char *accept;       /**< NULL: anything */
    const char *bearer;       /**< token after "Authorization: Bearer "; NULL: none */
    const void *body;         /**< of a POST */
    size_t body_length;       /**< at most 64 KiB */
    /** The pair on this token with this CKA_ID is what the TLS connection is authenticated with, if
     *  the server asks; `token` NULL: none. */
    certenroll_token *token;
    const unsigned char *id;
    size_t id_length;
} certenroll_https_request;
#define CERTENROLL_HTTPS_REQUEST_INIT                                                              \
    {                                                                                              \
        sizeof(certenroll_https_request), NULL, NULL, NULL, NULL, NULL, NULL, 0, NULL, NULL, 0     \
    }

/** What came back. */
typedef struct certenroll_https_response certenroll_https_response;

/** Sends one request and waits for its answer, which may be of any HTTP status, a redirect too.
 *  `*out` is owned by the caller. It gives up when there is no connection within a minute, when
 *  nothing comes for a minute, and after five minutes.
 *
 *  Errors: CERTENROLL_E_ARGUMENT, CERTENROLL_E_NETWORK, CERTENROLL_E_TLS, CERTENROLL_E_SERVER (the
 *  answer is too long), CERTENROLL_E_AUTHENTICATION (the server refused the certificate in TLS),
 *  CERTENROLL_E_OBJECT_NOT_FOUND (no such pair), CERTENROLL_E_SYSTEM (libcurl is missing),
 *  CERTENROLL_E_MEMORY, and those of the token. */
CERTENROLL_MUST_USE int certenroll_https_exchange(certenroll_https_response **out,
                                                  certenroll_context *context,
                                                  const certenroll_https_request *request,
                                                  certenroll_error **error);

/** The HTTP status. */
long certenroll_https_response_status(const certenroll_https_response *response);
/** When the server asked to be left alone until (Retry-After): seconds since 1970-01-01T00:00:00Z
 * by this computer's clock; 0: it named no time. */
int64_t certenroll_https_response_retry_at(const certenroll_https_response *response);
/** The Content-Type without its parameters, in lower case; "" when there is none. Borrowed. */
const char *certenroll_https_response_type(const certenroll_https_response *response);
/** The body, `*length` bytes. Borrowed. */
const void *certenroll_https_response_body(const certenroll_https_response *response,
                                           size_t *length);
/** Wipes and frees it. NULL is allowed. */
void certenroll_https_response_free(certenroll_https_response *response);

#ifdef __cplusplus
}
#endif
#endif
