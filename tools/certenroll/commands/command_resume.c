/* SPDX-License-Identifier: Apache-2.0 */
/* Every unfinished enrolment, to its end. What fails hinders no other. */
#define _GNU_SOURCE /* asprintf */

#include "base/time.h"
#include "commands/commands.h"
#include "common/interrupt.h"
#include "common/report.h"
#include "common/tool_message.h"
#include "enrolment/run_enrolment.h"
#include "enrolment/unfinished.h"
#include "library_options.h"
#include "revocation/outstanding.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One enrolment on its way. */
struct item {
    const certenroll_journal *journal;
    enum left left;
    int is_offline;
    certenroll_enrolment *enrolment; /* NULL: not taken up */
    int status;
    certenroll_error *error;
};

struct resumption {
    struct tool *tool;
    certenroll_resume_options corrections; /* the usages are in `usages` */
    certenroll_request_options usages;
    certenroll_anchors *anchors, *tls_anchors;
    struct tokens tokens;
    certenroll_journal_list *journals;
    struct item *items;
    size_t count;
};

/* --- what is said anew --- */

/* Of one enrolment, and not to be said of all by mistake. */
static int is_about_one(const struct options *options)
{
    return options->certificate || options->out || options->url || options->user ||
           options->trust_anchor || options->tls_anchor || options->ca_names || options->subject ||
           options->alt_names.count > 0 || options->key_usage || options->eku;
}

static int read_corrections(struct resumption *all, certenroll_error **error)
{
    const struct options *options = &all->tool->options;
    certenroll_resume_options *corrections = &all->corrections;
    int status = load_anchors(&all->anchors, options->trust_anchor, error);

    if (status == CERTENROLL_OK)
        status = load_anchors(&all->tls_anchors, options->tls_anchor, error);
    if (status == CERTENROLL_OK)
        status = usage_options(options, &all->usages, error);
    corrections->est_url = options->url;
    corrections->username = options->user;
    corrections->anchors = all->anchors;
    corrections->tls_anchors = all->tls_anchors;
    corrections->ca_names = options->ca_names;
    corrections->subject = options->subject;
    corrections->alt_names = options->alt_names.values;
    corrections->alt_names_count = options->alt_names.count;
    if (options->key_usage)
        corrections->key_usage = &all->usages.key_usage;
    if (options->eku)
        corrections->extended_key_usage =
            all->usages.extended_key_usage ? all->usages.extended_key_usage : "";
    return status;
}

/* --- which --- */

static int check_options(const struct options *options, certenroll_error **error)
{
    if (!options->name && is_about_one(options))
        return require(NULL, "--name", error);
    if (options->json && options->out && strcmp(options->out, "-") == 0)
        return certenroll_error_set(error, CERTENROLL_E_ARGUMENT,
                                    _("--json needs standard output for itself"));
    return CERTENROLL_OK;
}

static int collect_items(struct resumption *all, certenroll_error **error)
{
    size_t count = certenroll_journal_list_count(all->journals);
    const char *name = all->tool->options.name;

    all->items = calloc(count + 1, sizeof(*all->items));
    if (!all->items)
        return certenroll_error_set_memory(error);
    for (size_t i = 0; i < count; i++) {
        const certenroll_journal *journal = certenroll_journal_list_at(all->journals, i);

        if (name ? strcmp(certenroll_journal_name(journal), name) != 0
                 : !tokens_match(&all->tokens, journal))
            continue;
        all->items[all->count].journal = journal;
        all->items[all->count].is_offline = !certenroll_journal_problem(journal) &&
                                            !certenroll_journal_url(journal)[0] &&
                                            !all->tool->options.url;
        all->items[all->count++].left = left_of(journal);
    }
    return all->count > 0 || !name ? CERTENROLL_OK : refuse_name(all->tool, name, error);
}

/* --- one --- */

/* An offline enrolment waits for --certificate; --out shows its request once more. */
static int serve_by_hand(struct tool *tool, struct item *item)
{
    const char *path = tool->options.certificate;
    int status = tool->options.out ? write_request(&tool->options, item->enrolment, &item->error)
                                   : CERTENROLL_OK;

    if (status < 0)
        return status;
    if (!path)
        return CERTENROLL_PENDING;
    status = supply_answer(item->enrolment, path, &item->error);
    if (status == CERTENROLL_PENDING)
        status =
            certenroll_error_set(&item->error, CERTENROLL_E_CERT_MALFORMED, _("%s is empty"), path);
    return status < 0 ? status : run_once(tool, item->enrolment, &item->error);
}

