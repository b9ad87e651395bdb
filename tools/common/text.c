/* SPDX-License-Identifier: Apache-2.0 */
#define _XOPEN_SOURCE 700 /* wcwidth */

#include "common/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <wchar.h>

/* Zero-width and bidirectional controls: valid, invisible, and able to disguise what is shown. */
static int is_disguise(wchar_t c)
{
    return c == 0x061c || (c >= 0x200b && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e) ||
           (c >= 0x2060 && c <= 0x206f) || c == 0xfeff || (c >= 0xfff9 && c <= 0xfffb) ||
           (c >= 0xe0000 && c <= 0xe007f);
}

/* Length of the character at `text`, and its width; 0 when it may not be shown. */
static size_t showable(const char *text, size_t length, int *width)
{
    mbstate_t state;
    wchar_t c = 0;
    size_t taken;

    memset(&state, 0, sizeof(state));
    taken = mbrtowc(&c, text, length, &state);
    if (taken == 0 || taken > length || is_disguise(c))
        return 0;
    *width = wcwidth(c);
    return *width < 0 ? 0 : taken;
}

char *text_clean(const char *text)
{
    size_t length = strlen(text), used = 0;
    char *clean = malloc(length + 1);

    if (!clean)
        return NULL;
    while (length > 0) {
        int width = 0;
        size_t taken = showable(text, length, &width);

        if (taken)
            memcpy(clean + used, text, taken);
        else
            clean[used] = '?';
        used += taken ? taken : 1;
        text += taken ? taken : 1;
        length -= taken ? taken : 1;
    }
    clean[used] = '\0';
    return clean;
}

size_t text_width(const char *text)
{
    size_t columns = 0, length = strlen(text);

    while (length > 0) {
        int width = 1;
        size_t taken = showable(text, length, &width);

        columns += (size_t)width;
        text += taken ? taken : 1;
        length -= taken ? taken : 1;
    }
    return columns;
}

char *text_hex(const unsigned char *bytes, size_t length)
{
    static const char digits[] = "0123456789abcdef";
    char *hex = malloc(2 * length + 1);

    if (!hex)
        return NULL;
    for (size_t i = 0; i < length; i++) {
        hex[2 * i] = digits[bytes[i] >> 4];
        hex[2 * i + 1] = digits[bytes[i] & 0xf];
    }
    hex[2 * length] = '\0';
    return hex;
}

static int nibble(char c)
{
    static const char digits[] = "0123456789abcdefABCDEF";
    const char *at = c ? strchr(digits, c) : NULL;

    if (!at)
        return -1;
    return at - digits < 16 ? (int)(at - digits) : (int)(at - digits) - 6;
}

size_t text_unhex(unsigned char *out, size_t capacity, const char *text)
{
    size_t length = 0;

    while (*text) {
        int high = nibble(text[0]);
        int low = high < 0 ? -1 : nibble(text[1]);

        if (low < 0 || length == capacity)
            return 0;
        out[length++] = (unsigned char)(high << 4 | low);
        text += 2;
        if (*text == ':' && *++text == '\0')
            return 0;
    }
    return length;
}

void text_time(char out[TEXT_TIME_SIZE], int64_t when)
{
    time_t seconds = (time_t)when;
    struct tm utc;

    out[0] = '\0';
    if (when != 0 && gmtime_r(&seconds, &utc))
        strftime(out, TEXT_TIME_SIZE, "%Y-%m-%dT%H:%M:%SZ", &utc);
}

json_t *text_json(const char *text)
{
    json_t *string = json_string(text);
    char *clean;

    if (string)
        return string;
    clean = text_clean(text);
    string = clean ? json_string(clean) : NULL;
    free(clean);
    return string;
}
