/* SPDX-License-Identifier: Apache-2.0 */
/* Results, shown to a person or written for a program. */
#include "output/output.h"

#include "common/shown_text.h"
#include "common/tool_message.h"

#include <stdio.h>
#include <string.h>

#define COLUMN_GAP 2
#define COLUMNS_MAX 8

int show_json(json_t *result, certenroll_error **error)
{
    int failed = !result || json_dumpf(result, stdout, JSON_INDENT(2)) < 0;

    json_decref(result);
    if (failed)
        return certenroll_error_set_memory(error);
    putchar('\n');
    return CERTENROLL_OK;
}

/* --- one value --- */

/* The marks of certenroll_mark_name(), as a person is told of them. */
static const struct {
    const char *name, *text;
} states[] = {
    { "valid", N_("valid") },
    { "due", N_("due") },
    { "expired", N_("expired") },
    { "not-yet-valid", N_("not yet valid") },
    { "unfinished", N_("unfinished") },
    { "orphan-key", N_("orphan key") },
    { "orphan-certificate", N_("orphan certificate") },
    { "ca", N_("CA") },
};

/* As a person is shown it; "-" when it is not there. */
static const char *value_text(struct tool *tool, const json_t *object, const char *member)
{
    const json_t *value = json_object_get(object, member), *item;
    const char *text = json_string_value(value);
    char line[1024] = "";
    size_t used = 0, i;

    json_array_foreach(value, i, item)
    {
        int written = snprintf(line + used, sizeof(line) - used, "%s%s", i ? ", " : "",
                               _(json_string_value(item)));
        if (written < 0 || (size_t)written >= sizeof(line) - used)
            break;
        used += (size_t)written;
    }
    if (json_is_array(value))
        return shown(tool, line);
    if (!text || !*text)
        return "-";
    if (strcmp(member, "state") != 0)
        return shown(tool, text);
    /* Other states (of an enrolment) have a name alone. */
    for (i = 0; i < sizeof(states) / sizeof(states[0]); i++)
        if (strcmp(states[i].name, text) == 0)
            text = _(states[i].text);
    snprintf(line, sizeof(line), "%s%s", text,
             json_is_true(json_object_get(object, "duplicate_id")) ? _(", duplicate ID") : "");
    return shown(tool, line);
}

/* Prints at most `longest` columns (0: all) and fills up to `width`. */
static void print_cell(const char *text, size_t longest, size_t width)
{
    size_t shown = text_width(text);

    if (longest && shown > longest) {
        fwrite(text, 1, longest, stdout);
        shown = longest;
    } else {
        fputs(text, stdout);
    }
    if (shown < width)
        printf("%*s", (int)(width - shown), "");
}

/* --- one below the other --- */

static void print_fields(struct tool *tool, const json_t *object, const struct field *fields)
{
    size_t width = 0;

    for (const struct field *field = fields; field->member; field++)
        if (text_width(_(field->caption)) > width)
            width = text_width(_(field->caption));
    for (const struct field *field = fields; field->member; field++) {
        if (!json_object_get(object, field->member))
            continue;
        fputs("  ", stdout);
        print_cell(_(field->caption), 0, width + COLUMN_GAP);
        print_cell(value_text(tool, object, field->member), field->longest, 0);
        putchar('\n');
    }
}

int show_record(struct tool *tool, json_t *result, const char *heading, const struct field *fields,
                certenroll_error **error)
{
    if (tool->options.json || !result)
        return show_json(result, error);
    if (heading)
        printf("%s\n", heading);
    print_fields(tool, result, fields);
    json_decref(result);
    return CERTENROLL_OK;
}

int show_blocks(struct tool *tool, json_t *result, const char *member, const struct field *fields,
                const char *none, certenroll_error **error)
{
    const json_t *array = json_object_get(result, member), *object;
    size_t i;

    if (tool->options.json || !result)
        return show_json(result, error);
    if (json_array_size(array) == 0)
        printf("%s\n", none);
    json_array_foreach(array, i, object)
    {
        printf("%s\n", value_text(tool, object, "label"));
        print_fields(tool, object, fields);
    }
    json_decref(result);
    return CERTENROLL_OK;
}

/* --- a table --- */

/* The headings, then a line for each object. No blanks after the last column. */
static void print_table(struct tool *tool, const json_t *array, const struct field *fields)
{
    size_t widths[COLUMNS_MAX] = { 0 }, columns = 0, i;
    const json_t *object;

    for (; columns < COLUMNS_MAX && fields[columns].member; columns++) {
        const struct field *field = &fields[columns];
        size_t *width = &widths[columns];

        *width = text_width(_(field->caption));
        json_array_foreach(array, i, object)
        {
            size_t needed = text_width(value_text(tool, object, field->member));

            if (field->longest && needed > field->longest)
                needed = field->longest;
            *width = needed > *width ? needed : *width;
        }
        *width += COLUMN_GAP;
    }
    widths[columns - 1] = 0;
    for (i = 0; i < columns; i++)
        print_cell(_(fields[i].caption), 0, widths[i]);
    putchar('\n');
    for (size_t row = 0; row < json_array_size(array); row++) {
        object = json_array_get(array, row);
        for (i = 0; i < columns; i++)
            print_cell(value_text(tool, object, fields[i].member), fields[i].longest, widths[i]);
        putchar('\n');
    }
}

int show_table(struct tool *tool, json_t *result, const char *member, const struct field *fields,
               const char *none, certenroll_error **error)
{
    const json_t *array = json_object_get(result, member);

    if (tool->options.json || !result)
        return show_json(result, error);
    if (json_array_size(array) == 0)
        printf("%s\n", none);
    else
        print_table(tool, array, fields);
    json_decref(result);
    return CERTENROLL_OK;
}
