/* SPDX-License-Identifier: Apache-2.0 */
/* Every unfinished enrolment, to its end. What fails hinders no other. */
#include "common/message.h"
#include "common/text.h"
#include "journals.h"
#include "run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One enrolment on its way. */
struct item {
    const certenroll_journal *journal;
    enum left left;
    certenroll_enrolment *enrolment; /* NULL: not taken up */
    int status;
    struct failure failure;
};

struct resumption {
    struct tool *tool;
    struct tokens tokens;
    certenroll_journal_list *journals;
    struct item *items;
    size_t count;
};

/* --- which --- */

static int is_wanted(const struct resumption *all, const certenroll_journal *journal)
{
    const char *name = all->tool->options.name;

    if (name)
        return strcmp(certenroll_journal_name(journal), name) == 0;
    return tokens_match(&all->tokens, journal);
}

static int collect(struct resumption *all)
{
    size_t count = certenroll_journal_list_count(all->journals);

    all->items = calloc(count + 1, sizeof(*all->items));
    if (!all->items)
        return failure_memory(&all->tool->failure);
    for (size_t i = 0; i < count; i++) {
        const certenroll_journal *journal = certenroll_journal_list_at(all->journals, i);

        if (!is_wanted(all, journal))
            continue;
        all->items[all->count].journal = journal;
        all->items[all->count++].left = left_of(journal);
    }
    if (all->count > 0 || !all->tool->options.name)
        return CERTENROLL_OK;
    return refuse_name(all->tool, all->tool->options.name);
}

static int check_options(struct tool *tool)
{
    const struct options *options = &tool->options;

    if (!options->name && (options->certificate || options->out))
        return require(tool, NULL, "--name");
    if (options->json && options->out && strcmp(options->out, "-") == 0)
        return failure_set(&tool->failure, CERTENROLL_E_ARGUMENT, "%s",
                           _("--json needs standard output for itself"));
    return CERTENROLL_OK;
}

/* --- one --- */

static int is_offline(const struct item *item)
{
    return certenroll_journal_url(item->journal)[0] == '\0';
}

/* An offline enrolment waits for --certificate; --out shows its request once more. */
static int serve_by_hand(struct tool *tool, struct item *item)
{
    const char *path = tool->options.certificate;
    int status;

    if (tool->options.out) {
        status = write_request(tool, item->enrolment, &item->failure);
        if (status < 0)
            return status;
    }
    if (!path)
        return CERTENROLL_PENDING;
    status = supply_answer(tool, item->enrolment, path, &item->failure);
    if (status == CERTENROLL_PENDING)
        status = failure_set(&item->failure, CERTENROLL_E_CERT_MALFORMED, _("%s is empty"), path);
    return status < 0 ? status : run_once(tool, item->enrolment, &item->failure);
}

static int run_item(struct tool *tool, struct item *item)
{
    certenroll_error *error = NULL;
    int status;

    if (item->left == LEFT_TAKE_BACK)
        return certenroll_enrolment_abandon(item->enrolment, &error) < 0
                   ? take_failure(tool, &item->failure, error)
                   : CERTENROLL_OK;
    if (tool->options.certificate && !is_offline(item))
        return failure_set(&item->failure, CERTENROLL_E_ARGUMENT,
                           _("the certificate of \"%s\" comes from %s, not from a file"),
                           certenroll_journal_name(item->journal),
                           certenroll_journal_url(item->journal));
    status = run_once(tool, item->enrolment, &item->failure);
    return status == CERTENROLL_PENDING && is_offline(item) ? serve_by_hand(tool, item) : status;
}

static int begin_item(struct resumption *all, struct item *item)
{
    struct tool *tool = all->tool;
    certenroll_token *token = NULL;
    int status;

    if (item->left == LEFT_UNREADABLE)
        return take_problem(&item->failure, item->journal);
    if (item->left == LEFT_NOTHING) {
        forget_finished(tool, item->journal);
        return CERTENROLL_OK;
    }
    if (item->left == LEFT_LATER)
        return CERTENROLL_OK;
    status = tokens_get(tool, &all->tokens, &token, item->journal, &item->failure);
    if (status == CERTENROLL_OK)
        status = take_up(tool, &item->enrolment, token, item->journal, &item->failure);
    return status == CERTENROLL_OK ? run_item(tool, item) : status;
}

/* --- what came of it --- */

static void retirement_text(char *out, size_t size, int64_t when)
{
    char text[TEXT_TIME_SIZE];

    text_time(text, when);
    snprintf(out, size, _("confirmed; the old one is retired on %.10s"), text);
}

static void pending_text(const struct tool *tool, const struct item *item, char *out, size_t size)
{
    int64_t retry_at = certenroll_enrolment_retry_at(item->enrolment);
    char when[TEXT_TIME_SIZE];
    char *command = resume_command(tool, certenroll_journal_name(item->journal), 1);

    text_time(when, retry_at);
    if (is_offline(item))
        snprintf(out, size, _("waits for its certificate; when it is there: %s"),
                 command ? command : "");
    else
        snprintf(out, size, _("the RA has not decided yet; come back at %s"), when);
    free(command);
}

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

