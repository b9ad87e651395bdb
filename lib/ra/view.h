/* SPDX-License-Identifier: Apache-2.0 */
/* Speaking to the caller's view: what a member that is NULL answers, and what is said where it
 * refuses without a reason. */
#ifndef CE_RA_VIEW_H
#define CE_RA_VIEW_H

#include <certenroll/ra.h>

void view_log(const certenroll_ra_view *view, const char *format, ...) CERTENROLL_PRINTF(2, 3);

/* `status` is what a callback has returned: the error that it left out is made good. Returns it, 0
 * for what is no refusal. */
int view_answered(int status, certenroll_error **error);

/* Between two steps: CERTENROLL_E_CANCELLED once the person wants to end it. */
int view_goes_on(const certenroll_ra_view *view, certenroll_error **error);

/* Waits, and asks the same. */
int view_wait(const certenroll_ra_view *view, int seconds, certenroll_error **error);

#endif
