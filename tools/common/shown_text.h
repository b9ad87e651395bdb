/* SPDX-License-Identifier: Apache-2.0 */
/* Text from outside, measured for a terminal and made fit for JSON. */
#ifndef TOOLS_COMMON_SHOWN_TEXT_H
#define TOOLS_COMMON_SHOWN_TEXT_H

#include <jansson.h>
#include <stddef.h>

/* The text as JSON, made safe where it is not valid UTF-8, which jansson does not take and a text
 * from outside need not be. NULL: no memory. */
json_t *text_json(const char *text);

/* How many columns it takes on a terminal: two for a kanji or kana. */
size_t text_width(const char *text);

#endif
