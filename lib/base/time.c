/* SPDX-License-Identifier: Apache-2.0 */
#include "base/time.h"

#include "base/message.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define DAY (INT64_C(24) * 60 * 60)
#define DAYS_BEFORE_1970 INT64_C(719468)

/* Days from 0000-03-01 in the Gregorian calendar: years that begin in March have their leap day at
 * the end. */
static int64_t days_before(int64_t year, int64_t month, int64_t day)
{
    int64_t y = month > 2 ? year : year - 1, m = (month + 9) % 12;

    return 365 * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 1;
}

void ce_time_format(char out[CE_TIME_SIZE], int64_t when)
{
    int64_t days = when / DAY + DAYS_BEFORE_1970, second = when % DAY;
    int64_t year = days / 365 + 1, month = 12; /* never too early */

    out[0] = '\0';
    if (when <= 0 || when > CE_TIME_MAX)
        return;
    while (days_before(year, 1, 1) > days)
        year--;
    while (days_before(year, month, 1) > days)
        month--;
    snprintf(out, CE_TIME_SIZE, "%04d-%02d-%02dT%02d:%02d:%02dZ", (int)year, (int)month,
             (int)(days - days_before(year, month, 1)) + 1, (int)(second / 3600),
             (int)(second / 60 % 60), (int)(second % 60));
}

/* The number that exactly these digits make, or -1. */
static int64_t digits_value(const char *digits, size_t count)
{
    int64_t value = 0;

    for (size_t i = 0; i < count; i++) {
        if (digits[i] < '0' || digits[i] > '9')
            return -1;
        value = 10 * value + (digits[i] - '0');
    }
    return value;
}

int ce_time_parse(int64_t *out, const char *text)
{
    static const struct {
        size_t at, length;
    } parts[] = { { 0, 4 }, { 5, 2 }, { 8, 2 }, { 11, 2 }, { 14, 2 }, { 17, 2 } };
    int64_t part[6];
    char again[CE_TIME_SIZE];

    if (strlen(text) != strlen("YYYY-MM-DDThh:mm:ssZ"))
        return -1;
    for (size_t i = 0; i < 6; i++)
        if ((part[i] = digits_value(text + parts[i].at, parts[i].length)) < 0)
            return -1;
    if (part[0] < 1970 || part[1] < 1 || part[1] > 12)
        return -1;
    *out = (days_before(part[0], part[1], part[2]) - DAYS_BEFORE_1970) * DAY + part[3] * 3600 +
           part[4] * 60 + part[5];
    /* A day or hour that does not exist, and another mark between them, are found by writing it
     * again. */
    ce_time_format(again, *out);
    return strcmp(again, text) == 0 ? 0 : -1;
}

void ce_time_local(char out[CE_TIME_LOCAL_SIZE], int64_t when)
{
    struct tm local;

    out[0] = '\0';
    if (ce_local_time(&local, when) == 0)
        /* TRANSLATORS: strftime(3)'s, a date with the hour. */
        (void)!strftime(out, CE_TIME_LOCAL_SIZE, _("%d %B %Y %H:%M %Z"), &local);
}

void ce_time_span(char out[CE_TIME_SPAN_SIZE], int64_t seconds)
{
    static const struct {
        int64_t length;
        const char *symbol;
    } units[] = { { DAY, "d" }, { 3600, "h" }, { 60, "min" }, { 1, "s" } };
    const size_t last = sizeof(units) / sizeof(units[0]) - 1;
    size_t i = 0;
    int64_t rest;
    int used;

    if (seconds < 0)
        seconds = 0;
    while (i < last && seconds < units[i].length)
        i++;
    used = snprintf(out, CE_TIME_SPAN_SIZE, "%" PRId64 " %s", seconds / units[i].length,
                    units[i].symbol);
    rest = i < last ? seconds % units[i].length / units[i + 1].length : 0;
    if (rest > 0)
        snprintf(out + used, CE_TIME_SPAN_SIZE - (size_t)used, " %" PRId64 " %s", rest,
                 units[i + 1].symbol);
}
