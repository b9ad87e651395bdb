/* SPDX-License-Identifier: Apache-2.0 */
/* Comma-separated values by RFC 4180, read strictly: what a spreadsheet exports is taken, what is
 * torn is not guessed at. */
#ifndef CERTENROLL_TOOL_CSV_H
#define CERTENROLL_TOOL_CSV_H

#include <stddef.h>

/* A record with more fields is cut off there, and counts one field too many. */
#define CSV_FIELDS_MAX 64

/* A reading of one text, which ends with NUL, holds no other, and is written over by what is read
 * from it: begun with { text, 1 }. Lines end with LF or CR LF; empty ones are passed over. A byte
 * order mark is not the parser's to skip. */
struct csv {
    char *next;
    size_t line; /* the one that `next` is in, from 1 */
};

/* One record: it starts in this line, and its fields lie in the text that is read. */
struct csv_record {
    size_t line;
    size_t count;
    char *fields[CSV_FIELDS_MAX];
};

enum csv_result { CSV_RECORD, CSV_END, CSV_STRAY_QUOTE, CSV_OPEN_QUOTE, CSV_STRAY_RETURN };

/* The next record. After one of the last three results, where a record does not end where it
 * should, nothing more can be read: `record->line` is where it went wrong. */
enum csv_result csv_next(struct csv *csv, struct csv_record *record);

#endif
