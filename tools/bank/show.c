/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE /* localtime_r */

#include "show.h"

#include "common/message.h"
#include "common/text.h"

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define COLUMN_GAP 2

/* --- values --- */

/* A small system has no ja_JP locale, and C's own format says nothing to a Japanese. */
static int has_own_format(void)
{
    const char *locale = setlocale(LC_TIME, NULL);

    return locale && strcmp(locale, "C") != 0 && strncmp(locale, "C.", 2) != 0 &&
           strcmp(locale, "POSIX") != 0;
}

/* TRANSLATORS: a date and time, for strftime(3). */
static size_t format_time(char *out, size_t size, const struct tm *when)
{
    return has_own_format() ? strftime(out, size, "%c", when)
                            : strftime(out, size, _("%Y-%m-%d %H:%M"), when);
}

void show_time(char out[SHOW_TIME_SIZE], int64_t when)
{
    time_t seconds = (time_t)when;
    char zone[32] = "";
    struct tm local;
    size_t used;

    snprintf(out, SHOW_TIME_SIZE, "-");
    if (!when || !localtime_r(&seconds, &local))
        return;
    strftime(zone, sizeof(zone), "%Z", &local);
    used = format_time(out, SHOW_TIME_SIZE - sizeof(zone) - 1, &local);
    out[used] = '\0';
    if (zone[0] && !strstr(out, zone))
        snprintf(out + used, SHOW_TIME_SIZE - used, " %s", zone);
}

const char *show_state(const char *name)
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

/* --- JSON --- */

int show_json(struct bank *bank, json_t *object)
{
    int failed = !object || json_dumpf(object, stdout, JSON_INDENT(2)) < 0;

    json_decref(object);
    if (failed)
        return failure_memory(&bank->failure);
    putchar('\n');
    return CERTENROLL_OK;
}

/* --- lines and tables --- */

static void print_cell(const char *text, size_t width)
{
    char *clean = text_clean(text);
    size_t shown = clean ? text_width(clean) : 0;

    fputs(clean ? clean : "?", stdout);
    if (shown < width)
        printf("%*s", (int)(width - shown), "");
    free(clean);
}

void show_lines(const struct show_line lines[], size_t count)
{
    size_t width = 0;

    for (size_t i = 0; i < count; i++)
        if (lines[i].value && text_width(lines[i].caption) > width)
            width = text_width(lines[i].caption);
    for (size_t i = 0; i < count; i++) {
        if (!lines[i].value)
            continue;
        fputs("  ", stdout);
        print_cell(lines[i].caption, width + COLUMN_GAP);
        print_cell(lines[i].value, 0);
        putchar('\n');
    }
}

static size_t column_width(const char *const cells[], size_t rows, size_t columns, size_t column)
{
    size_t width = 0;

    for (size_t row = 0; row < rows; row++) {
        char *clean = text_clean(cells[row * columns + column]);
        size_t shown = clean ? text_width(clean) : 0;

        free(clean);
        if (shown > width)
            width = shown;
    }
    return width;
}

/* No blanks after the last column. */
static void print_row(const char *const cells[], size_t columns, const size_t widths[])
{
    for (size_t column = 0; column < columns; column++)
        print_cell(cells[column], column + 1 < columns ? widths[column] + COLUMN_GAP : 0);
    putchar('\n');
}

void show_table(const char *const cells[], size_t rows, size_t columns)
{
    size_t widths[SHOW_COLUMNS_MAX] = { 0 };

    for (size_t column = 0; column + 1 < columns; column++)
        widths[column] = column_width(cells, rows, columns, column);
    for (size_t row = 0; row < rows; row++)
        print_row(cells + row * columns, columns, widths);
}

/* --- a certificate --- */

json_t *show_entry_json(const certenroll_entry *entry)
{
    char from[TEXT_TIME_SIZE], until[TEXT_TIME_SIZE];
    size_t length = 0;
    const unsigned char *id = certenroll_entry_id(entry, &length);
    char *hex = text_hex(id, length);
    json_t *object;

    text_time(from, certenroll_entry_not_before(entry));
    text_time(until, certenroll_entry_not_after(entry));
    object = json_pack("{s:s, s:s, s:s, s:s, s:o, s:s, s:s, s:o}", "state",
                       certenroll_mark_name(certenroll_entry_mark(entry)), "serial",
                       certenroll_entry_serial(entry), "not_before", from, "not_after", until,
                       "issuer", text_json(certenroll_entry_issuer(entry)), "key_type",
                       certenroll_key_type_name(certenroll_entry_key_type(entry)), "id",
                       hex ? hex : "", "label", text_json(certenroll_entry_label(entry)));
    free(hex);
    return object;
}

void show_entry(const certenroll_entry *entry)
{
    char until[SHOW_TIME_SIZE];
    const struct show_line lines[] = {
        { _("state"), show_state(certenroll_mark_name(certenroll_entry_mark(entry))) },
        { _("valid until"), until },
        { _("issuer"), certenroll_entry_issuer(entry) },
        { _("serial number"), certenroll_entry_serial(entry) },
        { _("key type"), certenroll_key_type_name(certenroll_entry_key_type(entry)) },
    };

    show_time(until, certenroll_entry_not_after(entry));
    show_lines(lines, sizeof(lines) / sizeof(lines[0]));
}
