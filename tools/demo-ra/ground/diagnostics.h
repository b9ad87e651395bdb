/* SPDX-License-Identifier: Apache-2.0 */
/* What the operator reads of the running server on standard error. Nothing here ever gets a secret.
 * What a command cannot do goes up as a certenroll_error, which main() prints. */
#ifndef DEMO_RA_DIAGNOSTICS_H
#define DEMO_RA_DIAGNOSTICS_H

#include <certenroll/error.h>

/* For texts that are not in the catalogue because requesters get them in both languages. */
int operator_reads_japanese(void);

/* One line of the running server's log, with the time. */
void log_event(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* The same with what happened and why; for what no caller is there to be told. Clears *error. */
void log_error(certenroll_error **error);

#endif
