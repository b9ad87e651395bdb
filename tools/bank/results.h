/* SPDX-License-Identifier: Apache-2.0 */
/* Results: JSON for programs, lines for people. */
#ifndef BANK_RESULTS_H
#define BANK_RESULTS_H

#include <certenroll/certificate.h>

#include <jansson.h>

/* "2026年11月24日 12時00分00秒 JST": a time in the person's zone and format; "-" for 0. */
#define SHOWN_TIME_SIZE 128
void local_time(char out[SHOWN_TIME_SIZE], int64_t when);

/* A JSON object on standard output; takes it over. NULL is reported as want of memory. */
int print_json(json_t *object, certenroll_error **error);

/* A mark, or a state of docs/ra.md, as a person is told of it. */
const char *state_text(const char *name);

/* A member of a result as a person is shown it: times in the own zone, states in words, what is
 * true as a circle, "-" when there is nothing. Freed by free(); NULL: no memory. */
char *member_text(const json_t *object, const char *member);

/* Which are shown, ending with one without a name. */
struct member {
    const char *name, *caption;
};
/* One below the other, indented; a member that is not there is left out. */
void print_members(const json_t *object, const struct member members[]);
/* A table of at most 8 columns. */
void print_table(const json_t *array, const struct member members[]);

/* Its CKA_ID in hexadecimal digits. */
#define ENTRY_ID_SIZE (2 * CERTENROLL_ID_MAX + 1)
void entry_id(char out[ENTRY_ID_SIZE], const certenroll_entry *entry);
/* Serial number, dates, ID, key type and state of a pair or certificate, as JSON and as lines. */
json_t *entry_json(const certenroll_entry *entry);
void print_entry(const certenroll_entry *entry);

#endif
