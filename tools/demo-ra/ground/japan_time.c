/* SPDX-License-Identifier: Apache-2.0 */
#include "ground/japan_time.h"

#include "base/time.h"

#include <stdio.h>
#include <time.h>

#define AHEAD 32400 /* seconds before UTC */
#define DAY INT64_C(86400)
#define NOON 43200

int64_t japan_day(int64_t when)
{
    int64_t local = when + AHEAD;

    return local / DAY - (local % DAY < 0);
}

int64_t japan_noon(int64_t day)
{
    return day * DAY + NOON - AHEAD;
}

int japan_weekday(int64_t day)
{
    return (int)(((day + 4) % 7 + 7) % 7); /* 1970-01-01 was a Thursday */
}

void japan_date(char out[JAPAN_DATE_SIZE], int64_t day)
{
    char moment[CE_TIME_SIZE];

    ce_time_format(moment, day * DAY);
    snprintf(out, JAPAN_DATE_SIZE, "%.10s", moment);
}

int japan_date_read(int64_t *day, const char *text)
{
    char moment[CE_TIME_SIZE];
    int64_t seconds;

    if (snprintf(moment, sizeof(moment), "%sT00:00:00Z", text) >= (int)sizeof(moment) ||
        ce_time_parse(&seconds, moment) < 0)
        return -1;
    *day = seconds / DAY;
    return 0;
}

void japan_moment(char out[JAPAN_MOMENT_SIZE], int64_t when, int in_japanese)
{
    static const char *const months[] = { "January",   "February", "March",    "April",
                                          "May",       "June",     "July",     "August",
                                          "September", "October",  "November", "December" };
    /* A time of day in UTC that reads like the one in Japan. */
    time_t local = (time_t)(when + AHEAD);
    struct tm time = { 0 };

    (void)gmtime_r(&local, &time);
    if (in_japanese)
        snprintf(out, JAPAN_MOMENT_SIZE, "%d年%d月%d日 %02d:%02d", time.tm_year + 1900,
                 time.tm_mon + 1, time.tm_mday, time.tm_hour, time.tm_min);
    else
        snprintf(out, JAPAN_MOMENT_SIZE, "%d %s %d, %02d:%02d JST", time.tm_mday,
                 months[time.tm_mon], time.tm_year + 1900, time.tm_hour, time.tm_min);
}
