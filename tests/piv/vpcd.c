/* SPDX-License-Identifier: Apache-2.0 */
#include "vpcd.h"

#include "trace.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/tcp.h>
#include <openssl/crypto.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define FRAME_LIMIT 0x10000
#define WAIT_LIMIT 1500 /* times 20 ms, until pcscd listens */

enum control { POWER_OFF = 0, POWER_ON = 1, RESET = 2, ATR = 4 };

enum outcome { GOES_ON, PULLED, ENDED };

struct line {
    const struct vpcd *vpcd;
    struct card *card;
    int socket;
    unsigned atrs; /* asked for since the power came */
    unsigned long commands;
    uint8_t in[FRAME_LIMIT], out[FRAME_LIMIT];
};

/* T=1, 13 historical bytes: card service data, capabilities with command chaining and extended
 * lengths, and the name "YubiKey", by which OpenSC knows how to treat it. */
static const uint8_t atr[] = { 0x3b, 0xfd, 0x13, 0x00, 0x00, 0x81, 0x31, 0xfe,
                               0x15, 0x80, 0x73, 0xc0, 0x21, 0xc0, 0x57, 'Y',
                               'u',  'b',  'i',  'K',  'e',  'y',  0x40 };

/* --- the connection --- */

/* In a network namespace of its own the loopback is down at first. */
static void loopback_up(int fd)
{
    struct ifreq request = { .ifr_name = "lo" };
    if (ioctl(fd, SIOCGIFFLAGS, &request) != 0)
        return;
    request.ifr_flags |= IFF_UP | IFF_RUNNING;
    (void)ioctl(fd, SIOCSIFFLAGS, &request); /* connect tells whether it helped */
}

/* Without them the kernel waits 40 ms for more to put into the packet: with each APDU. */
static void answer_at_once(int fd)
{
    int yes = 1;
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    (void)setsockopt(fd, IPPROTO_TCP, TCP_QUICKACK, &yes, sizeof yes);
}

static int try_connect(unsigned port)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    if (connect(fd, (struct sockaddr *)&address, sizeof address) == 0) {
        answer_at_once(fd);
        return fd;
    }
    int reason = errno;
    if (reason == ENETUNREACH)
        loopback_up(fd);
    close(fd);
    errno = reason;
    return -1;
}

/* Waits for pcscd, which may have been started at the same time. */
static int wait_for_reader(unsigned port)
{
    const struct timespec pause = { 0, 20 * 1000 * 1000 };
    for (int i = 0; i < WAIT_LIMIT; i++) {
        int fd = try_connect(port);
        if (fd >= 0)
            return fd;
        if (errno != ECONNREFUSED && errno != ENETUNREACH)
            break;
        nanosleep(&pause, NULL);
    }
    fprintf(stderr, "certenroll-piv-card: no reader on port %u: %s\n", port, strerror(errno));
    return -1;
}

static bool receive(struct line *line, uint8_t *data, size_t length)
{
    while (length > 0) {
        ssize_t got = recv(line->socket, data, length, 0);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return false;
        data += got;
        length -= (size_t)got;
    }
    answer_at_once(line->socket); /* the kernel forgets TCP_QUICKACK */
    return true;
}

static bool send_frame(struct line *line, const uint8_t *data, size_t length)
{
    uint8_t frame[2 + FRAME_LIMIT] = { (uint8_t)(length >> 8), (uint8_t)length };
    memcpy(frame + 2, data, length);
    size_t sent = 0;
    while (sent < length + 2) {
        ssize_t now = send(line->socket, frame + sent, length + 2 - sent, MSG_NOSIGNAL);
        if (now < 0 && errno == EINTR)
            continue;
        if (now <= 0)
            break;
        sent += (size_t)now;
    }
    OPENSSL_cleanse(frame, length + 2);
    return sent == length + 2;
}

/* --- what pcscd asks --- */

/* The second question after power came is pcscd's next look at a card that it already counts. */
static void tell_ready(struct line *line)
{
    const char *path = line->vpcd->ready_path;
    if (!path || line->atrs != 2 || !line->card->powered)
        return;
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        fprintf(stderr, "certenroll-piv-card: %s: %s\n", path, strerror(errno));
    else
        close(fd);
}

static enum outcome answer_control(struct line *line, uint8_t what)
{
    if (what != ATR) {
        card_power(line->card, what == POWER_ON || what == RESET);
        line->atrs = 0;
        return GOES_ON;
    }
    line->atrs++;
    if (!send_frame(line, atr, sizeof atr))
        return ENDED;
    tell_ready(line);
    return GOES_ON;
}

/* The last part of a command of this INS. */
static bool completes(struct bytes frame, unsigned ins)
{
    struct apdu apdu;
    return ins != 0 && apdu_parse(&apdu, frame) && apdu.ins == ins && !(apdu.cla & 0x10) &&
           apdu.data.length > 0;
}

static enum outcome answer_command(struct line *line, size_t length)
{
    if (!line->card->powered)
        return PULLED; /* pcscd takes us for the card that was here before */
    struct bytes frame = { line->in, length };
    if (completes(frame, line->vpcd->pull.before))
        raise(SIGKILL);
    size_t answered = card_transmit(line->card, frame, line->out, sizeof line->out - 1);
    trace_command(line->vpcd->log, line->vpcd->count, frame, line->out + answered - 2);
    if (++line->commands == line->vpcd->pull.number || completes(frame, line->vpcd->pull.with))
        raise(SIGKILL);
    bool sent = send_frame(line, line->out, answered);
    OPENSSL_cleanse(line->out, answered);
    return sent ? GOES_ON : ENDED;
}

static enum outcome answer_frame(struct line *line)
{
    uint8_t size[2];
    if (!receive(line, size, sizeof size))
        return ENDED;
    size_t length = (size_t)size[0] << 8 | size[1];
    if (!receive(line, line->in, length))
        return ENDED;
    enum outcome outcome = length == 0   ? GOES_ON
                           : length == 1 ? answer_control(line, line->in[0])
                                         : answer_command(line, length);
    OPENSSL_cleanse(line->in, length);
    return outcome;
}

static enum outcome serve_connection(struct line *line)
{
    enum outcome outcome;
    card_power(line->card, false);
    line->atrs = 0;
    do
        outcome = answer_frame(line);
    while (outcome == GOES_ON);
    card_power(line->card, false);
    return outcome;
}

/* A card that is pulled and put back between two looks of pcscd at its reader would stay the same
 * card to pcscd, with who was logged in: the first look finds the reader empty. */
static bool leave_first_look_empty(struct line *line)
{
    uint8_t look[3];
    bool looked = receive(line, look, sizeof look);
    close(line->socket);
    return looked;
}

int vpcd_serve(const struct vpcd *vpcd, struct card *card)
{
    static struct line line;
    line.vpcd = vpcd;
    line.card = card;
    for (;;) {
        line.socket = wait_for_reader(vpcd->port);
        if (line.socket < 0 || !leave_first_look_empty(&line))
            return -1;
        line.socket = wait_for_reader(vpcd->port);
        if (line.socket < 0)
            return -1;
        enum outcome outcome = serve_connection(&line);
        close(line.socket);
        if (outcome == ENDED)
            return 0;
    }
}
