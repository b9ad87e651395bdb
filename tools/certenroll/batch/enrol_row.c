/* SPDX-License-Identifier: Apache-2.0 */
/* One row of a batch: found again by its journal or begun, run once, and judged. */
#define _GNU_SOURCE /* asprintf */

#include "base/text.h"
#include "batch/batch.h"
#include "common/interrupt.h"
#include "common/tool_message.h"
#include "enrolment/run_enrolment.h"
#include "enrolment/unfinished.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* After so many rows in a row that could not reach the RA, the rest is not tried. */
#define NETWORK_FAILURES_MAX 3

#define HTTP_UNAUTHORIZED 401

/* A row on its way. */
struct course {
    struct batch *batch;
    const struct batch_row *row;
    struct batch_token *token;
    struct batch_result *result;
    certenroll_enrolment *enrolment; /* NULL: neither begun nor taken up */
};

/* The result takes the error over. */
static void fail_row(struct course *it, enum batch_outcome outcome, certenroll_error *error)
{
    it->result->outcome = outcome;
    it->result->status = certenroll_error_status(error);
    certenroll_error_free(it->result->error);
    it->result->error = error;
}

/* --- what would only fail again --- */

/* Account and where its password comes from; freed by free(). NULL: no memory. */
static char *account_of(const struct batch_row *row)
{
    const char *user = row->fields[BATCH_USER], *source = row->fields[BATCH_PASSWORD_SOURCE];
    char *text = NULL;

    return asprintf(&text, "%s\n%s", user ? user : "", source ? source : "") < 0 ? NULL : text;
}

static int refuse_busy(int64_t until, certenroll_error **error)
{
    char when[32];

    local_time(when, sizeof(when), until, 1);
    certenroll_error_set(error, CERTENROLL_E_SERVER, _("the RA is busy"));
    certenroll_error_set_retry_at(error, until);
    certenroll_error_advise(error, _("Run the same batch again at %s."), when);
    return CERTENROLL_E_SERVER;
}

/* Non-zero when the row cannot go on without the RA, and that is of no use. */
static int is_ra_lost(const struct course *it, certenroll_error **error)
{
    const char *user = it->row->fields[BATCH_USER];
    certenroll_state state = certenroll_enrolment_state(it->enrolment);
    char *account;
    int is_refused;

    if (state == CERTENROLL_STATE_RECEIVED || state == CERTENROLL_STATE_ISSUED ||
        state == CERTENROLL_STATE_INSTALLED)
        return 0;
    if (it->batch->no_network)
        return repeat_error(error, it->batch->no_network) < 0;
    if (it->batch->busy_until > (int64_t)time(NULL))
        return refuse_busy(it->batch->busy_until, error) < 0;
    account = account_of(it->row);
    is_refused = account && json_object_get(it->batch->refused_accounts, account) != NULL;
    free(account);
    if (is_refused)
        certenroll_error_set(error, CERTENROLL_E_AUTHENTICATION,
                             _("the RA has not let the account \"%s\" in for an earlier row"),
                             user ? user : "");
    return is_refused;
}

static void judge(const struct course *it, const certenroll_error *error)
{
    struct batch *batch = it->batch;
    const int status = certenroll_error_status(error);
    char *account = account_of(it->row);

    batch_token_judge(&batch->tokens, it->token, error);
    /* A wrong password, said again and again, locks the account. */
    if (status == CERTENROLL_E_AUTHENTICATION && account &&
        certenroll_error_http_status(error) == HTTP_UNAUTHORIZED)
        json_object_set_new(batch->refused_accounts, account, json_true());
    free(account);
    if (certenroll_status_class(status) != CERTENROLL_CLASS_NETWORK)
        batch->network_failures = 0;
    else if (++batch->network_failures == NETWORK_FAILURES_MAX)
        batch->no_network = certenroll_error_copy(error);
}

/* --- beginning and taking up --- */

/* By the row's name, or that of what an earlier run has left of it: that is gone on with, by
 * settings that may have been corrected since. */
