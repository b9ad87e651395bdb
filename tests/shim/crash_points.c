/* SPDX-License-Identifier: Apache-2.0 */
/* For LD_PRELOAD: kills the program before or after one of its operations on journals or on the
 * network, and leaves it alone otherwise.
 *
 *     CRASH_JOURNALS=/path/to/journals      the directory whose files are the journals
 *     CRASH_POINT="journal before 3"        dies before its third operation on them
 *     CRASH_POINT="network after 5"         dies after its fifth operation on a TCP connection
 *
 * Operations on journals: what changes the directory or a file in it, or brings the change to the
 * disk. On the network: connect, what is sent, and what is received; a call that has nothing to
 * receive yet is none, so that their number does not depend on timing. Something is received once
 * it has left the peer, so before and after are the same there. */
#define _GNU_SOURCE /* RTLD_NEXT, O_TMPFILE */

#undef _FORTIFY_SOURCE /* it defines some of these functions itself */

#include <sys/socket.h>
#include <sys/stat.h>

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define EXPORT __attribute__((visibility("default")))

enum class { NONE, JOURNAL, NETWORK };
enum moment { BEFORE, AFTER };

static struct {
    enum class class;
    enum moment moment;
    unsigned long number;
    const char *journals;
} wanted;
static atomic_ulong operations;

__attribute__((constructor)) static void read_environment(void)
{
    const char *point = getenv("CRASH_POINT");
    char class[8], moment[8];

    wanted.journals = getenv("CRASH_JOURNALS");
    if (point == NULL)
        return;
    if (wanted.journals == NULL ||
        sscanf(point, "%7s %7s %lu", class, moment, &wanted.number) != 3 ||
        (strcmp(class, "journal") != 0 && strcmp(class, "network") != 0) ||
        (strcmp(moment, "before") != 0 && strcmp(moment, "after") != 0)) {
        fprintf(stderr, "certenroll-crash-points: CRASH_POINT is not understood\n");
        abort();
    }
    wanted.class = class[0] == 'j' ? JOURNAL : NETWORK;
    wanted.moment = moment[0] == 'b' ? BEFORE : AFTER;
}

/* --- points --- */

/* Counts an operation of this class; 0 when it is not of the one that is wanted. */
static unsigned long begin(enum class class)
{
    unsigned long number;

    if (class == NONE || class != wanted.class)
        return 0;
    number = atomic_fetch_add(&operations, 1) + 1;
    if (number == wanted.number && wanted.moment == BEFORE)
        raise(SIGKILL);
    return number;
}

static void end(unsigned long number)
{
    if (number > 0 && number == wanted.number)
        raise(SIGKILL);
}

/* --- what belongs to which class --- */

static enum class of_path(const char *path) {
    size_t length;

    if (wanted.class != JOURNAL || path == NULL) return NONE;
    length = strlen(wanted.journals);
    return strncmp(path, wanted.journals, length) == 0 &&
                   (path[length] == '/' || path[length] == '\0')
               ? JOURNAL
               : NONE;
}

static enum class of_file(int fd) {
    char name[64], path[4096]; int saved_errno = errno; ssize_t length;

    if (wanted.class != JOURNAL) return NONE;
    snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
    length = readlink(name, path, sizeof(path) - 1);
    errno = saved_errno;
    if (length < 0) return NONE;
    path[length] = '\0';
    return of_path(path);
}

static enum class of_path_at(int directory, const char *path) {
    return path != NULL && path[0] == '/' ? of_path(path) : of_file(directory);
}

static enum class of_socket(int fd) {
    int domain = 0, type = 0, saved_errno = errno; socklen_t size = sizeof(int);

    if (wanted.class != NETWORK) return NONE;
    if (getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &size) < 0 ||
        getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) < 0) errno = saved_errno;
    return (domain == AF_INET || domain == AF_INET6) && type == SOCK_STREAM ? NETWORK : NONE;
}

/* --- the functions that are stood in for --- */

/* The next function of this name: the C library's. POSIX's dlsym and C do not go together but by
 * way of memory. */
