/* SPDX-License-Identifier: Apache-2.0 */
/* Moments as text: YYYY-MM-DDThh:mm:ssZ (RFC 3339), whatever the locale and the width of time_t; or
 * as a person reads them. */
#ifndef CE_BASE_TIME_H
#define CE_BASE_TIME_H

#include <stdint.h>

#define CE_TIME_MAX INT64_C(253402300799) /* 9999-12-31T23:59:59Z */
#define CE_TIME_SIZE 32

/* "" for what is not from 1 to CE_TIME_MAX: 0 is no moment to anybody here. */
void ce_time_format(char out[CE_TIME_SIZE], int64_t when);

/* 0; -1 when it is not exactly that form, does not exist, or is before 1970. */
int ce_time_parse(int64_t *out, const char *text);

/* A length of time in its two largest units, by their symbols, which are the same in all languages:
 * "6 min 12 s", "400 d 3 h". */
#define CE_TIME_SPAN_SIZE 48
void ce_time_span(char out[CE_TIME_SPAN_SIZE], int64_t seconds);

/* In local time, as the person's language has it; "" when it is out of range. */
#define CE_TIME_LOCAL_SIZE 96
void ce_time_local(char out[CE_TIME_LOCAL_SIZE], int64_t when);

#endif
