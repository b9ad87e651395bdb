/* SPDX-License-Identifier: Apache-2.0 */
/* What wants attention: for timers and monitoring. No PIN is asked for. */
#include "commands/commands.h"
#include "common/report.h"
#include "common/shown_text.h"
#include "common/tool_message.h"
#include "enrolment/unfinished.h"
#include "library_options.h"
#include "revocation/outstanding.h"
#include "token/token_access.h"

#include <stdio.h>
#include <string.h>

struct standing {
    struct tool *tool;
    certenroll_journal_list *journals;
    json_t *certificates, *enrolments, *unsettled; /* arrays: all of them */
    int is_expired, is_due; /* something is; the latter also for what is unfinished */
    int failed;             /* the first status of a journal that cannot be read */
};

/* --- certificates --- */

static int is_attended_to(const certenroll_entry *entry, const certenroll_inventory *inventory)
{
    for (size_t i = 0; i < certenroll_inventory_count(inventory); i++) {
        const certenroll_entry *other = certenroll_inventory_at(inventory, i);

        if (certenroll_entry_mark(other) == CERTENROLL_MARK_VALID &&
            strcmp(certenroll_entry_subject(other), certenroll_entry_subject(entry)) == 0 &&
            strcmp(certenroll_entry_issuer(other), certenroll_entry_issuer(entry)) == 0)
            return 1;
    }
    return 0;
}

/* One that was replaced and kept needs nobody's attention when it runs out. */
static void add_certificate(struct standing *all, const certenroll_token_info *info,
                            const certenroll_entry *entry, const certenroll_inventory *inventory)
{
    certenroll_mark mark = certenroll_entry_mark(entry);
    int is_out = mark == CERTENROLL_MARK_DUE || mark == CERTENROLL_MARK_EXPIRED;
    int is_superseded = is_out && is_attended_to(entry, inventory);
    json_t *object = describe_entry(entry);

    json_object_set_new(object, "superseded", json_boolean(is_superseded));
    json_object_set_new(object, "token", text_json(certenroll_token_info_label(info)));
    json_object_set_new(object, "token_serial", text_json(certenroll_token_info_serial(info)));
    json_array_append_new(all->certificates, object);
    all->is_expired |= mark == CERTENROLL_MARK_EXPIRED && !is_superseded;
    all->is_due |= mark == CERTENROLL_MARK_DUE && !is_superseded;
}

static int add_token(struct standing *all, const certenroll_token_info *info,
                     certenroll_error **error)
{
    certenroll_inventory *inventory = NULL;
    certenroll_token *token = NULL;
    int status = open_token_at(all->tool, &token, certenroll_token_info_uri(info),
                               certenroll_token_info_module(info), error);

    if (status == CERTENROLL_OK)
        status = take_inventory(all->tool, &inventory, token, 1, error);
    for (size_t i = 0; status == CERTENROLL_OK && i < certenroll_inventory_count(inventory); i++)
        add_certificate(all, info, certenroll_inventory_at(inventory, i), inventory);
    certenroll_inventory_free(inventory);
    certenroll_token_free(token);
    return status;
}

/* Tokens come and go: that none is there is no failure, unless one was asked for. */
static int add_tokens(struct standing *all, certenroll_token_list **list, certenroll_error **error)
{
    const struct options *options = &all->tool->options;
    int status =
        certenroll_token_list_new(list, all->tool->context, options->token, options->module, error);

    if (status == CERTENROLL_OK && options->token && certenroll_token_list_count(*list) == 0)
        status = certenroll_error_set(error, CERTENROLL_E_TOKEN_NOT_FOUND, _("no token matches %s"),
                                      options->token);
    for (size_t i = 0; status == CERTENROLL_OK && i < certenroll_token_list_count(*list); i++) {
        const certenroll_token_info *info = certenroll_token_list_at(*list, i);

        /* A slot's empty token, as SoftHSM always offers one, has nothing to tell. */
        if (certenroll_token_info_flags(info) & CERTENROLL_TOKEN_INITIALIZED)
            status = add_token(all, info, error);
    }
    return status;
}