static int begin_item(struct resumption *all, struct item *item)
{
    certenroll_abandon_options abandon = CERTENROLL_ABANDON_OPTIONS_INIT;
    struct tool *tool = all->tool;
    const char *name = certenroll_journal_name(item->journal);
    certenroll_token *token = NULL;
    int status;

    if (item->left == LEFT_UNREADABLE)
        return repeat_error(&item->error, certenroll_journal_problem(item->journal));
    if (item->left == LEFT_NOTHING)
        forget_finished(tool, item->journal);
    if (item->left == LEFT_NOTHING || item->left == LEFT_LATER)
        return CERTENROLL_OK;
    status = tokens_get(tool, &all->tokens, &token, item->journal, &item->error);
    if (status == CERTENROLL_OK)
        status = take_up(tool, &item->enrolment, token, name, &all->corrections, &item->error);
    if (status < 0)
        return status;
    if (item->left == LEFT_TAKE_BACK) {
        abandon.revoke = certenroll_journal_revoke_count(item->journal) > 0;
        abandon.reason = CERTENROLL_REVOKE_CESSATION;
        return certenroll_enrolment_abandon(item->enrolment, &abandon, &item->error);
    }
    if (tool->options.certificate && !item->is_offline)
        return certenroll_error_set(&item->error, CERTENROLL_E_ARGUMENT,
                                    _("the certificate of \"%s\" comes from %s, not from a file"),
                                    name, certenroll_journal_url(item->journal));
    status = run_once(tool, item->enrolment, &item->error);
    return status == CERTENROLL_PENDING && item->is_offline ? serve_by_hand(tool, item) : status;
}

/* --- what came of it --- */

static const char *done_text(const struct item *item)
{
    switch (certenroll_journal_operation(item->journal)) {
    case CERTENROLL_RENEW:
        return _("renewed");
    case CERTENROLL_REKEY:
        return _("re-keyed");
    case CERTENROLL_ENROLL:
    default:
        return _("enrolled");
    }
}

static int64_t retire_time(const struct item *item)
{
    return item->enrolment ? certenroll_enrolment_retire_at(item->enrolment)
                           : certenroll_journal_retire_at(item->journal);
}

/* For a person; freed by free(). NULL: no memory. */
static char *outcome_text(const struct tool *tool, const struct item *item)
{
    char when[CE_TIME_SIZE], *command, *text = NULL;
    int length;

    if (item->status < 0) {
        length = asprintf(&text, _("failed: %s"), certenroll_error_message(item->error));
    } else if (item->status == CERTENROLL_PENDING && item->is_offline) {
        command = resume_command(tool, certenroll_journal_name(item->journal), 1);
        length = asprintf(&text, _("waits for its certificate; when it is there: %s"),
                          command ? command : "");
        free(command);
    } else if (item->status == CERTENROLL_PENDING) {
        ce_time_format(when, certenroll_enrolment_retry_at(item->enrolment));
        length = asprintf(&text, _("the RA has not decided yet; come back at %s"), when);
    } else if (item->left != LEFT_TAKE_BACK && retire_time(item) != 0) {
        ce_time_format(when, retire_time(item));
        length = asprintf(&text, _("confirmed; the old one is retired on %.10s"), when);
    } else {
        length =
            asprintf(&text, "%s", item->left == LEFT_TAKE_BACK ? _("taken back") : done_text(item));
    }
    return length < 0 ? NULL : text;
}

/* Done with it, unless the RA is to be asked again while we wait. */
static void settle(struct tool *tool, struct item *item)
{
    const char *subject =
        certenroll_journal_problem(item->journal) ? "" : certenroll_journal_subject(item->journal);
    char *outcome;

    if (item->status < 0)
        (void)complete_error(tool, &item->error);
    if ((item->status == CERTENROLL_PENDING && can_wait(tool, item->enrolment)) ||
        item->left == LEFT_NOTHING || tool->options.json)
        return;
    outcome = outcome_text(tool, item);
    printf("%s  %s  %s\n", certenroll_journal_name(item->journal),
           shown(tool, subject[0] ? subject : "-"),
           outcome ? shown(tool, outcome) : _("out of memory"));
    if (item->left == LEFT_TAKE_BACK && item->status == CERTENROLL_OK) {
        json_t *left = describe_left_in_force(item->enrolment);

        show_left_in_force(tool, left);
        json_decref(left);
    }
    fflush(stdout);
    free(outcome);
}

