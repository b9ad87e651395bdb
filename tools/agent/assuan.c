/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE /* pipe2 */

#include "assuan.h"

#include "base/platform.h"
#include "base/text.h"
#include "common/tool_message.h"

#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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

static int fail_protocol(certenroll_error **error)
{
    certenroll_error_set(error, CERTENROLL_E_SYSTEM, _("pinentry cannot be spoken to"));
    certenroll_error_advise(error, _("Look at \"pinentry\" in the configuration."));
    return CERTENROLL_E_SYSTEM;
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

/* By a pipe for each direction. Returns errno's number, or 0. */
static int start_piped(struct assuan *assuan, const char *program)
{
    int in[2] = { -1, -1 }, out[2] = { -1, -1 }, failed;

    failed = pipe2(in, O_CLOEXEC) < 0 || pipe2(out, O_CLOEXEC) < 0
                 ? errno
                 : spawn(assuan, program, (int[2]){ in[0], out[1] });
    assuan->to = in[1];
    assuan->from = out[0];
    close(in[0]);
    close(out[1]);
    return failed;
}

static int read_answer(struct assuan *assuan, struct assuan_answer *answer,
                       certenroll_error **error);

int assuan_start(struct assuan **out, const char *program, certenroll_error **error)
{
    struct assuan *assuan = ce_locked_alloc(sizeof(*assuan));
    struct assuan_answer greeting = { 0 };
    int status;

    *out = NULL;
    if (!assuan)
        return certenroll_error_set_memory(error);
    errno = start_piped(assuan, program);
    status = errno ? certenroll_error_set_errno(error, _("cannot run %s"), program)
                   : read_answer(assuan, &greeting, error);
    if (status == CERTENROLL_OK && greeting.code != ASSUAN_OK)
        status = fail_protocol(error);
    if (status == CERTENROLL_OK)
        *out = assuan;
    else
        assuan_end(assuan);
    return status;
}

void assuan_end(struct assuan *assuan)
{
    if (!assuan)
        return;
    (void)!write(assuan->to, "BYE\n", 4);
    close(assuan->to);
    close(assuan->from);
    for (int waited = 0; assuan->pid > 0 && waitpid(assuan->pid, NULL, WNOHANG) == 0;
         waited += 20) {
        if (waited == END_MILLISECONDS)
            kill(assuan->pid, SIGKILL);
        ce_sleep_ms(20);
    }
    ce_locked_free(assuan, sizeof(*assuan));
}

/* --- lines --- */

static int wait_readable(int fd, int64_t until)
{
    struct pollfd wanted = { .fd = fd, .events = POLLIN };

    for (;;) {
        int64_t left = until - ce_uptime_ms();
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

/* Appends what a D line holds. 0, or -1 when it does not fit or is no escape. */
static int take_data(const char *text, struct assuan_answer *answer)
{
    for (; answer->data && *text; text++) {
        int c = (unsigned char)*text;

        if (c == '%') {
            c = ce_hex_octet(text + 1);
            text += 2;
        }
        if (c < 0 || answer->length == answer->capacity)
            return -1;
        answer->data[answer->length++] = (char)c;
    }
    return 0;
}

/* Whether the line ends the answer: 1 with its code, 0 not yet, -1 it is none. */
static int take_line(const char *line, struct assuan_answer *answer)
{
    if (strncmp(line, "OK", 2) == 0 && (line[2] == '\0' || line[2] == ' ')) {
        answer->code = ASSUAN_OK;
        return 1;
    }
    if (strncmp(line, "ERR ", 4) == 0) {
        /* The error's source is in the upper half. */
        answer->code = (int)(strtoul(line + 4, NULL, 10) & 0xffff);
        return answer->code == ASSUAN_OK ? -1 : 1;
    }
    if (strncmp(line, "D ", 2) == 0)
        return take_data(line + 2, answer);
    return line[0] == '#' || strncmp(line, "S ", 2) == 0 ? 0 : -1;
}

static int read_answer(struct assuan *assuan, struct assuan_answer *answer,
                       certenroll_error **error)
{
    int64_t until = ce_uptime_ms() + (int64_t)ANSWER_SECONDS * 1000;
    int ended = 0;

    answer->length = 0;
    for (int i = 0; i < LINES_MAX && ended == 0; i++) {
        const char *line = next_line(assuan, until);

        ended = line ? take_line(line, answer) : -1;
    }
    ce_wipe(assuan->input, assuan->taken);
    if (ended == 1)
        return CERTENROLL_OK;
    if (answer->data)
        ce_wipe(answer->data, answer->capacity);
    return fail_protocol(error);
}

/* --- commands --- */

/* Percent-escapes what would end the line, and the percent sign. 0, or -1 when it does not fit. */
static int compose(char line[LINE_MAX_BYTES + 2], const char *command, const char *text)
{
    size_t used = (size_t)snprintf(line, LINE_MAX_BYTES, "%s", command);

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

int assuan_ask(struct assuan *assuan, struct assuan_answer *answer, const char *command,
               const char *text, certenroll_error **error)
{
    char line[LINE_MAX_BYTES + 2];

    if (compose(line, command, text) < 0)
        return certenroll_error_set(error, CERTENROLL_E_ARGUMENT,
                                    _("what pinentry is to show is too long"));
    /* A pipe takes so little in one piece (PIPE_BUF). */
    if (write(assuan->to, line, strlen(line)) != (ssize_t)strlen(line))
        return fail_protocol(error);
    return read_answer(assuan, answer, error);
}
