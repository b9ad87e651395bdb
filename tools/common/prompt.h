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
    PROMPT_NO_MEMORY,
    PROMPT_DIFFERENT, /* of prompt_new_secret: not the same twice */
    PROMPT_CANCELLED, /* by an interrupt (interrupt.h) */
};

/* Shows `question` on the controlling terminal and reads one line without echo. The terminal is
 * put back as it was, also when a signal ends or stops the program meanwhile, whichever it is but
 * SIGKILL and SIGSTOP. For one thread. */
enum prompt_result prompt_secret(const char *question, char *buffer, size_t capacity,
                                 size_t *length);

/* The same for a secret that is to be set: nobody sees what is typed, and a slip in it would lock
 * its owner out, so it is asked for once more with `again`. What is no answer is wiped. */
enum prompt_result prompt_new_secret(const char *question, const char *again, char *buffer,
                                     size_t capacity, size_t *length);

/* The same with echo, for an answer that is no secret: *is_yes for a line that begins with "y" or
 * "Y". */
enum prompt_result prompt_yes(const char *question, int *is_yes);

/* The same with echo, for one line of text that is no secret. */
enum prompt_result prompt_text(const char *question, char *buffer, size_t capacity, size_t *length);

/* Why there is no answer; "" for PROMPT_OK. */
const char *prompt_why_not(enum prompt_result result);

/* Shows one line on the terminal, or on stderr where there is none. */
void prompt_tell(const char *text);

#endif
