/* SPDX-License-Identifier: Apache-2.0 */
/* A list as JSON: an array of objects. */
#include "batch/row_list.h"
#include "common/tool_message.h"

#include <string.h>

/* Where the objects of the array begin: jansson does not say. The text is JSON that it has read. */
struct lines {
    const char *next;
    size_t line;
    int depth;
};

/* The line of the array's next element that is an object; of another kind, none is left to be
 * asked for, as the list is refused. */
static size_t next_object_line(struct lines *lines)
{
    for (; *lines->next; lines->next++) {
        char c = *lines->next;

        if (c == '"')
            for (lines->next++; *lines->next != '"'; lines->next++)
                lines->next += *lines->next == '\\';
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

static int read_alt_names(struct batch_list *list, struct batch_row *row, const json_t *array,
                          certenroll_error **error)
{
    int status = CERTENROLL_OK;

    for (size_t i = 0; i < json_array_size(array) && status == CERTENROLL_OK; i++) {
        const char *name = json_string_value(json_array_get(array, i));

        if (name)
            status = batch_row_add_alt_name(list, row, name, error);
        else
            batch_problem(list, row->line, _("alt_names must be an array of texts"));
    }
    return status == CERTENROLL_E_MEMORY ? status : CERTENROLL_OK;
}

static int read_member(struct batch_list *list, struct batch_row *row, const char *name,
                       const json_t *value, certenroll_error **error)
{
    enum batch_field field = batch_field_named(name);

    if (field == BATCH_FIELDS)
        batch_problem(list, row->line, _("there is no member \"%s\""), name);
    else if (field == BATCH_ALT_NAMES && json_is_array(value))
        return read_alt_names(list, row, value, error);
    else if (field == BATCH_ALT_NAMES && !json_is_null(value))
        batch_problem(list, row->line, _("alt_names must be an array of texts"));
    else if (json_is_string(value))
        batch_row_set(list, row, field, json_string_value(value));
    else if (!json_is_null(value))
        batch_problem(list, row->line, _("%s must be a text"), name);
    return CERTENROLL_OK;
}

static int read_objects(struct batch_list *list, certenroll_error **error)
{
    struct lines lines = { (const char *)list->text.data, 1, 0 };
    struct batch_row *row = NULL;
    int status = CERTENROLL_OK;
    const char *name;
    json_t *object, *value;
    size_t i;

    json_array_foreach(list->json, i, object)
    {
        if (status == CERTENROLL_OK)
            status = batch_list_add(&row, list, next_object_line(&lines), error);
        json_object_foreach(object, name, value)
        {
            if (status == CERTENROLL_OK)
                status = read_member(list, row, name, value, error);
        }
    }
    return status;
}

int batch_read_json(struct batch_list *list, certenroll_error **error)
{
    json_error_t mistake;

    list->json = json_loadb((const char *)list->text.data, list->text.length,
                            JSON_REJECT_DUPLICATES, &mistake);
    if (!list->json) {
        batch_problem(list, mistake.line > 0 ? (size_t)mistake.line : 1, _("this is no JSON: %s"),
                      mistake.text);
        return CERTENROLL_OK;
    }
    if (!json_is_array(list->json)) {
        batch_problem(list, 1, _("the list must be an array of objects"));
        return CERTENROLL_OK;
    }
    for (size_t i = 0; i < json_array_size(list->json); i++)
        if (!json_is_object(json_array_get(list->json, i))) {
            batch_problem(list, 1, _("element %zu of the array is no object"), i + 1);
            return CERTENROLL_OK;
        }
    return read_objects(list, error);
}
