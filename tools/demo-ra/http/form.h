/* SPDX-License-Identifier: Apache-2.0 */
/* The fields of a form that a browser has posted. */
#ifndef DEMO_RA_FORM_H
#define DEMO_RA_FORM_H

#include "ground/problem.h"
#include "http/reply.h"

#define FORM_TYPE "application/x-www-form-urlencoded"
#define FORM_FIELDS_MAX 12
#define FORM_BODY_MAX 8192

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
 * twice, a wrong escape, a value of more than `value_max` octets or with anything but UTF-8 that
 * shows. Starts as all zeros, ends with form_clear. */
enum problem form_read(struct form *out, const struct request *request, size_t body_max,
                       size_t value_max);
/* NULL where the field is absent. */
const char *form_value(const struct form *form, const char *name);
/* The same with "" instead of NULL. */
const char *form_text(const struct form *form, const char *name);
/* There are passwords in it: it is overwritten. */
void form_clear(struct form *form);

#endif
