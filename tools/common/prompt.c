/* SPDX-License-Identifier: Apache-2.0 */
#define _XOPEN_SOURCE 700 /* sigaction */

#include "common/prompt.h"

#include "base/platform.h"
#include "common/tool_message.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

static const int watched[] = { SIGALRM, SIGHUP,  SIGINT,  SIGPIPE, SIGQUIT,
                               SIGTERM, SIGTSTP, SIGTTIN, SIGTTOU };
enum { WATCHED = sizeof(watched) / sizeof(watched[0]) };

/* The signal that came while the echo was off; signal handlers can reach nothing but globals. */
static volatile sig_atomic_t caught;

static void note_signal(int number)
{
    caught = number;
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

    while (!caught && !ended) {
        ssize_t got = read(terminal, &c, 1);

        if (got < 0 && errno == EINTR)
            continue;
        if (got != 1)
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
    struct sigaction before[WATCHED], noting;
    struct termios usual, asking;
    enum prompt_result result = PROMPT_NO_TERMINAL;
    int number = 0;

    *length = 0;
    /* Without SA_RESTART: the read must return. */
    memset(&noting, 0, sizeof(noting));
    noting.sa_handler = note_signal;
    sigemptyset(&noting.sa_mask);
    while (terminal >= 0 && tcgetattr(terminal, &usual) == 0) {
        asking = usual;
        asking.c_lflag &= ~hidden;
        caught = 0;
        for (size_t i = 0; i < WATCHED; i++) {
            sigaction(watched[i], NULL, &before[i]);
            if (before[i].sa_handler != SIG_IGN)
                sigaction(watched[i], &noting, NULL);
        }
        /* TCSAFLUSH: what was typed before the question is no answer to it. */
        tcsetattr(terminal, TCSAFLUSH, &asking);
        show(terminal, question);
        result = read_line(terminal, buffer, capacity, length);
        tcsetattr(terminal, TCSAFLUSH, &usual);
        if (hidden)
            show(terminal, "\n");
        number = caught;
        for (size_t i = 0; i < WATCHED; i++)
            sigaction(watched[i], &before[i], NULL);
        if (!number)
            break;
        raise(number);
        /* Still here: it was stopped and goes on, so the question is asked anew. */
        result = PROMPT_NO_TERMINAL;
    }
    if (terminal >= 0)
        close(terminal);
    return result;
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
