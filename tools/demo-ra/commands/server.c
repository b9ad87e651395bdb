/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE /* SOCK_CLOEXEC */

#include "commands/server.h"

#include "base/platform.h"
#include "calls/bank_api.h"
#include "calls/est_operations.h"
#include "common/tool_message.h"
#include "ground/page_text.h"
#include "ground/ra_directory.h"
#include "http/reply.h"
#include "pages/pages.h"
#include "rules/peer.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#define BODY_MAX 65536
#define CONNECTION_MEMORY 32768 /* bounds the header fields of a request */
#define CONNECTIONS_MAX 128
#define IDLE_SECONDS 20
#define THREADS 4

/* No CBC, no key exchange without forward secrecy. */
#define TLS_PRIORITIES                                                                             \
    "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2:"                                                  \
    "-MAC-ALL:+AEAD:-RSA:-SIGN-RSA-SHA1:-SIGN-ECDSA-SHA1"

struct server {
    struct ra *ra;
    struct MHD_Daemon *daemon;
    uint16_t port;
    /* kept for the daemon's life */
    struct ce_buffer key;
    struct ce_buffer certificate;
    struct ce_buffer client_issuers; /* named in the CertificateRequest */
};

/* A request while its body arrives. */
struct exchange {
    unsigned char *body; /* BODY_MAX */
    size_t length;
    int too_large;
};

/* --- replies --- */

static int add_headers(struct MHD_Response *response, const struct reply *reply)
{
    /* "same-origin" and not "no-referrer", which has browsers send "Origin: null" with a form. */
    static const char *const always[][2] = {
        { "Cache-Control", "no-store" },
        { "Content-Security-Policy",
          "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; "
          "img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'" },
        { "Cross-Origin-Opener-Policy", "same-origin" },
        { "Cross-Origin-Resource-Policy", "same-origin" },
        { "Permissions-Policy", "camera=(), display-capture=(), geolocation=(), hid=(), "
                                "microphone=(), payment=(), serial=(), usb=()" },
        { "Referrer-Policy", "same-origin" },
        { "Strict-Transport-Security", "max-age=31536000" },
        { "X-Content-Type-Options", "nosniff" },
        { "X-Frame-Options", "DENY" }, /* for browsers that do not know frame-ancestors */
    };
    int added = 1;

    for (size_t i = 0; i < sizeof(always) / sizeof(always[0]); i++)
        added = added && MHD_add_response_header(response, always[i][0], always[i][1]) == MHD_YES;
    for (size_t i = 0; i < REPLY_HEADERS_MAX && reply->headers[i].name; i++)
        added = added && MHD_add_response_header(response, reply->headers[i].name,
                                                 reply->headers[i].value) == MHD_YES;
    if (reply->content_type)
        added = added && MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE,
                                                 reply->content_type) == MHD_YES;
    return added;
}

/* From a buffer, so that it goes out with Content-Length and not in chunks. MHD_NO closes the
 * connection. */
static enum MHD_Result send_reply(struct MHD_Connection *connection, const struct reply *reply)
{
    struct MHD_Response *response;
    enum MHD_Result sent = MHD_NO;

    if (reply->body.failed)
        return MHD_NO;
    response = MHD_create_response_from_buffer(reply->body.length, reply->body.data,
                                               MHD_RESPMEM_MUST_COPY);
    if (response && add_headers(response, reply))
        sent = MHD_queue_response(connection, reply->status, response);
    if (response)
        MHD_destroy_response(response);
    return sent;
}

/* --- requests --- */

static const char *header(struct MHD_Connection *connection, const char *name)
{
    return MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name);
}

/* NULL also where it holds a NUL. */
static const char *argument(struct MHD_Connection *connection, const char *name)
{
    const char *value = NULL;
    size_t length = 0;

    if (MHD_lookup_connection_value_n(connection, MHD_GET_ARGUMENT_KIND, name, strlen(name), &value,
                                      &length) != MHD_YES ||
        !value || strlen(value) != length)
        return NULL;
    return value;
}

/* MHD_UnescapeCallback. A path with a NUL inside must not be taken for the part before it. */
static size_t unescape(void *user, struct MHD_Connection *connection, char *text)
{
    (void)user;
    (void)connection;
    return strstr(text, "%00") ? strlen(text) : MHD_http_unescape(text);
}

static gnutls_session_t session_of(struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_GNUTLS_SESSION);

    return info ? info->tls_session : NULL;
}

