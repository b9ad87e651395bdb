/* SPDX-License-Identifier: Apache-2.0 */
/* What has been asked over HTTP. */
#ifndef DEMO_RA_REQUEST_H
#define DEMO_RA_REQUEST_H

#include "http/host.h"

#include <stddef.h>
#include <stdint.h>

struct ra;

struct request {
    struct ra *ra;
    enum host host;     /* the Host header's, and the TLS server name's: they are the same */
    const char *method; /* "GET" stands for "HEAD" too */
    const char *path;
    const unsigned char *body;
    size_t body_length;
    /* header fields, NULL where absent */
    const char *authorization;
    const char *accept_language;
    const char *content_type;
    const char *origin;
    const char *cookie;
    const char *fetch_site; /* Sec-Fetch-Site (Fetch Metadata): which site's page asks */
    const char *language;   /* the query's "lang", NULL where absent */
    const char *query_id;   /* the query's "id", NULL where absent */
    int too_large;          /* the body was over the limit, and is not there */
    uint16_t port;
    gnutls_session_t session;
};

/* Whether its Content-Type is `type`, with parameters or without. */
int request_has_type(const struct request *request, const char *type);

#endif
