/* SPDX-License-Identifier: Apache-2.0 */
/* Making errors. A call site is one line: `return ce_fail(error, STATUS, _("what"), ...)`; the
 * remedy comes from the status table (status.c) unless the site knows a better one. */
#ifndef CE_BASE_ERROR_H
#define CE_BASE_ERROR_H

#include <certenroll/error.h>

#if defined(__GNUC__) || defined(__clang__)
#define CE_PRINTF(string, first) __attribute__((format(printf, string, first)))
#else
#define CE_PRINTF(string, first)
#endif

/* Sets *error (when `error` is not NULL) to `status` and the clause `what`. An error that is there
 * already is replaced. Returns `status`. */
int ce_fail(certenroll_error **error, int status, const char *what, ...) CE_PRINTF(3, 4);

/* Frees *error and sets it to NULL: what failed does not matter any more. */
void ce_error_clear(certenroll_error **error);

/* Out of memory: always succeeds in saying so, for it allocates nothing. */
int ce_fail_memory(certenroll_error **error);

/* Add to the error that ce_fail just made; without effect where there is none. */
void ce_because(certenroll_error **error, const char *why, ...) CE_PRINTF(2, 3);
void ce_advise(certenroll_error **error, const char *advice, ...) CE_PRINTF(2, 3);
void ce_error_set_ck_rv(certenroll_error **error, unsigned long rv);
void ce_error_set_openssl(certenroll_error **error, unsigned long code);
void ce_error_set_http_status(certenroll_error **error, long http_status);

/* A failed system call: what, with strerror(errno) as the reason. Returns CERTENROLL_E_SYSTEM, or
 * CERTENROLL_E_MEMORY for want of that. */
int ce_fail_errno(certenroll_error **error, const char *what, ...) CE_PRINTF(2, 3);

#endif
