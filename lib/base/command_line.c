/* SPDX-License-Identifier: Apache-2.0 */
#include "base/command_line.h"

#include <string.h>

/* Of a word that needs no quotation marks (POSIX XCU §2.2, and what §2.6 and §2.13 expand). Other
 * bytes than ASCII are blanks to some shells in some locales. */
static const char plain[] =
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz%+,-./:@_";

/* No terminal takes a longer line. */
#define COMMAND_MAX ((size_t)64 * 1024)

static void append(struct ce_command *line, const char *text, size_t length)
{
    line->is_lost |= ce_buffer_append(&line->text, text, length, COMMAND_MAX) < 0;
}

void ce_command_add(struct ce_command *line, const char *word)
{
    size_t length = strlen(word);

    if (line->text.length > 0)
        append(line, " ", 1);
    if (length > 0 && strspn(word, plain) == length) {
        append(line, word, length);
        return;
    }
    append(line, "'", 1);
    /* Between single quotation marks all is literal but such a mark itself (POSIX XCU §2.2.2). */
    for (; (length = strcspn(word, "'")), word[length]; word += length + 1) {
        append(line, word, length);
        append(line, "'\\''", 4);
    }
    append(line, word, length);
    append(line, "'", 1);
}

void ce_command_option(struct ce_command *line, const char *option, const char *value)
{
    if (!value || !*value)
        return;
    ce_command_add(line, option);
    ce_command_add(line, value);
}

char *ce_command_take(struct ce_command *line)
{
    char *text;

    if (line->is_lost)
        ce_buffer_clear(&line->text);
    text = (char *)line->text.data;
    *line = (struct ce_command){ 0 };
    return text;
}
