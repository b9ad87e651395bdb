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
    const char *language; /* the query's "lang", NULL where absent */
    uint16_t port;
    gnutls_session_t session;
};

/* Whether its Content-Type is `type`, with parameters or without. */
int request_has_type(const struct request *request, const char *type);

#define REPLY_HEADERS_MAX 4
#define REPLY_HEADER_SIZE 64

struct reply {
    unsigned status;
    const char *content_type;
    struct text body;
    struct {
        const char *name;
        char value[REPLY_HEADER_SIZE];
    } headers[REPLY_HEADERS_MAX];
};

/* `name` is static, `value` is copied. */
void reply_add_header(struct reply *reply, const char *name, const char *value);

struct server;

/* Starts to listen on 127.0.0.1; `port` 0: any free one. Returns a class. */
int server_start(struct server **out, struct ra *ra, uint16_t port, const char *directory);
uint16_t server_port(const struct server *server);
/* Ends the threads after the request each is at, then closes. An answer that is lost by this is in
 * the books: a client that asks again gets it. */
void server_stop(struct server *server);

#endif
