/* SPDX-License-Identifier: Apache-2.0 */
/* One row of a batch: found again by its journal or begun, run once, and judged. */
#define _POSIX_C_SOURCE 200809L /* strdup */

#include "batch/batch.h"
#include "common/message.h"
#include "common/text.h"
#include "journals.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* After so many rows in a row that could not reach the RA, the rest is not tried. */
#define NETWORK_FAILURES_MAX 3

#define HTTP_UNAUTHORIZED 401

static void fail_row(struct batch_result *result, enum batch_outcome outcome,
                     const struct failure *failure)
{
    char line[FAILURE_LINE_SIZE];

    failure_line(line, failure);
    result->outcome = outcome;
    result->status = failure->status;
    free(result->message);
    result->message = strdup(line);
}

/* --- what would only fail again --- */

/* Account and where its password comes from; freed by free(). NULL: no memory. */
static char *account_of(const struct batch_row *row)
{
    const char *user = row->fields[BATCH_USER] ? row->fields[BATCH_USER] : "";
    const char *source =
        row->fields[BATCH_PASSWORD_SOURCE] ? row->fields[BATCH_PASSWORD_SOURCE] : "";
    size_t size = strlen(user) + strlen(source) + sizeof("\n");
    char *text = malloc(size);

    if (text)
        snprintf(text, size, "%s\n%s", user, source);
    return text;
}

/* A wrong password, said again and again, locks the account. */
static void refuse_account(struct batch *batch, const struct batch_row *row)
{
    char *account = account_of(row);

    if (account)
        json_object_set_new(batch->refused_accounts, account, json_true());
    free(account);
}

static int is_refused(const struct batch *batch, const struct batch_row *row,
                      struct failure *failure)
{
    char *account = account_of(row);
    int found = account && json_object_get(batch->refused_accounts, account) != NULL;

    free(account);
    if (!found)
        return 0;
    failure_set(failure, CERTENROLL_E_AUTHENTICATION,
                _("the RA has refused the password of the account \"%s\" already"),
                row->fields[BATCH_USER] ? row->fields[BATCH_USER] : "");
    return 1;
}

/* Non-zero when the row cannot go on without the RA, and that is of no use. */
static int is_ra_lost(const struct batch *batch, const struct batch_row *row,
                      const certenroll_enrolment *enrolment, struct failure *failure)
{
    certenroll_state state = certenroll_enrolment_state(enrolment);

    if (state == CERTENROLL_STATE_ISSUED || state == CERTENROLL_STATE_INSTALLED)
        return 0;
    if (batch->no_network.status < 0)
        *failure = batch->no_network;
    return batch->no_network.status < 0 || is_refused(batch, row, failure);
}

static void judge(struct batch *batch, const struct batch_row *row, struct batch_token *token,
                  const struct failure *failure)
{
    int is_network = certenroll_status_class(failure->status) == CERTENROLL_CLASS_NETWORK;

    (void)batch_token_judge(&batch->tokens, token, failure);
    if (failure->status == CERTENROLL_E_AUTHENTICATION && failure->http_status == HTTP_UNAUTHORIZED)
        refuse_account(batch, row);
    batch->network_failures = is_network ? batch->network_failures + 1 : 0;
    if (batch->network_failures == NETWORK_FAILURES_MAX)
        batch->no_network = *failure;
}

/* --- beginning and taking up --- */

/* With `former`, for the key that this one made: what the RA may have issued for it is asked for
 * again, not left behind. */
static int begin(struct batch *batch, const struct batch_row *row, struct batch_token *token,
                 const char *name, const certenroll_journal *former, certenroll_enrolment **out,
                 struct failure *failure)
{
    certenroll_enrolment_options options = batch->setup.options;
    certenroll_request_options request = batch->setup.request;
    certenroll_key_options key = CERTENROLL_KEY_OPTIONS_INIT;
    certenroll_error *error = NULL;

    request.subject = row->fields[BATCH_SUBJECT];
    request.alt_names = row->alt_names;
    request.alt_names_count = row->alt_names_count;
    key.type = row->key_type;
    key.label = row->fields[BATCH_LABEL];
    if (former)
        key.id = certenroll_journal_id(former, &key.id_length);
    options.request = &request;
    options.key = &key;
    options.username = row->fields[BATCH_USER];
    options.journal_name = name;
    options.keep_journal = 1;
    if (certenroll_enrolment_new(out, token->token, &options, &error) < 0)
        return take_failure(batch->tool, failure, error);
    return CERTENROLL_OK;
}

static int resume_row(struct batch *batch, struct batch_token *token, const char *name,
                      certenroll_enrolment **out, struct failure *failure)
{
    certenroll_resume_options options = CERTENROLL_RESUME_OPTIONS_INIT;
    certenroll_error *error = NULL;

    options.journal_directory = batch->setup.options.journal_directory;
    options.secret = batch->setup.options.secret;
    options.secret_user = batch->setup.options.secret_user;
    if (certenroll_enrolment_resume(out, token->token, name, &options, &error) < 0)
        return take_failure(batch->tool, failure, error);
    return CERTENROLL_OK;
}

