/* SPDX-License-Identifier: Apache-2.0 */
/* One request and its answer over libcurl, with every limit; what the answer means is http.c's
 * business. */
#ifndef CE_PROTOCOL_TRANSFER_H
#define CE_PROTOCOL_TRANSFER_H

#include "protocol/authorization.h"
#include "protocol/curl.h"
#include "protocol/http.h"

struct transfer {
    const struct libcurl *curl;
    CURL *handle;
    CURLM *multi; /* with `handle` alone in it: its connections, and looking up while it waits */
    const struct ca_endpoint *endpoint;
    struct curl_slist *fields;  /* of the request, without Authorization */
    struct authorization *auth; /* NULL: none is sent */
    size_t body_max;            /* of an answer */
    /* of the connection's handshake */
    int certificate_asked; /* by the server */
    int client_proven;     /* the client key has signed it */
    int is_silent;         /* it has begun, and no alert has told of a fault in it */

    /* of the request under way, for libcurl's callbacks */
    struct http_response *response;
    certenroll_error **error;
    int status; /* what a callback failed with */
    int alert;  /* the server's fatal TLS alert; -1: none */
    int head_complete;
    size_t head_bytes;
    size_t body_room; /* see ce_buffer_append_piece */
    char reason[CURL_ERROR_SIZE];
};

/* Everything is borrowed until transfer_close, which is called in any case. */
int transfer_open(struct transfer *transfer, const struct ca_endpoint *endpoint,
                  const struct http_request *request, certenroll_error **error);

/* Sends the request to `url`, over the same connection as the one before where it is alive. */
int transfer_perform(struct transfer *transfer, const char *url, struct http_response *response,
                     certenroll_error **error);

void transfer_close(struct transfer *transfer);

/* Says what `code` means for a person: whether the network, the server's identity, our own, or the
 * answer is at fault. A callback's own error is kept. Returns the status. transfer_error.c. */
int transfer_fail(struct transfer *transfer, CURLcode code, const char *url,
                  certenroll_error **error);

#endif