static void outcome_text(const struct tool *tool, const struct item *item, char *out, size_t size)
{
    if (item->status < 0) {
        char line[FAILURE_LINE_SIZE];

        failure_line(line, &item->failure);
        snprintf(out, size, _("failed: %s"), line);
    } else if (item->status == CERTENROLL_PENDING) {
        pending_text(tool, item, out, size);
    } else if (item->left == LEFT_TAKE_BACK) {
        snprintf(out, size, "%s", _("taken back"));
    } else if (retire_time(item) != 0) {
        retirement_text(out, size, retire_time(item));
    } else {
        snprintf(out, size, "%s", done_text(item));
    }
}

static void print_item(const struct tool *tool, const struct item *item)
{
    const char *subject =
        certenroll_journal_problem(item->journal) ? "" : certenroll_journal_subject(item->journal);
    char outcome[FAILURE_LINE_SIZE + 64];
    char *clean_subject = text_clean(subject[0] ? subject : "-"), *clean;

    outcome_text(tool, item, outcome, sizeof(outcome));
    clean = text_clean(outcome);
    printf("%s  %s  %s\n", certenroll_journal_name(item->journal),
           clean_subject ? clean_subject : "-", clean ? clean : _("out of memory"));
    fflush(stdout);
    free(clean);
    free(clean_subject);
}

/* For programs, in the words of the manual page. */
static const char *result_name(const struct item *item)
{
    if (item->status < 0)
        return "failed";
    if (item->status == CERTENROLL_PENDING)
        return "pending";
    if (item->left == LEFT_TAKE_BACK)
        return "abandoned";
    return retire_time(item) != 0 ? "confirmed" : "done";
}

static json_t *describe_item(const struct item *item)
{
    json_t *object = describe_journal(item->journal), *part;

    if (!object)
        return NULL;
    json_object_del(object, "retry_at"); /* as it was before */
    part = item->enrolment ? describe_enrolment(item->enrolment) : NULL;
    json_object_update(object, part);
    json_decref(part);
    json_object_set_new(object, "result", json_string(result_name(item)));
    part = item->status < 0 ? failure_json(&item->failure) : NULL;
    json_object_update(object, part);
    json_decref(part);
    return object;
}

/* --- all --- */

/* Done with it, unless the RA is to be asked again while we wait. */
static void settle(struct resumption *all, struct item *item)
{
    if (item->status == CERTENROLL_PENDING && can_wait(all->tool, item->enrolment))
        return;
    if (item->left != LEFT_NOTHING && !all->tool->options.json)
        print_item(all->tool, item);
}

static void begin_all(struct resumption *all)
{
    for (size_t i = 0; i < all->count; i++) {
        struct item *item = &all->items[i];

        if (all->count > 1 && item->left != LEFT_UNREADABLE && item->left != LEFT_NOTHING)
            fprintf(stderr, _("enrolment %s on the token \"%s\":\n"),
                    certenroll_journal_name(item->journal),
                    certenroll_journal_token_label(item->journal));
        item->status = begin_item(all, item);
        settle(all, item);
    }
}

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

static void wait_for_all(struct resumption *all)
{
    struct item *item;

    while ((item = next_to_wait_for(all))) {
        wait_until(all->tool, certenroll_enrolment_retry_at(item->enrolment));
        item->status = run_once(all->tool, item->enrolment, &item->failure);
        settle(all, item);
    }
}

static int show_all(struct resumption *all)
{
    json_t *array = json_array();
    int is_empty = 1;

    for (size_t i = 0; i < all->count; i++) {
        if (all->items[i].left == LEFT_NOTHING)
            continue;
        is_empty = 0;
        if (json_array_append_new(array, describe_item(&all->items[i])) < 0) {
            json_decref(array);
            return failure_memory(&all->tool->failure);
        }
    }
    if (all->tool->options.json)
        return show_json(all->tool, json_pack("{s:o}", "enrolments", array));
    json_decref(array);
    if (is_empty)
        printf("%s\n", _("no enrolment is unfinished"));
    return CERTENROLL_OK;
}

/* The first failure, else whether something is pending. */
static int overall(const struct resumption *all)
{
    int status = CERTENROLL_OK;

    for (size_t i = 0; i < all->count; i++) {
        if (all->items[i].status < 0)
            return all->items[i].status;
        if (all->items[i].status == CERTENROLL_PENDING)
            status = CERTENROLL_PENDING;
    }
    return status;
}

static void clear(struct resumption *all)
{
    for (size_t i = 0; i < all->count; i++)
        certenroll_enrolment_free(all->items[i].enrolment);
    free(all->items);
    certenroll_journal_list_free(all->journals);
    tokens_clear(&all->tokens);
}

int command_resume(struct tool *tool)
{
    struct resumption all = { .tool = tool };
    int status = check_options(tool);

    if (status == CERTENROLL_OK)
        status = read_journals(tool, &all.journals);
    if (status == CERTENROLL_OK)
        status = tokens_open(tool, &all.tokens);
    if (status == CERTENROLL_OK)
        status = check_secret_sources(tool, &all.tokens, all.journals);
    if (status == CERTENROLL_OK)
        status = collect(&all);
    if (status == CERTENROLL_OK) {
        begin_all(&all);
        wait_for_all(&all);
        status = show_all(&all);
        tool->is_told = status == CERTENROLL_OK;
    }
    if (status == CERTENROLL_OK)
        status = overall(&all);
    clear(&all);
    return status;
}
