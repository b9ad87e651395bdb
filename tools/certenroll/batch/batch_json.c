/* SPDX-License-Identifier: Apache-2.0 */
/* A list as JSON: an array of objects. */
#include "batch/batch_list.h"
#include "common/message.h"

#include <string.h>

/* Where the objects of the array begin: jansson does not say. The text is JSON that it has read. */
struct lines {
    const char *next;
    size_t line;
    int depth;
};

static void pass_string(struct lines *lines)
{
    for (lines->next++; *lines->next != '"'; lines->next++)
        lines->next += *lines->next == '\\';
}

/* The line of the array's next element that is an object; of another kind, none is left to be
 * asked for, as the list is refused. */
static size_t next_object_line(struct lines *lines)
{
    for (; *lines->next; lines->next++) {
        char c = *lines->next;

        if (c == '"')
            pass_string(lines);
        lines->line += c == '\n';
        lines->depth -= c == ']' || c == '}';
        lines->depth += c == '[' || c == '{';
        if (c == '{' && lines->depth == 2) {
            lines->next++;
            return lines->line;
        }
    }
    return lines->line;
}

static int read_alt_names(struct batch_list *list, struct batch_row *row, const json_t *array)
{
    int status = CERTENROLL_OK;

    for (size_t i = 0; i < json_array_size(array) && status == CERTENROLL_OK; i++) {
        const char *name = json_string_value(json_array_get(array, i));

        if (name)
            status = batch_row_add_alt_name(list, row, name);
        else
            batch_problem(list, row->line, "%s", _("alt_names must be an array of texts"));
    }
    return status == CERTENROLL_E_MEMORY ? status : CERTENROLL_OK;
}

static int read_member(struct batch_list *list, struct batch_row *row, const char *name,
                       const json_t *value)
{
    enum batch_field field = batch_field_named(name);

    if (field == BATCH_FIELDS)
        batch_problem(list, row->line, _("there is no member \"%s\""), name);
    else if (field == BATCH_ALT_NAMES && json_is_array(value))
        return read_alt_names(list, row, value);
    else if (field == BATCH_ALT_NAMES && !json_is_null(value))
        batch_problem(list, row->line, "%s", _("alt_names must be an array of texts"));
    else if (json_is_string(value))
        batch_row_set(list, row, field, json_string_value(value));
    else if (!json_is_null(value))
        batch_problem(list, row->line, _("%s must be a text"), name);
    return CERTENROLL_OK;
}

static int read_row(struct batch_list *list, size_t line, json_t *object)
{
    struct batch_row *row = batch_list_add(list, line);
    int status = CERTENROLL_OK;
    const char *name;
    json_t *value;

    if (!row)
        return CERTENROLL_E_ARGUMENT;
    json_object_foreach(object, name, value)
    {
        if (status == CERTENROLL_OK)
            status = read_member(list, row, name, value);
    }
    return status;
}

static int check_kinds(struct batch_list *list)
{
    if (!json_is_array(list->json)) {
        batch_problem(list, 1, "%s", _("the list must be an array of objects"));
        return CERTENROLL_E_ARGUMENT;
    }
    for (size_t i = 0; i < json_array_size(list->json); i++)
        if (!json_is_object(json_array_get(list->json, i))) {
            batch_problem(list, 1, _("element %zu of the array is no object"), i + 1);
            return CERTENROLL_E_ARGUMENT;
        }
    return CERTENROLL_OK;
}

int batch_read_json(struct batch_list *list, size_t length)
{
    struct lines lines = { (const char *)list->text, 1, 0 };
    json_error_t error;
    int status = CERTENROLL_OK;

    list->json = json_loadb((const char *)list->text, length, JSON_REJECT_DUPLICATES, &error);
    if (!list->json) {
        batch_problem(list, error.line > 0 ? (size_t)error.line : 1, _("this is no JSON: %s"),
                      error.text);
        return CERTENROLL_OK;
    }
    if (check_kinds(list) < 0)
        return CERTENROLL_OK;
    for (size_t i = 0; i < json_array_size(list->json) && status == CERTENROLL_OK; i++)
        status = read_row(list, next_object_line(&lines), json_array_get(list->json, i));
    return list->tool->failure.status;
}
