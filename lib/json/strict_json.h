/* SPDX-License-Identifier: Apache-2.0 */
/* JSON from outside: one object, no member twice, not nested deeper than the reader expects. */
#ifndef CE_JSON_STRICT_JSON_H
#define CE_JSON_STRICT_JSON_H

#include <certenroll/error.h>

#include <jansson.h>

/* `what` names the document for a person ("the launch file"). *out is freed by strict_json_free().
 * Errors have `status`. */
int strict_json_read(json_t **out, const char *text, size_t length, int depth, const char *what,
                     int status, certenroll_error **error);

/* Exactly these members: each of the NULL-terminated `required`, and of `optional` (may be NULL)
 * what is wanted. The types are the caller's to look at. */
int strict_json_members(const json_t *object, const char *const *required,
                        const char *const *optional, const char *what, int status,
                        certenroll_error **error);

/* Wipes every text in it and drops it: it may hold passwords or tokens. NULL is allowed. */
void strict_json_free(json_t *json);

#endif
