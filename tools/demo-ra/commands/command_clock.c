/* SPDX-License-Identifier: Apache-2.0 */
#include "base/platform.h"
#include "base/time.h"
#include "commands/command.h"
#include "common/tool_message.h"

#include <stdio.h>
#include <string.h>

/* "2026-12-30T12:00:00Z", or with "+09:00" instead of "Z" (RFC 3339). Returns 0 or -1. */
static int read_time(int64_t *out, const char *text)
{
    char moment[CE_TIME_SIZE], sign = '+';
    const char *zone = text + strnlen(text, strlen("2026-12-30T12:00:00"));
    int hours = 0, minutes = 0, length = 0;

    snprintf(moment, sizeof(moment), "%.*sZ", (int)(zone - text), text);
    if (ce_time_parse(out, moment) < 0)
        return -1;
    if (strcmp(zone, "Z") != 0 &&
        (sscanf(zone, "%c%2d:%2d%n", &sign, &hours, &minutes, &length) != 3 || length != 6 ||
         zone[length] || !strchr("+-", sign)))
        return -1;
    *out -= (sign == '-' ? -1 : 1) * (hours * 3600 + minutes * 60);
    return 0;
}

static int new_offset(int64_t *out, const struct command_line *line, certenroll_error **error)
{
    *out = 0;
    if (line->offset && command_offset(out, line->offset) < 0)
        return certenroll_error_set(error, CERTENROLL_E_ARGUMENT,
                                    _("--offset is a number of seconds"));
    if (!line->set)
        return CERTENROLL_OK;
    if (read_time(out, line->set) < 0)
        return certenroll_error_set(error, CERTENROLL_E_ARGUMENT,
                                    _("a time is written like 2026-12-30T12:00:00+09:00"));
    *out -= ce_now();
    return CERTENROLL_OK;
}

/* The step is in the audit log under the time that the clock had before. */
static enum store_result set_clock(struct store *store, int64_t offset)
{
    char detail[32];
    enum store_result result = store_begin(store);

    if (result != STORE_OK)
        return result;
    snprintf(detail, sizeof(detail), "%lld", (long long)offset);
    result = store_audit(store, "clock-set", NULL, detail);
    if (result == STORE_OK)
        result = store_clock_set_offset(store, offset);
    return store_end(store, result == STORE_OK) == STORE_OK ? result : STORE_FAILED;
}

static enum store_result show_clock(struct store *store)
{
    char now[CE_TIME_SIZE];
    int64_t offset;
    enum store_result result = store_clock_offset(store, &offset);

    ce_time_format(now, store_now(store));
    if (result == STORE_OK)
        printf("%s\t%lld\n", now, (long long)offset);
    return result;
}

int command_clock(const struct command_line *line, certenroll_error **error)
{
    struct store *store;
    int64_t offset;
    int status;

    if (line->count > 0 || line->show + line->reset + !!line->set + !!line->offset != 1)
        return command_usage(line, error);
    status = new_offset(&offset, line, error);
    if (status)
        return status;
    status = store_open(&store, line->directory, line->show ? STORE_READ : STORE_WRITE, error);
    if (!status)
        status =
            store_status(store, line->show ? show_clock(store) : set_clock(store, offset), error);
    store_close(store);
    return status;
}
