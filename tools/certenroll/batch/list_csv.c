/* SPDX-License-Identifier: Apache-2.0 */
/* A list as CSV: the first line names the columns. */
#include "batch/csv.h"
#include "batch/row_list.h"
#include "common/tool_message.h"

#include <string.h>

/* Which field each column is. */
struct columns {
    enum batch_field fields[CSV_FIELDS_MAX];
    size_t count;
};

static const char *explain(enum csv_result result)
{
    switch (result) {
    case CSV_OPEN_QUOTE:
        return _("a quotation mark opens here and does not close");
    case CSV_STRAY_QUOTE:
        return _("a quotation mark within a field: such a field is put in quotation marks, and "
                 "the marks within it are doubled");
    case CSV_STRAY_RETURN:
        return _("a carriage return without a line feed");
    case CSV_RECORD:
    case CSV_END:
        break;
    }
    return "";
}

/* Negative when the columns make no sense, and so nor does what follows. */
static int read_columns(struct batch_list *list, struct columns *columns,
                        const struct csv_record *record)
{
    int seen[BATCH_FIELDS + 1] = { 0 };
    size_t bad = list->bad;

    if (record->count > CSV_FIELDS_MAX) {
        batch_problem(list, record->line, _("there are too many columns"));
        return CERTENROLL_E_ARGUMENT;
    }
    columns->count = record->count;
    for (size_t i = 0; i < record->count; i++) {
        enum batch_field field = batch_field_named(record->fields[i]);

        columns->fields[i] = field;
        if (field == BATCH_FIELDS)
            batch_problem(list, record->line, _("there is no column \"%s\""), record->fields[i]);
        else if (seen[field]++)
            batch_problem(list, record->line, _("the column \"%s\" is there twice"),
                          record->fields[i]);
    }
    if (!seen[BATCH_SUBJECT])
        batch_problem(list, record->line, _("the column \"subject\" is missing"));
    return list->bad > bad ? CERTENROLL_E_ARGUMENT : CERTENROLL_OK;
}

/* Splits the field in place. */
static int read_alt_names(struct batch_list *list, struct batch_row *row, char *text,
                          certenroll_error **error)
{
    static const char separators[] = " ;\t\r\n";
    int status = CERTENROLL_OK;

    row->fields[BATCH_ALT_NAMES] = NULL;
    while (*(text += strspn(text, separators)) && status == CERTENROLL_OK) {
        size_t length = strcspn(text, separators);
        int is_last = text[length] == '\0';

        text[length] = '\0';
        status = batch_row_add_alt_name(list, row, text, error);
        text += length + !is_last;
    }
    return status == CERTENROLL_E_MEMORY ? status : CERTENROLL_OK;
}

static int read_row(struct batch_list *list, const struct columns *columns,
                    struct csv_record *record, certenroll_error **error)
{
    struct batch_row *row = NULL;
    int status = batch_list_add(&row, list, record->line, error);

    if (status == CERTENROLL_OK && record->count != columns->count) {
        batch_problem(list, row->line, _("%zu fields, but there are %zu columns"), record->count,
                      columns->count);
        return CERTENROLL_OK;
    }
    for (size_t i = 0; i < columns->count && status == CERTENROLL_OK; i++) {
        enum batch_field field = columns->fields[i];

        batch_row_set(list, row, field, record->fields[i]);
        if (field == BATCH_ALT_NAMES && row->fields[field])
            status = read_alt_names(list, row, record->fields[i], error);
    }
    return status;
}

int batch_read_csv(struct batch_list *list, certenroll_error **error)
{
    struct columns columns = { .count = 0 };
    struct csv csv = { (char *)list->text.data, 1 };
    struct csv_record record;
    enum csv_result result = csv_next(&csv, &record);
    int status = result == CSV_RECORD ? read_columns(list, &columns, &record) : CERTENROLL_OK;

    while (status == CERTENROLL_OK && result == CSV_RECORD &&
           (result = csv_next(&csv, &record)) == CSV_RECORD)
        status = read_row(list, &columns, &record, error);
    if (result != CSV_RECORD && result != CSV_END)
        batch_problem(list, record.line, "%s", explain(result));
    return status;
}
