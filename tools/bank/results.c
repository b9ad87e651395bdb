/* SPDX-License-Identifier: Apache-2.0 */
#include "results.h"

#include "base/platform.h"
#include "base/text.h"
#include "base/time.h"
#include "common/shown_text.h"
#include "common/tool_message.h"

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define COLUMN_GAP 2
#define TABLE_COLUMNS_MAX 8
#define CIRCLE "\u25cb"

/* --- values --- */

void local_time(char out[SHOWN_TIME_SIZE], int64_t when)
{
    const char *locale = setlocale(LC_TIME, NULL);
    char zone[32] = "";
    struct tm local;

    snprintf(out, SHOWN_TIME_SIZE, "-");
    if (!when || ce_local_time(&local, when) < 0)
        return;
    strftime(zone, sizeof(zone), "%Z", &local);
    /* A small system has no ja_JP locale, and C's own format says nothing to a Japanese. */
    if (locale && strcmp(locale, "C") != 0 && strncmp(locale, "C.", 2) != 0 &&
        strcmp(locale, "POSIX") != 0)
        out[strftime(out, SHOWN_TIME_SIZE - sizeof(zone) - 1, "%c", &local)] = '\0';
    else
        /* TRANSLATORS: a date and time, for strftime(3). */
        out[strftime(out, SHOWN_TIME_SIZE - sizeof(zone) - 1, _("%Y-%m-%d %H:%M"), &local)] = '\0';
    if (zone[0] && !strstr(out, zone))
        snprintf(out + strlen(out), SHOWN_TIME_SIZE - strlen(out), " %s", zone);
}

const char *state_text(const char *name)
{
    static const struct {
        const char *name, *text;
    } states[] = {
        { "none", N_("not issued") },
        { "waiting", N_("waiting to be collected") },
        { "valid", N_("valid") },
        { "due", N_("ends soon") },
        { "expired", N_("expired") },
        { "revoked", N_("revoked by the bank") },
        { "not-yet-valid", N_("not yet valid") },
        { "unfinished", N_("unfinished") },
        { "orphan-key", N_("orphan key") },
        { "orphan-certificate", N_("orphan certificate") },
    };

    for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++)
        if (strcmp(states[i].name, name) == 0)
            return _(states[i].text);
    return name;
}

char *member_text(const json_t *object, const char *member)
{
    const json_t *value = json_object_get(object, member);
    const char *text = json_string_value(value);
    char when[SHOWN_TIME_SIZE];
    int64_t seconds;

    if (json_is_true(value)) {
        text = CIRCLE;
    } else if (text && strcmp(member, "state") == 0) {
        text = state_text(text);
    } else if (text && strcmp(member, "not_after") == 0 && ce_time_parse(&seconds, text) == 0) {
        local_time(when, seconds);
        text = when;
    }
    return ce_text_shown(text && *text ? text : "-");
}

/* --- JSON --- */

int print_json(json_t *object, certenroll_error **error)
{
    int failed = !object || json_dumpf(object, stdout, JSON_INDENT(2)) < 0;

    json_decref(object);
    if (failed)
        return certenroll_error_set_memory(error);
    putchar('\n');
    return CERTENROLL_OK;
}

/* --- lines and tables --- */

/* Fills up to `width`. */
static void print_cell(const char *text, size_t width)
{
    size_t shown = text_width(text);

    fputs(text, stdout);
    if (shown < width)
        printf("%*s", (int)(width - shown), "");
}

static void print_value(const json_t *object, const char *member, size_t width)
{
    char *text = member_text(object, member);

    print_cell(text ? text : "?", width);
    free(text);
}

void print_members(const json_t *object, const struct member members[])
{
    size_t width = 0;

    for (const struct member *member = members; member->name; member++)
        if (text_width(_(member->caption)) > width)
            width = text_width(_(member->caption));
    for (const struct member *member = members; member->name; member++) {
        if (!json_object_get(object, member->name))
            continue;
        fputs("  ", stdout);
        print_cell(_(member->caption), width + COLUMN_GAP);
        print_value(object, member->name, 0);
        putchar('\n');
    }
}

static size_t column_width(const json_t *array, const struct member *member)
{
    size_t width = text_width(_(member->caption)), i;
    json_t *object;

    json_array_foreach(array, i, object)
    {
        char *text = member_text(object, member->name);
        size_t shown = text ? text_width(text) : 0;

        free(text);
        if (shown > width)
            width = shown;
    }
    return width;
}

void print_table(const json_t *array, const struct member members[])
{
    size_t widths[TABLE_COLUMNS_MAX + 1] = { 0 }, i;
    json_t *object;

    /* No blanks after the last column. */
    for (i = 0; members[i].name && members[i + 1].name && i < TABLE_COLUMNS_MAX; i++)
        widths[i] = column_width(array, &members[i]) + COLUMN_GAP;
    for (i = 0; members[i].name && i < TABLE_COLUMNS_MAX; i++)
        print_cell(_(members[i].caption), widths[i]);
    putchar('\n');
    json_array_foreach(array, i, object)
    {
        for (size_t column = 0; members[column].name && column < TABLE_COLUMNS_MAX; column++)
            print_value(object, members[column].name, widths[column]);
        putchar('\n');
    }
}

/* --- a certificate --- */

void entry_id(char out[ENTRY_ID_SIZE], const certenroll_entry *entry)
{
    size_t length = 0;
    const unsigned char *id = certenroll_entry_id(entry, &length);

    ce_hex(out, ENTRY_ID_SIZE, id, length);
}

json_t *entry_json(const certenroll_entry *entry)
{
    char from[CE_TIME_SIZE], until[CE_TIME_SIZE], id[ENTRY_ID_SIZE];

    entry_id(id, entry);
    ce_time_format(from, certenroll_entry_not_before(entry));
    ce_time_format(until, certenroll_entry_not_after(entry));
    return json_pack("{s:s, s:s, s:s, s:s, s:o, s:s, s:s, s:o}", "state",
                     certenroll_mark_name(certenroll_entry_mark(entry)), "serial",
                     certenroll_entry_serial(entry), "not_before", from, "not_after", until,
                     "issuer", text_json(certenroll_entry_issuer(entry)), "key_type",
                     certenroll_key_type_name(certenroll_entry_key_type(entry)), "id", id, "label",
                     text_json(certenroll_entry_label(entry)));
}

void print_entry(const certenroll_entry *entry)
{
    static const struct member members[] = {
        { "state", N_("state") },       { "not_after", N_("valid until") },
        { "issuer", N_("issuer") },     { "serial", N_("serial number") },
        { "key_type", N_("key type") }, { NULL, NULL },
    };
    json_t *object = entry_json(entry);

    print_members(object, members);
    json_decref(object);
}
