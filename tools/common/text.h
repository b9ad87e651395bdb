/* SPDX-License-Identifier: Apache-2.0 */
/* Text from outside, made safe and measured for a terminal. */
#ifndef TOOLS_COMMON_TEXT_H
#define TOOLS_COMMON_TEXT_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

/* A copy in valid UTF-8 in which every character that would act on the display instead of showing
 * (controls, bidirectional overrides, malformed bytes) is '?'. Freed by free(); NULL: no memory. */
char *text_clean(const char *text);

/* The text as JSON, cleaned where it is not valid UTF-8, which jansson does not take and a text
 * from outside need not be. NULL: no memory. */
json_t *text_json(const char *text);

/* How many columns clean text takes on a terminal: two for a kanji or kana. */
size_t text_width(const char *text);

/* Lower-case hexadecimal; freed by free(). NULL: no memory. */
char *text_hex(const unsigned char *bytes, size_t length);

/* Reads hexadecimal digits, with colons between bytes or not, into at most `capacity` bytes.
 * Returns how many, 0 when it is none or does not fit. */
size_t text_unhex(unsigned char *out, size_t capacity, const char *text);

/* "2027-01-31T23:59:59Z" (RFC 3339), or "" when `when` is 0 or out of range. */
#define TEXT_TIME_SIZE 32
void text_time(char out[TEXT_TIME_SIZE], int64_t when);

#endif
