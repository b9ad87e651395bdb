/* SPDX-License-Identifier: Apache-2.0 */
/* What tests want to know: which commands came, and how many. */
#ifndef PIV_TRACE_H
#define PIV_TRACE_H

#include "apdu.h"

/* Adds a line "INS P1P2 STATUS" to the log: the header and the status word, never what is in
 * between; and counts in the other file. Either may be -1. */
void trace_command(int log, int count, struct bytes frame, const uint8_t *status_word);

/* The files, opened; -1 after a message. A count goes on from what is there. */
int trace_open_log(const char *path);
int trace_open_count(const char *path);

#endif
