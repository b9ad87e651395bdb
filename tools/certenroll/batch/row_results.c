/* SPDX-License-Identifier: Apache-2.0 */
/* What the rows of a batch came to: for a person, for a program, and for the exit status. */
#define _GNU_SOURCE /* asprintf */

#include "base/time.h"
#include "batch/batch.h"
#include "common/tool_message.h"
#include "output/output.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* For programs; people are told more. */
static const char *const outcome_names[BATCH_OUTCOMES] = {
    [BATCH_OPEN] = "open",
    [BATCH_ENROLLED] = "enrolled",
    [BATCH_ALREADY_ENROLLED] = "already-enrolled",
    [BATCH_PENDING] = "pending",
    [BATCH_FAILED] = "failed",
    [BATCH_NOT_TRIED] = "not-tried",
};

/* Freed by free(); NULL: no memory. */
static char *outcome_text(const struct batch_result *result)
{
    const char *why = certenroll_error_message(result->error);
    char when[CE_TIME_SIZE], *text = NULL;
    int length = -1;

    switch (result->outcome) {
    case BATCH_ENROLLED:
        return strdup(_("enrolled"));
    case BATCH_ALREADY_ENROLLED:
        return strdup(_("already enrolled"));
    case BATCH_PENDING:
        ce_time_format(when, result->retry_at);
        length = asprintf(&text, _("pending until %s"), when);
        break;
    case BATCH_FAILED:
        length = asprintf(&text, _("failed: %s"), why);
        break;
    case BATCH_NOT_TRIED:
        length = asprintf(&text, _("not tried: %s"), why);
        break;
    case BATCH_OPEN:
    case BATCH_OUTCOMES:
        break;
    }
    return length < 0 ? NULL : text;
}

const char *batch_result_text(const struct batch *batch, size_t index)
{
    const struct batch_row *row = &batch->list.rows[index];
    char *outcome = outcome_text(&batch->results[index]), *text = NULL;
    const char *clean = _("out of memory");

    /* TRANSLATORS: line number, subject, what became of it. */
    if (outcome && asprintf(&text, _("line %zu: %s: %s"), row->line, row->fields[BATCH_SUBJECT],
                            outcome) >= 0) {
        clean = shown(batch->tool, text);
        free(text);
    }
    free(outcome);
    return clean;
}

/* --- JSON --- */

static json_t *describe_row(const struct batch *batch, size_t index)
{
    static const char *const copied[] = { "id", "serial", "not_after", "retry_at" };
    const struct batch_row *row = &batch->list.rows[index];
    const struct batch_result *result = &batch->results[index];
    json_t *object =
        json_pack("{s:I, s:s, s:s, s:s, s:s, s:i, s:s}", "line", (json_int_t)row->line, "subject",
                  row->fields[BATCH_SUBJECT], "token", row->fields[BATCH_TOKEN], "result",
                  outcome_names[result->outcome], "status", certenroll_status_name(result->status),
                  "class", (int)certenroll_status_class(result->status), "message",
                  certenroll_error_message(result->error));

    if (result->name[0])
        json_object_set_new(object, "name", json_string(result->name));
    if (row->fields[BATCH_LABEL])
        json_object_set_new(object, "label", json_string(row->fields[BATCH_LABEL]));
    for (size_t i = 0; i < sizeof(copied) / sizeof(copied[0]); i++)
        json_object_set(object, copied[i], json_object_get(result->details, copied[i]));
    return object;
}

static int write_report(const struct options *options, const json_t *array,
                        certenroll_error **error)
{
    char *text = json_dumps(array, JSON_INDENT(2));
    size_t length = text ? strlen(text) : 0;
    int status;

    if (!text)
        return certenroll_error_set_memory(error);
    text[length] = '\n'; /* in the place of the NUL: a file of lines */
    status = file_write(options->report, text, length + 1, error);
    free(text);
    return status;
}

static int report_rows(const struct batch *batch, certenroll_error **error)
{
    const struct options *options = &batch->tool->options;
    json_t *array;
    int status = CERTENROLL_OK;

    if (!options->json && !options->report)
        return CERTENROLL_OK;
    array = json_array();
    for (size_t i = 0; i < batch->list.count; i++)
        add_item(&array, describe_row(batch, i));
    if (array && options->report)
        status = write_report(options, array, error);
    if (status == CERTENROLL_OK && (options->json || !array))
        return show_json(array, error);
    json_decref(array);
    return status;
}

/* --- the sum --- */

static void show_counts(const struct batch *batch)
{
    size_t counts[BATCH_OUTCOMES] = { 0 };

    for (size_t i = 0; i < batch->list.count; i++)
        counts[batch->results[i].outcome]++;
    fprintf(stderr,
            _("%zu enrolled, %zu already enrolled, %zu pending, %zu failed, %zu not tried\n"),
            counts[BATCH_ENROLLED], counts[BATCH_ALREADY_ENROLLED], counts[BATCH_PENDING],
            counts[BATCH_FAILED], counts[BATCH_NOT_TRIED]);
    if (counts[BATCH_PENDING] + counts[BATCH_FAILED] + counts[BATCH_NOT_TRIED] > 0)
        fprintf(stderr, "%s\n", _("The same command again goes on with what is left."));
}

int batch_results_show(struct batch *batch, certenroll_error **error)
{
    int status = report_rows(batch, error);

    if (status < 0)
        return status;
    if (!batch->tool->options.json)
        show_counts(batch);
    batch->tool->is_told = 1;
    for (size_t i = 0; i < batch->list.count; i++) {
        int its_status = batch->results[i].status;

        /* That another process is at work on a row says no more than that it is not over. */
        if (certenroll_status_class(its_status) == CERTENROLL_CLASS_PENDING)
            status = CERTENROLL_PENDING;
        else if (its_status < 0)
            return its_status;
    }
    return status;
}
