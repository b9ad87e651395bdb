/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE /* strcasestr */

#include "https_server.h"

#include "require.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <sys/socket.h>

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#define HEAD_MAX ((size_t)64 * 1024)
#define BODY_MAX ((size_t)1024 * 1024)

struct connection {
    struct https_server *server;
    struct connection *next;
    pthread_t thread;
    unsigned number;
    int fd; /* -1 once closed; under the server's mutex */
    SSL *ssl;
    unsigned char *input;
    size_t input_length;
};

struct https_server {
    struct https_server_options options;
    SSL_CTX *ssl_ctx;
    int listener;
    int wake[2]; /* a pipe: its end tells the accepting thread to go */
    unsigned port;
    pthread_t thread;
    pthread_mutex_t mutex;
    struct connection *connections;
    unsigned connection_count;
    struct https_seen **seen;
    size_t seen_count;
};

/* --- answers --- */

void https_answer_append(struct https_answer *answer, const void *bytes, size_t length)
{
    answer->bytes = realloc(answer->bytes, answer->length + length + 1);
    REQUIRE(answer->bytes != NULL);
    if (length > 0)
        memcpy(answer->bytes + answer->length, bytes, length);
    answer->length += length;
}

void https_answer_printf(struct https_answer *answer, const char *format, ...)
{
    char text[4096];
    va_list arguments;
    int length;

    va_start(arguments, format);
    length = vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    REQUIRE(length >= 0 && (size_t)length < sizeof(text));
    https_answer_append(answer, text, (size_t)length);
}

void https_answer_whole(struct https_answer *answer, const char *status_line, const char *fields,
                        const void *body, size_t length)
{
    https_answer_printf(answer, "HTTP/1.1 %s\r\nContent-Length: %zu\r\n%s\r\n", status_line, length,
                        fields);
    https_answer_append(answer, body, length);
}

/* --- one request --- */

/* More input. 1, or 0 at the connection's end. */
static int read_more(struct connection *connection)
{
    unsigned char chunk[4096];
    int got = SSL_read(connection->ssl, chunk, sizeof(chunk));

    if (got <= 0)
        return 0;
    connection->input = realloc(connection->input, connection->input_length + (size_t)got + 1);
    REQUIRE(connection->input != NULL);
    memcpy(connection->input + connection->input_length, chunk, (size_t)got);
    connection->input_length += (size_t)got;
    connection->input[connection->input_length] = '\0';
    return 1;
}

/* The length of the head with its empty line; 0 at the connection's end. */
static size_t read_head(struct connection *connection)
{
    while (connection->input_length < HEAD_MAX) {
        char *end = connection->input ? strstr((char *)connection->input, "\r\n\r\n") : NULL;

        if (end)
            return (size_t)(end - (char *)connection->input) + 4;
        if (!read_more(connection))
            return 0;
    }
    return 0;
}

static size_t content_length(const char *head)
{
    const char *field = strcasestr(head, "\r\nContent-Length:");

    return field ? (size_t)strtoul(field + 17, NULL, 10) : 0;
}

static void *copy_of(const void *bytes, size_t length)
{
    char *copy = malloc(length + 1);

    REQUIRE(copy != NULL);
    memcpy(copy, bytes, length);
    copy[length] = '\0';
    return copy;
}

/* Keeps the request and returns it; *number is which one it is. */
static struct https_seen *keep(struct connection *connection, size_t head, size_t body,
                               size_t *number)
{
    struct https_server *server = connection->server;
    struct https_seen *seen = calloc(1, sizeof(*seen));

    REQUIRE(seen != NULL);
    seen->head = copy_of(connection->input, head);
    seen->body = copy_of(connection->input + head, body);
    seen->body_length = body;
    seen->peer = SSL_get1_peer_certificate(connection->ssl);
    seen->tls_version = SSL_version(connection->ssl);
    seen->connection = connection->number;
    connection->input_length -= head + body;
    memmove(connection->input, connection->input + head + body, connection->input_length + 1);

    pthread_mutex_lock(&server->mutex);
    server->seen = realloc(server->seen, (server->seen_count + 1) * sizeof(*server->seen));
    REQUIRE(server->seen != NULL);
    *number = server->seen_count++;
    server->seen[*number] = seen;
    pthread_mutex_unlock(&server->mutex);
    return seen;
}

static struct https_seen *read_request(struct connection *connection, size_t *number)
{
    size_t head = read_head(connection);
    size_t body;

    if (head == 0)
        return NULL;
    body = content_length((char *)connection->input);
    if (body > BODY_MAX)
        return NULL;
    while (connection->input_length < head + body)
        if (!read_more(connection))
            return NULL;
    return keep(connection, head, body, number);
}

static int send_answer(struct connection *connection, const struct https_answer *answer)
{
    size_t sent = 0;

    while (sent < answer->length) {
        size_t rest = answer->length - sent;
        int now =
            SSL_write(connection->ssl, answer->bytes + sent, rest < 16384 ? (int)rest : 16384);

        if (now <= 0)
            return 0;
        sent += (size_t)now;
    }
    return 1;
}

