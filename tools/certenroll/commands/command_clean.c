/* SPDX-License-Identifier: Apache-2.0 */
/* What unfinished enrolments have left is removed, by their journals: what they made, and nothing
 * else. A person is asked about each. */
#include "base/time.h"
#include "commands/commands.h"
#include "common/report.h"
#include "common/tool_message.h"
#include "enrolment/unfinished.h"
#include "revocation/outstanding.h"

#include <stdio.h>
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
    { "revoked", N_("what was to be revoked is revoked") },
    { "dropped", N_("nothing more is to be revoked for it") },
    { "kept", N_("left as it is") },
    { "busy", "" },
    { "failed", "" },
};
enum result { REMOVED, ABANDONED, RETIRED, REVOKED, DROPPED, KEPT, IN_USE, FAILED };

/* What became of one. */
struct ending {
    enum result result;
    certenroll_error *failure; /* of FAILED and IN_USE */
    json_t *not_revoked;       /* what it leaves in force at the CA */
    json_t *dropped; /* what was promised to be revoked for it, and is not to be any more */
};

/* Takes what is in the ending over. */
static void tell(struct cleaning *all, const certenroll_journal *journal,
                 const struct ending *ending)
{
    json_t *object = describe_journal(journal);
    enum result result = ending->result;
    certenroll_error *failure = ending->failure;
    int status = failure ? complete_error(all->tool, &failure) : CERTENROLL_OK;

    json_object_set_new(object, "result", json_string(results[result].name));
    if (result != KEPT && result != IN_USE && result != FAILED)
        json_object_del(object, "to_revoke");
    if (failure)
        add_members(&object, report_json(failure));
    json_array_append_new(all->results, object);
    if (!all->tool->options.json) {
        printf("%s  ", certenroll_journal_name(journal));
        if (failure)
            printf(result == IN_USE ? _("left as it is: %s") : _("failed: %s"),
                   shown(all->tool, certenroll_error_message(failure)));
        else
            fputs(_(results[result].text), stdout);
        putchar('\n');
        show_promised(all->tool, ending->dropped, _("no longer to be revoked for it:"));
        show_left_in_force(all->tool, ending->not_revoked);
    }
    add_found(object, "dropped", ending->dropped);
    add_found(object, "not_revoked", ending->not_revoked);
    if (all->status == CERTENROLL_OK && result != IN_USE)
        all->status = status;
    certenroll_error_free(failure);
}

/* The journal's texts come from outside: nothing of them may act on the terminal. */
static int ask_about_enrolment(struct cleaning *all, const certenroll_journal *journal,
                               const char *what, int *is_yes, certenroll_error **error)
{
    const char *subject = certenroll_journal_subject(journal);
    struct tool *tool = all->tool;
    char since[CE_TIME_SIZE];

    ce_time_format(since, certenroll_journal_begun_at(journal));
    return confirm(
        tool, is_yes, error,
        _("%s\n  subject: %s\n  token: %s (serial number %s)\n  state: %s, begun %s\n%s [y/N] "),
        certenroll_journal_name(journal), shown(tool, subject[0] ? subject : "-"),
        shown(tool, certenroll_journal_token_label(journal)),
        shown(tool, certenroll_journal_token_serial(journal)),
        certenroll_state_name(certenroll_journal_state(journal)), since, what);
}

/* --- the file alone; what it has left on a token stays there --- */

static int remove_journal(struct cleaning *all, const certenroll_journal *journal, int is_yes,
                          int even_unfinished)
{
    struct ending ending = { .result = is_yes ? REMOVED : KEPT };

    if (is_yes && certenroll_journal_remove(all->tool->context, all->tool->options.journal,
                                            certenroll_journal_name(journal), even_unfinished,
                                            &ending.failure) < 0)
        ending.result = FAILED;
    if (ending.result == REMOVED && even_unfinished)
        ending.not_revoked = describe_left_by_journal(journal);
    tell(all, journal, &ending);
    return CERTENROLL_OK;
}

static int remove_unreadable(struct cleaning *all, const certenroll_journal *journal,
                             certenroll_error **error)
{
    const char *why = certenroll_error_message(certenroll_journal_problem(journal));
    int is_yes = 0;
    int status = confirm(all->tool, &is_yes, error,
                         _("%s\n  %s\n  What it has left on a token is not known, and stays "
                           "there.\nRemove this journal? [y/N] "),
                         certenroll_journal_name(journal), shown(all->tool, why));

    return status < 0 ? status : remove_journal(all, journal, is_yes, 0);
}

