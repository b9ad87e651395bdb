/* SPDX-License-Identifier: Apache-2.0 */
#define _XOPEN_SOURCE 700 /* sigaction */

#include "common/prompt.h"

#include "base/platform.h"
#include "common/interrupt.h"
#include "common/tool_message.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

enum { SIGNALS = 64 }; /* Linux: SIGRTMAX */

#define LOOK_MS 250 /* an interrupt may have come just before the wait, or to another thread */

/* What the signal handlers need: they can reach nothing but globals. */
static volatile sig_atomic_t caught; /* the signal that came while the echo was off */
static int asked_terminal;
static struct termios usual;

static void note_signal(int number)
{
    caught = number;
}

/* What went wrong goes wrong again on return, or abort() goes on: the terminal has to be in order
 * by then. One that was sent by kill(1) comes again. */
static void restore_and_end(int number)
{
    tcsetattr(asked_terminal, TCSANOW, &usual);
    signal(number, SIG_DFL);
    raise(number);
}

/* Each signal whose usual action ends or stops the process, and can be kept from it: what is not
 * there (the C library's own) sigaction refuses. */
static void (*action_of(int number))(int)
{
    switch (number) {
    case SIGKILL:
    case SIGSTOP:
    case SIGCHLD:
    case SIGCONT:
    case SIGURG:
    case SIGWINCH:
        return NULL;
    case SIGABRT:
    case SIGBUS:
    case SIGFPE:
    case SIGILL:
    case SIGSEGV:
    case SIGSYS:
    case SIGTRAP:
        return restore_and_end;
    default:
        return note_signal;
    }
}

/* `before` holds an action for each number, from 1. Without SA_RESTART: the wait must end. */
static void watch_signals(struct sigaction *before, int count)
{
    for (int number = 1; number <= count; number++) {
        struct sigaction watching = { .sa_handler = action_of(number) };

        sigemptyset(&watching.sa_mask);
        if (sigaction(number, NULL, &before[number - 1]) < 0)
            before[number - 1].sa_handler = SIG_IGN;
        else if (watching.sa_handler && before[number - 1].sa_handler != SIG_IGN)
            sigaction(number, &watching, NULL);
    }
}

static void unwatch_signals(const struct sigaction *before, int count)
{
    for (int number = 1; number <= count; number++)
        if (action_of(number) && before[number - 1].sa_handler != SIG_IGN)
            sigaction(number, &before[number - 1], NULL);
}

static int open_terminal(void)
{
    return open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
}

static void show(int terminal, const char *text)
{
    size_t length = strlen(text);

    while (length > 0) {
        ssize_t written = write(terminal, text, length);

        if (written <= 0)
            return;
        text += written;
        length -= (size_t)written;
    }
}

/* Reads to the line's end; what does not fit is read and forgotten. Without that end (the terminal
 * failed or hung up) it is no answer: a part of a PIN costs one of the token's tries. */
static enum prompt_result read_line(int terminal, char *buffer, size_t capacity, size_t *length)
{
    size_t seen = 0;
    int ended = 0;
    char c = '\0';

    while (!caught && !interrupt_came() && !ended) {
        struct pollfd typed = { .fd = terminal, .events = POLLIN };
        int ready = poll(&typed, 1, LOOK_MS);

        if (ready == 0 || (ready < 0 && errno == EINTR))
            continue;
        if (read(terminal, &c, 1) != 1)
            break;
        ended = c == '\n' || c == '\r';
        if (!ended && seen < capacity)
            buffer[seen] = c;
        seen += !ended;
    }
    ce_wipe(&c, sizeof(c));
    *length = ended && seen <= capacity ? seen : 0;
    if (*length > 0)
        return PROMPT_OK;
    ce_wipe(buffer, capacity);
    return ended && seen > capacity ? PROMPT_TOO_LONG : PROMPT_NOTHING;
}

/* One question, with the local modes `hidden` off. */
static enum prompt_result ask(const char *question, tcflag_t hidden, char *buffer, size_t capacity,
                              size_t *length)
{
    int terminal = open_terminal();
    struct sigaction before[SIGNALS];
    struct termios asking;
    enum prompt_result result = PROMPT_NO_TERMINAL;
    int number = 0;

    *length = 0;
    while (terminal >= 0 && !interrupt_came() && tcgetattr(terminal, &usual) == 0) {
        asked_terminal = terminal;
        asking = usual;
        asking.c_lflag &= ~hidden;
        caught = 0;
        watch_signals(before, SIGNALS);
        /* TCSAFLUSH: what was typed before the question is no answer to it. */
        tcsetattr(terminal, TCSAFLUSH, &asking);
        show(terminal, question);
        result = read_line(terminal, buffer, capacity, length);
        tcsetattr(terminal, TCSAFLUSH, &usual);
        if (hidden)
            show(terminal, "\n");
        number = caught;
        unwatch_signals(before, SIGNALS);
        if (!number)
            break;
        raise(number);
        /* Still here: it was stopped and goes on, so the question is asked anew. */
        result = PROMPT_NO_TERMINAL;
    }
    if (terminal >= 0)
        close(terminal);
    if (!interrupt_came())
        return result;
    ce_wipe(buffer, capacity);
    *length = 0;
    return PROMPT_CANCELLED;
}

enum prompt_result prompt_secret(const char *question, char *buffer, size_t capacity,
                                 size_t *length)
{
    return ask(question, ECHO | ECHONL, buffer, capacity, length);
}

enum prompt_result prompt_new_secret(const char *question, const char *again, char *buffer,
                                     size_t capacity, size_t *length)
{
    enum prompt_result result = prompt_secret(question, buffer, capacity, length);
    char *second = result == PROMPT_OK ? ce_locked_alloc(capacity) : NULL;
    size_t second_length = 0;

    if (result == PROMPT_OK && !second)
        result = PROMPT_NO_MEMORY;
    if (result == PROMPT_OK)
        result = prompt_secret(again, second, capacity, &second_length);
    if (result == PROMPT_OK &&
        (second_length != *length || memcmp(second, buffer, second_length) != 0))
        result = PROMPT_DIFFERENT;
    ce_locked_free(second, capacity);
    if (result == PROMPT_OK)
        return PROMPT_OK;
    ce_wipe(buffer, capacity);
    *length = 0;
    return result;
}

enum prompt_result prompt_text(const char *question, char *buffer, size_t capacity, size_t *length)
{
    return ask(question, 0, buffer, capacity, length);
}

enum prompt_result prompt_yes(const char *question, int *is_yes)
{
    char answer[80];
    size_t length = 0;
    enum prompt_result result = ask(question, 0, answer, sizeof(answer), &length);

    *is_yes = result == PROMPT_OK && (answer[0] == 'y' || answer[0] == 'Y');
    return result;
}

const char *prompt_why_not(enum prompt_result result)
{
    switch (result) {
    case PROMPT_OK:
        break;
    case PROMPT_NO_TERMINAL:
        return _("there is no terminal to ask on, and no file was named to read it from");
    case PROMPT_NOTHING:
        return _("nothing was typed");
    case PROMPT_TOO_LONG:
        return _("what was typed is too long");
    case PROMPT_NO_MEMORY:
        return _("out of memory");
    case PROMPT_DIFFERENT:
        return _("what was typed the second time differed from the first");
    case PROMPT_CANCELLED:
        return _("it was interrupted");
    }
    return "";
}

void prompt_tell(const char *text)
{
    int terminal = open_terminal();

    if (terminal < 0) {
        fprintf(stderr, "%s\n", text);
        return;
    }
    show(terminal, text);
    show(terminal, "\n");
    close(terminal);
}
