/* SPDX-License-Identifier: Apache-2.0 */
/* pinentry as a child, and the Assuan protocol by which it is spoken to (libassuan's and GnuPG's
 * manuals): lines of at most 1000 bytes, percent-escaped, answered by OK, ERR, D, S and #. */
#ifndef AGENT_ASSUAN_H
#define AGENT_ASSUAN_H

#include "common/failure.h"

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

/* Starts the program; *out is ended by assuan_end(). */
int assuan_start(struct assuan **out, const char *program, struct failure *failure);

/* Sends "COMMAND TEXT" (`text` NULL: the command alone) and waits for its end. *code is one of the
 * above, or what else pinentry says. The data that comes on the way is put into `data` (`capacity`
 * bytes, *length of them; NULL: dropped). */
int assuan_command(struct assuan *assuan, int *code, const char *command, const char *text,
                   struct failure *failure);
int assuan_ask(struct assuan *assuan, int *code, const char *command, char *data, size_t capacity,
               size_t *length, struct failure *failure);

/* Ends the program, by force where it does not go. NULL is allowed. */
void assuan_end(struct assuan *assuan);

#endif
