/* SPDX-License-Identifier: Apache-2.0 */
/* Results. Each is built once, as JSON; a person is shown the same members by a table of fields. */
#ifndef CERTENROLL_TOOL_OUTPUT_H
#define CERTENROLL_TOOL_OUTPUT_H

#include "tool.h"

#include <openssl/types.h>

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

/* A token, a key, an entry of the inventory, as JSON objects; NULL: no memory. */
json_t *describe_token(const certenroll_token_info *info);
json_t *describe_key(const certenroll_key *key);
json_t *describe_entry(const certenroll_entry *entry);

/* Subject, issuer, serial number, dates and PEM of a certificate in DER. */
json_t *describe_certificate(const unsigned char *der, size_t length);

/* RFC 4514 text. */
json_t *describe_name(const X509_NAME *name);

/* DER as PEM, by its name of RFC 7468. */
json_t *describe_pem(const char *name, const unsigned char *der, size_t length);

json_t *describe_hex(const unsigned char *bytes, size_t length);

/* Adds a moment, unless it is none. */
void add_time(json_t *object, const char *member, int64_t when);

/* Adds the members of `part`, which it takes over. Without memory *object is NULL from then on. */
void add_members(json_t **object, json_t *part);

/* The same for one more element. */
void add_item(json_t **array, json_t *item);

/* --- showing: each takes `result` over; NULL is reported as want of memory --- */

/* With --json the object itself, else its fields one below the other under a heading line (may be
 * NULL). */
int show_record(struct tool *tool, json_t *result, const char *heading, const struct field *fields,
                certenroll_error **error);
/* With --json the object itself, else the array `member` of it: a table of at most 8 columns, or
 * the text `none`. */
int show_table(struct tool *tool, json_t *result, const char *member, const struct field *fields,
               const char *none, certenroll_error **error);
/* The same, a block of fields for each, headed by its label. */
int show_blocks(struct tool *tool, json_t *result, const char *member, const struct field *fields,
                const char *none, certenroll_error **error);
/* A JSON object on standard output. */
int show_json(json_t *result, certenroll_error **error);

/* What is shown of a key, and of an entry. */
extern const struct field key_fields[];
extern const struct field entry_fields[];

#endif
