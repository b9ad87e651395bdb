/* SPDX-License-Identifier: Apache-2.0 */
#include "ground/diagnostics.h"

#include "base/platform.h"
#include "base/time.h"
#include "common/tool_message.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int operator_reads_japanese(void)
{
    /* TRANSLATORS: the tag of the language that you translate into. */
    return strcmp(_("en"), "ja") == 0;
}

void log_event(const char *format, ...)
{
    char stamp[CE_TIME_SIZE], what[1024];
    va_list arguments;

    ce_time_format(stamp, ce_now());
    va_start(arguments, format);
    vsnprintf(what, sizeof(what), format, arguments);
    va_end(arguments);
    fprintf(stderr, "[%s] %s\n", stamp, what);
}

void log_error(certenroll_error **error)
{
    const char *why = certenroll_error_why(*error);

    log_event("%s%s%s", certenroll_error_what(*error), why[0] ? ": " : "", why);
    certenroll_error_clear(error);
}
