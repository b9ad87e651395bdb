/* SPDX-License-Identifier: Apache-2.0 */
#define _POSIX_C_SOURCE 200809L /* strdup */

#include "enrolment/unfinished.h"

#include "base/command_line.h"
#include "common/report.h"
#include "common/shown_text.h"
#include "common/tool_message.h"
#include "revocation/outstanding.h"
#include "token/token_access.h"

#include <stdio.h>
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
        if (certenroll_journal_revoke_count(journal) > 0)
            return LEFT_REVOKE;
        return retire_at > (int64_t)time(NULL) ? LEFT_LATER : LEFT_RETIRE;
    case CERTENROLL_STATE_ABANDONED:
        return LEFT_TAKE_BACK;
    default:
        return LEFT_RUN;
    }
}

/* Why what was received is not taken; NULL: it was not refused. */
static json_t *describe_refusal(const certenroll_journal *journal)
{
    int status = certenroll_journal_refused(journal);

    return status < 0 ? json_pack("{s:s, s:o}", "status", certenroll_status_name(status), "why",
                                  text_json(certenroll_journal_refused_why(journal)))
                      : NULL;
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
    add_time(object, "begun_at", certenroll_journal_begun_at(journal));
    add_time(object, "updated_at", certenroll_journal_updated_at(journal));
    add_time(object, "retry_at", certenroll_journal_retry_at(journal));
    add_time(object, "retire_at", certenroll_journal_retire_at(journal));
    add_found(object, "refused", describe_refusal(journal));
    add_found(object, "to_revoke", describe_promised(journal));
    return object;
}

void forget_journal(struct tool *tool, const certenroll_journal *journal, int even_unfinished)
{
    int status = certenroll_journal_remove(tool->context, tool->options.journal,
                                           certenroll_journal_name(journal), even_unfinished, NULL);

    (void)status;
}

void forget_finished(struct tool *tool, const certenroll_journal *journal)
{
    if (!certenroll_journal_is_kept(journal))
        forget_journal(tool, journal, 0);
}

int refuse_name(const struct tool *tool, const char *name, certenroll_error **error)
{
    struct ce_command line = { 0 };
    char *command;

    certenroll_error_set(error, CERTENROLL_E_OBJECT_NOT_FOUND, _("there is no enrolment \"%s\""),
                         name);
    ce_command_add(&line, "certenroll");
    ce_command_add(&line, "status");
    ce_command_option(&line, "--journal", tool->options.journal);
    command = ce_command_take(&line);
    if (command)
        certenroll_error_advise(error, _("Those that are unfinished are listed by: %s"), command);
    free(command);
    return CERTENROLL_E_OBJECT_NOT_FOUND;
}

/* --- tokens --- */

struct opened_token {
    char *uri;
    certenroll_token *token;
};

int is_for_token(const certenroll_journal *journal, const certenroll_token_info *info)
{
    return strcmp(certenroll_token_info_serial(info), certenroll_journal_token_serial(journal)) ==
               0 &&
           strcmp(certenroll_token_info_label(info), certenroll_journal_token_label(journal)) == 0;
}

int tokens_match(const struct tokens *tokens, const certenroll_journal *journal)
{
    return !tokens->only || certenroll_journal_problem(journal) ||
           is_for_token(journal, certenroll_token_get_info(tokens->only));
}

static int get_token(struct tool *tool, struct tokens *tokens, certenroll_token **out,
                     const char *uri, const char *module, certenroll_error **error)
{
    struct opened_token *grown;
    int status;

    *out = tokens->only;
    for (size_t i = 0; i < tokens->count && !*out; i++)
        if (strcmp(tokens->list[i].uri, uri) == 0)
            *out = tokens->list[i].token;
    if (*out)
        return CERTENROLL_OK;
    grown = realloc(tokens->list, (tokens->count + 1) * sizeof(*grown));
    if (!grown)
        return certenroll_error_set_memory(error);
    tokens->list = grown;
    grown[tokens->count] = (struct opened_token){ strdup(uri), NULL };
    if (!grown[tokens->count].uri)
        return certenroll_error_set_memory(error);
    if (tool->options.module || !module[0])
        module = tool->options.module;
    /* One that is named is worth waiting for; of several, some may be in the drawer for good. */
    status = tool->options.name ? await_token_at(tool, out, uri, module, error)
                                : open_token_at(tool, out, uri, module, error);
    if (status == CERTENROLL_OK)
        grown[tokens->count++].token = *out;
    else
        free(grown[tokens->count].uri);
    return status;
}