static int begin_row(struct course *it, certenroll_error **error)
{
    const struct batch_row *row = it->row;
    certenroll_enrolment_options options = it->batch->setup.options;
    certenroll_request_options request = it->batch->setup.request;
    certenroll_key_options key = CERTENROLL_KEY_OPTIONS_INIT;

    request.subject = row->fields[BATCH_SUBJECT];
    request.alt_names = row->alt_names;
    request.alt_names_count = row->alt_names_count;
    key.type = row->key_type;
    key.label = row->fields[BATCH_LABEL];
    options.request = &request;
    options.key = &key;
    options.username = row->fields[BATCH_USER];
    options.journal_name = it->result->name;
    options.keep_journal = 1;
    if (it->batch->tool->options.another)
        options.another = CERTENROLL_ANOTHER_PAIR;
    return certenroll_enrolment_new(&it->enrolment, it->token->token, &options, error);
}

static int resume_row(struct course *it, const char *name, certenroll_error **error)
{
    return take_up(it->batch->tool, &it->enrolment, it->token->token, name, NULL, error);
}

/* What passed the checks is taken as it was asked for; until then the command may say otherwise,
 * the address above all. */
static int is_answered(const certenroll_journal *journal)
{
    switch (certenroll_journal_state(journal)) {
    case CERTENROLL_STATE_ISSUED:
    case CERTENROLL_STATE_INSTALLED:
    case CERTENROLL_STATE_CONFIRMED:
    case CERTENROLL_STATE_RETIRED:
        return 1;
    default:
        return 0;
    }
}

/* Takes back to its end what was abandoned, which makes room for the row. */
static int take_back(struct course *it, const certenroll_journal *journal, certenroll_error **error)
{
    int status = resume_row(it, certenroll_journal_name(journal), error);

    if (status == CERTENROLL_OK)
        status = certenroll_enrolment_abandon(it->enrolment, NULL, error);
    certenroll_enrolment_free(it->enrolment);
    it->enrolment = NULL;
    return status;
}

/* `journal` is what an earlier run has left of the row; NULL: nothing. */
static int open_row(struct course *it, const certenroll_journal *journal, certenroll_error **error)
{
    struct batch_result *result = it->result;
    int status = CERTENROLL_OK;

    /* Pending since this run. */
    if (result->outcome == BATCH_PENDING)
        return resume_row(it, result->name, error);
    if (!journal)
        return begin_row(it, error);
    if (certenroll_journal_problem(journal))
        return repeat_error(error, certenroll_journal_problem(journal));
    if (certenroll_journal_state(journal) == CERTENROLL_STATE_ABANDONED) {
        status = take_back(it, journal, error);
        return status < 0 ? status : begin_row(it, error);
    }
    snprintf(result->name, sizeof(result->name), "%s", certenroll_journal_name(journal));
    return is_answered(journal) ? resume_row(it, result->name, error) : begin_row(it, error);
}

/* --- one row --- */

/* A password of this row's own is remembered as long as the rows that follow have it too. */
static void choose_password(const struct course *it)
{
    struct tool *tool = it->batch->tool;
    const char *common = tool->options.password_source,
               *own = it->row->fields[BATCH_PASSWORD_SOURCE];
    const char *wanted = own ? own : common, *present = tool->secrets.password_source;

    if (present && present != common && (!wanted || strcmp(present, wanted) != 0))
        secrets_forget(&tool->secrets, present);
    tool->secrets.password_source = wanted;
}

static int run_or_take_up(struct course *it, certenroll_error **error)
{
    int status = certenroll_enrolment_run(it->enrolment, error);

    if (status != CERTENROLL_E_STATE)
        return status;
    /* Another process may have begun and finished the row since the journals were listed. */
    certenroll_error_clear(error);
    certenroll_enrolment_free(it->enrolment);
    it->enrolment = NULL;
    status = resume_row(it, it->result->name, error);
    return status < 0 ? status : certenroll_enrolment_run(it->enrolment, error);
}