/* What becomes of what an earlier run left. It asks the RA with settings that may have been
 * corrected since; then it is begun anew, unless the RA has promised something. */
enum former {
    TAKE_UP,
    TAKE_BACK,    /* the RA has not heard of it, or said no */
    TAKE_OVER_KEY /* the RA may have issued a certificate for its key */
};

static enum former judge_former(const certenroll_journal *journal, const char *name)
{
    int is_same = strcmp(certenroll_journal_name(journal), name) == 0;

    switch (certenroll_journal_state(journal)) {
    case CERTENROLL_STATE_ABANDONED:
        return TAKE_BACK;
    case CERTENROLL_STATE_NEW:
    case CERTENROLL_STATE_KEY_READY:
    case CERTENROLL_STATE_CSR_SIGNED:
    case CERTENROLL_STATE_REJECTED:
        return is_same ? TAKE_UP : TAKE_BACK;
    case CERTENROLL_STATE_SUBMITTED:
        return is_same ? TAKE_UP : TAKE_OVER_KEY;
    case CERTENROLL_STATE_PENDING:
    case CERTENROLL_STATE_ISSUED:
    case CERTENROLL_STATE_INSTALLED:
    case CERTENROLL_STATE_CONFIRMED:
    case CERTENROLL_STATE_RETIRED:
    default:
        return TAKE_UP;
    }
}

static int take_back(struct batch *batch, struct batch_token *token, const char *name,
                     struct failure *failure)
{
    certenroll_enrolment *enrolment = NULL;
    certenroll_error *error = NULL;
    int status = resume_row(batch, token, name, &enrolment, failure);

    if (status == CERTENROLL_OK && certenroll_enrolment_abandon(enrolment, &error) < 0)
        status = take_failure(batch->tool, failure, error);
    certenroll_enrolment_free(enrolment);
    return status;
}

static int open_row(struct batch *batch, const struct batch_row *row, struct batch_token *token,
                    struct batch_result *result, certenroll_enrolment **out,
                    struct failure *failure)
{
    const certenroll_journal *journal = NULL;
    enum former former;
    int status = CERTENROLL_OK;

    /* Pending since this run. */
    if (result->outcome == BATCH_PENDING)
        return resume_row(batch, token, result->name, out, failure);
    journal = batch_journal_find(&batch->journals, result->name);
    if (journal && certenroll_journal_problem(journal))
        return take_problem(failure, journal);
    former = journal ? judge_former(journal, result->name) : TAKE_BACK;
    if (former == TAKE_UP) {
        snprintf(result->name, sizeof(result->name), "%s", certenroll_journal_name(journal));
        return resume_row(batch, token, result->name, out, failure);
    }
    if (journal && former == TAKE_BACK)
        status = take_back(batch, token, certenroll_journal_name(journal), failure);
    if (status < 0)
        return status;
    result->former = former == TAKE_OVER_KEY ? journal : NULL;
    return begin(batch, row, token, result->name, result->former, out, failure);
}

/* The key has gone over to the new enrolment, whose journal is on disk by now. */
static void forget_former(struct batch *batch, struct batch_result *result,
                          const certenroll_enrolment *enrolment)
{
    certenroll_error *error = NULL;

    if (!result->former || certenroll_enrolment_state(enrolment) == CERTENROLL_STATE_NEW)
        return;
    if (certenroll_journal_remove(batch->tool->context, batch->setup.options.journal_directory,
                                  certenroll_journal_name(result->former), 1, &error) < 0)
        certenroll_error_free(error);
    result->former = NULL;
}

/* --- one row --- */

/* A password of this row's own is remembered as long as the rows that follow have it too. */
static void choose_password(struct batch *batch, const struct batch_row *row)
{
    struct secrets *secrets = &batch->tool->secrets;
    const char *common = batch->tool->options.password_source;
    const char *wanted =
        row->fields[BATCH_PASSWORD_SOURCE] ? row->fields[BATCH_PASSWORD_SOURCE] : common;
    const char *present = secrets->password_source;

    if (present && present != common && (!wanted || strcmp(present, wanted) != 0))
        secrets_forget(secrets, present);
    secrets->password_source = wanted;
}

static int try_once(struct batch *batch, certenroll_enrolment *enrolment, struct failure *failure)
{
    certenroll_error *error = NULL;
    int status = certenroll_enrolment_run(enrolment, &error);

    return status < 0 ? take_failure(batch->tool, failure, error) : status;
}

/* Another process may have begun and finished the row since the journals were listed. */
static int run_or_take_up(struct batch *batch, struct batch_token *token, const char *name,
                          certenroll_enrolment **enrolment, struct failure *failure)
{
    int status = try_once(batch, *enrolment, failure);

    if (status != CERTENROLL_E_STATE)
        return status;
    memset(failure, 0, sizeof(*failure));
    certenroll_enrolment_free(*enrolment);
    *enrolment = NULL;
    status = resume_row(batch, token, name, enrolment, failure);
    return status < 0 ? status : try_once(batch, *enrolment, failure);
}

