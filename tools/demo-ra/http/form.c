/* SPDX-License-Identifier: Apache-2.0 */
#define _DEFAULT_SOURCE /* strsep */

#include "http/form.h"

#include "base/platform.h"
#include "base/text.h"
#include "ground/page_text.h"

#include <stdlib.h>
#include <string.h>

/* In place. -1: a wrong escape, or a NUL. */
static int decode(char *text)
{
    char *out = text;

    while (*text) {
        int decoded = *text == '+' ? ' ' : *text;

        if (*text == '%') {
            decoded = ce_hex_octet(text + 1);
            if (decoded <= 0)
                return -1;
            text += 2;
        }
        *out++ = (char)decoded;
        text++;
    }
    *out = '\0';
    return 0;
}

static int add_field(struct form *form, char *pair, size_t value_max)
{
    char *value = strchr(pair, '=');

    if (!value || form->count == FORM_FIELDS_MAX)
        return -1;
    *value++ = '\0';
    if (decode(pair) < 0 || decode(value) < 0 || form_value(form, pair) ||
        strlen(value) > value_max || !text_has_no_control(pair) || !text_has_no_control(value))
        return -1;
    form->fields[form->count].name = pair;
    form->fields[form->count].value = value;
    form->count++;
    return 0;
}

enum problem form_read(struct form *out, const struct request *request, size_t body_max,
                       size_t value_max)
{
    char *rest;

    if (request->too_large || request->body_length > body_max)
        return PROBLEM_TOO_LARGE;
    if (!request_has_type(request, FORM_TYPE) || memchr(request->body, '\0', request->body_length))
        return PROBLEM_FIELD;
    out->size = request->body_length + 1;
    out->data = calloc(1, out->size);
    if (!out->data)
        return PROBLEM_FAILED;
    memcpy(out->data, request->body, request->body_length);
    for (rest = out->data[0] ? out->data : NULL; rest;)
        if (add_field(out, strsep(&rest, "&"), value_max) < 0)
            return PROBLEM_FIELD;
    return PROBLEM_NONE;
}

const char *form_value(const struct form *form, const char *name)
{
    for (size_t i = 0; i < form->count; i++)
        if (strcmp(form->fields[i].name, name) == 0)
            return form->fields[i].value;
    return NULL;
}

const char *form_text(const struct form *form, const char *name)
{
    const char *value = form_value(form, name);

    return value ? value : "";
}

void form_clear(struct form *form)
{
    if (form->data)
        ce_wipe(form->data, form->size);
    free(form->data);
    *form = (struct form){ 0 };
}
