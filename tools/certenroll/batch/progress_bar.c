/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE /* struct winsize, asprintf */

#include "batch/progress_bar.h"

#include "base/text.h"
#include "common/shown_text.h"
#include "common/tool_message.h"
#include "enrolment/run_enrolment.h"

#include <sys/ioctl.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define USUAL_COLUMNS 80
#define MOST_COLUMNS 500
#define BAR_COLUMNS 24

static size_t terminal_columns(void)
{
    struct winsize size;

    if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) < 0 || size.ws_col == 0)
        return USUAL_COLUMNS;
    return size.ws_col < MOST_COLUMNS ? size.ws_col : MOST_COLUMNS;
}

/* Takes characters off the end until the text fits. */
static void shorten(char *text, size_t columns)
{
    size_t length = strlen(text);

    if (length > 4 * columns)
        length = 4 * columns; /* UTF-8 has up to 4 bytes a column */
    for (;;) {
        while (length > 0 && ((unsigned char)text[length] & 0xc0) == 0x80)
            length--;
        text[length] = '\0';
        if (length == 0 || text_width(text) <= columns)
            return;
        length--;
    }
}

/* Freed by free(); NULL: no memory. */
static char *compose_bar(const struct batch_progress *progress, const char *now)
{
    size_t filled = progress->total ? progress->done * BAR_COLUMNS / progress->total : 0;
    char bar[BAR_COLUMNS + 1] = "", failed[64] = "", *raw = NULL, *clean;

    memset(bar, '.', BAR_COLUMNS);
    memset(bar, '#', filled);
    if (progress->failed)
        snprintf(failed, sizeof(failed), _("  %zu failed"), progress->failed);
    if (asprintf(&raw, "[%s] %zu/%zu%s  %s", bar, progress->done, progress->total, failed, now) < 0)
        return NULL;
    clean = ce_text_shown(raw);
    free(raw);
    return clean;
}

void batch_progress_show(struct batch_progress *progress, const char *subject)
{
    char *text = progress->on_terminal ? compose_bar(progress, subject) : NULL;

    if (!text)
        return;
    shorten(text, terminal_columns() - 1); /* in the last column a terminal begins a new line */
    fprintf(stderr, "\r%s\033[K", text);   /* ECMA-48 EL: what is left of a longer line */
    fflush(stderr);
    progress->is_shown = 1;
    free(text);
}

void batch_progress_line(const struct batch_progress *progress, const char *line)
{
    if (progress->with_lines)
        fprintf(stderr, "[%zu/%zu] %s\n", progress->done, progress->total, line);
}

void batch_progress_clear(struct batch_progress *progress)
{
    if (!progress->is_shown)
        return;
    fputs("\r\033[K", stderr);
    fflush(stderr);
    progress->is_shown = 0;
}

void batch_progress_wait(struct batch_progress *progress, int64_t until, const char *what)
{
    char when[32], text[256];

    local_time(when, sizeof(when), until, 1);
    /* TRANSLATORS: what is waited for, and until when. */
    snprintf(text, sizeof(text), _("%s; waiting until %s"), what, when);
    if (progress->on_terminal)
        batch_progress_show(progress, text);
    else
        fprintf(stderr, "%s\n", text);
    sleep_until(until);
}
