/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CE_BASE_OPTION_STRUCT_H
#define CE_BASE_OPTION_STRUCT_H

#include <certenroll/error.h>

#include <stddef.h>

/* Takes over a caller's option struct, whose first member is its size_t size: `own` holds the
 * defaults beforehand. A caller built against an older, shorter struct keeps the defaults of what
 * it does not know. `given` may be NULL. Errors: CERTENROLL_E_ARGUMENT for a size that is not one.
 */
int ce_options_take(void *own, size_t own_size, const void *given, certenroll_error **error);

#endif
