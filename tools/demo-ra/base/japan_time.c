/* SPDX-License-Identifier: Apache-2.0 */
#define _DEFAULT_SOURCE /* timegm */

#include "base/japan_time.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#define AHEAD 32400 /* seconds before UTC */
#define DAY 86400
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

/* As a time of day in UTC that reads like the one in Japan. */
static struct tm broken_down(int64_t local)
{
    time_t seconds = (time_t)local;
    struct tm out;

    if (!gmtime_r(&seconds, &out))
        memset(&out, 0, sizeof(out));
    return out;
}

void japan_date(char out[JAPAN_DATE_SIZE], int64_t day)
{
    struct tm date = broken_down(day * DAY);

    snprintf(out, JAPAN_DATE_SIZE, "%04d-%02d-%02d", date.tm_year + 1900, date.tm_mon + 1,
             date.tm_mday);
}

int japan_date_read(int64_t *day, const char *text)
{
    struct tm date = { 0 };
    char again[JAPAN_DATE_SIZE];

    if (strlen(text) != 10 ||
        sscanf(text, "%4d-%2d-%2d", &date.tm_year, &date.tm_mon, &date.tm_mday) != 3)
        return -1;
    date.tm_year -= 1900;
    date.tm_mon -= 1;
    *day = (int64_t)timegm(&date) / DAY;
    /* The 31st of April has become the first of May. */
    japan_date(again, *day);
    return strcmp(again, text) == 0 ? 0 : -1;
}

void japan_moment(char out[JAPAN_MOMENT_SIZE], int64_t when, int in_japanese)
{
    static const char *const months[] = { "January",   "February", "March",    "April",
                                          "May",       "June",     "July",     "August",
                                          "September", "October",  "November", "December" };
    struct tm time = broken_down(when + AHEAD);

    if (in_japanese)
        snprintf(out, JAPAN_MOMENT_SIZE, "%d年%d月%d日 %02d:%02d", time.tm_year + 1900,
                 time.tm_mon + 1, time.tm_mday, time.tm_hour, time.tm_min);
    else
        snprintf(out, JAPAN_MOMENT_SIZE, "%d %s %d, %02d:%02d JST", time.tm_mday,
                 months[time.tm_mon], time.tm_year + 1900, time.tm_hour, time.tm_min);
}
