/* SPDX-License-Identifier: Apache-2.0 */
#define _POSIX_C_SOURCE 200809L /* strdup */

#include "journals.h"

#include "common/message.h"
#include "common/text.h"
#include "run.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

enum left left_of(const certenroll_journal *journal)
{
    int64_t retire_at;

    if (certenroll_journal_problem(journal))
        return LEFT_UNREADABLE;
    if (certenroll_journal_is_finished(journal))
        return LEFT_NOTHING;
    retire_at = certenroll_journal_retire_at(journal);
    switch (certenroll_journal_state(journal)) {
    case CERTENROLL_STATE_CONFIRMED:
        return retire_at > (int64_t)time(NULL) ? LEFT_LATER : LEFT_RETIRE;
    case CERTENROLL_STATE_ABANDONED:
        return LEFT_TAKE_BACK;
    default:
        return LEFT_RUN;
    }
}

static void add_time(json_t *object, const char *member, int64_t when)
{
    char text[TEXT_TIME_SIZE];

    text_time(text, when);
    if (text[0])
        json_object_set_new(object, member, json_string(text));
}

json_t *describe_journal(const certenroll_journal *journal)
{
    json_t *object;

    if (certenroll_journal_problem(journal))
        return json_pack("{s:o}", "name", text_json(certenroll_journal_name(journal)));
    object = json_pack("{s:o, s:s, s:s, s:o, s:o, s:o, s:o}", "name",
                       text_json(certenroll_journal_name(journal)), "operation",
                       certenroll_operation_name(certenroll_journal_operation(journal)), "state",
                       certenroll_state_name(certenroll_journal_state(journal)), "subject",
                       text_json(certenroll_journal_subject(journal)), "token",
                       text_json(certenroll_journal_token_label(journal)), "token_serial",
                       text_json(certenroll_journal_token_serial(journal)), "url",
                       text_json(certenroll_journal_url(journal)));
    if (!object)
        return NULL;
    add_time(object, "begun_at", certenroll_journal_begun_at(journal));
    add_time(object, "updated_at", certenroll_journal_updated_at(journal));
    add_time(object, "retry_at", certenroll_journal_retry_at(journal));
    add_time(object, "retire_at", certenroll_journal_retire_at(journal));
    return object;
}

int read_journals(struct tool *tool, certenroll_journal_list **out)
{
    certenroll_error *error = NULL;

    if (certenroll_journal_list_new(out, tool->context, tool->options.journal, &error) < 0)
        return failure_take(&tool->failure, error);
    return CERTENROLL_OK;
}

void forget_finished(struct tool *tool, const certenroll_journal *journal)
{
    certenroll_error *error = NULL;

    if (!certenroll_journal_is_kept(journal) &&
        certenroll_journal_remove(tool->context, tool->options.journal,
                                  certenroll_journal_name(journal), 0, &error) < 0)
        certenroll_error_free(error);
}

int refuse_name(struct tool *tool, const char *name)
{
    failure_set(&tool->failure, CERTENROLL_E_OBJECT_NOT_FOUND, _("there is no enrolment \"%s\""),
                name);
    failure_advise(&tool->failure, "%s",
                   _("\"certenroll status\" lists those that are unfinished."));
    return CERTENROLL_E_OBJECT_NOT_FOUND;
}

int take_problem(struct failure *failure, const certenroll_journal *journal)
{
    const certenroll_error *problem = certenroll_journal_problem(journal);

    failure_set(failure, certenroll_error_status(problem), "%s", certenroll_error_what(problem));
    failure_because(failure, "%s", certenroll_error_why(problem));
    failure_advise(failure, "%s", certenroll_error_advice(problem));
    return failure->status;
}

/* --- tokens --- */

struct opened_token {
    char *uri;
    certenroll_token *token;
};

int tokens_open(struct tool *tool, struct tokens *tokens)
{
    return tool->options.token ? open_token(tool, &tokens->only) : CERTENROLL_OK;
}

int tokens_match(const struct tokens *tokens, const certenroll_journal *journal)
{
    const certenroll_token_info *info;

    if (!tokens->only || certenroll_journal_problem(journal))
        return 1;
    info = certenroll_token_get_info(tokens->only);
    return strcmp(certenroll_token_info_serial(info), certenroll_journal_token_serial(journal)) ==
               0 &&
           strcmp(certenroll_token_info_label(info), certenroll_journal_token_label(journal)) == 0;
}

static int remember(struct tokens *tokens, const char *uri, certenroll_token *token)
{
    struct opened_token *grown = realloc(tokens->list, (tokens->count + 1) * sizeof(*tokens->list));
    char *copy = grown ? strdup(uri) : NULL;

    if (grown)
        tokens->list = grown;
    if (!copy)
        return CERTENROLL_E_MEMORY;
    tokens->list[tokens->count].uri = copy;
    tokens->list[tokens->count++].token = token;
    return CERTENROLL_OK;
}

