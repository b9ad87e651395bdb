/* SPDX-License-Identifier: Apache-2.0 */
#define _POSIX_C_SOURCE 200809L /* flockfile, strcasecmp */

#include "common/log.h"

#include "base/platform.h"

#include <stdio.h>
#include <strings.h>
#include <time.h>

static const char *const names[] = {
    [CERTENROLL_LOG_ERROR] = "error", [CERTENROLL_LOG_WARNING] = "warning",
    [CERTENROLL_LOG_INFO] = "info",   [CERTENROLL_LOG_DEBUG] = "debug",
    [CERTENROLL_LOG_TRACE] = "trace",
};

certenroll_log_level log_level_from_name(const char *name)
{
    for (size_t i = CERTENROLL_LOG_ERROR; i < sizeof(names) / sizeof(names[0]); i++)
        if (strcasecmp(name, names[i]) == 0)
            return (certenroll_log_level)i;
    return (certenroll_log_level)0;
}

void log_time_stamp(void)
{
    char stamp[32] = "";
    struct tm local;

    if (ce_local_time(&local, ce_now()) == 0)
        strftime(stamp, sizeof(stamp), "[%Y-%m-%d %H:%M:%S] ", &local);
    fputs(stamp, stderr);
}

void log_to_stderr(void *user, certenroll_log_level level, const char *message)
{
    (void)user;
    flockfile(stderr);
    log_time_stamp();
    fprintf(stderr, "%s: %s\n", names[level], message);
    funlockfile(stderr);
}
