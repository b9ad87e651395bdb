/* SPDX-License-Identifier: Apache-2.0 */
/* Days and hours as the bank's counter has them: Japanese time, nine hours before UTC all the year
 * round, whatever the computer's zone. */
#ifndef DEMO_RA_JAPAN_TIME_H
#define DEMO_RA_JAPAN_TIME_H

#include <stdint.h>

/* The day of a moment, counted from 1970-01-01. */
int64_t japan_day(int64_t when);
int64_t japan_noon(int64_t day);
/* 0 is Sunday. */
int japan_weekday(int64_t day);

#define JAPAN_DATE_SIZE 32
/* "2026-11-24" */
void japan_date(char out[JAPAN_DATE_SIZE], int64_t day);
/* Reads what japan_date writes, and nothing else. Returns 0 or -1. */
int japan_date_read(int64_t *day, const char *text);

/* For a person: "24 November 2026, 12:00 JST", "2026年11月24日 12:00". */
#define JAPAN_MOMENT_SIZE 64
void japan_moment(char out[JAPAN_MOMENT_SIZE], int64_t when, int in_japanese);

#endif