int tokens_get(struct tool *tool, struct tokens *tokens, certenroll_token **out,
               const certenroll_journal *journal, struct failure *failure)
{
    const char *uri = certenroll_journal_token_uri(journal);
    const char *module = certenroll_journal_module(journal);
    int status;

    *out = tokens->only;
    for (size_t i = 0; i < tokens->count && !*out; i++)
        if (strcmp(tokens->list[i].uri, uri) == 0)
            *out = tokens->list[i].token;
    if (*out)
        return CERTENROLL_OK;
    if (tool->options.module || !module[0])
        module = tool->options.module;
    /* One that is named is worth waiting for; of several, some may be in the drawer for good. */
    status = tool->options.name ? await_token_at(tool, out, uri, module, failure)
                                : open_token_at(tool, out, uri, module, failure);
    if (status == CERTENROLL_OK && remember(tokens, uri, *out) < 0) {
        certenroll_token_free(*out);
        *out = NULL;
        status = failure_memory(failure);
    }
    return status;
}

void tokens_clear(struct tokens *tokens)
{
    for (size_t i = 0; i < tokens->count; i++) {
        certenroll_token_free(tokens->list[i].token);
        free(tokens->list[i].uri);
    }
    free(tokens->list);
    certenroll_token_free(tokens->only);
    memset(tokens, 0, sizeof(*tokens));
}

/* --- secrets --- */

static int is_same_token(const certenroll_journal *one, const certenroll_journal *other)
{
    return strcmp(certenroll_journal_token_uri(one), certenroll_journal_token_uri(other)) == 0;
}

static int is_same_account(const certenroll_journal *one, const certenroll_journal *other)
{
    return strcmp(certenroll_journal_username(one), certenroll_journal_username(other)) == 0 &&
           strcmp(certenroll_journal_url(one), certenroll_journal_url(other)) == 0;
}

/* Of a descriptor each token and account takes the next line: secrets_answer(). */
static int is_one_secret(const char *source)
{
    return source && strncmp(source, "fd:", strlen("fd:")) != 0;
}

static int needs_token(const struct tokens *tokens, const certenroll_journal *journal)
{
    enum left left = left_of(journal);

    return (left == LEFT_RUN || left == LEFT_RETIRE || left == LEFT_TAKE_BACK) &&
           tokens_match(tokens, journal);
}

static int needs_password(const struct tokens *tokens, const certenroll_journal *journal)
{
    return left_of(journal) == LEFT_RUN && tokens_match(tokens, journal) &&
           certenroll_journal_username(journal)[0];
}

static int refuse_pin(struct tool *tool)
{
    failure_set(&tool->failure, CERTENROLL_E_ARGUMENT, "%s",
                _("--pin-source is for one token, but the enrolments are on several"));
    failure_advise(&tool->failure, "%s", _("Name one of them by --token."));
    return CERTENROLL_E_ARGUMENT;
}

static int refuse_password(struct tool *tool)
{
    failure_set(&tool->failure, CERTENROLL_E_ARGUMENT, "%s",
                _("--password-source is for one account, but the enrolments are of several"));
    failure_advise(&tool->failure, "%s", _("Name one enrolment by --name."));
    return CERTENROLL_E_ARGUMENT;
}

static int is_named(const struct tool *tool, const certenroll_journal *journal)
{
    const char *name = tool->options.name;

    return !name || strcmp(certenroll_journal_name(journal), name) == 0;
}

int check_secret_sources(struct tool *tool, const struct tokens *tokens,
                         const certenroll_journal_list *journals)
{
    const certenroll_journal *pin = NULL, *password = NULL; /* the first that needs one */

    for (size_t i = 0; i < certenroll_journal_list_count(journals); i++) {
        const certenroll_journal *journal = certenroll_journal_list_at(journals, i);

        if (!is_named(tool, journal))
            continue;
        if (needs_token(tokens, journal)) {
            pin = pin ? pin : journal;
            if (is_one_secret(tool->options.pin_source) && !is_same_token(pin, journal))
                return refuse_pin(tool);
        }
        if (needs_password(tokens, journal)) {
            password = password ? password : journal;
            if (is_one_secret(tool->options.password_source) && !is_same_account(password, journal))
                return refuse_password(tool);
        }
    }
    return CERTENROLL_OK;
}

int take_up(struct tool *tool, certenroll_enrolment **out, certenroll_token *token,
            const certenroll_journal *journal, struct failure *failure)
{
    certenroll_resume_options options = CERTENROLL_RESUME_OPTIONS_INIT;
    certenroll_error *error = NULL;

    options.journal_directory = tool->options.journal;
    options.secret = secrets_answer;
    options.secret_user = &tool->secrets;
    options.progress = show_progress;
    options.progress_user = tool;
    if (certenroll_enrolment_resume(out, token, certenroll_journal_name(journal), &options,
                                    &error) < 0)
        return take_failure(tool, failure, error);
    return CERTENROLL_OK;
}
