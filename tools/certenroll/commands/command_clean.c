/* SPDX-License-Identifier: Apache-2.0 */
/* What unfinished enrolments have left is removed, by their journals: what they made, and nothing
 * else. A person is asked about each. */
#include "common/message.h"
#include "common/text.h"
#include "journals.h"
#include "run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct cleaning {
    struct tool *tool;
    struct tokens tokens;
    certenroll_journal_list *journals;
    json_t *results;
    int status; /* the first failure */
};

/* For programs, and what a person is told. */
static const struct {
    const char *name, *text;
} results[] = {
    { "removed", N_("the journal is removed") },
    { "abandoned", N_("taken back: what it made is removed, and so is its journal") },
    { "retired", N_("the old one is removed") },
    { "kept", N_("left as it is") },
    { "busy", N_("left as it is: another process works on it") },
};
enum result { REMOVED, ABANDONED, RETIRED, KEPT, IN_USE };

/* --- what is told --- */

static void print_result(const certenroll_journal *journal, const char *text)
{
    char *clean = text_clean(text);

    printf("%s  %s\n", certenroll_journal_name(journal), clean ? clean : _("out of memory"));
    free(clean);
}

static void tell(struct cleaning *all, const certenroll_journal *journal, enum result result)
{
    json_t *object = describe_journal(journal);

    if (!all->tool->options.json)
        print_result(journal, _(results[result].text));
    json_object_set_new(object, "result", json_string(results[result].name));
    json_array_append_new(all->results, object);
}

static void tell_failure(struct cleaning *all, const certenroll_journal *journal,
                         const struct failure *failure)
{
    json_t *object = describe_journal(journal), *part = failure_json(failure);
    char line[FAILURE_LINE_SIZE], text[FAILURE_LINE_SIZE + 64];

    failure_line(line, failure);
    snprintf(text, sizeof(text), _("failed: %s"), line);
    if (!all->tool->options.json)
        print_result(journal, text);
    json_object_set_new(object, "result", json_string("failed"));
    json_object_update(object, part);
    json_decref(part);
    json_array_append_new(all->results, object);
    if (all->status == CERTENROLL_OK)
        all->status = failure->status;
}

/* --- what is asked --- */

#define QUESTION_SIZE 4096

static int ask_about_unreadable(struct cleaning *all, const certenroll_journal *journal,
                                int *is_yes)
{
    char *why = text_clean(certenroll_error_message(certenroll_journal_problem(journal)));
    char question[QUESTION_SIZE];

    if (!why)
        return failure_memory(&all->tool->failure);
    snprintf(question, sizeof(question),
             _("%s\n  %s\n  What it has left on a token is not known, and stays there.\n"
               "Remove this journal? [y/N] "),
             certenroll_journal_name(journal), why);
    free(why);
    return confirm(all->tool, question, is_yes);
}

/* The journal's texts come from outside: nothing of them may act on the terminal. */
static int ask_about_enrolment(struct cleaning *all, const certenroll_journal *journal,
                               const char *what, int *is_yes)
{
    const char *subject = certenroll_journal_subject(journal);
    char *clean_subject = text_clean(subject[0] ? subject : "-");
    char *label = text_clean(certenroll_journal_token_label(journal));
    char *serial = text_clean(certenroll_journal_token_serial(journal));
    char since[TEXT_TIME_SIZE], question[QUESTION_SIZE];
    int status;

    text_time(since, certenroll_journal_begun_at(journal));
    if (clean_subject && label && serial)
        snprintf(question, sizeof(question),
                 _("%s\n  subject: %s\n  token: %s (serial number %s)\n  state: %s, begun %s\n%s "
                   "[y/N] "),
                 certenroll_journal_name(journal), clean_subject, label, serial,
                 certenroll_state_name(certenroll_journal_state(journal)), since, what);
    status = clean_subject && label && serial ? confirm(all->tool, question, is_yes)
                                              : failure_memory(&all->tool->failure);
    free(serial);
    free(label);
    free(clean_subject);
    return status;
}

/* --- what is done --- */

/* The file alone; what it has left on a token stays there. */
static void remove_journal(struct cleaning *all, const certenroll_journal *journal,
                           int even_unfinished)
{
    struct failure failure = { 0 };
    certenroll_error *error = NULL;

    if (certenroll_journal_remove(all->tool->context, all->tool->options.journal,
                                  certenroll_journal_name(journal), even_unfinished, &error) == 0) {
        tell(all, journal, REMOVED);
        return;
    }
    take_failure(all->tool, &failure, error);
    tell_failure(all, journal, &failure);
}

static int remove_unreadable(struct cleaning *all, const certenroll_journal *journal)
{
    int is_yes = 0, status = ask_about_unreadable(all, journal, &is_yes);

    if (status < 0)
        return status;
    if (is_yes)
        remove_journal(all, journal, 0);
    else
        tell(all, journal, KEPT);
    return CERTENROLL_OK;
}