static void run_row(struct course *it)
{
    struct batch_result *result = it->result;
    certenroll_error *error = NULL;
    int status;

    if (is_ra_lost(it, &error)) {
        fail_row(it, BATCH_NOT_TRIED, error);
        return;
    }
    choose_password(it);
    status = run_or_take_up(it, &error);
    if (status < 0) {
        (void)complete_error(it->batch->tool, &error);
        judge(it, error);
        fail_row(it, BATCH_FAILED, error);
        return;
    }
    it->batch->network_failures = 0;
    result->outcome = status == CERTENROLL_PENDING ? BATCH_PENDING : BATCH_ENROLLED;
    result->status = status;
    result->retry_at = certenroll_enrolment_retry_at(it->enrolment);
    if (certenroll_enrolment_is_ra_busy(it->enrolment))
        it->batch->busy_until = result->retry_at;
}

static void describe_course(const struct course *it, const certenroll_journal *finished)
{
    size_t length = 0;
    const unsigned char *id = finished ? certenroll_journal_id(finished, &length) : NULL;

    json_decref(it->result->details);
    it->result->details = describe_enrolment(it->enrolment);
    /* The key of a finished enrolment is not looked up any more; its journal knows the ID. */
    if (id)
        json_object_set_new(it->result->details, "id", describe_hex(id, length));
}

/* The token is open, the row's name known. */
static void run_on_token(struct course *it)
{
    struct batch *batch = it->batch;
    const int is_wanted = batch->tool->options.json || batch->tool->options.report;
    const certenroll_journal *journal = batch_journal_find(&batch->journals, it->result->name);
    int was_tried = 0, is_finished = journal && !certenroll_journal_problem(journal) &&
                                     certenroll_journal_is_finished(journal);
    certenroll_error *error = NULL;

    if (!is_finished && batch_token_login(&batch->tokens, it->token, &was_tried, &error) < 0) {
        fail_row(it, was_tried ? BATCH_FAILED : BATCH_NOT_TRIED, error);
    } else if (is_finished && !is_wanted) {
        it->result->outcome = BATCH_ALREADY_ENROLLED;
    } else if (open_row(it, journal, &error) < 0) {
        (void)complete_error(batch->tool, &error);
        batch_token_judge(&batch->tokens, it->token, error);
        fail_row(it, BATCH_FAILED, error);
    } else if (is_finished) {
        it->result->outcome = BATCH_ALREADY_ENROLLED;
    } else {
        run_row(it);
    }
    if (it->enrolment && is_wanted)
        describe_course(it, is_finished ? journal : NULL);
    certenroll_enrolment_free(it->enrolment);
}

/* Two URIs of the list may name one token. */
static int claim_name(const struct course *it, certenroll_error **error)
{
    struct batch *batch = it->batch;
    int status =
        batch_journal_name(it->result->name, &batch->journals, it->row, it->token->identity, error);
    const json_t *other = json_object_get(batch->names, it->result->name);

    if (status < 0)
        return status;
    if (other)
        return certenroll_error_set(error, CERTENROLL_E_ARGUMENT,
                                    _("the same subject, token and label as in line %zu"),
                                    (size_t)json_integer_value(other));
    if (json_object_set_new(batch->names, it->result->name,
                            json_integer((json_int_t)it->row->line)) < 0)
        return certenroll_error_set_memory(error);
    return CERTENROLL_OK;
}

void batch_row_run(struct batch *batch, size_t index)
{
    struct course it = { .batch = batch,
                         .row = &batch->list.rows[index],
                         .result = &batch->results[index] };
    certenroll_error *error = NULL;
    int is_new = 0;

    if (interrupt_came()) {
        certenroll_error_set(&error, CERTENROLL_E_CANCELLED, _("it was interrupted"));
        fail_row(&it, BATCH_NOT_TRIED, error);
        return;
    }
    it.token = batch_tokens_open(&batch->tokens, it.row->fields[BATCH_TOKEN], &is_new, &error);
    if (!it.token)
        fail_row(&it, is_new ? BATCH_FAILED : BATCH_NOT_TRIED, error);
    else if (it.result->outcome == BATCH_OPEN && claim_name(&it, &error) < 0)
        fail_row(&it, BATCH_FAILED, error);
    else
        run_on_token(&it);
}
