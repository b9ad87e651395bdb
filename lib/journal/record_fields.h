/* SPDX-License-Identifier: Apache-2.0 */
/* The fields of a journal: the one table by which a record is written and read. */
#ifndef CE_JOURNAL_RECORD_FIELDS_H
#define CE_JOURNAL_RECORD_FIELDS_H

#include "journal/record.h"

/* How a kind of value is written and read. `value` points to the record's member. Each returns the
 * status without an error: whoever calls knows the field's name and its line. */
struct ce_field_kind {
    /* How many lines the value makes; 0: nothing was said. */
    size_t (*count)(const void *value);
    /* The text of line `index` into `out`, which is empty. CERTENROLL_E_ARGUMENT: it is beyond the
     * limits of a journal. */
    int (*write)(struct ce_buffer *out, const void *value, size_t index);
    /* Takes one line. CERTENROLL_E_JOURNAL: it is no such value. */
    int (*read)(void *value, const struct ce_buffer *text);
};

/* record_kinds.c: the member's type, and its form. */
extern const struct ce_field_kind ce_kind_text;   /* char *: UTF-8, what is not plain as %xx */
extern const struct ce_field_kind ce_kind_texts;  /* struct ce_texts, a line each */
extern const struct ce_field_kind ce_kind_id;     /* struct ce_buffer: hexadecimal */
extern const struct ce_field_kind ce_kind_ids;    /* struct ce_blobs, a line each */
extern const struct ce_field_kind ce_kind_der;    /* struct ce_buffer: base64 */
extern const struct ce_field_kind ce_kind_ders;   /* struct ce_blobs, a line each */
extern const struct ce_field_kind ce_kind_number; /* int64_t, 0 to 2^32 - 1; 0 is not written */
extern const struct ce_field_kind ce_kind_time;   /* int64_t: RFC 3339; 0 is not written */
extern const struct ce_field_kind ce_kind_flag;   /* int: yes or no */
extern const struct ce_field_kind ce_kind_yes;    /* int: yes; no is not written */

/* For kinds of few values: always one line; none for an int64_t of 0. */
size_t ce_field_count_one(const void *value);
size_t ce_field_count_number(const void *value);

/* CERTENROLL_E_ARGUMENT for NULL: the value has no name. */
int ce_field_put_word(struct ce_buffer *out, const char *word);
int ce_field_is_word(const struct ce_buffer *text, const char *word);

struct ce_field {
    const char *name;
    const struct ce_field_kind *kind;
    size_t offset; /* in struct ce_record */
    size_t least;  /* lines */
    size_t most;
    int since; /* the version of the format that brought it */
};

/* In the order in which they stand in a journal. */
extern const struct ce_field ce_fields[];
extern const size_t ce_fields_count;

const void *ce_field_in(const struct ce_field *field, const struct ce_record *record);

#endif
