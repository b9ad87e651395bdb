/* SPDX-License-Identifier: Apache-2.0 */
/* Enrolling many subjects: the list is checked as a whole, each row is enrolled or taken up again,
 * and those that the RA has not decided on are asked for anew when it said to. */
#define _POSIX_C_SOURCE 200809L /* isatty */

#include "batch/batch.h"
#include "commands/commands.h"
#include "common/interrupt.h"
#include "common/tool_message.h"
#include "library_options.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

/* Where the RA named no time to come back at. */
#define USUAL_WAIT 60

/* A question must not end up in the bar. */
static int ask_outside_bar(void *user, const certenroll_secret_request *request, char *buffer,
                           size_t capacity, size_t *length)
{
    struct batch *batch = user;

    batch_progress_clear(&batch->progress);
    return secrets_answer(&batch->tool->secrets, request, buffer, capacity, length);
}

/* --- the rows --- */

static int is_left(const struct batch *batch, size_t index)
{
    return batch->results[index].outcome == BATCH_PENDING && !batch->tool->options.no_wait &&
           !interrupt_came();
}

/* What became of the row, once that is sure. */
static void tell(struct batch *batch, size_t index)
{
    const char *text;

    if (is_left(batch, index))
        return;
    batch->results[index].is_told = 1;
    batch->progress.done++;
    batch->progress.failed += batch->results[index].status < 0;
    batch_progress_clear(&batch->progress);
    text = batch_result_text(batch, index);
    batch_progress_line(&batch->progress, text);
    if (batch->tool->options.json)
        return;
    printf("%s\n", text);
    fflush(stdout); /* whoever follows the output sees each as it comes */
}

/* An RA that has no time for anybody is left alone: nothing is sent for any row. Who does not want
 * to wait gets the rest as not tried. */
static void wait_while_busy(struct batch *batch)
{
    if (batch->busy_until == 0 || batch->tool->options.no_wait)
        return;
    if (batch->busy_until > (int64_t)time(NULL))
        batch_progress_wait(&batch->progress, batch->busy_until, _("the RA is busy"));
    batch->busy_until = 0;
}

static void run_row(struct batch *batch, size_t index)
{
    struct batch_result *result = &batch->results[index];

    wait_while_busy(batch);
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

static void wait_for_rows(struct batch *batch, int64_t until, size_t left)
{
    char what[128];

    snprintf(what, sizeof(what), _("the RA has not decided on %zu yet"), left);
    batch_progress_wait(&batch->progress, until, what);
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
        wait_for_rows(batch, next, left);
    /* What an interrupt keeps from being waited for stays as it is. */
    for (size_t i = 0; i < batch->list.count; i++)
        if (!batch->results[i].is_told)
            tell(batch, i);
    batch_progress_clear(&batch->progress);
}

/* --- the command --- */

static int check_journal(const struct options *options, certenroll_error **error)
{
    int status = require(options->journal, "--journal", error);

    if (status == CERTENROLL_OK)
        return status;
    certenroll_error_because(error,
                             _("by its journals a batch knows what is done, when it is run again"));
    certenroll_error_advise(error,
                            _("Name a directory of this list's own; it is made if missing."));
    return status;
}

static int prepare(struct batch *batch, certenroll_error **error)
{
    const certenroll_request_options blank = CERTENROLL_REQUEST_OPTIONS_INIT;
    struct tool *tool = batch->tool;
    int status;

    tool->secret = ask_outside_bar;
    tool->secret_user = batch;
    tool->progress = NULL;
    tool->secrets.hold_typed_passwords = 1;
    batch->setup.request = blank;
    status = setup_ra(tool, &batch->setup, error);
    if (status == CERTENROLL_OK)
        status = usage_options(&tool->options, &batch->setup.request, error);
    if (status == CERTENROLL_OK)
        status = batch_list_read(&batch->list, &tool->options, &batch->setup.request, error);
    if (status == CERTENROLL_OK)
        status = batch_journals_start(&batch->journals, tool, &batch->setup, error);
    if (status == CERTENROLL_OK)
        status = batch_tokens_start(&batch->tokens, tool, error);
    if (status < 0)
        return status;
    batch->results = calloc(batch->list.count, sizeof(*batch->results));
    batch->refused_accounts = json_object();
    batch->names = json_object();
    batch->progress.total = batch->list.count;
    batch->progress.on_terminal = isatty(STDERR_FILENO) && !tool->log_level;
    batch->progress.with_lines = !batch->progress.on_terminal && tool->options.json;
    return batch->results && batch->refused_accounts && batch->names
               ? CERTENROLL_OK
               : certenroll_error_set_memory(error);
}

int command_batch(struct tool *tool, certenroll_error **error)
{
    struct batch batch = { .tool = tool };
    int status = check_journal(&tool->options, error);

    if (status == CERTENROLL_OK)
        status = prepare(&batch, error);
    if (status == CERTENROLL_OK) {
        run_rows(&batch);
        status = batch_results_show(&batch, error);
    }
    for (size_t i = 0; batch.results && i < batch.list.count; i++) {
        certenroll_error_free(batch.results[i].error);
        json_decref(batch.results[i].details);
    }
    free(batch.results);
    certenroll_error_free(batch.no_network);
    json_decref(batch.refused_accounts);
    json_decref(batch.names);
    batch_tokens_clear(&batch.tokens);
    batch_journals_clear(&batch.journals);
    batch_list_clear(&batch.list);
    setup_clear(&batch.setup);
    /* A source in the list went with it. */
    tool->secrets.password_source = tool->options.password_source;
    return status;
}
