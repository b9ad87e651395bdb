/* SPDX-License-Identifier: Apache-2.0 */
#include "relay.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define REQUIRE(condition) require((condition), #condition, __LINE__)

static void require(int condition, const char *text, int line)
{
    if (condition)
        return;
    fprintf(stderr, "%s:%d: %s: %s\n", __FILE__, line, text, strerror(errno));
    abort();
}

struct relay {
    int listener; /* bound, and listening unless it refuses */
    int wake[2];  /* a pipe: its end tells the thread to go */
    unsigned port;
    unsigned target;
    int running;
    pthread_t thread;
    pthread_mutex_t mutex;
    enum relay_cut cut;
    enum relay_direction direction;
    size_t after;
    size_t count[2];
};

/* --- sockets --- */

static int new_socket(void)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    REQUIRE(fd >= 0);
    return fd;
}

static struct sockaddr_in loopback(unsigned port)
{
    struct sockaddr_in address = { .sin_family = AF_INET };

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons((uint16_t)port);
    return address;
}

/* Small writes leave at once: the bytes of one flight must not wait for those of another. */
static void send_at_once(int fd)
{
    int yes = 1;

    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
}

static void close_by(int fd, enum relay_cut cut)
{
    struct linger now = { 1, 0 };

    if (cut == RELAY_RST)
        (void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
    else
        shutdown(fd, SHUT_RDWR);
    close(fd);
}

static int write_all(int fd, const char *bytes, size_t length)
{
    while (length > 0) {
        ssize_t now = send(fd, bytes, length, MSG_NOSIGNAL);

        if (now <= 0)
            return 0;
        bytes += now;
        length -= (size_t)now;
    }
    return 1;
}

/* --- carrying --- */

/* How many of `length` bytes may pass; *cut says whether the connection ends behind them. */
static size_t let_pass(struct relay *relay, enum relay_direction direction, size_t length,
                       enum relay_cut *cut)
{
    size_t left;

    pthread_mutex_lock(&relay->mutex);
    left = relay->after > relay->count[direction] ? relay->after - relay->count[direction] : 0;
    if (relay->cut != RELAY_NEVER && relay->direction == direction && length >= left) {
        *cut = relay->cut;
        relay->cut = RELAY_NEVER;
        length = left;
    }
    relay->count[direction] += length;
    pthread_mutex_unlock(&relay->mutex);
    return length;
}

/* Whether the connection goes on. */
static int carry(struct relay *relay, enum relay_direction direction, int from, int to,
                 enum relay_cut *cut)
{
    char chunk[16384];
    ssize_t got = read(from, chunk, sizeof(chunk));
    size_t pass;

    if (got <= 0)
        return 0;
    pass = let_pass(relay, direction, (size_t)got, cut);
    return write_all(to, chunk, pass) && *cut == RELAY_NEVER;
}

static void carry_connection(struct relay *relay, int client)
{
    struct sockaddr_in address = loopback(relay->target);
    int server = new_socket();
    struct pollfd wait[] = { { client, POLLIN, 0 },
                             { server, POLLIN, 0 },
                             { relay->wake[0], POLLIN, 0 } };
    enum relay_cut cut = RELAY_NEVER;
    int open = 1;

    REQUIRE(connect(server, (struct sockaddr *)&address, sizeof(address)) == 0);
    send_at_once(client);
    send_at_once(server);
    (void)let_pass(relay, RELAY_OUT, 0, &cut); /* before the first byte */
    if (cut == RELAY_NEVER)
        (void)let_pass(relay, RELAY_BACK, 0, &cut);
    while (open && cut == RELAY_NEVER) {
        if (poll(wait, 3, -1) < 0)
            continue;
        if (wait[0].revents)
            open = carry(relay, RELAY_OUT, client, server, &cut);
        if (open && wait[1].revents)
            open = carry(relay, RELAY_BACK, server, client, &cut);
        open = open && wait[2].revents == 0;
    }
    /* The server first: what came through it has seen before the client hears of the end. */
    close_by(server, RELAY_FIN);
    close_by(client, cut);
}

/* One connection at a time: so does the client. */
static void *carry_connections(void *argument)
{
    struct relay *relay = argument;
    struct pollfd wait[] = { { relay->listener, POLLIN, 0 }, { relay->wake[0], POLLIN, 0 } };

    for (;;) {
        int client;

        if (poll(wait, 2, -1) < 0)
            continue;
        if (wait[1].revents)
            return NULL;
        client = accept(relay->listener, NULL, NULL);
        if (client >= 0)
            carry_connection(relay, client);
    }
}

/* --- start, settings, stop --- */

static void begin(struct relay *relay)
{
    sigset_t pipes, before;

    REQUIRE(pipe(relay->wake) == 0);
    REQUIRE(listen(relay->listener, 16) == 0);
    sigemptyset(&pipes);
    sigaddset(&pipes, SIGPIPE);
    REQUIRE(pthread_sigmask(SIG_BLOCK, &pipes, &before) == 0);
    REQUIRE(pthread_create(&relay->thread, NULL, carry_connections, relay) == 0);
    REQUIRE(pthread_sigmask(SIG_SETMASK, &before, NULL) == 0);
    relay->running = 1;
}

static void end(struct relay *relay)
{
    if (!relay->running)
        return;
    close(relay->wake[1]);
    pthread_join(relay->thread, NULL);
    close(relay->wake[0]);
    relay->running = 0;
}

/* A socket that is bound and does not listen keeps its port, and answers connections with RST. */
static void bind_anew(struct relay *relay)
{
    struct sockaddr_in address = loopback(relay->port);
    socklen_t length = sizeof(address);
    int yes = 1;

    relay->listener = new_socket();
    REQUIRE(setsockopt(relay->listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes)) == 0);
    REQUIRE(bind(relay->listener, (struct sockaddr *)&address, sizeof(address)) == 0);
    REQUIRE(getsockname(relay->listener, (struct sockaddr *)&address, &length) == 0);
    relay->port = ntohs(address.sin_port);
}

struct relay *relay_start(unsigned port)
{
    struct relay *relay = calloc(1, sizeof(*relay));

    REQUIRE(relay != NULL);
    relay->target = port;
    REQUIRE(pthread_mutex_init(&relay->mutex, NULL) == 0);
    bind_anew(relay);
    begin(relay);
    return relay;
}

void relay_stop(struct relay *relay)
{
    if (relay == NULL)
        return;
    end(relay);
    close(relay->listener);
    pthread_mutex_destroy(&relay->mutex);
    free(relay);
}

unsigned relay_port(const struct relay *relay)
{
    return relay->port;
}

void relay_set(struct relay *relay, enum relay_cut cut, enum relay_direction direction,
               size_t after)
{
    int listens = relay->running;

    pthread_mutex_lock(&relay->mutex);
    relay->cut = cut == RELAY_REFUSE ? RELAY_NEVER : cut;
    relay->direction = direction;
    relay->after = after;
    relay->count[RELAY_OUT] = relay->count[RELAY_BACK] = 0;
    pthread_mutex_unlock(&relay->mutex);
    if (listens == (cut != RELAY_REFUSE))
        return;
    end(relay);
    close(relay->listener);
    bind_anew(relay);
    if (cut != RELAY_REFUSE)
        begin(relay);
}

size_t relay_count(struct relay *relay, enum relay_direction direction)
{
    size_t count;

    pthread_mutex_lock(&relay->mutex);
    count = relay->count[direction];
    pthread_mutex_unlock(&relay->mutex);
    return count;
}
