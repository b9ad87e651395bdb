/* SPDX-License-Identifier: Apache-2.0 */
/* How far a batch has come: a bar on a terminal; where there is none, the results alone tell. */
#ifndef CERTENROLL_TOOL_PROGRESS_BAR_H
#define CERTENROLL_TOOL_PROGRESS_BAR_H

#include <stddef.h>
#include <stdint.h>

struct batch_progress {
    int on_terminal; /* stderr is one, and no log comes between */
    int with_lines;  /* no terminal, and no results as they come: a line on stderr for each row */
    int is_shown;
    size_t total, done, failed;
};

/* Shows the bar, with what is being worked on. */
void batch_progress_show(struct batch_progress *progress, const char *subject);

/* A row is done. */
void batch_progress_line(const struct batch_progress *progress, const char *line);

/* Makes room for other output. */
void batch_progress_clear(struct batch_progress *progress);

/* Waits until then; `what` for is said. */
void batch_progress_wait(struct batch_progress *progress, int64_t until, const char *what);

#endif
