/* SPDX-License-Identifier: Apache-2.0 */
/* Asking a person on the terminal. */
#ifndef TOOLS_COMMON_PROMPT_H
#define TOOLS_COMMON_PROMPT_H

#include <stddef.h>

enum prompt_result {
    PROMPT_OK,
    PROMPT_NO_TERMINAL,
    PROMPT_NOTHING, /* an empty line, or the end of input */
    PROMPT_TOO_LONG,
};

/* Shows `question` on the controlling terminal and reads one line without echo. The terminal is
 * put back as it was, also when a signal ends or stops the program meanwhile. For one thread. */
enum prompt_result prompt_secret(const char *question, char *buffer, size_t capacity,
                                 size_t *length);

/* The same with echo, for an answer that is no secret: *is_yes for a line that begins with "y" or
 * "Y". */
enum prompt_result prompt_yes(const char *question, int *is_yes);

/* The same with echo, for one line of text that is no secret. */
enum prompt_result prompt_text(const char *question, char *buffer, size_t capacity, size_t *length);

/* Shows one line on the terminal, or on stderr where there is none. */
void prompt_tell(const char *text);

#endif
