/* SPDX-License-Identifier: Apache-2.0 */
#include "protocol/reason.h"

#include "base/json_depth.h"
#include "base/platform.h"
#include "base/text.h"
#include "protocol/jansson.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Of what is longer only the beginning is read. */
#define BODY_MAX ((size_t)16 * 1024)
#define DEPTH_MAX 6
#define ELEMENTS_MAX 8

/* What UTF-8 takes at most for one byte of any of the charsets below. */
#define GROWTH 3

/* --- Content-Type (RFC 9110 §8.3) --- */

static int begins(const char *text, const char *word)
{
    while (*word && ce_text_lower(*text) == *word) {
        text++;
        word++;
    }
    return *word == '\0';
}

/* "text/plain" of "Text/Plain; charset=...". */
static void take_type(char *out, size_t size, const char *field)
{
    size_t length = strcspn(field, "; ");

    if (length >= size)
        length = size - 1;
    for (size_t i = 0; i < length; i++)
        out[i] = (char)ce_text_lower((unsigned char)field[i]);
    out[length] = '\0';
}

static int is_json(const char *type)
{
    size_t length = strlen(type);

    return length > 5 && (strcmp(type + length - 5, "/json") == 0 ||
                          strcmp(type + length - 5, "+json") == 0); /* RFC 6839 §3.1 */
}

/* A page of HTML is not quoted: its first characters say nothing. */
static int is_text(const char *type)
{
    return type[0] == '\0' || (begins(type, "text/") && strcmp(type, "text/html") != 0);
}

static void take_charset(char *out, size_t size, const char *field)
{
    const char *value = field;

    out[0] = '\0';
    while ((value = strchr(value, ';'))) {
        value += 1 + strspn(value + 1, " ");
        if (begins(value, "charset=")) {
            value += strlen("charset=");
            value += *value == '"';
            snprintf(out, size, "%.*s", (int)strcspn(value, "\"; "), value);
            return;
        }
    }
}

/* --- charsets --- */

/* The names of those that are decoded, and iconv's for what is meant by them: Windows' Shift_JIS
 * and its like, as browsers read them (WHATWG Encoding §4.2). No other name reaches iconv: some of
 * its decoders have ended the process over what they were given. */
static const struct {
    const char *name, *decoder;
} charsets[] = {
    { "shift_jis", "CP932" },
    { "shift-jis", "CP932" },
    { "sjis", "CP932" },
    { "x-sjis", "CP932" },
    { "ms932", "CP932" },
    { "windows-31j", "CP932" },
    { "euc-jp", "EUC-JP-MS" },
    { "x-euc-jp", "EUC-JP-MS" },
    { "iso-2022-jp", "ISO-2022-JP" },
    { "iso-8859-1", "CP1252" },
    { "latin1", "CP1252" },
    { "windows-1252", "CP1252" },
    { "iso-8859-15", "ISO-8859-15" },
};

/* The body as UTF-8, malloc'ed; one in a charset that is not decoded as it came. */
static char *decode(size_t *length, const struct http_response *response)
{
    const char *body = (const char *)response->body.data;
    size_t taken = response->body.length < BODY_MAX ? response->body.length : BODY_MAX;
    char charset[32];
    char *text = taken > 0 ? malloc(taken * GROWTH) : NULL;

    *length = text ? taken : 0;
    if (!text)
        return NULL;
    memcpy(text, body, taken);
    take_charset(charset, sizeof(charset), response->content_type);
    for (size_t i = 0; i < sizeof(charsets) / sizeof(charsets[0]); i++)
        if (ce_text_same_word(charset, charsets[i].name)) {
            int64_t decoded =
                ce_charset_decode(text, taken * GROWTH, charsets[i].decoder, body, taken);

            if (decoded >= 0)
                *length = (size_t)decoded;
        }
    return text;
}

/* --- JSON --- */

/* Where reasons stand, in the order in which they are told: RFC 9457's; and what others call them
 * (EJBCA, Dogtag, step-ca, OAuth 2.0, Spring), some in a list or object of their own (Vault, cfssl,
 * OData, RFC 8555). */
static const char *const members[] = {
    "title",  "detail",      "message",       "Message",
    "reason", "description", "error_message", "error_description",
    "error",  "errors",      "subproblems",
};

struct gathering {
    const struct jansson *jansson;
    char *out;
    size_t size;
};

static void append(const struct gathering *gathering, const char *text)
{
    size_t used = strlen(gathering->out), length = strlen(text);

    if (length == 0 || strstr(gathering->out, text))
        return;
    /* A sentence of the RA's may have ended in its own full stop. */
    if (used > 0)
        used += (size_t)snprintf(gathering->out + used, gathering->size - used, "%s",
                                 gathering->out[used - 1] == '.' ? " " : "; ");
    if (used < gathering->size)
        ce_text_clean(gathering->out + used, gathering->size - used, text, length);
}

static void gather(const struct gathering *gathering, const json_t *json)
{
    const struct jansson *jansson = gathering->jansson;
    size_t count = jansson->array_size(json);

    if (json_is_string(json))
        append(gathering, jansson->string_value(json));
    for (size_t i = 0; i < count && i < ELEMENTS_MAX; i++)
        gather(gathering, jansson->array_get(json, i));
    for (size_t i = 0; json_is_object(json) && i < sizeof(members) / sizeof(members[0]); i++)
        gather(gathering, jansson->object_get(json, members[i]));
}

static void read_json(char *out, size_t size, const char *text, size_t length)
{
    const struct gathering gathering = { jansson_load(), out, size };
    json_t *json = NULL;

    if (gathering.jansson && json_depth(text, length) <= DEPTH_MAX)
        json = gathering.jansson->loadb(text, length, 0, NULL);
    if (!json)
        return;
    gather(&gathering, json);
    gathering.jansson->delete (json);
}

/* --- either --- */

void reason_read(char *out, size_t size, const struct http_response *response)
{
    static const char mark[] = "\xef\xbb\xbf"; /* U+FEFF, which some begin their texts with */
    char type[64];
    char *text, *start;
    size_t length;

    out[0] = '\0';
    take_type(type, sizeof(type), response->content_type);
    if (!is_text(type) && !is_json(type))
        return;
    text = start = decode(&length, response);
    if (length >= strlen(mark) && memcmp(start, mark, strlen(mark)) == 0) {
        start += strlen(mark);
        length -= strlen(mark);
    }
    if (is_json(type))
        read_json(out, size, start, length);
    /* What cannot be taken apart is shown as it came. */
    if (out[0] == '\0' && length > 0)
        ce_text_clean(out, size, start, length);
    free(text);
}
