/* SPDX-License-Identifier: Apache-2.0 */
/* What the operator reads on standard error. Nothing here ever gets a secret. */
#ifndef DEMO_RA_DIAGNOSTICS_H
#define DEMO_RA_DIAGNOSTICS_H

#include <certenroll/error.h>

/* Each writes one line and returns the class, which is the exit status. */
int fail(certenroll_class kind, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The same with errno's text, of the class "system". */
int fail_errno(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* The same with OpenSSL's oldest queued reason, of the class "internal"; clears the queue. */
int fail_openssl(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* The same with the library's own message; frees `error`. */
int fail_library(certenroll_error *error);

/* For texts that are not in the catalogue because requesters get them in both languages. */
int operator_reads_japanese(void);

/* One line of the running server's log, with the time. */
void log_event(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