/* --- as a proxy --- */

static int connect_to(const char *head)
{
    struct sockaddr_in address = { .sin_family = AF_INET };
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    unsigned port = 0;

    REQUIRE(fd >= 0 && sscanf(head, "CONNECT %*[^: ]:%u", &port) == 1);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons((uint16_t)port);
    REQUIRE(connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0);
    return fd;
}

static int carry_out(SSL *ssl, int fd)
{
    char chunk[4096];
    int got = SSL_read(ssl, chunk, sizeof(chunk));

    return got > 0 && write(fd, chunk, (size_t)got) == got;
}

static int carry_back(SSL *ssl, int fd)
{
    char chunk[4096];
    ssize_t got = read(fd, chunk, sizeof(chunk));

    return got > 0 && SSL_write(ssl, chunk, (int)got) == got;
}

/* Until one side ends. */
static void tunnel(const struct connection *connection, const char *head)
{
    struct pollfd wait[2] = { { .fd = connection->fd, .events = POLLIN },
                              { .fd = connect_to(head), .events = POLLIN } };
    int open = 1;

    while (open) {
        if (SSL_pending(connection->ssl) == 0 && poll(wait, 2, -1) < 0)
            continue;
        if (SSL_pending(connection->ssl) > 0 || wait[0].revents)
            open = carry_out(connection->ssl, wait[1].fd);
        if (open && wait[1].revents)
            open = carry_back(connection->ssl, wait[1].fd);
        wait[0].revents = wait[1].revents = 0;
    }
    close(wait[1].fd);
}

/* Returns whether the connection goes on. */
static int serve_request(struct connection *connection)
{
    const struct https_server_options *options = &connection->server->options;
    struct https_answer answer = { NULL, 0, HTTPS_KEEP_OPEN };
    size_t number;
    struct https_seen *request = read_request(connection, &number);
    int open;

    if (!request)
        return 0;
    options->answer(options->user, &answer, request, number);
    open = send_answer(connection, &answer) && answer.ending == HTTPS_KEEP_OPEN;
    if (answer.ending == HTTPS_CLOSE)
        SSL_shutdown(connection->ssl);
    if (answer.ending == HTTPS_TUNNEL)
        tunnel(connection, request->head);
    free(answer.bytes);
    return open;
}

/* --- connections --- */

/* Closing with input unread would reset the connection, and the client might not see the alert. */
static void drain(int fd)
{
    char sink[1024];

    shutdown(fd, SHUT_WR);
    while (read(fd, sink, sizeof(sink)) > 0)
        ;
}

static void *serve_connection(void *argument)
{
    struct connection *connection = argument;
    struct https_server *server = connection->server;

    connection->ssl = SSL_new(server->ssl_ctx);
    REQUIRE(connection->ssl != NULL && SSL_set_fd(connection->ssl, connection->fd) == 1);
    if (SSL_accept(connection->ssl) == 1)
        while (serve_request(connection))
            ;
    drain(connection->fd);
    SSL_free(connection->ssl);
    ERR_clear_error();
    free(connection->input);
    pthread_mutex_lock(&server->mutex);
    close(connection->fd);
    connection->fd = -1;
    pthread_mutex_unlock(&server->mutex);
    return NULL;
}

/* A client that goes away must not end the test by SIGPIPE; the client's own threads keep the
 * default, so that the library's use of sockets is seen as it is. */
static void start_thread(pthread_t *thread, void *(*run)(void *), void *argument)
{
    sigset_t pipes, before;

    sigemptyset(&pipes);
    sigaddset(&pipes, SIGPIPE);
    REQUIRE(pthread_sigmask(SIG_BLOCK, &pipes, &before) == 0);
    REQUIRE(pthread_create(thread, NULL, run, argument) == 0);
    REQUIRE(pthread_sigmask(SIG_SETMASK, &before, NULL) == 0);
}

/* Nagle's algorithm and the client's delayed acknowledgement together cost 40 ms an answer. */
static void send_at_once(int fd)
{
    int yes = 1;

    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
}

static void add_connection(struct https_server *server, int fd)
{
    struct connection *connection = calloc(1, sizeof(*connection));

    REQUIRE(connection != NULL);
    connection->server = server;
    connection->fd = fd;
    pthread_mutex_lock(&server->mutex);
    connection->number = ++server->connection_count;
    connection->next = server->connections;
    server->connections = connection;
    start_thread(&connection->thread, serve_connection, connection);
    pthread_mutex_unlock(&server->mutex);
}

static void *accept_connections(void *argument)
{
    struct https_server *server = argument;
    struct pollfd wait[2] = { { .fd = server->listener, .events = POLLIN },
                              { .fd = server->wake[0], .events = POLLIN } };

    for (;;) {
        int fd;

        if (poll(wait, 2, -1) < 0)
            continue;
        if (wait[1].revents)
            return NULL;
        fd = accept(server->listener, NULL, NULL);
        if (fd < 0)
            continue;
        send_at_once(fd);
        add_connection(server, fd);
    }
}

