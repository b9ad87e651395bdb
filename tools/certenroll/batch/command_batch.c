/* SPDX-License-Identifier: Apache-2.0 */
/* Enrolling many subjects: the list is checked as a whole, each row is enrolled or taken up again,
 * and those that the RA has not decided on are asked for anew when it said to. */
#define _POSIX_C_SOURCE 200809L /* isatty */

#include "batch/batch.h"
#include "common/message.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* Where the RA named no time to come back at. */
#define USUAL_WAIT 60

/* A question must not end up in the bar. */
static int answer(void *user, const certenroll_secret_request *request, char *buffer,
                  size_t capacity, size_t *length)
{
    struct batch *batch = user;

    batch_progress_clear(&batch->progress);
    return secrets_answer(&batch->tool->secrets, request, buffer, capacity, length);
}

/* --- the rows --- */

static int is_left(const struct batch *batch, size_t index)
{
    return batch->results[index].outcome == BATCH_PENDING && !batch->tool->options.no_wait;
}

/* What became of the row, once that is sure. */
static void tell(struct batch *batch, size_t index)
{
    char *text;

    if (is_left(batch, index))
        return;
    batch->progress.done++;
    batch->progress.failed += batch->results[index].status < 0;
    batch_progress_clear(&batch->progress);
    text = batch_result_text(batch, index);
    if (text)
        batch_progress_line(&batch->progress, text);
    if (!batch->tool->options.json) {
        printf("%s\n", text ? text : _("out of memory"));
        fflush(stdout); /* whoever follows the output sees each as it comes */
    }
    free(text);
}

static void run_row(struct batch *batch, size_t index)
{
    struct batch_result *result = &batch->results[index];

    batch_progress_show(&batch->progress, batch->list.rows[index].fields[BATCH_SUBJECT]);
    batch_row_run(batch, index);
    if (result->outcome == BATCH_PENDING && result->retry_at <= (int64_t)time(NULL))
        result->retry_at = (int64_t)time(NULL) + (result->retry_at ? 1 : USUAL_WAIT);
    tell(batch, index);
}

/* Asks again for those of the first `count` rows whose time has come. Returns when the next one's
 * will; 0: none is left. */
static int64_t run_due(struct batch *batch, size_t count, size_t *left)
{
    int64_t next = 0;

    *left = 0;
    for (size_t i = 0; i < count; i++) {
        if (is_left(batch, i) && batch->results[i].retry_at <= (int64_t)time(NULL))
            run_row(batch, i);
        if (!is_left(batch, i))
            continue;
        (*left)++;
        if (next == 0 || batch->results[i].retry_at < next)
            next = batch->results[i].retry_at;
    }
    return next;
}

static void run_rows(struct batch *batch)
{
    int64_t next = 0;
    size_t left = 0;

    for (size_t i = 0; i < batch->list.count; i++) {
        run_row(batch, i);
        if (is_left(batch, i) && (next == 0 || batch->results[i].retry_at < next))
            next = batch->results[i].retry_at;
        if (next != 0 && next <= (int64_t)time(NULL))
            next = run_due(batch, i + 1, &left);
    }
    while ((next = run_due(batch, batch->list.count, &left)) != 0)
        batch_progress_wait(&batch->progress, next, left);
    batch_progress_clear(&batch->progress);
}

/* --- the command --- */

static int check_options(struct tool *tool)
{
    const struct options *options = &tool->options;
    int status;

    if (!options->journal) {
        failure_set(&tool->failure, CERTENROLL_E_ARGUMENT, _("%s is missing"), "--journal");
        failure_because(&tool->failure, "%s",
                        _("by its journals a batch knows what is done, when it is run again"));
        failure_advise(&tool->failure, "%s",
                       _("Name a directory of this list's own; it is made if missing."));
        return CERTENROLL_E_ARGUMENT;
    }
    status = require(tool, options->url, "--url");
    if (status == CERTENROLL_OK)
        status = require(tool, options->trust_anchor, "--trust-anchor");
    return status;
}

static int read_settings(struct batch *batch)
{
    const certenroll_request_options blank = CERTENROLL_REQUEST_OPTIONS_INIT;
    struct tool *tool = batch->tool;
    int status = setup_ra(tool, &batch->setup);

    batch->setup.request = blank;
    batch->setup.options.ca_names = tool->options.ca_names;
    batch->setup.options.secret = answer;
    batch->setup.options.secret_user = batch;
    batch->setup.options.progress = NULL;
    if (status == CERTENROLL_OK)
        status = usage_options(tool, &batch->setup.request);
    return status;
}

static int prepare(struct batch *batch)
{
    struct tool *tool = batch->tool;
    int status = read_settings(batch);

    if (status == CERTENROLL_OK)
        status = batch_list_read(&batch->list, tool, tool->options.operand, &batch->setup.request);
    if (status == CERTENROLL_OK)
        status = batch_journals_start(&batch->journals, tool, &batch->setup);
    if (status == CERTENROLL_OK)
        status = batch_tokens_start(&batch->tokens, tool, answer, batch);
    if (status < 0)
        return status;
    batch->results = calloc(batch->list.count, sizeof(*batch->results));
    batch->refused_accounts = json_object();
    batch->names = json_object();
    if (!batch->results || !batch->refused_accounts || !batch->names)
        return failure_memory(&tool->failure);
    batch->progress.total = batch->list.count;
    batch->progress.on_terminal = isatty(STDERR_FILENO) && !tool->log_level;
    batch->progress.with_lines = !batch->progress.on_terminal && tool->options.json;
    tool->secrets.hold_typed_passwords = 1;
    return CERTENROLL_OK;
}

static void clear(struct batch *batch)
{
    for (size_t i = 0; batch->results && i < batch->list.count; i++)
        batch_result_clear(&batch->results[i]);
    free(batch->results);
    json_decref(batch->refused_accounts);
    json_decref(batch->names);
    batch_tokens_clear(&batch->tokens);
    batch_journals_clear(&batch->journals);
    batch_list_clear(&batch->list);
    setup_clear(&batch->setup);
    /* A source in the list went with it. */
    batch->tool->secrets.password_source = batch->tool->options.password_source;
}

int command_batch(struct tool *tool)
{
    struct batch batch;
    int status = check_options(tool);

    if (status < 0)
        return status;
    memset(&batch, 0, sizeof(batch));
    batch.tool = tool;
    status = prepare(&batch);
    if (status == CERTENROLL_OK) {
        run_rows(&batch);
        status = batch_results_show(&batch);
    }
    clear(&batch);
    return status;
}
