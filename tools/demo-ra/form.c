/* SPDX-License-Identifier: Apache-2.0 */
#include "form.h"

#include <openssl/crypto.h>

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* --- text --- */

/* The length of the sequence that begins with this octet, and the least code point which needs so
 * many (shorter ones are to be written shorter); 0: none begins so. */
static size_t sequence_length(unsigned char first, uint32_t *least, uint32_t *bits)
{
    static const struct {
        unsigned char mask, lead;
        size_t length;
        uint32_t least;
    } forms[] = { { 0x80, 0x00, 1, 0 },
                  { 0xe0, 0xc0, 2, 0x80 },
                  { 0xf0, 0xe0, 3, 0x800 },
                  { 0xf8, 0xf0, 4, 0x10000 } };

    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        if ((first & forms[i].mask) != forms[i].lead)
            continue;
        *least = forms[i].least;
        *bits = first & (unsigned char)~forms[i].mask;
        return forms[i].length;
    }
    return 0;
}

static int is_control(uint32_t point)
{
    return point < 0x20 || (point >= 0x7f && point <= 0x9f);
}

/* How many octets the character at `text` has; 0: it is none, or one that may not be there. */
static size_t character(const unsigned char *text)
{
    uint32_t least, point;
    size_t length = sequence_length(text[0], &least, &point);

    /* The string's end is no continuation octet. */
    for (size_t i = 1; i < length; i++) {
        if ((text[i] & 0xc0) != 0x80)
            return 0;
        point = point << 6 | (text[i] & 0x3f);
    }
    if (length == 0 || point < least || point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff))
        return 0;
    return is_control(point) ? 0 : length;
}

int form_is_text(const char *text)
{
    const unsigned char *p = (const unsigned char *)text;

    while (*p) {
        size_t length = character(p);

        if (length == 0)
            return 0;
        p += length;
    }
    return 1;
}

/* --- fields --- */

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
        strlen(value) > FORM_VALUE_MAX || !form_is_text(pair) || !form_is_text(value))
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