/* The one step that is left to take back or to retire. */
static int finish(struct cleaning *all, const certenroll_journal *journal, enum left left,
                  certenroll_enrolment *enrolment, struct failure *failure)
{
    certenroll_error *error = NULL;
    int status = left == LEFT_RETIRE ? certenroll_enrolment_run(enrolment, &error)
                                     : certenroll_enrolment_abandon(enrolment, &error);

    if (status < 0)
        return take_failure(all->tool, failure, error);
    tell(all, journal, left == LEFT_RETIRE ? RETIRED : ABANDONED);
    return CERTENROLL_OK;
}

/* Nobody else can begin on it between question and answer: it is locked before. */
static int clean_enrolment(struct cleaning *all, const certenroll_journal *journal, enum left left)
{
    struct failure failure = { 0 };
    certenroll_enrolment *enrolment = NULL;
    certenroll_token *token = NULL;
    int is_yes = 0, asked = CERTENROLL_OK;
    int status = tokens_get(all->tool, &all->tokens, &token, journal, &failure);

    if (status == CERTENROLL_OK)
        status = take_up(all->tool, &enrolment, token, journal, &failure);
    if (status == CERTENROLL_OK)
        asked = ask_about_enrolment(
            all, journal,
            left == LEFT_RETIRE
                ? _("The new certificate is in use. Remove what it replaces?")
                : _("Remove from the token what this enrolment has made, and its journal?"),
            &is_yes);
    if (status == CERTENROLL_OK && is_yes)
        status = finish(all, journal, left, enrolment, &failure);
    else if (status == CERTENROLL_OK && asked == CERTENROLL_OK)
        tell(all, journal, KEPT);
    certenroll_enrolment_free(enrolment);
    if (status == CERTENROLL_E_BUSY)
        tell(all, journal, IN_USE);
    else if (status < 0)
        tell_failure(all, journal, &failure);
    return asked;
}

static int clean_journal(struct cleaning *all, const certenroll_journal *journal)
{
    enum left left = left_of(journal);

    switch (left) {
    case LEFT_UNREADABLE:
        return all->tokens.only ? CERTENROLL_OK : remove_unreadable(all, journal);
    case LEFT_NOTHING:
        forget_finished(all->tool, journal);
        return CERTENROLL_OK;
    case LEFT_LATER:
        return CERTENROLL_OK;
    case LEFT_RETIRE:
    case LEFT_TAKE_BACK:
    case LEFT_RUN:
        break;
    }
    return tokens_match(&all->tokens, journal) ? clean_enrolment(all, journal, left)
                                               : CERTENROLL_OK;
}

/* --forget: the token will not come back, or was emptied. */
static int forget(struct cleaning *all, const certenroll_journal *journal)
{
    int is_yes = 0, status;

    if (certenroll_journal_problem(journal))
        return remove_unreadable(all, journal);
    status = ask_about_enrolment(
        all, journal,
        _("What it has left on the token stays there, and nothing knows of it any more.\n"
          "Remove this journal?"),
        &is_yes);
    if (status == CERTENROLL_OK && is_yes)
        remove_journal(all, journal, 1);
    else if (status == CERTENROLL_OK)
        tell(all, journal, KEPT);
    return status;
}

static int forget_named(struct cleaning *all, const char *name)
{
    for (size_t i = 0; i < certenroll_journal_list_count(all->journals); i++) {
        const certenroll_journal *journal = certenroll_journal_list_at(all->journals, i);

        if (strcmp(certenroll_journal_name(journal), name) == 0)
            return forget(all, journal);
    }
    return refuse_name(all->tool, name);
}

static int clean_all(struct cleaning *all)
{
    int status = tokens_open(all->tool, &all->tokens);

    if (status == CERTENROLL_OK)
        status = check_secret_sources(all->tool, &all->tokens, all->journals);
    for (size_t i = 0; status == CERTENROLL_OK && i < certenroll_journal_list_count(all->journals);
         i++)
        status = clean_journal(all, certenroll_journal_list_at(all->journals, i));
    return status;
}

static int show(struct cleaning *all)
{
    if (all->tool->options.json)
        return show_json(all->tool, json_pack("{s:O}", "journals", all->results));
    if (json_array_size(all->results) == 0)
        printf("%s\n", _("there is nothing to clean up"));
    return CERTENROLL_OK;
}

int command_clean(struct tool *tool)
{
    struct cleaning all = { .tool = tool, .results = json_array() };
    int status = all.results ? read_journals(tool, &all.journals) : failure_memory(&tool->failure);

    if (status == CERTENROLL_OK)
        status = tool->options.forget ? forget_named(&all, tool->options.forget) : clean_all(&all);
    if (status == CERTENROLL_OK) {
        status = show(&all);
        tool->is_told = status == CERTENROLL_OK;
    }
    if (status == CERTENROLL_OK)
        status = all.status;
    json_decref(all.results);
    certenroll_journal_list_free(all.journals);
    tokens_clear(&all.tokens);
    return status;
}
