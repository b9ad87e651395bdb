/* SPDX-License-Identifier: Apache-2.0 */
#include "http/language.h"

#include "ground/diagnostics.h"

#include <string.h>
#include <strings.h>

const char *const language_tags[LANGUAGE_COUNT] = { "en", "ja" };

/* A qvalue (RFC 9110 §12.4.2) in thousandths; what is none counts as 0. */
static int thousandths(const char *text)
{
    int value;

    if (*text != '0' && *text != '1')
        return 0;
    value = (*text++ - '0') * 1000;
    if (*text == '.') {
        text++;
        for (int unit = 100; unit > 0 && *text >= '0' && *text <= '9'; unit /= 10)
            value += (*text++ - '0') * unit;
    }
    /* strchr finds the string's end, too. */
    return value <= 1000 && strchr(" \t;,", *text) ? value : 0;
}

/* The weight a language range gets, in thousandths; -1 for another language. */
static int weight_of(const char *item, size_t length, const char *tag)
{
    const char *q = memchr(item, ';', length);
    size_t range = q ? (size_t)(q - item) : length;

    while (range > 0 && item[range - 1] == ' ')
        range--;
    if (range < 2 || strncasecmp(item, tag, 2) != 0 || (range > 2 && item[2] != '-'))
        return -1;
    if (!q)
        return 1000;
    q += 1 + strspn(q + 1, " ");
    return strncasecmp(q, "q=", 2) == 0 ? thousandths(q + 2) : 1000;
}

static int best_weight(const char *accepted, const char *tag)
{
    int best = -1;

    while (accepted && *accepted) {
        size_t length;
        int weight;

        accepted += strspn(accepted, " ,\t");
        length = strcspn(accepted, ",");
        weight = weight_of(accepted, length, tag);
        best = weight > best ? weight : best;
        accepted += length;
    }
    return best;
}

/* LANGUAGE_COUNT: of neither. */
static enum language of_tag(const char *tag)
{
    enum language language = LANGUAGE_EN;

    while (language < LANGUAGE_COUNT && strcmp(tag, language_tags[language]) != 0)
        language++;
    return language;
}

static enum language accepted(const struct request *request)
{
    if (!request->accept_language)
        return operator_reads_japanese() ? LANGUAGE_JA : LANGUAGE_EN;
    return best_weight(request->accept_language, "ja") > best_weight(request->accept_language, "en")
               ? LANGUAGE_JA
               : LANGUAGE_EN;
}

enum language language_choose(struct reply *reply, const struct request *request)
{
    char remembered[8];
    enum language before = LANGUAGE_COUNT;
    enum language asked = request->language ? of_tag(request->language) : LANGUAGE_COUNT;

    if (cookie_read(remembered, sizeof(remembered), request, COOKIE_LANGUAGE) == 0)
        before = of_tag(remembered);
    if (asked < LANGUAGE_COUNT && asked != before)
        cookie_set(reply, COOKIE_LANGUAGE, language_tags[asked]);
    if (asked < LANGUAGE_COUNT)
        return asked;
    return before < LANGUAGE_COUNT ? before : accepted(request);
}
