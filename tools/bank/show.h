/* SPDX-License-Identifier: Apache-2.0 */
/* Results: JSON for programs, lines for people. */
#ifndef BANK_SHOW_H
#define BANK_SHOW_H

#include "bank.h"

/* "2026年11月24日 12時00分00秒 JST": a time in the person's zone and format; "-" for 0. */
#define SHOW_TIME_SIZE 128
void show_time(char out[SHOW_TIME_SIZE], int64_t when);

/* A JSON object on standard output; takes it over. NULL is reported as want of memory. */
int show_json(struct bank *bank, json_t *object);

/* A mark, or a state of docs/ra.md, as a person is told of it. */
const char *show_state(const char *name);

/* One below the other, indented; a line without a value is left out. */
struct show_line {
    const char *caption; /* translated already */
    const char *value;   /* as it stands: control characters become '?' */
};
void show_lines(const struct show_line lines[], size_t count);

/* A table of at most so many columns; `cells` has rows * columns texts, the first row being the
 * headings. */
#define SHOW_COLUMNS_MAX 8
void show_table(const char *const cells[], size_t rows, size_t columns);

/* Serial number, dates, ID, key type and state of a pair or certificate, as JSON and as lines. */
json_t *show_entry_json(const certenroll_entry *entry);
void show_entry(const certenroll_entry *entry);

#endif