/* Which host answers. A request that came over a connection for another name is misdirected
 * (RFC 9110 §15.5.20): its certificate question was another. */
static int route(struct reply *reply, struct request *request, const char *host_field)
{
    enum host connected = host_from_session(request->session);

    request->host = host_field ? host_from_name(host_field, strlen(host_field)) : HOST_UNKNOWN;
    if (request->host == HOST_UNKNOWN)
        reply_plain(reply, 404, "There is no such host here. / そのホスト名はありません。\n");
    else if (request->host != connected)
        reply_plain(reply, 421,
                    "The TLS server name and the Host header differ. / "
                    "TLSのサーバー名とHostヘッダーが異なります。\n");
    else
        return 1;
    return 0;
}

static void answer_request(struct reply *reply, struct server *server,
                           struct MHD_Connection *connection, const char *url, const char *method,
                           const struct exchange *exchange)
{
    struct request request = {
        .ra = server->ra,
        .method = strcmp(method, "HEAD") == 0 ? "GET" : method,
        .path = url,
        .body = exchange->body,
        .body_length = exchange->too_large ? 0 : exchange->length,
        .authorization = header(connection, MHD_HTTP_HEADER_AUTHORIZATION),
        .accept_language = header(connection, MHD_HTTP_HEADER_ACCEPT_LANGUAGE),
        .content_type = header(connection, MHD_HTTP_HEADER_CONTENT_TYPE),
        .origin = header(connection, MHD_HTTP_HEADER_ORIGIN),
        .cookie = header(connection, MHD_HTTP_HEADER_COOKIE),
        .fetch_site = header(connection, "Sec-Fetch-Site"),
        .language = argument(connection, "lang"),
        .query_id = argument(connection, "id"),
        .too_large = exchange->too_large,
        .port = server->port,
        .session = session_of(connection),
    };

    /* In place of libmicrohttpd's own: whose clock is set wrong shows that as well. */
    reply_add_date(reply, MHD_HTTP_HEADER_DATE, ra_now(server->ra));
    if (!request.session)
        reply_plain(reply, 500, "There is no TLS session.\n");
    else if (!route(reply, &request, header(connection, MHD_HTTP_HEADER_HOST)))
        return;
    else if (request.host == HOST_EST)
        est_answer(reply, &request);
    else if (!bank_api_answer(reply, &request))
        pages_answer(reply, &request);
}

static struct exchange *exchange_new(void)
{
    struct exchange *exchange = calloc(1, sizeof(*exchange));

    if (exchange)
        exchange->body = malloc(BODY_MAX);
    if (exchange && !exchange->body) {
        free(exchange);
        return NULL;
    }
    return exchange;
}

/* What is over the limit is read and dropped, so that the client gets to read the answer. */
static void take_body(struct exchange *exchange, const char *data, size_t length)
{
    if (exchange->too_large || length > BODY_MAX - exchange->length) {
        exchange->too_large = 1;
        return;
    }
    memcpy(exchange->body + exchange->length, data, length);
    exchange->length += length;
}

/* MHD_AccessHandlerCallback: once when the header is read, once for each part of the body, and
 * once at its end. */
static enum MHD_Result on_request(void *user, struct MHD_Connection *connection, const char *url,
                                  const char *method, const char *version, const char *data,
                                  size_t *data_size, void **state)
{
    struct exchange *exchange = *state;
    struct reply reply = { 0 };
    enum MHD_Result result;

    (void)version;
    if (!exchange) {
        *state = exchange_new();
        return *state ? MHD_YES : MHD_NO;
    }
    if (*data_size > 0) {
        take_body(exchange, data, *data_size);
        *data_size = 0;
        return MHD_YES;
    }
    answer_request(&reply, user, connection, url, method, exchange);
    result = send_reply(connection, &reply);
    text_clear(&reply.body);
    return result;
}

static void on_completed(void *user, struct MHD_Connection *connection, void **state,
                         enum MHD_RequestTerminationCode code)
{
    struct exchange *exchange = *state;

    (void)user;
    (void)connection;
    (void)code;
    if (exchange) {
        ce_wipe(exchange->body, exchange->length); /* passwords */
        free(exchange->body);
    }
    free(exchange);
    *state = NULL;
}

/* Before the handshake: the session is there, nothing has been read from it. */
static void on_connection(void *user, struct MHD_Connection *connection, void **socket_state,
                          enum MHD_ConnectionNotificationCode code)
{
    gnutls_session_t session;