/* For programs, in the words of the manual page. */
static json_t *describe_item(const struct item *item)
{
    json_t *object = describe_journal(item->journal);
    const char *result = retire_time(item) != 0 ? "confirmed" : "done";
    size_t length;

    if (item->status < 0)
        result = "failed";
    else if (item->status == CERTENROLL_PENDING)
        result = "pending";
    else if (item->left == LEFT_TAKE_BACK)
        result = "abandoned";
    json_object_del(object, "retry_at"); /* as it was before */
    if (item->enrolment && !certenroll_enrolment_revoke_at(item->enrolment, 0, &length))
        json_object_del(object, "to_revoke");
    if (item->enrolment)
        add_members(&object, describe_enrolment(item->enrolment));
    json_object_set_new(object, "result", json_string(result));
    if (item->status < 0)
        add_members(&object, report_json(item->error));
    else if (item->left == LEFT_TAKE_BACK)
        add_found(object, "not_revoked", describe_left_in_force(item->enrolment));
    return object;
}

/* --- all --- */

/* The one whose time comes first; NULL: there is nothing to wait for. */
static struct item *next_to_wait_for(const struct resumption *all)
{
    struct item *next = NULL;

    for (size_t i = 0; i < all->count; i++) {
        struct item *item = &all->items[i];

        if (item->status == CERTENROLL_PENDING && can_wait(all->tool, item->enrolment) &&
            (!next || certenroll_enrolment_retry_at(item->enrolment) <
                          certenroll_enrolment_retry_at(next->enrolment)))
            next = item;
    }
    return next;
}

static void run_items(struct resumption *all)
{
    struct item *item;

    for (item = all->items; item < all->items + all->count; item++) {
        if (all->count > 1 && item->left != LEFT_UNREADABLE && item->left != LEFT_NOTHING)
            fprintf(stderr, _("enrolment %s on the token \"%s\":\n"),
                    certenroll_journal_name(item->journal),
                    certenroll_journal_token_label(item->journal));
        item->status = interrupt_came() ? certenroll_error_set(&item->error, CERTENROLL_E_CANCELLED,
                                                               _("it was interrupted"))
                                        : begin_item(all, item);
        settle(all->tool, item);
    }
    while ((item = next_to_wait_for(all))) {
        wait_for(all->tool, item->enrolment);
        item->status = run_once(all->tool, item->enrolment, &item->error);
        settle(all->tool, item);
    }
}

/* Returns the first failure's status, else whether something is pending. */
static int show_items(struct resumption *all, certenroll_error **error)
{
    json_t *array = json_array(), *leftovers;
    int is_empty = 1, status = CERTENROLL_OK, shown_status = CERTENROLL_OK;

    for (size_t i = all->count; i-- > 0;)
        if (all->items[i].status < 0 || status == CERTENROLL_OK)
            status = all->items[i].status;
    for (size_t i = 0; i < all->count; i++) {
        if (all->items[i].left == LEFT_NOTHING)
            continue;
        is_empty = 0;
        add_item(&array, describe_item(&all->items[i]));
    }
    leftovers = tokens_settle(all->tool, &all->tokens, status);
    if (all->tool->options.json || !array) {
        shown_status =
            show_json(json_pack("{s:o, s:o}", "enrolments", array, "leftovers", leftovers), error);
    } else {
        if (is_empty && json_array_size(leftovers) == 0)
            printf("%s\n", _("no enrolment is unfinished"));
        json_decref(leftovers);
        json_decref(array);
    }
    all->tool->is_told = shown_status == CERTENROLL_OK;
    return shown_status < 0 ? shown_status : status;
}

int command_resume(struct tool *tool, certenroll_error **error)
{
    struct resumption all = { .tool = tool,
                              .corrections = CERTENROLL_RESUME_OPTIONS_INIT,
                              .usages = CERTENROLL_REQUEST_OPTIONS_INIT };
    int status = check_options(&tool->options, error);

    if (status == CERTENROLL_OK)
        status = read_corrections(&all, error);
    if (status == CERTENROLL_OK)
        (void)!certenroll_files_settle(tool->options.journal, NULL, NULL);
    if (status == CERTENROLL_OK)
        status =
            certenroll_journal_list_new(&all.journals, tool->context, tool->options.journal, error);
    if (status == CERTENROLL_OK)
        status = tokens_open(tool, &all.tokens, all.journals, error);
    if (status == CERTENROLL_OK)
        status = collect_items(&all, error);
    if (status == CERTENROLL_OK) {
        run_items(&all);
        status = show_items(&all, error);
    }
    for (size_t i = 0; i < all.count; i++) {
        certenroll_enrolment_free(all.items[i].enrolment);
        certenroll_error_free(all.items[i].error);
    }
    free(all.items);
    certenroll_anchors_free(all.tls_anchors);
    certenroll_anchors_free(all.anchors);
    certenroll_journal_list_free(all.journals);
    tokens_clear(&all.tokens);
    return status;
}
