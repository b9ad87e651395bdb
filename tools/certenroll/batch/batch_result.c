/* SPDX-License-Identifier: Apache-2.0 */
/* What the rows of a batch came to: for a person, for a program, and for the exit status. */
#include "batch/batch.h"
#include "common/file.h"
#include "common/message.h"
#include "common/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The last member, for programs; the rest is told to people. */
static const struct {
    const char *text;
    const char *name;
} outcomes[BATCH_OUTCOMES] = {
    [BATCH_OPEN] = { "", "open" },
    [BATCH_ENROLLED] = { N_("enrolled"), "enrolled" },
    [BATCH_ALREADY_ENROLLED] = { N_("already enrolled"), "already-enrolled" },
    [BATCH_PENDING] = { N_("pending until %s"), "pending" },
    [BATCH_FAILED] = { N_("failed: %s"), "failed" },
    [BATCH_NOT_TRIED] = { N_("not tried: %s"), "not-tried" },
};

void batch_result_clear(struct batch_result *result)
{
    free(result->message);
    json_decref(result->details);
}

/* What goes into the outcome's "%s". */
static const char *argument(const struct batch_result *result, char when[TEXT_TIME_SIZE])
{
    if (result->outcome != BATCH_PENDING)
        return result->message ? result->message : _("out of memory");
    text_time(when, result->retry_at);
    return when;
}

static void compose(char *text, size_t size, const struct batch_result *result)
{
    char when[TEXT_TIME_SIZE];
    const char *with = argument(result, when);

    switch (result->outcome) {
    case BATCH_PENDING:
        snprintf(text, size, _("pending until %s"), with);
        break;
    case BATCH_FAILED:
        snprintf(text, size, _("failed: %s"), with);
        break;
    case BATCH_NOT_TRIED:
        snprintf(text, size, _("not tried: %s"), with);
        break;
    case BATCH_OPEN:
    case BATCH_ENROLLED:
    case BATCH_ALREADY_ENROLLED:
    case BATCH_OUTCOMES:
    default:
        snprintf(text, size, "%s", _(outcomes[result->outcome].text));
        break;
    }
}

char *batch_result_text(const struct batch *batch, size_t index)
{
    const struct batch_row *row = &batch->list.rows[index];
    const struct batch_result *result = &batch->results[index];
    size_t size = strlen(row->fields[BATCH_SUBJECT]) + sizeof(struct failure) + 128;
    char *outcome = malloc(size), *text = malloc(2 * size), *clean = NULL;

    if (outcome && text) {
        compose(outcome, size, result);
        /* TRANSLATORS: line number, subject, what became of it. */
        snprintf(text, 2 * size, _("line %zu: %s: %s"), row->line, row->fields[BATCH_SUBJECT],
                 outcome);
        clean = text_clean(text);
    }
    free(outcome);
    free(text);
    return clean;
}

/* --- JSON --- */

static void copy_member(json_t *object, const json_t *from, const char *member)
{
    json_t *value = json_object_get(from, member);

    if (value)
        json_object_set(object, member, value);
}

static json_t *describe_row(const struct batch *batch, size_t index)
{
    const struct batch_row *row = &batch->list.rows[index];
    const struct batch_result *result = &batch->results[index];
    json_t *object =
        json_pack("{s:I, s:s, s:s, s:s, s:s, s:i, s:s}", "line", (json_int_t)row->line, "subject",
                  row->fields[BATCH_SUBJECT], "token", row->fields[BATCH_TOKEN], "result",
                  outcomes[result->outcome].name, "status", certenroll_status_name(result->status),
                  "class", (int)certenroll_status_class(result->status), "message",
                  result->message ? result->message : "");

    if (!object)
        return NULL;
    if (result->name[0])
        json_object_set_new(object, "name", json_string(result->name));
    if (row->fields[BATCH_LABEL])
        json_object_set_new(object, "label", json_string(row->fields[BATCH_LABEL]));
    copy_member(object, result->details, "id");
    copy_member(object, result->details, "serial");
    copy_member(object, result->details, "not_after");
    copy_member(object, result->details, "retry_at");
    return object;
}

/* NULL: no memory. */
static json_t *describe_all(const struct batch *batch)
{
    json_t *array = json_array();

    for (size_t i = 0; array && i < batch->list.count; i++)
        if (json_array_append_new(array, describe_row(batch, i)) < 0) {
            json_decref(array);
            array = NULL;
        }
    return array;
}

static int write_report(struct tool *tool, const json_t *array)
{
    char *text = json_dumps(array, JSON_INDENT(2));
    size_t length = text ? strlen(text) : 0;
    int status;

    if (!text)
        return failure_memory(&tool->failure);
    text[length] = '\n'; /* in the place of the NUL: a file of lines */
    status = file_write(tool->options.report, text, length + 1, &tool->failure);
    free(text);
    return status;
}

static int show_all(struct batch *batch)
{
    struct tool *tool = batch->tool;
    json_t *array;
    int status = CERTENROLL_OK;

    if (!tool->options.json && !tool->options.report)
        return CERTENROLL_OK;
    array = describe_all(batch);
    if (!array)
        return failure_memory(&tool->failure);
    if (tool->options.report)
        status = write_report(tool, array);
    if (status == CERTENROLL_OK && tool->options.json)
        return show_json(tool, array);
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

/* That another process is at work on a row says no more than that it is not over. */
static int is_to_come(const struct batch_result *result)
{
    return certenroll_status_class(result->status) == CERTENROLL_CLASS_PENDING;
}

static int exit_status(const struct batch *batch)
{
    int status = CERTENROLL_OK;

    for (size_t i = 0; i < batch->list.count; i++) {
        if (is_to_come(&batch->results[i]))
            status = CERTENROLL_PENDING;
        else if (batch->results[i].status < 0)
            return batch->results[i].status;
    }
    return status;
}

int batch_results_show(struct batch *batch)
{
    int status = show_all(batch);

    if (status < 0)
        return status;
    if (!batch->tool->options.json)
        show_counts(batch);
    batch->tool->is_told = 1;
    return exit_status(batch);
}