#define REAL(name)                                                                                 \
    static __typeof__(&name) real;                                                                 \
    if (real == NULL) {                                                                            \
        void *symbol = dlsym(RTLD_NEXT, #name);                                                    \
                                                                                                   \
        if (symbol == NULL)                                                                        \
            abort();                                                                               \
        memcpy(&real, &symbol, sizeof(real));                                                      \
    }

#define STAND_IN(type, name, parameters, arguments, class)                                         \
    EXPORT type name parameters                                                                    \
    {                                                                                              \
        REAL(name)                                                                                 \
        unsigned long number = begin(class);                                                       \
        type result = real arguments;                                                              \
                                                                                                   \
        end(number);                                                                               \
        return result;                                                                             \
    }

STAND_IN(int, mkdir, (const char *path, mode_t mode), (path, mode), of_path(path))
STAND_IN(int, mkostemp, (char *path, int flags), (path, flags), of_path(path))
STAND_IN(int, mkostemp64, (char *path, int flags), (path, flags), of_path(path))
STAND_IN(int, fsync, (int fd), (fd), of_file(fd))
STAND_IN(int, fdatasync, (int fd), (fd), of_file(fd))
STAND_IN(int, ftruncate, (int fd, off_t length), (fd, length), of_file(fd))
STAND_IN(int, ftruncate64, (int fd, off64_t length), (fd, length), of_file(fd))
STAND_IN(int, rename, (const char *from, const char *to), (from, to), of_path(to))
STAND_IN(int, renameat, (int from_at, const char *from, int to_at, const char *to),
         (from_at, from, to_at, to), of_path_at(to_at, to))
STAND_IN(int, link, (const char *from, const char *to), (from, to), of_path(to))
STAND_IN(int, linkat, (int from_at, const char *from, int to_at, const char *to, int flags),
         (from_at, from, to_at, to, flags), of_path_at(to_at, to))
STAND_IN(int, unlink, (const char *path), (path), of_path(path))
STAND_IN(int, remove, (const char *path), (path), of_path(path))
STAND_IN(int, unlinkat, (int at, const char *path, int flags), (at, path, flags),
         of_path_at(at, path))

#define STAND_IN_FOR_OPEN(name, parameters, arguments, class)                                      \
    EXPORT int name parameters                                                                     \
    {                                                                                              \
        REAL(name)                                                                                 \
        unsigned long number = 0;                                                                  \
        mode_t mode = 0;                                                                           \
        int result;                                                                                \
                                                                                                   \
        if (flags & (O_CREAT | O_TMPFILE)) {                                                       \
            va_list rest;                                                                          \
                                                                                                   \
            va_start(rest, flags);                                                                 \
            mode = va_arg(rest, mode_t);                                                           \
            va_end(rest);                                                                          \
        }                                                                                          \
        if (flags & (O_CREAT | O_TRUNC))                                                           \
            number = begin(class);                                                                 \
        result = real arguments;                                                                   \
        end(number);                                                                               \
        return result;                                                                             \
    }

STAND_IN_FOR_OPEN(open, (const char *path, int flags, ...), (path, flags, mode), of_path(path))
STAND_IN_FOR_OPEN(open64, (const char *path, int flags, ...), (path, flags, mode), of_path(path))
STAND_IN_FOR_OPEN(openat, (int at, const char *path, int flags, ...), (at, path, flags, mode),
                  of_path_at(at, path))
STAND_IN_FOR_OPEN(openat64, (int at, const char *path, int flags, ...), (at, path, flags, mode),
                  of_path_at(at, path))

/* A file or a socket. */
static enum class of_descriptor(int fd) {
    return wanted.class == NETWORK ? of_socket(fd) : of_file(fd);
}

STAND_IN(ssize_t, write, (int fd, const void *data, size_t length), (fd, data, length),
         of_descriptor(fd))
STAND_IN(int, connect, (int fd, const struct sockaddr *address, socklen_t length),
         (fd, address, length), of_socket(fd))
STAND_IN(ssize_t, send, (int fd, const void *data, size_t length, int flags),
         (fd, data, length, flags), of_socket(fd))
STAND_IN(ssize_t, sendto,
         (int fd, const void *data, size_t length, int flags, const struct sockaddr *address,
          socklen_t address_length),
         (fd, data, length, flags, address, address_length), of_socket(fd))
STAND_IN(ssize_t, sendmsg, (int fd, const struct msghdr *message, int flags), (fd, message, flags),
         of_socket(fd))

#define STAND_IN_FOR_RECEIVING(name, parameters, arguments)                                        \
    EXPORT ssize_t name parameters                                                                 \
    {                                                                                              \
        REAL(name)                                                                                 \
        ssize_t result = real arguments;                                                           \
                                                                                                   \
        if (result >= 0)                                                                           \
            end(begin(of_socket(fd)));                                                             \
        return result;                                                                             \
    }

STAND_IN_FOR_RECEIVING(read, (int fd, void *data, size_t length), (fd, data, length))
STAND_IN_FOR_RECEIVING(recv, (int fd, void *data, size_t length, int flags),
                       (fd, data, length, flags))
STAND_IN_FOR_RECEIVING(recvfrom,
                       (int fd, void *data, size_t length, int flags,
                        struct sockaddr *restrict address, socklen_t *restrict address_length),
                       (fd, data, length, flags, address, address_length))
STAND_IN_FOR_RECEIVING(recvmsg, (int fd, struct msghdr *message, int flags), (fd, message, flags))
