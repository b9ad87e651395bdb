/* SPDX-License-Identifier: Apache-2.0 */
#define _XOPEN_SOURCE 700 /* wcwidth */

#include "common/shown_text.h"

#include "base/text.h"

#include <stdlib.h>
#include <string.h>
#include <wchar.h>

size_t text_width(const char *text)
{
    size_t columns = 0, length = strlen(text);

    while (length > 0) {
        uint32_t c = 0;
        size_t taken = ce_utf8_decode(&c, text, length);
        int width = taken ? wcwidth((wchar_t)c) : 1;

        columns += width < 0 ? 1 : (size_t)width;
        text += taken ? taken : 1;
        length -= taken ? taken : 1;
    }
    return columns;
}

json_t *text_json(const char *text)
{
    json_t *string = json_string(text);
    char *shown = string ? NULL : ce_text_shown(text);

    if (shown)
        string = json_string(shown);
    free(shown);
    return string;
}
