/* SPDX-License-Identifier: Apache-2.0 */
/* pinentry as a child, and the Assuan protocol by which it is spoken to (libassuan's and GnuPG's
 * manuals): lines of at most 1000 bytes, percent-escaped, answered by OK, ERR, D, S and #. */
#ifndef AGENT_ASSUAN_H
#define AGENT_ASSUAN_H

#include <certenroll/error.h>

#include <stddef.h>

struct assuan;

/* GnuPG's error codes, as far as they are answers. */
enum {
    ASSUAN_OK = 0,
    ASSUAN_TIMEOUT = 62,
    ASSUAN_CANCELED = 99,
    ASSUAN_NOT_CONFIRMED = 114,
    ASSUAN_FULLY_CANCELED = 198,
};

struct assuan_answer {
    int code;        /* one of the above, or what else pinentry says */
    char *data;      /* room for what comes with it, `capacity` bytes; NULL: it is dropped */
    size_t capacity; /* of it `length` are used */
    size_t length;
};

/* Starts the program; *out is ended by assuan_end(). */
int assuan_start(struct assuan **out, const char *program, certenroll_error **error);

/* Sends the command with `text` (may be NULL) escaped behind it, and waits for its end. */
int assuan_ask(struct assuan *assuan, struct assuan_answer *answer, const char *command,
               const char *text, certenroll_error **error);

/* Ends the program, by force where it does not go. NULL is allowed. */
void assuan_end(struct assuan *assuan);

#endif
