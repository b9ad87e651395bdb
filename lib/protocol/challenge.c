/* SPDX-License-Identifier: Apache-2.0 */
#include "protocol/challenge.h"

#include "base/text.h"

#include <stdio.h>
#include <string.h>

#define SCHEME_MAX 32

/* RFC 9110 §5.6.2. */
static const char token[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
                            "!#$%&'*+-.^_`|~";
static const char blank[] = " \t";

int challenge_offers(const char *schemes, const char *scheme)
{
    char one[SCHEME_MAX];

    for (size_t length; *schemes; schemes += length + strspn(schemes + length, ", ")) {
        length = strcspn(schemes, ",");
        snprintf(one, sizeof(one), "%.*s", (int)length, schemes);
        if (ce_text_same_word(one, scheme))
            return 1;
    }
    return 0;
}

static void add(char *schemes, size_t size, const char *scheme, size_t length)
{
    size_t used = strlen(schemes);
    char name[SCHEME_MAX];

    if (length >= sizeof(name) || used + length + sizeof(", ") > size)
        return;
    snprintf(name, sizeof(name), "%.*s", (int)length, scheme);
    if (!challenge_offers(schemes, name))
        snprintf(schemes + used, size - used, "%s%s", used ? ", " : "", name);
}

/* To the comma that ends a list's element, or the end; commas within quotes (RFC 9110 §5.6.4) end
 * nothing. */
static const char *end_of_element(const char *text)
{
    int quoted = 0;

    for (; *text && (quoted || *text != ','); text++) {
        if (quoted && *text == '\\' && text[1])
            text++;
        else if (*text == '"')
            quoted = !quoted;
    }
    return text;
}

/* Challenges and the parameters of one challenge are parted by the same commas: what is followed by
 * a "=" is a parameter's name, all else begins a challenge. */
void challenge_read(char *schemes, size_t size, const char *field)
{
    while (*field) {
        size_t length;

        field += strspn(field, ", \t");
        length = strspn(field, token);
        if (length > 0 && field[length + strspn(field + length, blank)] != '=')
            add(schemes, size, field, length);
        field = end_of_element(field);
    }
}
