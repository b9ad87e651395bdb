/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"

#include <stdlib.h>
#include <string.h>

size_t ce_utf8_decode(uint32_t *out, const char *characters, size_t length)
{
    const unsigned char *text = (const unsigned char *)characters;
    static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
    size_t size = text[0] < 0x80             ? 1
                  : (text[0] & 0xe0) == 0xc0 ? 2
                  : (text[0] & 0xf0) == 0xe0 ? 3
                  : (text[0] & 0xf8) == 0xf0 ? 4
                                             : 0;

    if (size == 0 || size > length)
        return 0;
    *out = size == 1 ? text[0] : text[0] & (0xffU >> (size + 1));
    for (size_t i = 1; i < size; i++) {
        if ((text[i] & 0xc0) != 0x80)
            return 0;
        *out = *out << 6 | (text[i] & 0x3f);
    }
    if (*out < least[size] || *out > 0x10ffff || (*out >= 0xd800 && *out <= 0xdfff))
        return 0;
    return size;
}

static int is_space(uint32_t c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Characters that act on the display instead of showing: C0, DEL, C1, zero-width and
 * bidirectional controls (Unicode Cf that terminals and browsers obey), and line separators. */
static int is_hostile(uint32_t c)
{
    return c < 0x20 || (c >= 0x7f && c <= 0x9f) || c == 0x061c || (c >= 0x200b && c <= 0x200f) ||
           (c >= 0x2028 && c <= 0x202e) || (c >= 0x2060 && c <= 0x206f) || c == 0xfeff ||
           (c >= 0xfff9 && c <= 0xfffb) || (c >= 0xe0000 && c <= 0xe007f);
}

size_t ce_text_plain(const char *text, size_t length)
{
    uint32_t c = 0;
    size_t size = ce_utf8_decode(&c, text, length);

    return size > 0 && !is_hostile(c) ? size : 0;
}

void ce_text_clean(char *out, size_t size, const char *text, size_t length)
{
    size_t used = 0;

    while (length > 0) {
        uint32_t c = 0;
        size_t taken = ce_utf8_decode(&c, text, length);
        const char *shown = text;
        size_t shown_length = taken;

        if (taken && is_space(c)) {
            shown = " ";
            shown_length = used > 0 && out[used - 1] == ' ' ? 0 : 1;
        } else if (!taken || is_hostile(c)) {
            shown = "?";
            shown_length = 1;
        }
        if (used + shown_length >= size)
            break;
        memcpy(out + used, shown, shown_length);
        used += shown_length;
        text += taken ? taken : 1;
        length -= taken ? taken : 1;
    }
    while (used > 0 && out[used - 1] == ' ')
        used--;
    out[used] = '\0';
}

char *ce_text_shown(const char *text)
{
    size_t length = strlen(text), used = 0;
    char *shown = malloc(length + 1);

    while (shown && length > 0) {
        size_t taken = ce_text_plain(text, length);

        if (taken)
            memcpy(shown + used, text, taken);
        else
            shown[used] = '?';
        taken += !taken;
        used += taken;
        text += taken;
        length -= taken;
    }
    if (shown)
        shown[used] = '\0';
    return shown;
}

int ce_text_is_plain(const char *text)
{
    size_t length = strlen(text), taken = 1;

    while (length > 0 && (taken = ce_text_plain(text, length)) > 0) {
        text += taken;
        length -= taken;
    }
    return taken > 0;
}

int ce_text_lower(int c)
{
    return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c;
}

int ce_text_same_word(const char *one, const char *other)
{
    while (*one && ce_text_lower(*one) == ce_text_lower(*other)) {
        one++;
        other++;
    }
    return *one == *other;
}

void ce_hex(char *out, size_t size, const unsigned char *bytes, size_t length)
{
    static const char digits[] = "0123456789abcdef";
    size_t used = 0;

    for (size_t i = 0; i < length && used + 2 < size; i++) {
        out[used++] = digits[bytes[i] >> 4];
        out[used++] = digits[bytes[i] & 0xf];
    }
    out[used] = '\0';
}

int ce_hex_octet(const char *digits)
{
    static const char alphabet[] = "0123456789abcdef";
    const char *high = digits[0] ? strchr(alphabet, ce_text_lower(digits[0])) : NULL;
    const char *low = high && digits[1] ? strchr(alphabet, ce_text_lower(digits[1])) : NULL;

    return low ? (int)((high - alphabet) << 4 | (low - alphabet)) : -1;
}

size_t ce_unhex(unsigned char *out, size_t capacity, const char *text)
{
    size_t length = 0;

    while (*text) {
        int octet = ce_hex_octet(text);

        if (octet < 0 || length == capacity)
            return 0;
        out[length++] = (unsigned char)octet;
        text += 2;
        if (*text == ':' && *++text == '\0')
            return 0;
    }
    return length;
}
