/* SPDX-License-Identifier: Apache-2.0 */
/* One HTTPS exchange over libcurl, with our trust anchors and the token's key. */
#ifndef CE_PROTOCOL_HTTP_H
#define CE_PROTOCOL_HTTP_H

#include "protocol/protocol.h"

struct http_request {
    const char *url;
    const char *content_type; /* NULL: a GET */
    const char *accept;
    const char *transfer_encoding; /* Content-Transfer-Encoding of the body; NULL: not sent */
    struct ce_buffer body;
    int authenticate;   /* HTTP Basic with the endpoint's account, once the server asked for it */
    const char *bearer; /* a token, sent at once instead of that; NULL: none */
    int stay;           /* a redirect is not followed: it is the answer */
    size_t body_max;    /* of the answer, in bytes; 0: what CA certificates may take */
};

struct http_response {
    long status;
    char content_type[128];
    int64_t retry_at; /* from Retry-After, by our clock; 0: none */
    int64_t skew;     /* the server's clock, by its Date, less ours, in seconds; 0: not known */
    struct ce_buffer body;
    char schemes[128];     /* that its WWW-Authenticate fields offer: "Digest, Basic" */
    int account_sent;      /* the request had an Authorization field */
    int certificate_asked; /* the server's handshake asked for a client certificate */
    int client_proven;     /* the handshake that it came over was signed with the client key */
};
void http_response_clear(struct http_response *response);

/* TLS 1.2 or later, host name checked, at most CE_CERTS_MAX_BYTES * 2 of body unless the request
 * says, redirects only to the same origin, time-outs for connecting and for a stalled transfer.
 * Errors: CERTENROLL_E_NETWORK, CERTENROLL_E_TLS, CERTENROLL_E_SERVER (too long, foreign redirect),
 * CERTENROLL_E_AUTHENTICATION (the server refused our TLS certificate), and what the secret
 * callback says. Any HTTP status is a success here, save a redirect that may not be followed. */
int http_exchange(struct http_response *response, const struct ca_endpoint *endpoint,
                  const struct http_request *request, certenroll_error **error);

#endif
