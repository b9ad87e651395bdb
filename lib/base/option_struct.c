/* SPDX-License-Identifier: Apache-2.0 */
#include "base/option_struct.h"

#include "base/message.h"

#include <string.h>

int ce_options_take(void *own, size_t own_size, const void *given, certenroll_error **error)
{
    size_t given_size;

    if (!given)
        return CERTENROLL_OK;
    memcpy(&given_size, given, sizeof(given_size));
    if (given_size < sizeof(given_size) || given_size > own_size) {
        certenroll_error_set(error, CERTENROLL_E_ARGUMENT,
                             _("an option struct has the size %zu, not %zu"), given_size, own_size);
        certenroll_error_advise(
            error, _("Start from the header's ..._OPTIONS_INIT, and run with a library at "
                     "least as new as the header."));
        return CERTENROLL_E_ARGUMENT;
    }
    memcpy(own, given, given_size);
    return CERTENROLL_OK;
}