static void run(struct batch *batch, const struct batch_row *row, struct batch_token *token,
                struct batch_result *result, certenroll_enrolment **enrolment)
{
    struct failure failure = { 0 };
    int status;

    if (is_ra_lost(batch, row, *enrolment, &failure)) {
        fail_row(result, BATCH_NOT_TRIED, &failure);
        return;
    }
    choose_password(batch, row);
    status = run_or_take_up(batch, token, result->name, enrolment, &failure);
    if (*enrolment)
        forget_former(batch, result, *enrolment);
    if (status < 0) {
        judge(batch, row, token, &failure);
        fail_row(result, BATCH_FAILED, &failure);
        return;
    }
    batch->network_failures = 0;
    result->outcome = status == CERTENROLL_PENDING ? BATCH_PENDING : BATCH_ENROLLED;
    result->status = status;
    result->retry_at = certenroll_enrolment_retry_at(*enrolment);
}

/* What an earlier run has finished; NULL: nothing. */
static const certenroll_journal *find_finished(const struct batch *batch,
                                               const struct batch_result *result)
{
    const certenroll_journal *journal = batch_journal_find(&batch->journals, result->name);

    return journal && !certenroll_journal_problem(journal) &&
                   certenroll_journal_is_finished(journal)
               ? journal
               : NULL;
}

/* The key of a finished enrolment is not looked up any more; its journal knows the ID. */
static void add_id(json_t *details, const certenroll_journal *journal)
{
    size_t length = 0;
    const unsigned char *id = certenroll_journal_id(journal, &length);
    char *hex = text_hex(id, length);

    if (hex)
        json_object_set_new(details, "id", json_string(hex));
    free(hex);
}

static void describe(struct batch_result *result, const certenroll_enrolment *enrolment,
                     const certenroll_journal *finished)
{
    json_decref(result->details);
    result->details = describe_enrolment(enrolment);
    if (finished && result->details)
        add_id(result->details, finished);
}

static int is_wanted(const struct batch *batch)
{
    return batch->tool->options.json || batch->tool->options.report;
}

/* The token is open, the row's name known. */
static void run_on_token(struct batch *batch, const struct batch_row *row,
                         struct batch_token *token, struct batch_result *result)
{
    certenroll_enrolment *enrolment = NULL;
    struct failure failure = { 0 };
    const certenroll_journal *finished = find_finished(batch, result);
    int was_tried = 0;

    if (!finished && batch_token_login(&batch->tokens, token, &was_tried, &failure) < 0) {
        fail_row(result, was_tried ? BATCH_FAILED : BATCH_NOT_TRIED, &failure);
        return;
    }
    if (finished && !is_wanted(batch)) {
        result->outcome = BATCH_ALREADY_ENROLLED;
    } else if (open_row(batch, row, token, result, &enrolment, &failure) < 0) {
        (void)batch_token_judge(&batch->tokens, token, &failure);
        fail_row(result, BATCH_FAILED, &failure);
    } else if (finished) {
        result->outcome = BATCH_ALREADY_ENROLLED;
    } else {
        run(batch, row, token, result, &enrolment);
    }
    if (enrolment && is_wanted(batch))
        describe(result, enrolment, finished);
    certenroll_enrolment_free(enrolment);
}

/* Two URIs of the list may name one token. */
static int claim_name(struct batch *batch, const struct batch_row *row,
                      const struct batch_token *token, struct batch_result *result,
                      struct failure *failure)
{
    char *identity = batch_token_identity(token);
    int status = identity ? batch_journal_name(result->name, &batch->journals, row, identity)
                          : CERTENROLL_E_MEMORY;
    const json_t *other = json_object_get(batch->names, result->name);

    free(identity);
    if (status < 0)
        return failure_memory(failure);
    if (other)
        return failure_set(failure, CERTENROLL_E_ARGUMENT,
                           _("the same subject, token and label as in line %zu"),
                           (size_t)json_integer_value(other));
    if (json_object_set_new(batch->names, result->name, json_integer((json_int_t)row->line)) < 0)
        return failure_memory(failure);
    return CERTENROLL_OK;
}

void batch_row_run(struct batch *batch, size_t index)
{
    const struct batch_row *row = &batch->list.rows[index];
    struct batch_result *result = &batch->results[index];
    struct failure failure = { 0 };
    int is_new = 0;
    struct batch_token *token =
        batch_tokens_open(&batch->tokens, row->fields[BATCH_TOKEN], &is_new, &failure);

    if (!token)
        fail_row(result, is_new ? BATCH_FAILED : BATCH_NOT_TRIED, &failure);
    else if (result->outcome == BATCH_OPEN && claim_name(batch, row, token, result, &failure) < 0)
        fail_row(result, BATCH_FAILED, &failure);
    else
        run_on_token(batch, row, token, result);
}
