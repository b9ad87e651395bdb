/* SPDX-License-Identifier: Apache-2.0 */
#include "text.h"

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
