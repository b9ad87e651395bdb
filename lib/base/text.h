/* SPDX-License-Identifier: Apache-2.0 */
/* Text from outside (tokens, RAs) made safe to show, and bytes made readable. */
#ifndef CE_BASE_TEXT_H
#define CE_BASE_TEXT_H

#include <stddef.h>

/* Copies UTF-8 text to `out` (`size` bytes with the NUL), cut at a character's boundary. Control,
 * bidirectional-override and malformed characters become '?', runs of white space one space: an
 * RA's text can then neither forge log lines nor turn the direction of what is shown. */
void ce_text_clean(char *out, size_t size, const char *text, size_t length);

/* The length of the UTF-8 character at the beginning of `text`; 0 when it is malformed, or one of
 * those that ce_text_clean replaces because they act on a display. `length` is not 0. */
size_t ce_text_plain(const char *text, size_t length);

/* ASCII only, whatever the locale. */
int ce_text_lower(int c);
/* Non-zero when the words differ in upper and lower case alone. */
int ce_text_same_word(const char *one, const char *other);

/* Lower-case hexadecimal, NUL-terminated, cut to fit. */
void ce_hex(char *out, size_t size, const unsigned char *bytes, size_t length);

#endif