int tokens_get(struct tool *tool, struct tokens *tokens, certenroll_token **out,
               const certenroll_journal *journal, certenroll_error **error)
{
    return get_token(tool, tokens, out, certenroll_journal_token_uri(journal),
                     certenroll_journal_module(journal), error);
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

/* Of a descriptor each token and account takes the next line: secrets_answer(). */
static int is_one_secret(const char *source)
{
    return source && strncmp(source, "fd:", strlen("fd:")) != 0;
}

static int check_secret_sources(const struct options *options, const struct tokens *tokens,
                                const certenroll_journal_list *journals, certenroll_error **error)
{
    const certenroll_journal *pin = NULL, *password = NULL; /* the first that needs one */
    int status = CERTENROLL_E_ARGUMENT;

    for (size_t i = 0; i < certenroll_journal_list_count(journals); i++) {
        const certenroll_journal *journal = certenroll_journal_list_at(journals, i);
        enum left left = left_of(journal);

        if ((options->name && strcmp(certenroll_journal_name(journal), options->name) != 0) ||
            (left != LEFT_RUN && left != LEFT_REVOKE && left != LEFT_RETIRE &&
             left != LEFT_TAKE_BACK) ||
            !tokens_match(tokens, journal))
            continue;
        pin = pin ? pin : journal;
        if (is_one_secret(options->pin_source) &&
            strcmp(certenroll_journal_token_uri(pin), certenroll_journal_token_uri(journal)) != 0) {
            certenroll_error_set(
                error, status,
                _("--pin-source is for one token, but the enrolments are on several"));
            certenroll_error_advise(error, _("Name one of them by --token."));
            return status;
        }
        if (left == LEFT_RETIRE || !certenroll_journal_username(journal)[0] ||
            (left == LEFT_TAKE_BACK && certenroll_journal_revoke_count(journal) == 0))
            continue;
        password = password ? password : journal;
        if (is_one_secret(options->password_source) &&
            (strcmp(certenroll_journal_username(password), certenroll_journal_username(journal)) !=
                 0 ||
             strcmp(certenroll_journal_url(password), certenroll_journal_url(journal)) != 0)) {
            certenroll_error_set(
                error, status,
                _("--password-source is for one account, but the enrolments are of several"));
            certenroll_error_advise(error, _("Name one enrolment by --name."));
            return status;
        }
    }
    return CERTENROLL_OK;
}

int tokens_open(struct tool *tool, struct tokens *tokens, const certenroll_journal_list *journals,
                certenroll_error **error)
{
    int status = tool->options.token ? open_token(tool, &tokens->only, error) : CERTENROLL_OK;

    return status < 0 ? status : check_secret_sources(&tool->options, tokens, journals, error);
}

/* --- what dead programs have left --- */

static int is_same_token(const certenroll_token *token, const char *label, const char *serial)
{
    const certenroll_token_info *info = certenroll_token_get_info(token);

    return strcmp(certenroll_token_info_label(info), label) == 0 &&
           strcmp(certenroll_token_info_serial(info), serial) == 0;
}

static int is_open(const struct tokens *tokens, const char *label, const char *serial)
{
    for (size_t i = 0; i < tokens->count; i++)
        if (is_same_token(tokens->list[i].token, label, serial))
            return 1;
    return tokens->only && is_same_token(tokens->only, label, serial);
}

static void tell_settled(struct tool *tool, json_t **results, const char *label, const char *serial,
                         size_t removed, certenroll_error *error)
{
    json_t *object =
        json_pack("{s:o, s:o}", "token", text_json(label), "token_serial", text_json(serial));

    if (error)
        add_members(&object, report_json(error));
    else
        json_object_set_new(object, "removed", json_integer((json_int_t)removed));
    add_item(results, object);
    if (tool->options.json)
        return;
    if (error)
        printf(_("token \"%s\": what dead programs may have left there was not looked after: %s\n"),
               shown(tool, label), shown(tool, certenroll_error_message(error)));
    else
        printf(_("token \"%s\": key pairs and half objects that dead programs had left there, "
                 "removed: %zu\n"),
               shown(tool, label), removed);
}

/* Of one of which nothing is written down, only what was found is worth a word. */
static void settle_opened(struct tool *tool, json_t **results, certenroll_token *token)
{
    const certenroll_token_info *info = certenroll_token_get_info(token);
    certenroll_error *error = NULL;
    size_t removed = 0;

    if (certenroll_token_settle(token, tool->options.journal, &removed, &error) < 0)
        (void)complete_error(tool, &error);
    if (error || removed > 0)
        tell_settled(tool, results, certenroll_token_info_label(info),
                     certenroll_token_info_serial(info), removed, error);
    certenroll_error_free(error);
}

/* Opens the token, unless it is open or a PIN would be tried on it that is another one's. */
static void open_unsettled(struct tool *tool, struct tokens *tokens, json_t **results,
                           const certenroll_unsettled *unsettled, size_t index)
{
    const char *label = certenroll_unsettled_token_label(unsettled, index);
    const char *serial = certenroll_unsettled_token_serial(unsettled, index);
    certenroll_token *token = NULL;
    certenroll_error *error = NULL;

    if (tokens->only || tool->options.name || is_open(tokens, label, serial))
        return;
    if (is_one_secret(tool->options.pin_source) &&
        (tokens->count > 0 || certenroll_unsettled_count(unsettled) > 1)) {
        certenroll_error_set(&error, CERTENROLL_E_ARGUMENT,
                             _("--pin-source may be for another token"));
        certenroll_error_advise(&error, _("Name one of them by --token."));
    } else if (get_token(tool, tokens, &token, certenroll_unsettled_token_uri(unsettled, index),
                         certenroll_unsettled_module(unsettled, index), &error) < 0) {
        (void)complete_error(tool, &error);
    }
    if (error)
        tell_settled(tool, results, label, serial, 0, error);
    certenroll_error_free(error);
}

json_t *tokens_settle(struct tool *tool, struct tokens *tokens, int status)
{
    const certenroll_class class = certenroll_status_class(status);
    certenroll_unsettled *unsettled = NULL;
    json_t *results = json_array();

    if (class == CERTENROLL_CLASS_PIN || class == CERTENROLL_CLASS_CANCELLED)
        return results;
    if (certenroll_unsettled_new(&unsettled, NULL) == CERTENROLL_OK)
        for (size_t i = 0; i < certenroll_unsettled_count(unsettled); i++)
            open_unsettled(tool, tokens, &results, unsettled, i);
    certenroll_unsettled_free(unsettled);
    if (tokens->only)
        settle_opened(tool, &results, tokens->only);
    for (size_t i = 0; i < tokens->count; i++)
        settle_opened(tool, &results, tokens->list[i].token);
    return results;
}

/* --- taking up --- */

int take_up(struct tool *tool, certenroll_enrolment **out, certenroll_token *token,
            const char *name, const certenroll_resume_options *corrections,
            certenroll_error **error)
{
    certenroll_resume_options options = CERTENROLL_RESUME_OPTIONS_INIT;

    if (corrections)
        options = *corrections;
    options.journal_directory = tool->options.journal;
    options.secret = tool->secret;
    options.secret_user = tool->secret_user;
    options.progress = tool->progress;
    options.progress_user = tool;
    return certenroll_enrolment_resume(out, token, name, &options, error);
}