/* --forget: the token will not come back, or was emptied. */
static int forget_named(struct cleaning *all, const char *name, certenroll_error **error)
{
    const certenroll_journal *journal = NULL;
    int is_yes = 0, status;

    for (size_t i = 0; i < certenroll_journal_list_count(all->journals) && !journal; i++) {
        journal = certenroll_journal_list_at(all->journals, i);
        if (strcmp(certenroll_journal_name(journal), name) != 0)
            journal = NULL;
    }
    if (!journal)
        return refuse_name(all->tool, name, error);
    if (certenroll_journal_problem(journal))
        return remove_unreadable(all, journal, error);
    status = ask_about_enrolment(
        all, journal,
        _("What it has left on the token stays there, and nothing knows of it any more.\n"
          "Remove this journal?"),
        &is_yes, error);
    return status < 0 ? status : remove_journal(all, journal, is_yes, 1);
}

/* --- what is on the token as well --- */

/* The CA has issued something for it, or may have. */
static int has_been_sent(const certenroll_journal *journal)
{
    size_t length;

    return certenroll_journal_unanswered_at(journal, 0) ||
           (certenroll_journal_state(journal) == CERTENROLL_STATE_ABANDONED
                ? certenroll_journal_revoke_count(journal) > 0
                : certenroll_journal_certificate(journal, &length) != NULL);
}

/* With --yes it is what --revoke says. */
static int ask_about_revocation(struct cleaning *all, const certenroll_journal *journal,
                                int *is_yes, certenroll_error **error)
{
    const struct options *options = &all->tool->options;

    *is_yes = options->revoke && has_been_sent(journal);
    return options->revoke || options->yes || !has_been_sent(journal)
               ? CERTENROLL_OK
               : confirm(all->tool, is_yes, error,
                         _("The CA has issued a certificate for it, or may have. Have it revoked? "
                           "[y/N] "));
}

/* The RA does not do it. One that has no such call never will; whether to wait for one that fails
 * or refuses is for a person to say, not for --yes. */
static int ask_to_do_without(struct cleaning *all, const struct ending *ending, int *is_yes,
                             certenroll_error **error)
{
    *is_yes = 0;
    if (all->tool->options.yes &&
        certenroll_error_status(ending->failure) != CERTENROLL_E_UNSUPPORTED)
        return CERTENROLL_OK;
    return confirm(all->tool, is_yes, error, _("%s\nGo on without a revocation? [y/N] "),
                   shown(all->tool, certenroll_error_message(ending->failure)));
}

static int take_back(struct cleaning *all, const certenroll_journal *journal,
                     certenroll_enrolment *enrolment, struct ending *ending,
                     certenroll_error **error)
{
    certenroll_abandon_options options = CERTENROLL_ABANDON_OPTIONS_INIT;
    int asked = ask_about_revocation(all, journal, &options.revoke, error), is_yes, status;

    if (asked < 0)
        return asked;
    options.reason = CERTENROLL_REVOKE_CESSATION;
    status = certenroll_enrolment_abandon(enrolment, &options, &ending->failure);
    if (status < 0 && options.revoke) {
        asked = ask_to_do_without(all, ending, &is_yes, error);
        if (asked == CERTENROLL_OK && is_yes) {
            certenroll_error_clear(&ending->failure);
            status = certenroll_enrolment_abandon(enrolment, NULL, &ending->failure);
        }
    }
    ending->result = status < 0 ? FAILED : ABANDONED;
    if (status < 0)
        return asked;
    ending->not_revoked = describe_left_in_force(enrolment);
    if (certenroll_journal_state(journal) != CERTENROLL_STATE_ABANDONED)
        ending->dropped = describe_promised(journal);
    return asked;
}

/* What is left of one whose certificate is in use. */
static int finish(struct cleaning *all, enum left left, certenroll_enrolment *enrolment,
                  struct ending *ending, certenroll_error **error)
{
    int is_yes = 0, asked = CERTENROLL_OK;
    int status = certenroll_enrolment_run(enrolment, &ending->failure);

    if (status < 0 && left == LEFT_REVOKE)
        asked = ask_to_do_without(all, ending, &is_yes, error);
    if (asked == CERTENROLL_OK && is_yes) {
        ending->not_revoked = describe_left_in_force(enrolment);
        certenroll_error_clear(&ending->failure);
        status = certenroll_enrolment_drop_revocation(enrolment, &ending->failure);
        if (status == CERTENROLL_OK)
            status = certenroll_enrolment_run(enrolment, &ending->failure);
    }
    if (status < 0)
        ending->result = FAILED;
    else if (left == LEFT_REVOKE && !is_yes)
        ending->result = REVOKED;
    else
        ending->result =
            certenroll_enrolment_state(enrolment) == CERTENROLL_STATE_RETIRED ? RETIRED : DROPPED;
    return asked;
}

