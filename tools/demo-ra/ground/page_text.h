/* SPDX-License-Identifier: Apache-2.0 */
/* Text that grows, the one way by which foreign text gets into a page, and the languages. */
#ifndef DEMO_RA_PAGE_TEXT_H
#define DEMO_RA_PAGE_TEXT_H

#include <stddef.h>

enum language { LANGUAGE_EN, LANGUAGE_JA, LANGUAGE_COUNT };

/* A text in each language, by enum language. */
typedef const char *const words[LANGUAGE_COUNT];

/* Starts as all zeros. After a failed allocation it stays empty and `failed` is set, so that a
 * page can be written without a check after each piece. */
struct text {
    char *data; /* NUL-terminated when not NULL */
    size_t length;
    int failed;
};

void text_add(struct text *text, const char *piece);
void text_add_bytes(struct text *text, const void *bytes, size_t length);
void text_addf(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Adds `piece` so that it is plain text in HTML, in an element as in a quoted attribute. */
void text_add_escaped(struct text *text, const char *piece);
/* Adds `piece` as one part of a URL's query, percent-encoded (RFC 3986 §2.1). */
void text_add_encoded(struct text *text, const char *piece);
void text_clear(struct text *text);
/* It comes to nothing: whoever sends it has to send something else. */
void text_spoil(struct text *text);

/* What may come in: UTF-8 (RFC 3629) without control characters, U+0000 to U+001F and U+007F to
 * U+009F. A password may have what only joins characters. */
int text_has_no_control(const char *text);

#endif
