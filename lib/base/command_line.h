/* SPDX-License-Identifier: Apache-2.0 */
/* A command that is shown to a person to be copied: what a POSIX shell reads of it are the words
 * that were put in, byte by byte, whatever is in a path or a URI. */
#ifndef CE_BASE_COMMAND_LINE_H
#define CE_BASE_COMMAND_LINE_H

#include "base/buffer.h"

/* Starts as { 0 }. */
struct ce_command {
    struct ce_buffer text;
    int is_lost; /* for want of memory */
};

/* One more word, in quotation marks where the shell would take it for anything else. */
void ce_command_add(struct ce_command *line, const char *word);
/* An option and its value; nothing when `value` is NULL or "". */
void ce_command_option(struct ce_command *line, const char *option, const char *value);
/* The whole, freed by free(); `line` is empty then. NULL: no memory. */
char *ce_command_take(struct ce_command *line);

#endif
