/* SPDX-License-Identifier: Apache-2.0 */
#include "base/page_text.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void text_clear(struct text *text)
{
    free(text->data);
    *text = (struct text){ NULL, 0, 0 };
}

void text_add_bytes(struct text *text, const void *bytes, size_t length)
{
    char *grown;

    if (text->failed)
        return;
    grown = length < SIZE_MAX - text->length - 1 ? realloc(text->data, text->length + length + 1)
                                                 : NULL;
    if (!grown) {
        text_clear(text);
        text->failed = 1;
        return;
    }
    if (length > 0)
        memcpy(grown + text->length, bytes, length);
    text->data = grown;
    text->length += length;
    grown[text->length] = '\0';
}

void text_add(struct text *text, const char *piece)
{
    text_add_bytes(text, piece, strlen(piece));
}

void text_addf(struct text *text, const char *format, ...)
{
    char *piece = NULL;
    va_list arguments;
    int length;

    va_start(arguments, format);
    length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    if (length >= 0)
        piece = malloc((size_t)length + 1);
    if (!piece) {
        text_clear(text);
        text->failed = 1;
        return;
    }
    va_start(arguments, format);
    vsnprintf(piece, (size_t)length + 1, format, arguments);
    va_end(arguments);
    text_add_bytes(text, piece, (size_t)length);
    free(piece);
}

static const char *entity(char character)
{
    switch (character) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    default:
        return NULL;
    }
}

void text_add_escaped(struct text *text, const char *piece)
{
    for (const char *p = piece; *p; p++) {
        const char *replacement = entity(*p);

        if (replacement)
            text_add(text, replacement);
        else
            text_add_bytes(text, p, 1);
    }
}

/* --- what may come in --- */

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

int text_is_plain(const char *text)
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