    (void)user;
    (void)socket_state;
    if (code != MHD_CONNECTION_NOTIFY_STARTED)
        return;
    session = session_of(connection);
    if (session)
        peer_prepare(session);
}

/* --- start and stop --- */

static int load_files(struct server *server, const char *directory, certenroll_error **error)
{
    int status = ra_directory_read(&server->key, directory, SERVER_KEY_FILE, error);

    if (!status)
        status = ra_directory_read(&server->certificate, directory, SERVER_FILE, error);
    if (!status)
        status = ra_directory_read(&server->client_issuers, directory, ISSUING_FILE, error);
    return status;
}

/* The socket is ours, so that the port is known before the first thread could ask for it. */
static int open_socket(int *out, uint16_t *port, certenroll_error **error)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(*port) };
    socklen_t size = sizeof(address);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int one = 1;

    *out = -1;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) < 0 ||
        bind(fd, (struct sockaddr *)&address, size) < 0 || listen(fd, SOMAXCONN) < 0 ||
        getsockname(fd, (struct sockaddr *)&address, &size) < 0) {
        int status = certenroll_error_set_errno(error, _("cannot listen on 127.0.0.1 port %u"),
                                                (unsigned)*port);

        if (fd >= 0)
            close(fd);
        return status;
    }
    *out = fd;
    *port = ntohs(address.sin_port);
    return CERTENROLL_OK;
}

/* MEM_TRUST only names the acceptable issuers: MHD does not verify, peer_judge() does. */
static int start_daemon(struct server *server, int fd, certenroll_error **error)
{
    struct MHD_OptionItem options[] = {
        { MHD_OPTION_LISTEN_SOCKET, fd, NULL },
        { MHD_OPTION_HTTPS_MEM_KEY, 0, server->key.data },
        { MHD_OPTION_HTTPS_MEM_CERT, 0, server->certificate.data },
        { MHD_OPTION_HTTPS_MEM_TRUST, 0, server->client_issuers.data },
        { MHD_OPTION_HTTPS_PRIORITIES, 0, (char *)(uintptr_t)TLS_PRIORITIES },
        { MHD_OPTION_THREAD_POOL_SIZE, THREADS, NULL },
        { MHD_OPTION_CONNECTION_LIMIT, CONNECTIONS_MAX, NULL },
        { MHD_OPTION_CONNECTION_TIMEOUT, IDLE_SECONDS, NULL },
        { MHD_OPTION_CONNECTION_MEMORY_LIMIT, CONNECTION_MEMORY, NULL },
        { MHD_OPTION_STRICT_FOR_CLIENT, 1, NULL },
        { MHD_OPTION_END, 0, NULL },
    };

    server->daemon = MHD_start_daemon(
        MHD_USE_TLS | MHD_USE_AUTO | MHD_USE_INTERNAL_POLLING_THREAD, 0, NULL, NULL, on_request,
        server, MHD_OPTION_ARRAY, options, MHD_OPTION_NOTIFY_CONNECTION, on_connection, NULL,
        MHD_OPTION_UNESCAPE_CALLBACK, unescape, NULL, MHD_OPTION_NOTIFY_COMPLETED, on_completed,
        NULL, MHD_OPTION_END);
    if (server->daemon) /* it has taken the socket over */
        return CERTENROLL_OK;
    close(fd);
    return certenroll_error_set(error, CERTENROLL_E_INTERNAL, _("cannot start the HTTPS server"));
}

int server_start(struct server **out, struct ra *ra, uint16_t port, const char *directory,
                 certenroll_error **error)
{
    struct server *server = calloc(1, sizeof(*server));
    int fd, status;

    *out = NULL;
    if (!server)
        return certenroll_error_set_memory(error);
    server->ra = ra;
    server->port = port;
    status = load_files(server, directory, error);
    if (!status)
        status = open_socket(&fd, &server->port, error);
    if (!status)
        status = start_daemon(server, fd, error);
    if (!status)
        *out = server;
    else
        server_stop(server);
    return status;
}

uint16_t server_port(const struct server *server)
{
    return server->port;
}

void server_stop(struct server *server)
{
    if (!server)
        return;
    if (server->daemon)
        MHD_stop_daemon(server->daemon);
    if (server->key.data)
        ce_wipe(server->key.data, server->key.length);
    ce_buffer_clear(&server->key);
    ce_buffer_clear(&server->certificate);
    ce_buffer_clear(&server->client_issuers);
    free(server);
}
