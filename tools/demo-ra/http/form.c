/* SPDX-License-Identifier: Apache-2.0 */
#include "http/form.h"

#include <openssl/crypto.h>

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static int digit(char character)
{
    if (character >= '0' && character <= '9')
        return character - '0';
    character = (char)(character | 0x20);
    return character >= 'a' && character <= 'f' ? character - 'a' + 10 : -1;
}

/* In place. -1: a wrong escape, or a NUL. */
static int decode(char *text)
{
    char *out = text;

    while (*text) {
        char decoded = *text == '+' ? ' ' : *text;

        if (*text == '%') {
            int high = digit(text[1]);
            int low = high < 0 ? -1 : digit(text[2]);

            if (low < 0 || high + low == 0)
                return -1;
            decoded = (char)(high << 4 | low);
            text += 2;
        }
        *out++ = decoded;
        text++;
    }
    *out = '\0';
    return 0;
}

static int add_field(struct form *form, char *pair)
{
    char *value = strchr(pair, '=');

    if (!value || form->count == FORM_FIELDS_MAX)
        return -1;
    *value++ = '\0';
    if (decode(pair) < 0 || decode(value) < 0 || form_value(form, pair) ||
        strlen(value) > FORM_VALUE_MAX || !text_is_plain(pair) || !text_is_plain(value))
        return -1;
    form->fields[form->count].name = pair;
    form->fields[form->count].value = value;
    form->count++;
    return 0;
}

static int split(struct form *form)
{
    char *rest = form->data;

    while (*rest) {
        char *pair = rest;
        size_t length = strcspn(pair, "&");

        rest += length + (rest[length] == '&');
        pair[length] = '\0';
        if (add_field(form, pair) < 0)
            return -1;
    }
    return 0;
}

enum problem form_read(struct form *out, const struct request *request)
{
    if (request->too_large || request->body_length > FORM_BODY_MAX)
        return PROBLEM_TOO_LARGE;
    if (!request_has_type(request, "application/x-www-form-urlencoded") ||
        memchr(request->body, '\0', request->body_length))
        return PROBLEM_FIELD;
    out->size = request->body_length + 1;
    out->data = calloc(1, out->size);
    if (!out->data)
        return PROBLEM_FAILED;
    memcpy(out->data, request->body, request->body_length);
    return split(out) < 0 ? PROBLEM_FIELD : PROBLEM_NONE;
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
        OPENSSL_cleanse(form->data, form->size);
    free(form->data);
    *form = (struct form){ 0 };
}
