/* SPDX-License-Identifier: Apache-2.0 */
/* What has been asked over HTTP. */
#ifndef DEMO_RA_HTTP_REQUEST_H
#define DEMO_RA_HTTP_REQUEST_H

#include <gnutls/gnutls.h>

#include <stddef.h>
#include <stdint.h>

struct ra;

/* --- the names that the one port answers to --- */

enum host {
    HOST_UNKNOWN,
    HOST_ENTRY, /* no certificate is asked for */
    HOST_LOGIN, /* asked for in the first handshake */
    HOST_EST,   /* the same, for re-enrolment */
};

/* "entry.localhost" and so on, with or without ":port". */
enum host host_from_name(const char *name, size_t length);
/* "entry.localhost" and so on, "" for HOST_UNKNOWN. */
const char *host_name(enum host host);
/* "https://login.localhost:8443", as a browser writes it (RFC 6454 §6.2). */
#define HOST_ORIGIN_SIZE 64
void host_origin(char out[HOST_ORIGIN_SIZE], enum host host, uint16_t port);
/* By the server name the client sent in its hello (RFC 6066 §3). */
enum host host_from_session(gnutls_session_t session);

/* --- a request --- */

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

/* Whether it tells an origin that is another than this host's. */
int request_is_foreign(const struct request *request);
/* Whether its Content-Type is `type`, with parameters or without. */
int request_has_type(const struct request *request, const char *type);

#endif