/* --- enrolments --- */

static void add_journal(struct standing *all, const certenroll_journal *journal,
                        const certenroll_token_list *list)
{
    const struct options *options = &all->tool->options;
    const certenroll_error *problem = certenroll_journal_problem(journal);
    int is_wanted = !options->token || problem;
    enum left left = left_of(journal);
    json_t *object;

    for (size_t i = 0; i < certenroll_token_list_count(list) && !is_wanted; i++)
        is_wanted = is_for_token(journal, certenroll_token_list_at(list, i));
    if (left == LEFT_NOTHING || !is_wanted)
        return;
    object = describe_journal(journal);
    if (problem) {
        add_members(&object, report_json(problem));
        if (!options->json)
            json_object_set_new(object, "subject", text_json(certenroll_error_message(problem)));
        if (all->failed == 0)
            all->failed = certenroll_error_status(problem);
    }
    json_object_set_new(object, "unfinished", json_boolean(left != LEFT_LATER));
    json_array_append_new(all->enrolments, object);
    all->is_due |= left != LEFT_LATER && !problem;
}

/* --- key pairs that may still come to be --- */

/* Of tokens that are not there, too, unless some are asked for. */
static int is_wanted_token(const struct standing *all, const certenroll_unsettled *unsettled,
                           size_t index, const certenroll_token_list *list)
{
    for (size_t i = 0; all->tool->options.token && i < certenroll_token_list_count(list); i++) {
        const certenroll_token_info *info = certenroll_token_list_at(list, i);

        if (strcmp(certenroll_token_info_label(info),
                   certenroll_unsettled_token_label(unsettled, index)) == 0 &&
            strcmp(certenroll_token_info_serial(info),
                   certenroll_unsettled_token_serial(unsettled, index)) == 0)
            return 1;
    }
    return !all->tool->options.token;
}

static void add_unsettled(struct standing *all, const certenroll_token_list *list)
{
    certenroll_unsettled *unsettled = NULL;
    const unsigned char *id;
    int64_t sent_at;
    size_t length;

    if (certenroll_unsettled_new(&unsettled, NULL) < 0)
        return;
    for (size_t i = 0; i < certenroll_unsettled_count(unsettled); i++)
        for (size_t k = 0; is_wanted_token(all, unsettled, i, list) &&
                           (id = certenroll_unsettled_id(unsettled, i, k, &length, &sent_at));
             k++) {
            json_t *object =
                json_pack("{s:o, s:o, s:o}", "token",
                          text_json(certenroll_unsettled_token_label(unsettled, i)), "token_serial",
                          text_json(certenroll_unsettled_token_serial(unsettled, i)), "id",
                          describe_hex(id, length));

            add_time(object, "since", sent_at);
            json_array_append_new(all->unsettled, object);
            all->is_due = 1;
        }
    certenroll_unsettled_free(unsettled);
}

/* --- what is told --- */

static const struct field certificate_fields[] = {
    { "state", N_("STATE"), 0 },     { "not_after", N_("VALID UNTIL"), sizeof("2027-01-31") - 1 },
    { "token", N_("TOKEN"), 0 },     { "id", N_("ID"), 0 },
    { "subject", N_("SUBJECT"), 0 }, FIELD_END,
};
static const struct field enrolment_columns[] = {
    { "name", N_("ENROLMENT"), 0 },
    { "operation", N_("OPERATION"), 0 },
    { "state", N_("STATE"), 0 },
    { "begun_at", N_("SINCE"), sizeof("2027-01-31") - 1 },
    { "token", N_("TOKEN"), 0 },
    { "subject", N_("SUBJECT"), 0 },
    FIELD_END,
};

static const struct field unsettled_columns[] = {
    { "id", N_("MAY COME TO BE"), 0 },
    { "since", N_("SINCE"), sizeof("2027-01-31") - 1 },
    { "token", N_("TOKEN"), 0 },
    { "token_serial", N_("SERIAL NUMBER"), 0 },
    FIELD_END,
};

