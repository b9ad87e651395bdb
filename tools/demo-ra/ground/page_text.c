/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE /* vasprintf */

#include "ground/page_text.h"

#include "base/platform.h"
#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void text_clear(struct text *text)
{
    if (text->data)
        ce_wipe(text->data, text->length); /* there may be a token in it */
    free(text->data);
    *text = (struct text){ NULL, 0, 0 };
}

void text_spoil(struct text *text)
{
    text_clear(text);
    text->failed = 1;
}

void text_add_bytes(struct text *text, const void *bytes, size_t length)
{
    char *grown = !text->failed && length < SIZE_MAX - text->length - 1
                      ? realloc(text->data, text->length + length + 1)
                      : NULL;

    if (!grown) {
        text_spoil(text);
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
    length = vasprintf(&piece, format, arguments);
    va_end(arguments);
    if (length < 0) {
        text_spoil(text);
        return;
    }
    text_add_bytes(text, piece, (size_t)length);
    free(piece);
}

void text_add_escaped(struct text *text, const char *piece)
{
    static const char *const entities[] = {
        ['&'] = "&amp;", ['<'] = "&lt;", ['>'] = "&gt;", ['"'] = "&quot;", ['\''] = "&#39;"
    };

    while (*piece) {
        size_t plain = strcspn(piece, "&<>\"'");

        text_add_bytes(text, piece, plain);
        piece += plain;
        if (*piece)
            text_add(text, entities[(unsigned char)*piece++]);
    }
}

void text_add_encoded(struct text *text, const char *piece)
{
    while (*piece) {
        size_t plain =
            strspn(piece, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-._~");

        text_add_bytes(text, piece, plain);
        piece += plain;
        if (*piece)
            text_addf(text, "%%%02X", (unsigned)(unsigned char)*piece++);
    }
}

int text_has_no_control(const char *text)
{
    size_t length = strlen(text);

    while (length > 0) {
        uint32_t c = 0;
        size_t taken = ce_utf8_decode(&c, text, length);

        if (taken == 0 || c < 0x20 || (c >= 0x7f && c <= 0x9f))
            return 0;
        text += taken;
        length -= taken;
    }
    return 1;
}
