/* SPDX-License-Identifier: Apache-2.0 */
/* Results. Each is built once, as JSON; a person is shown the same members by a table of fields. */
#ifndef CERTENROLL_TOOL_OUTPUT_H
#define CERTENROLL_TOOL_OUTPUT_H

#include "commands.h"

#include <jansson.h>

/* How a member is shown to a person. */
struct field {
    const char *member;
    const char *caption;
    size_t longest; /* of a date: shown up to this many characters; 0: whole */
};
#define FIELD_END                                                                                  \
    {                                                                                              \
        NULL, NULL, 0                                                                              \
    }

/* --- building --- */

/* A token, a key, an entry of the inventory, a certificate, as JSON objects; NULL: no memory. */
json_t *describe_token(const certenroll_token_info *info);
json_t *describe_key(const certenroll_key *key);
json_t *describe_entry(const certenroll_entry *entry);

/* Subject, issuer, serial number, dates and PEM of a certificate in DER. */
json_t *describe_certificate(const unsigned char *der, size_t length);

/* DER as PEM, by its name of RFC 7468. */
json_t *describe_pem(const char *name, const unsigned char *der, size_t length);

/* --- showing: each takes `result` over; NULL is reported as want of memory --- */

/* With --json the object itself, else its fields one below the other under a heading line (may be
 * NULL). */
int show_record(struct tool *tool, json_t *result, const char *heading, const struct field *fields);
/* With --json the object itself, else the array `member` of it: a table of at most 8 columns, or
 * the text `none`. */
int show_table(struct tool *tool, json_t *result, const char *member, const struct field *fields,
               const char *none);
/* The same, a block of fields for each, headed by the field `title`. */
int show_blocks(struct tool *tool, json_t *result, const char *member, const char *title,
                const struct field *fields, const char *none);
/* A JSON object on standard output. */
int show_json(struct tool *tool, json_t *result);

/* What is shown of a key, and of an entry. */
extern const struct field key_fields[];
extern const struct field entry_fields[];

#endif
