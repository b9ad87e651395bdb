/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOLS_COMMON_LOG_H
#define TOOLS_COMMON_LOG_H

#include <certenroll/context.h>

/* "error", "warning", "info", "debug" or "trace"; 0 for anything else. */
certenroll_log_level log_level_from_name(const char *name);

/* A certenroll_log_callback: one line on stderr with the local time and the level. */
void log_to_stderr(void *user, certenroll_log_level level, const char *message);

/* "[2026-11-22 16:12:46] " on stderr. */
void log_time_stamp(void);

#endif
