/* SPDX-License-Identifier: Apache-2.0 */
/* The fields of a form that a browser has posted. */
#ifndef DEMO_RA_FORM_H
#define DEMO_RA_FORM_H

#include "base/problem.h"
#include "http/reply.h"
#include "http/request.h"

#define FORM_FIELDS_MAX 12
#define FORM_BODY_MAX 8192
#define FORM_VALUE_MAX 1024 /* in octets, decoded */

struct form {
    char *data; /* what the fields are borrowed from */
    size_t size;
    size_t count;
    struct {
        const char *name;
        const char *value;
    } fields[FORM_FIELDS_MAX];
};

/* Reads application/x-www-form-urlencoded. PROBLEM_FIELD for another type, a field that is there
 * twice, a wrong escape, a value that is too long or is not UTF-8 without control characters.
 * Starts as all zeros, ends with form_clear. */
enum problem form_read(struct form *out, const struct request *request);
/* NULL where the field is absent. */
const char *form_value(const struct form *form, const char *name);
/* The same with "" instead of NULL. */
const char *form_text(const struct form *form, const char *name);
/* There are passwords in it: it is overwritten. */
void form_clear(struct form *form);

#endif
