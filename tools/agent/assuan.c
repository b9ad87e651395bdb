/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE /* pipe2, explicit_bzero */

#include "assuan.h"

#include "common/locked.h"
#include "common/message.h"

#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define LINE_MAX_BYTES 1000 /* without its end */
#define ANSWER_SECONDS 300  /* a person needs some time */
#define LINES_MAX 200       /* to one command */
#define END_MILLISECONDS 2000

extern char **environ;

/* In locked memory: the PIN goes through `input`. */
struct assuan {
    pid_t pid;
    int to, from;
    size_t used; /* of `input`, beyond the line that was taken last */
    size_t taken;
    char input[LINE_MAX_BYTES + 2];
};

static int fail_protocol(struct failure *failure)
{
    failure_set(failure, CERTENROLL_E_SYSTEM, "%s", _("pinentry cannot be spoken to"));
    failure_advise(failure, "%s", _("Look at \"pinentry\" in the configuration."));
    return failure->status;
}

/* --- starting --- */

static int spawn(struct assuan *assuan, const char *program, const int ends[2])
{
    char *const argv[] = { (char *)program, NULL };
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t pipe_signal;
    int error;

    if (posix_spawn_file_actions_init(&actions) != 0)
        return ENOMEM;
    if (posix_spawnattr_init(&attributes) != 0) {
        posix_spawn_file_actions_destroy(&actions);
        return ENOMEM;
    }
    sigemptyset(&pipe_signal);
    sigaddset(&pipe_signal, SIGPIPE); /* startup() ignores it, which a child would inherit */
    posix_spawnattr_setsigdefault(&attributes, &pipe_signal);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
    error = posix_spawn_file_actions_adddup2(&actions, ends[0], STDIN_FILENO);
    if (error == 0)
        error = posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    if (error == 0)
        error = posix_spawn(&assuan->pid, program, &actions, &attributes, argv, environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return error;
}

/* Both pipes, ours and the child's ends. */
static int start_piped(struct assuan *assuan, const char *program)
{
    int in[2], out[2], error;

    if (pipe2(in, O_CLOEXEC) < 0)
        return errno;
    if (pipe2(out, O_CLOEXEC) < 0) {
        error = errno;
        close(in[0]);
        close(in[1]);
        return error;
    }
    assuan->to = in[1];
    assuan->from = out[0];
    error = spawn(assuan, program, (int[2]){ in[0], out[1] });
    close(in[0]);
    close(out[1]);
    return error;
}

static int read_answer(struct assuan *assuan, int *code, char *data, size_t capacity,
                       size_t *length, struct failure *failure);

int assuan_start(struct assuan **out, const char *program, struct failure *failure)
{
    struct assuan *assuan = locked_new(sizeof(*assuan));
    int code = 0, status;

    *out = NULL;
    if (!assuan)
        return failure_memory(failure);
    assuan->to = assuan->from = -1;
    errno = start_piped(assuan, program);
    if (errno != 0)
        status = failure_errno(failure, _("cannot run %s"), program);
    else
        status = read_answer(assuan, &code, NULL, 0, NULL, failure);
    if (status == CERTENROLL_OK && code != ASSUAN_OK)
        status = fail_protocol(failure);
    if (status == CERTENROLL_OK)
        *out = assuan;
    else
        assuan_end(assuan);
    return status;
}

/* --- ending --- */

static int has_gone(pid_t pid)
{
    return waitpid(pid, NULL, WNOHANG) != 0;
}

void assuan_end(struct assuan *assuan)
{
    const struct timespec pause = { .tv_nsec = 20 * 1000 * 1000 };

    if (!assuan)
        return;
    if (assuan->to >= 0) {
        (void)!write(assuan->to, "BYE\n", 4);
        close(assuan->to);
        close(assuan->from);
    }
    for (int waited = 0; assuan->pid > 0; waited += 20) {
        if (has_gone(assuan->pid))
            break;
        if (waited == END_MILLISECONDS)
            kill(assuan->pid, SIGKILL);
        nanosleep(&pause, NULL);
    }
    locked_free(assuan, sizeof(*assuan));
}

/* --- lines --- */

static int64_t now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int wait_readable(int fd, int64_t until)
{
    struct pollfd wanted = { .fd = fd, .events = POLLIN };

    for (;;) {
        int64_t left = until - now_ms();
        int ready = left > 0 ? poll(&wanted, 1, (int)left) : 0;

        if (ready > 0)
            return 0;
        if (ready == 0 || errno != EINTR)
            return -1;
    }
}

/* The next line without its end, in `input` until the next call; NULL: there is none. */
static char *next_line(struct assuan *assuan, int64_t until)
{
    memmove(assuan->input, assuan->input + assuan->taken, assuan->used - assuan->taken);
    assuan->used -= assuan->taken;
    assuan->taken = 0;
    for (;;) {
        char *end = memchr(assuan->input, '\n', assuan->used);
        ssize_t got;

        if (end) {
            *end = '\0';
            assuan->taken = (size_t)(end - assuan->input) + 1;
            return assuan->input;
        }
        if (assuan->used == sizeof(assuan->input) || wait_readable(assuan->from, until) < 0)
            return NULL;
        got =
            read(assuan->from, assuan->input + assuan->used, sizeof(assuan->input) - assuan->used);
        if (got <= 0)
            return NULL;
        assuan->used += (size_t)got;
    }
}

/* --- answers --- */

static int nibble(char c)
{
    static const char digits[] = "0123456789ABCDEFabcdef";
    const char *at = c ? strchr(digits, c) : NULL;

    if (!at)
        return -1;
    return at - digits < 16 ? (int)(at - digits) : (int)(at - digits) - 6;
}

/* Appends what a D line holds. 0, or -1 when it does not fit or is no escape. */
static int take_data(const char *text, char *data, size_t capacity, size_t *length)
{
    if (!data)
        return 0;
    for (; *text; text++) {
        int c = (unsigned char)*text;

        if (c == '%') {
            int high = nibble(text[1]);
            int low = high < 0 ? -1 : nibble(text[2]);

            if (low < 0)
                return -1;
            c = high << 4 | low;
            text += 2;
        }
        if (*length == capacity)
            return -1;
        data[(*length)++] = (char)c;
    }
    return 0;
}

/* Whether the line ends the answer: 1 with *code, 0 not yet, -1 it is none. */
static int take_line(const char *line, int *code, char *data, size_t capacity, size_t *length)
{
    if (strncmp(line, "OK", 2) == 0 && (line[2] == '\0' || line[2] == ' ')) {
        *code = ASSUAN_OK;
        return 1;
    }
    if (strncmp(line, "ERR ", 4) == 0) {
        /* The error's source is in the upper half. */
        *code = (int)(strtoul(line + 4, NULL, 10) & 0xffff);
        return *code == ASSUAN_OK ? -1 : 1;
    }
    if (strncmp(line, "D ", 2) == 0)
        return take_data(line + 2, data, capacity, length);
    return line[0] == '#' || strncmp(line, "S ", 2) == 0 ? 0 : -1;
}

static int read_answer(struct assuan *assuan, int *code, char *data, size_t capacity,
                       size_t *length, struct failure *failure)
{
    int64_t until = now_ms() + (int64_t)ANSWER_SECONDS * 1000;
    int ended = 0;

    for (int i = 0; i < LINES_MAX && ended == 0; i++) {
        const char *line = next_line(assuan, until);

        ended = line ? take_line(line, code, data, capacity, length) : -1;
    }
    explicit_bzero(assuan->input, assuan->taken);
    return ended == 1 ? CERTENROLL_OK : fail_protocol(failure);
}

/* --- commands --- */

/* Percent-escapes what would end the line, and the percent sign. 0, or -1 when it does not fit. */
static int compose(char line[LINE_MAX_BYTES + 2], const char *command, const char *text)
{
    size_t used = (size_t)snprintf(line, LINE_MAX_BYTES, text ? "%s " : "%s", command);

    for (; text && *text; text++) {
        int escape = (unsigned char)*text < ' ' || *text == '%';

        if (used + 3 >= LINE_MAX_BYTES)
            return -1;
        if (escape)
            used += (size_t)sprintf(line + used, "%%%02X", (unsigned)(unsigned char)*text);
        else
            line[used++] = *text;
    }
    line[used++] = '\n';
    line[used] = '\0';
    return 0;
}

static int send_line(struct assuan *assuan, const char *line, struct failure *failure)
{
    size_t length = strlen(line);

    /* A pipe takes so little in one piece (PIPE_BUF). */
    return write(assuan->to, line, length) == (ssize_t)length ? CERTENROLL_OK
                                                              : fail_protocol(failure);
}

int assuan_command(struct assuan *assuan, int *code, const char *command, const char *text,
                   struct failure *failure)
{
    char line[LINE_MAX_BYTES + 2];
    int status;

    if (compose(line, command, text) < 0)
        return failure_set(failure, CERTENROLL_E_ARGUMENT, "%s",
                           _("what pinentry is to show is too long"));
    status = send_line(assuan, line, failure);
    return status < 0 ? status : read_answer(assuan, code, NULL, 0, NULL, failure);
}

int assuan_ask(struct assuan *assuan, int *code, const char *command, char *data, size_t capacity,
               size_t *length, struct failure *failure)
{
    char line[LINE_MAX_BYTES + 2];
    int status = CERTENROLL_OK;

    *length = 0;
    if (compose(line, command, NULL) < 0)
        return fail_protocol(failure);
    status = send_line(assuan, line, failure);
    if (status == CERTENROLL_OK)
        status = read_answer(assuan, code, data, capacity, length, failure);
    if (status < 0 && data)
        explicit_bzero(data, capacity);
    return status;
}