/* --- start and stop --- */

static SSL_CTX *make_ssl_ctx(const struct https_server_options *options)
{
    SSL_CTX *ssl_ctx = SSL_CTX_new(TLS_server_method());
    int mode = SSL_VERIFY_PEER | (options->client_required ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0);

    REQUIRE(ssl_ctx != NULL);
    /* TLS 1.1 exists only below security level 1 (its signatures use SHA-1). */
    if (options->max_version && options->max_version < TLS1_2_VERSION) {
        SSL_CTX_set_security_level(ssl_ctx, 0);
        REQUIRE(SSL_CTX_set_min_proto_version(ssl_ctx, 0) == 1);
    }
    REQUIRE(SSL_CTX_set_max_proto_version(ssl_ctx, options->max_version) == 1);
    REQUIRE(SSL_CTX_use_certificate(ssl_ctx, options->certificate) == 1);
    REQUIRE(SSL_CTX_use_PrivateKey(ssl_ctx, options->key) == 1);
    if (options->client_ca) {
        REQUIRE(X509_STORE_add_cert(SSL_CTX_get_cert_store(ssl_ctx), options->client_ca) == 1);
        SSL_CTX_set_verify(ssl_ctx, mode, NULL);
    }
    if (options->client_algorithms)
        REQUIRE(SSL_CTX_set1_client_sigalgs_list(ssl_ctx, options->client_algorithms) == 1);
    SSL_CTX_set_session_cache_mode(ssl_ctx, SSL_SESS_CACHE_OFF);
    return ssl_ctx;
}

static void listen_on_loopback(struct https_server *server)
{
    struct sockaddr_in address = { .sin_family = AF_INET };
    socklen_t length = sizeof(address);

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    server->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    REQUIRE(server->listener >= 0);
    REQUIRE(bind(server->listener, (struct sockaddr *)&address, sizeof(address)) == 0);
    REQUIRE(listen(server->listener, 64) == 0);
    REQUIRE(getsockname(server->listener, (struct sockaddr *)&address, &length) == 0);
    server->port = ntohs(address.sin_port);
}

struct https_server *https_server_start(const struct https_server_options *options)
{
    struct https_server *server = calloc(1, sizeof(*server));

    REQUIRE(server != NULL);
    server->options = *options;
    server->ssl_ctx = make_ssl_ctx(options);
    listen_on_loopback(server);
    REQUIRE(pipe(server->wake) == 0);
    REQUIRE(pthread_mutex_init(&server->mutex, NULL) == 0);
    start_thread(&server->thread, accept_connections, server);
    return server;
}

static void stop_connections(struct https_server *server)
{
    struct connection *connection = server->connections;

    while (connection) {
        struct connection *next = connection->next;

        pthread_mutex_lock(&server->mutex);
        if (connection->fd >= 0)
            shutdown(connection->fd, SHUT_RDWR);
        pthread_mutex_unlock(&server->mutex);
        pthread_join(connection->thread, NULL);
        free(connection);
        connection = next;
    }
}

void https_server_stop(struct https_server *server)
{
    if (!server)
        return;
    close(server->wake[1]);
    pthread_join(server->thread, NULL);
    stop_connections(server);
    for (size_t i = 0; i < server->seen_count; i++) {
        free(server->seen[i]->head);
        free(server->seen[i]->body);
        X509_free(server->seen[i]->peer);
        free(server->seen[i]);
    }
    free(server->seen);
    close(server->wake[0]);
    close(server->listener);
    SSL_CTX_free(server->ssl_ctx);
    pthread_mutex_destroy(&server->mutex);
    free(server);
}

unsigned https_server_port(const struct https_server *server)
{
    return server->port;
}

size_t https_server_count(struct https_server *server)
{
    size_t count;

    pthread_mutex_lock(&server->mutex);
    count = server->seen_count;
    pthread_mutex_unlock(&server->mutex);
    return count;
}

const struct https_seen *https_server_seen(struct https_server *server, size_t number)
{
    const struct https_seen *seen = NULL;

    pthread_mutex_lock(&server->mutex);
    if (number < server->seen_count)
        seen = server->seen[number];
    pthread_mutex_unlock(&server->mutex);
    return seen;
}

X509_REQ *https_seen_request(const struct https_seen *seen)
{
    unsigned char *der = malloc(seen->body_length + 1);
    const unsigned char *cursor = der;
    EVP_ENCODE_CTX *decoder = EVP_ENCODE_CTX_new();
    int length = 0, rest = 0;
    X509_REQ *request;

    REQUIRE(der && decoder);
    EVP_DecodeInit(decoder);
    EVP_DecodeUpdate(decoder, der, &length, seen->body, (int)seen->body_length);
    EVP_DecodeFinal(decoder, der + length, &rest);
    EVP_ENCODE_CTX_free(decoder);
    request = d2i_X509_REQ(NULL, &cursor, length + rest);
    REQUIRE(request);
    free(der);
    return request;
}
