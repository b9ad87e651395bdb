/* SPDX-License-Identifier: Apache-2.0 */
#include "batch/csv.h"

#include <string.h>

/* Length of the line's end at `at`: 0 where there is none. */
static size_t line_end(const char *at)
{
    if (at[0] == '\n')
        return 1;
    return at[0] == '\r' && at[1] == '\n' ? 2 : 0;
}

/* Takes the quotes off the field at csv->next, in place. */
static enum csv_result read_quoted(struct csv *csv, char **end)
{
    char *from = csv->next + 1, *to = csv->next;

    for (;; from++) {
        if (*from == '\0')
            return CSV_OPEN_QUOTE;
        if (*from == '"' && *++from != '"')
            break;
        csv->line += *from == '\n';
        *to++ = *from;
    }
    csv->next = from;
    *end = to;
    return CSV_RECORD;
}

static enum csv_result read_plain(struct csv *csv, char **end)
{
    csv->next += strcspn(csv->next, ",\"\r\n");
    *end = csv->next;
    return *csv->next == '"' ? CSV_STRAY_QUOTE : CSV_RECORD;
}

/* What follows a field: *more is non-zero when it is another one. */
static enum csv_result read_delimiter(struct csv *csv, int *more)
{
    size_t length = line_end(csv->next);

    *more = *csv->next == ',';
    if (*more) {
        csv->next++;
    } else if (length) {
        csv->next += length;
        csv->line++;
    } else if (*csv->next == '\r') {
        return CSV_STRAY_RETURN;
    } else if (*csv->next != '\0') {
        return CSV_STRAY_QUOTE;
    }
    return CSV_RECORD;
}

static enum csv_result read_field(struct csv *csv, struct csv_record *record, int *more)
{
    char *start = csv->next, *end = NULL;
    enum csv_result result = *start == '"' ? read_quoted(csv, &end) : read_plain(csv, &end);

    if (result == CSV_RECORD)
        result = read_delimiter(csv, more);
    if (result != CSV_RECORD)
        return result;
    *end = '\0'; /* on the delimiter, or before it */
    if (record->count < CSV_FIELDS_MAX)
        record->fields[record->count] = start;
    record->count += record->count <= CSV_FIELDS_MAX;
    return CSV_RECORD;
}

enum csv_result csv_next(struct csv *csv, struct csv_record *record)
{
    enum csv_result result = CSV_RECORD;
    size_t empty;
    int more = 1;

    while ((empty = line_end(csv->next))) {
        csv->next += empty;
        csv->line++;
    }
    record->line = csv->line;
    record->count = 0;
    if (*csv->next == '\0')
        return CSV_END;
    while (more && result == CSV_RECORD)
        result = read_field(csv, record, &more);
    if (result != CSV_RECORD && result != CSV_OPEN_QUOTE)
        record->line = csv->line;
    return result;
}
