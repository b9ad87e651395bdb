/* SPDX-License-Identifier: Apache-2.0 */
#include "common/command_line.h"

#include <string.h>

/* Of a word that needs no quotation marks (POSIX XCU §2.2, and what §2.6 and §2.13 expand). Other
 * bytes than ASCII are blanks to some shells in some locales. */
static const char plain[] =
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz%+,-./:@_";

/* No terminal takes a longer line. */
#define COMMAND_MAX ((size_t)64 * 1024)

static void append(struct command_line *line, const char *text, size_t length)
{
    line->is_lost |= ce_buffer_append(&line->text, text, length, COMMAND_MAX) < 0;
}

void command_line_add(struct command_line *line, const char *word)
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

void command_line_option(struct command_line *line, const char *option, const char *value)
{
    if (!value || !*value)
        return;
    command_line_add(line, option);
    command_line_add(line, value);
}

char *command_line_take(struct command_line *line)
{
    char *text;

    if (line->is_lost)
        ce_buffer_clear(&line->text);
    text = (char *)line->text.data;
    *line = (struct command_line){ 0 };
    return text;
}
