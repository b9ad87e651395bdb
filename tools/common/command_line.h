/* SPDX-License-Identifier: Apache-2.0 */
/* A command that is shown to a person to be copied: what a POSIX shell reads of it are the words
 * that were put in, byte by byte, whatever is in a path or a URI. */
#ifndef TOOLS_COMMON_COMMAND_LINE_H
#define TOOLS_COMMON_COMMAND_LINE_H

#include "base/buffer.h"

/* Starts as { 0 }. */
struct command_line {
    struct ce_buffer text;
    int is_lost; /* for want of memory */
};

/* One more word, in quotation marks where the shell would take it for anything else. */
void command_line_add(struct command_line *line, const char *word);
/* An option and its value; nothing when `value` is NULL or "". */
void command_line_option(struct command_line *line, const char *option, const char *value);
/* The whole, freed by free(); `line` is empty then. NULL: no memory. */
char *command_line_take(struct command_line *line);

#endif
