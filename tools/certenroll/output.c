/* SPDX-License-Identifier: Apache-2.0 */
/* Results, shown to a person or written for a program. */
#include "output.h"

#include "common/message.h"
#include "common/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COLUMN_GAP 2
#define COLUMNS_MAX 8

int show_json(struct tool *tool, json_t *result)
{
    int failed = !result || json_dumpf(result, stdout, JSON_INDENT(2)) < 0;

    json_decref(result);
    if (failed)
        return failure_memory(&tool->failure);
    putchar('\n');
    return CERTENROLL_OK;
}

/* --- one value --- */

static char *join(const json_t *array)
{
    char text[1024] = "";
    size_t used = 0, i;
    json_t *item;

    json_array_foreach(array, i, item)
    {
        int written = snprintf(text + used, sizeof(text) - used, "%s%s", i ? ", " : "",
                               _(json_string_value(item)));
        if (written < 0 || (size_t)written >= sizeof(text) - used)
            break;
        used += (size_t)written;
    }
    return text_clean(text);
}

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

/* Other states (of an enrolment) have a name alone. */
static char *state_text(const json_t *object, const char *name)
{
    char text[128];

    for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++)
        if (strcmp(states[i].name, name) == 0)
            name = _(states[i].text);
    snprintf(text, sizeof(text), "%s%s", name,
             json_is_true(json_object_get(object, "duplicate_id")) ? _(", duplicate ID") : "");
    return text_clean(text);
}

/* As a person is shown it; "-" when it is not there. Freed by free(). */
static char *value_text(const json_t *object, const char *member)
{
    const json_t *value = json_object_get(object, member);
    const char *text = json_string_value(value);

    if (json_is_array(value))
        return join(value);
    if (!text || !*text)
        return text_clean("-");
    return strcmp(member, "state") == 0 ? state_text(object, text) : text_clean(text);
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

static int print_member(struct tool *tool, const json_t *object, const struct field *field,
                        size_t width)
{
    char *text = value_text(object, field->member);

    if (!text)
        return failure_memory(&tool->failure);
    print_cell(text, field->longest, width);
    free(text);
    return CERTENROLL_OK;
}

/* --- one below the other --- */

static int print_fields(struct tool *tool, const json_t *object, const struct field *fields)
{
    size_t width = 0;
    int status = CERTENROLL_OK;

    for (const struct field *field = fields; field->member; field++)
        if (text_width(_(field->caption)) > width)
            width = text_width(_(field->caption));
    for (const struct field *field = fields; field->member && status == CERTENROLL_OK; field++) {
        if (!json_object_get(object, field->member))
            continue;
        fputs("  ", stdout);
        print_cell(_(field->caption), 0, width + COLUMN_GAP);
        status = print_member(tool, object, field, 0);
        putchar('\n');
    }
    return status;
}

int show_record(struct tool *tool, json_t *result, const char *heading, const struct field *fields)
{
    int status;

    if (tool->options.json || !result)
        return show_json(tool, result);
    if (heading)
        printf("%s\n", heading);
    status = print_fields(tool, result, fields);
    json_decref(result);
    return status;
}

static int print_block(struct tool *tool, const json_t *object, const char *title,
                       const struct field *fields)
{
    const struct field heading = { title, NULL, 0 };
    int status = print_member(tool, object, &heading, 0);

    putchar('\n');
    return status < 0 ? status : print_fields(tool, object, fields);
}

int show_blocks(struct tool *tool, json_t *result, const char *member, const char *title,
                const struct field *fields, const char *none)
{
    const json_t *array = json_object_get(result, member);
    int status = CERTENROLL_OK;

    if (tool->options.json || !result)
        return show_json(tool, result);
    if (json_array_size(array) == 0)
        printf("%s\n", none);
    for (size_t i = 0; i < json_array_size(array) && status == CERTENROLL_OK; i++)
        status = print_block(tool, json_array_get(array, i), title, fields);
    json_decref(result);
    return status;
}

/* --- a table --- */

static size_t column_width(const json_t *array, const struct field *field)
{
    size_t width = text_width(_(field->caption));

    for (size_t i = 0; i < json_array_size(array); i++) {
        char *text = value_text(json_array_get(array, i), field->member);
        size_t shown = text ? text_width(text) : 0;

        free(text);
        if (field->longest && shown > field->longest)
            shown = field->longest;
        if (shown > width)
            width = shown;
    }
    return width;
}

/* One line; `object` NULL: the headings. No blanks after the last column. */
static int print_row(struct tool *tool, const json_t *object, const struct field *fields,
                     const size_t widths[])
{
    int status = CERTENROLL_OK;

    for (size_t i = 0; fields[i].member && status == CERTENROLL_OK; i++) {
        size_t width = fields[i + 1].member ? widths[i] + COLUMN_GAP : 0;

        if (object)
            status = print_member(tool, object, &fields[i], width);
        else
            print_cell(_(fields[i].caption), 0, width);
    }
    putchar('\n');
    return status;
}

static int print_table(struct tool *tool, const json_t *array, const struct field *fields)
{
    size_t widths[COLUMNS_MAX] = { 0 };
    int status;

    for (size_t i = 0; i < COLUMNS_MAX && fields[i].member; i++)
        widths[i] = column_width(array, &fields[i]);
    status = print_row(tool, NULL, fields, widths);
    for (size_t i = 0; i < json_array_size(array) && status == CERTENROLL_OK; i++)
        status = print_row(tool, json_array_get(array, i), fields, widths);
    return status;
}

int show_table(struct tool *tool, json_t *result, const char *member, const struct field *fields,
               const char *none)
{
    const json_t *array = json_object_get(result, member);
    int status = CERTENROLL_OK;

    if (tool->options.json || !result)
        return show_json(tool, result);
    if (json_array_size(array) == 0)
        printf("%s\n", none);
    else
        status = print_table(tool, array, fields);
    json_decref(result);
    return status;
}