/* A person is told of what wants attention alone. */
static json_t *wanting_attention(const json_t *certificates)
{
    json_t *array = json_array(), *object;
    size_t i;

    json_array_foreach(certificates, i, object)
    {
        const char *state = json_string_value(json_object_get(object, "state"));

        if (!json_is_true(json_object_get(object, "superseded")) && state &&
            (strcmp(state, certenroll_mark_name(CERTENROLL_MARK_DUE)) == 0 ||
             strcmp(state, certenroll_mark_name(CERTENROLL_MARK_EXPIRED)) == 0))
            json_array_append(array, object);
    }
    return array;
}

static int show_wanting(struct standing *all, certenroll_error **error)
{
    json_t *wanting = wanting_attention(all->certificates);
    int has_enrolments = json_array_size(all->enrolments) > 0;
    int has_unsettled = json_array_size(all->unsettled) > 0;
    int status = CERTENROLL_OK;
    json_t *object;
    size_t i;

    if (json_array_size(wanting) > 0)
        status = show_table(all->tool, json_pack("{s:O}", "list", wanting), "list",
                            certificate_fields, "", error);
    if (status == CERTENROLL_OK && has_enrolments)
        status = show_table(all->tool, json_pack("{s:O}", "list", all->enrolments), "list",
                            enrolment_columns, "", error);
    if (status == CERTENROLL_OK && has_unsettled) {
        status = show_table(all->tool, json_pack("{s:O}", "list", all->unsettled), "list",
                            unsettled_columns, "", error);
        printf("%s\n", _("A key generation was cut off there: \"certenroll resume\" looks after "
                         "what has come of it."));
    }
    json_array_foreach(all->enrolments, i, object)
    {
        const json_t *promised = json_object_get(object, "to_revoke");
        const json_t *refused = json_object_get(object, "refused");

        if (json_array_size(promised) > 0)
            printf("%s\n", shown(all->tool, json_string_value(json_object_get(object, "name"))));
        if (refused)
            /* TRANSLATORS: an enrolment's name, and why its certificate was refused. */
            printf(_("%s: its certificate is here and was refused: %s\n"),
                   json_string_value(json_object_get(object, "name")),
                   shown(all->tool, json_string_value(json_object_get(refused, "why"))));
        show_promised(all->tool, promised, _("to be revoked:"));
    }
    if (json_array_size(wanting) == 0 && !has_enrolments && !has_unsettled)
        printf("%s\n", _("no certificate is due or expired, and no enrolment is unfinished"));
    json_decref(wanting);
    return status;
}

int command_status(struct tool *tool, certenroll_error **error)
{
    struct standing all = { .tool = tool,
                            .certificates = json_array(),
                            .enrolments = json_array(),
                            .unsettled = json_array() };
    certenroll_token_list *list = NULL;
    int days = 0, status = read_days(&tool->options, &days, error);

    if (status == CERTENROLL_OK)
        status =
            certenroll_journal_list_new(&all.journals, tool->context, tool->options.journal, error);
    if (status == CERTENROLL_OK)
        status = add_tokens(&all, &list, error);
    if (status == CERTENROLL_OK) {
        for (size_t i = 0; i < certenroll_journal_list_count(all.journals); i++)
            add_journal(&all, certenroll_journal_list_at(all.journals, i), list);
        add_unsettled(&all, list);
        status =
            tool->options.json
                ? show_json(json_pack("{s:O, s:O, s:O}", "certificates", all.certificates,
                                      "enrolments", all.enrolments, "unsettled", all.unsettled),
                            error)
                : show_wanting(&all, error);
        tool->is_told = status == CERTENROLL_OK;
    }
    /* What the exit status tells; it has been said. */
    if (status == CERTENROLL_OK && all.failed)
        status = all.failed;
    else if (status == CERTENROLL_OK && all.is_expired)
        status = CERTENROLL_E_CERT_DATES;
    else if (status == CERTENROLL_OK && all.is_due)
        status = CERTENROLL_PENDING;
    certenroll_token_list_free(list);
    certenroll_journal_list_free(all.journals);
    json_decref(all.certificates);
    json_decref(all.enrolments);
    json_decref(all.unsettled);
    return status;
}
