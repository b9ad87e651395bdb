/* SPDX-License-Identifier: Apache-2.0 */
/* Text from outside (tokens, RAs) made safe to show, and bytes made readable. */
#ifndef CE_BASE_TEXT_H
#define CE_BASE_TEXT_H

#include <stddef.h>
#include <stdint.h>

/* Decodes the UTF-8 character (RFC 3629) at the beginning of `text`. Returns its length, or 0 when
 * it is malformed; `length` is not 0. */
size_t ce_utf8_decode(uint32_t *out, const char *text, size_t length);

/* Copies UTF-8 text to `out` (`size` bytes with the NUL), cut at a character's boundary. Control,
 * bidirectional-override and malformed characters become '?', runs of white space one space: an
 * RA's text can then neither forge log lines nor turn the direction of what is shown. */
void ce_text_clean(char *out, size_t size, const char *text, size_t length);

/* The length of the UTF-8 character at the beginning of `text`; 0 when it is malformed, or one of
 * those that ce_text_clean replaces because they act on a display. `length` is not 0. */
size_t ce_text_plain(const char *text, size_t length);

/* A copy with '?' for each byte of what ce_text_plain has no length for, freed by free(). NULL: out
 * of memory. */
char *ce_text_shown(const char *text);

/* Non-zero when there is nothing of that kind in it. */
int ce_text_is_plain(const char *text);

/* ASCII only, whatever the locale. */
int ce_text_lower(int c);
/* Non-zero when the words differ in upper and lower case alone. */
int ce_text_same_word(const char *one, const char *other);

/* Lower-case hexadecimal, NUL-terminated, cut to fit. */
void ce_hex(char *out, size_t size, const unsigned char *bytes, size_t length);

/* The octet of two hexadecimal digits in upper or lower case; -1 when they are not. */
int ce_hex_octet(const char *digits);

/* Reads hexadecimal digits, with colons between the bytes or not, into at most `capacity` bytes.
 * Returns how many, 0 when it is none or does not fit. */
size_t ce_unhex(unsigned char *out, size_t capacity, const char *text);

#endif
