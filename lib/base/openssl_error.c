/* SPDX-License-Identifier: Apache-2.0 */
#include "base/openssl_error.h"

#include <openssl/err.h>

#include <stdarg.h>
#include <stdio.h>

int ce_fail_openssl(certenroll_error **error, int status, const char *what, ...)
{
    const char *data = NULL;
    int flags = 0;
    unsigned long code = ERR_peek_error_data(&data, &flags);
    const char *reason = ERR_reason_error_string(code);
    char clause[512];
    va_list arguments;

    if (ERR_GET_REASON(code) == ERR_R_MALLOC_FAILURE) {
        ERR_clear_error();
        return ce_fail_memory(error);
    }
    va_start(arguments, what);
    vsnprintf(clause, sizeof(clause), what, arguments);
    va_end(arguments);
    ce_fail(error, status, "%s", clause);
    if (reason && (flags & ERR_TXT_STRING) && data && data[0])
        ce_because(error, "OpenSSL: %s (%s)", reason, data);
    else if (reason)
        ce_because(error, "OpenSSL: %s", reason);
    ce_error_set_openssl(error, code);
    ERR_clear_error();
    return status;
}
