/* SPDX-License-Identifier: Apache-2.0 */
#include "base/diagnostics.h"

#include "common/message.h"

#include <openssl/err.h>

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

int fail(certenroll_class kind, const char *format, ...)
{
    char what[1024];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(what, sizeof(what), format, arguments);
    va_end(arguments);
    fprintf(stderr, "demo-ra: %s\n", what);
    return (int)kind;
}

int fail_errno(const char *format, ...)
{
    const char *reason = strerror(errno);
    char what[1024];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(what, sizeof(what), format, arguments);
    va_end(arguments);
    return fail(CERTENROLL_CLASS_SYSTEM, _("%s: %s"), what, reason);
}

int fail_openssl(const char *format, ...)
{
    const char *reason = ERR_reason_error_string(ERR_peek_error());
    char what[1024];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(what, sizeof(what), format, arguments);
    va_end(arguments);
    ERR_clear_error();
    return fail(CERTENROLL_CLASS_INTERNAL, _("%s: %s"), what,
                reason ? reason : _("no reason given"));
}

int fail_library(certenroll_error *error)
{
    certenroll_class kind = certenroll_status_class(certenroll_error_status(error));

    fail(kind, "%s", certenroll_error_message(error));
    certenroll_error_free(error);
    return (int)kind;
}

int operator_reads_japanese(void)
{
    /* TRANSLATORS: the tag of the language that you translate into. */
    return strcmp(_("en"), "ja") == 0;
}

void log_event(const char *format, ...)
{
    char stamp[sizeof("2000-01-01T00:00:00Z")];
    char what[1024];
    time_t now = time(NULL);
    struct tm utc;
    va_list arguments;

    if (!gmtime_r(&now, &utc) || !strftime(stamp, sizeof(stamp), "%Y-%m-%dT%H:%M:%SZ", &utc))
        stamp[0] = '\0';
    va_start(arguments, format);
    vsnprintf(what, sizeof(what), format, arguments);
    va_end(arguments);
    fprintf(stderr, "[%s] %s\n", stamp, what);
}
