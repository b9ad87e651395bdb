/* SPDX-License-Identifier: Apache-2.0 */
/* One HTTPS port for three host names. What a request holds and a reply needs is here, so that
 * the pages and EST know nothing of the HTTP library. */
#ifndef DEMO_RA_SERVER_H
#define DEMO_RA_SERVER_H

#include "peer.h"
#include "text.h"

#include <stdint.h>

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

#define REPLY_HEADERS_MAX 8
#define REPLY_HEADER_SIZE 256

struct reply {
    unsigned status;
    const char *content_type;
    struct text body;
    struct {
        const char *name;
        char value[REPLY_HEADER_SIZE];
    } headers[REPLY_HEADERS_MAX];
};

/* `name` is static, `value` is copied. What does not fit spoils the reply: none is sent. */
void reply_add_header(struct reply *reply, const char *name, const char *value);
/* 303 (RFC 9110 §15.4.4): the browser gets `location` next. */
void reply_redirect(struct reply *reply, const char *location);

struct server;

/* Starts to listen on 127.0.0.1; `port` 0: any free one. Returns a class. */
int server_start(struct server **out, struct ra *ra, uint16_t port, const char *directory);
uint16_t server_port(const struct server *server);
/* Ends the threads after the request each is at, then closes. An answer that is lost by this is in
 * the books: a client that asks again gets it. */
void server_stop(struct server *server);

#endif
