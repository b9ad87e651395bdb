/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json_depth.h"

int json_depth(const char *text, size_t length)
{
    int depth = 0, deepest = 0, in_string = 0;

    for (size_t i = 0; i < length; i++) {
        if (in_string && text[i] == '\\')
            i++;
        else if (text[i] == '"')
            in_string = !in_string;
        else if (!in_string && (text[i] == '{' || text[i] == '['))
            deepest = ++depth > deepest ? depth : deepest;
        else if (!in_string && (text[i] == '}' || text[i] == ']'))
            depth--;
    }
    return deepest;
}
