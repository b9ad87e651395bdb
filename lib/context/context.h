/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CE_CONTEXT_CONTEXT_H
#define CE_CONTEXT_CONTEXT_H

#include <certenroll/cancel.h>
#include <certenroll/context.h>
#include <certenroll/error.h>

/* Another reference to the same context. */
certenroll_context *ce_context_ref(certenroll_context *context);

/* What everything of the context heeds; NULL: nothing. Borrowed from it. */
const certenroll_cancel *ce_context_cancel(const certenroll_context *context);

/* Another reference to the same one; NULL for NULL. */
certenroll_cancel *ce_cancel_ref(certenroll_cancel *cancel);

/* One log line. Never pass a secret: there is no level at which one is written. */
void ce_log(const certenroll_context *context, certenroll_log_level level, const char *format, ...)
    CERTENROLL_PRINTF(3, 4);

#endif