/* Nobody else can begin on it between question and answer: it is locked before. */
static int clean_enrolment(struct cleaning *all, const certenroll_journal *journal, enum left left,
                           certenroll_error **error)
{
    const char *question =
        left == LEFT_REVOKE   ? _("The new certificate is in use. Have the RA revoke what is to be "
                                    "revoked for it, and remove what it replaces?")
        : left == LEFT_RETIRE ? _("The new certificate is in use. Remove what it replaces?")
                              : _("Remove from the token what this enrolment has made, and its "
                                  "journal?");
    struct ending ending = { .result = KEPT };
    certenroll_enrolment *enrolment = NULL;
    certenroll_token *token = NULL;
    int is_yes = 0, asked = CERTENROLL_OK;
    int status = tokens_get(all->tool, &all->tokens, &token, journal, &ending.failure);

    if (status == CERTENROLL_OK)
        status = take_up(all->tool, &enrolment, token, certenroll_journal_name(journal), NULL,
                         &ending.failure);
    if (status == CERTENROLL_OK)
        asked = ask_about_enrolment(all, journal, question, &is_yes, error);
    else
        ending.result = FAILED;
    if (is_yes && asked == CERTENROLL_OK)
        asked = left == LEFT_RUN || left == LEFT_TAKE_BACK
                    ? take_back(all, journal, enrolment, &ending, error)
                    : finish(all, left, enrolment, &ending, error);
    certenroll_enrolment_free(enrolment);
    if (certenroll_error_status(ending.failure) == CERTENROLL_E_BUSY)
        ending.result = IN_USE;
    if (asked == CERTENROLL_OK) {
        tell(all, journal, &ending);
    } else {
        json_decref(ending.not_revoked);
        certenroll_error_free(ending.failure);
    }
    return asked;
}

/* --name: refuses one that is not there. */
static int find_name(const struct cleaning *all, certenroll_error **error)
{
    const char *name = all->tool->options.name;

    for (size_t i = 0; name && i < certenroll_journal_list_count(all->journals); i++)
        if (strcmp(certenroll_journal_name(certenroll_journal_list_at(all->journals, i)), name) ==
            0)
            return CERTENROLL_OK;
    return name ? refuse_name(all->tool, name, error) : CERTENROLL_OK;
}

static int clean_journal(struct cleaning *all, const certenroll_journal *journal,
                         certenroll_error **error)
{
    const char *name = all->tool->options.name;
    enum left left = left_of(journal);

    if (name && strcmp(certenroll_journal_name(journal), name) != 0)
        return CERTENROLL_OK;
    switch (left) {
    case LEFT_UNREADABLE:
        return all->tokens.only ? CERTENROLL_OK : remove_unreadable(all, journal, error);
    case LEFT_NOTHING:
        forget_finished(all->tool, journal);
        return CERTENROLL_OK;
    case LEFT_LATER:
        return CERTENROLL_OK;
    case LEFT_REVOKE:
    case LEFT_RETIRE:
    case LEFT_TAKE_BACK:
    case LEFT_RUN:
        break;
    }
    return tokens_match(&all->tokens, journal) ? clean_enrolment(all, journal, left, error)
                                               : CERTENROLL_OK;
}

int command_clean(struct tool *tool, certenroll_error **error)
{
    struct cleaning all = { .tool = tool, .results = json_array() };
    json_t *leftovers = NULL;
    int status;

    (void)!certenroll_files_settle(tool->options.journal, NULL, NULL);
    status = all.results ? certenroll_journal_list_new(&all.journals, tool->context,
                                                       tool->options.journal, error)
                         : certenroll_error_set_memory(error);

    if (status == CERTENROLL_OK && tool->options.forget && tool->options.name) {
        status = certenroll_error_set(error, CERTENROLL_E_ARGUMENT,
                                      _("--forget and --name exclude each other"));
    } else if (status == CERTENROLL_OK && tool->options.forget && tool->options.revoke) {
        status = certenroll_error_set(error, CERTENROLL_E_ARGUMENT,
                                      _("--forget and --revoke exclude each other"));
    } else if (status == CERTENROLL_OK && tool->options.forget) {
        status = forget_named(&all, tool->options.forget, error);
    } else if (status == CERTENROLL_OK) {
        status = find_name(&all, error);
        if (status == CERTENROLL_OK)
            status = tokens_open(tool, &all.tokens, all.journals, error);
        for (size_t i = 0; !status && i < certenroll_journal_list_count(all.journals); i++)
            status = clean_journal(&all, certenroll_journal_list_at(all.journals, i), error);
    }
    if (status == CERTENROLL_OK && !tool->options.forget)
        leftovers = tokens_settle(tool, &all.tokens, all.status);
    if (status == CERTENROLL_OK && tool->options.json)
        status = show_json(
            json_pack("{s:O, s:O*}", "journals", all.results, "leftovers", leftovers), error);
    else if (status == CERTENROLL_OK && json_array_size(all.results) == 0 &&
             json_array_size(leftovers) == 0)
        printf("%s\n", _("there is nothing to clean up"));
    if (status == CERTENROLL_OK) {
        tool->is_told = 1;
        status = all.status;
    }
    json_decref(leftovers);
    json_decref(all.results);
    certenroll_journal_list_free(all.journals);
    tokens_clear(&all.tokens);
    return status;
}
