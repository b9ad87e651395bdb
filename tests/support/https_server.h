/* SPDX-License-Identifier: Apache-2.0 */
/* An HTTPS server on the loopback, in threads of the test program, over OpenSSL alone: it answers
 * whatever bytes the test wants, and keeps what the client sent. Whatever fails in setting it up is
 * a fault of the test: it aborts. */
#ifndef CE_TESTS_HTTPS_SERVER_H
#define CE_TESTS_HTTPS_SERVER_H

#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <stddef.h>

/* One request as it came. */
struct https_seen {
    char *head; /* request line and fields with the empty line, NUL-terminated */
    unsigned char *body;
    size_t body_length;
    X509 *peer;          /* the client's certificate; NULL: none */
    int tls_version;     /* TLS1_2_VERSION ... */
    unsigned connection; /* which connection it came over, from 1 */
};
/* The certification request in its body, in base64 (RFC 7030 §4.2.1); freed by the caller. */
X509_REQ *https_seen_request(const struct https_seen *seen);

enum https_ending {
    HTTPS_KEEP_OPEN, /* the connection waits for another request */
    HTTPS_CLOSE,     /* ends with a TLS close_notify */
    HTTPS_BREAK,     /* ends without */
    HTTPS_TUNNEL     /* leads to the loopback port that a CONNECT names (RFC 9110 §9.3.6) */
};

struct https_answer {
    unsigned char *bytes;
    size_t length;
    enum https_ending ending;
};
void https_answer_append(struct https_answer *answer, const void *bytes, size_t length);
void https_answer_printf(struct https_answer *answer, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* A whole answer with Content-Length; `fields` are lines that each end in CRLF, or "". */
void https_answer_whole(struct https_answer *answer, const char *status_line, const char *fields,
                        const void *body, size_t length);

/* Fills in the answer to request `number`, from 0. Called on the connection's own thread. */
typedef void (*https_answer_callback)(void *user, struct https_answer *answer,
                                      const struct https_seen *request, size_t number);

/* Everything is borrowed until https_server_stop. */
struct https_server_options {
    X509 *certificate;
    EVP_PKEY *key;
    X509 *client_ca;     /* asks for a client certificate of this CA; NULL: asks for none */
    int client_required; /* no handshake without one */
    const char *client_algorithms; /* that it may be of ("RSA+SHA256"); NULL: OpenSSL's */
    int max_version;               /* TLS1_2_VERSION ...; 0: the newest */
    https_answer_callback answer;
    void *user;
};

struct https_server;
struct https_server *https_server_start(const struct https_server_options *options);
void https_server_stop(struct https_server *server);

/* On 127.0.0.1. */
unsigned https_server_port(const struct https_server *server);
size_t https_server_count(struct https_server *server);
/* Borrowed until the server stops. */
const struct https_seen *https_server_seen(struct https_server *server, size_t number);

#endif
