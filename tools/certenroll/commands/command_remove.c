/* SPDX-License-Identifier: Apache-2.0 */
/* One pair is removed from a token: the key of --id with all of its certificates. A person is told
 * what goes, and asked. */
#define _POSIX_C_SOURCE 200809L /* open_memstream */

#include "common/message.h"
#include "common/text.h"
#include "journals.h"

#include <stdio.h>
#include <stdlib.h>

struct removing {
    struct tool *tool;
    unsigned char id[CERTENROLL_ID_MAX];
    size_t id_length;
    certenroll_token *token;
    certenroll_journal_list *journals;
    certenroll_inventory *inventory;
    json_t *entries; /* what goes, as it was */
};

static int check_options(struct removing *it)
{
    int status = require(it->tool, it->tool->options.id, "--id");

    return status < 0 ? status : read_id(it->tool, it->id, &it->id_length);
}

/* --- what goes --- */

static int goes(const struct removing *it, const certenroll_entry *entry)
{
    return is_selected(it->tool, entry) && certenroll_entry_has_key(entry);
}

static int describe_entries(struct removing *it)
{
    it->entries = json_array();
    for (size_t i = 0; i < certenroll_inventory_count(it->inventory); i++) {
        const certenroll_entry *entry = certenroll_inventory_at(it->inventory, i);

        if (goes(it, entry) && json_array_append_new(it->entries, describe_entry(entry)) < 0)
            return failure_memory(&it->tool->failure);
    }
    return it->entries ? CERTENROLL_OK : failure_memory(&it->tool->failure);
}

static int find(struct removing *it)
{
    int status = open_token(it->tool, &it->token);

    if (status == CERTENROLL_OK)
        status = take_inventory(it->tool, &it->inventory, it->token, 0);
    return status < 0 ? status : describe_entries(it);
}

/* --- asking --- */

/* The token's texts come from outside: nothing of them may act on the terminal. */
static void write_line(FILE *stream, const char *caption, const char *text)
{
    char *clean = text_clean(text);

    fprintf(stream, "%s: %s\n", caption, clean ? clean : _("out of memory"));
    free(clean);
}

/* What "show" tells of it. */
static void write_entry(FILE *stream, const json_t *entry)
{
    write_line(stream, _("label"), json_string_value(json_object_get(entry, "label")));
    for (const struct field *field = entry_fields; field->member; field++) {
        const char *text = json_string_value(json_object_get(entry, field->member));

        if (text)
            write_line(stream, _(field->caption), text);
    }
}

static void write_question(FILE *stream, const struct removing *it)
{
    const certenroll_token_info *info = certenroll_token_get_info(it->token);

    write_line(stream, _("token"), certenroll_token_info_label(info));
    for (size_t i = 0; i < json_array_size(it->entries); i++)
        write_entry(stream, json_array_get(it->entries, i));
    if (certenroll_token_keeps_private_keys(it->token))
        fprintf(stream, "%s\n",
                _("Its certificates go; the private key stays, for no program can remove it."));
    fprintf(stream, "%s",
            _("Remove this key pair with its certificates? Nobody can bring it back. [y/N] "));
}

static int ask(struct removing *it)
{
    char *question = NULL;
    size_t length = 0;
    int is_yes = 0, status;
    FILE *stream = open_memstream(&question, &length);

    if (!stream)
        return failure_memory(&it->tool->failure);
    write_question(stream, it);
    status = fclose(stream) == 0 ? confirm(it->tool, question, &is_yes)
                                 : failure_memory(&it->tool->failure);
    free(question);
    if (status == CERTENROLL_OK && !is_yes)
        return failure_set(&it->tool->failure, CERTENROLL_E_CANCELLED, "%s",
                           _("the pair was not removed: nobody said yes"));
    return status;
}

/* --- removing --- */

/* The journals as they are now: while the person thought, an enrolment may have begun with the
 * pair. Where there is no pair the library is asked all the same: an earlier removal may have been
 * ended before its last object, of which nobody has to be asked again. */
static int remove_pair(struct removing *it)
{
    certenroll_error *error = NULL;
    int status = read_journals(it->tool, &it->journals);

    if (status < 0)
        return status;
    status = certenroll_pair_remove(it->token, it->id, it->id_length, it->journals, &error);
    if (status == CERTENROLL_OK)
        return status;
    if (status != CERTENROLL_E_OBJECT_NOT_FOUND || json_array_size(it->entries) > 0)
        return take_failure(it->tool, &it->tool->failure, error);
    certenroll_error_free(error);
    return refuse_selection(it->tool, it->inventory, status, _("no key matches"));
}

static int show(struct removing *it)
{
    int keeps = certenroll_token_keeps_private_keys(it->token);

    if (it->tool->options.json)
        return show_json(
            it->tool, json_pack("{s:O, s:b}", "removed", it->entries, "private_key_stays", keeps));
    printf(_("removed: %s\n"), it->tool->options.id);
    if (keeps)
        printf("%s\n",
               _("The private key stays in its slot: delete it with the maker's own tool."));
    return CERTENROLL_OK;
}

int command_remove(struct tool *tool)
{
    struct removing it = { .tool = tool };
    int status = check_options(&it);

    if (status == CERTENROLL_OK)
        status = find(&it);
    if (status == CERTENROLL_OK && json_array_size(it.entries) > 0)
        status = ask(&it);
    if (status == CERTENROLL_OK)
        status = remove_pair(&it);
    if (status == CERTENROLL_OK)
        status = show(&it);
    json_decref(it.entries);
    certenroll_inventory_free(it.inventory);
    certenroll_journal_list_free(it.journals);
    certenroll_token_free(it.token);
    return status;
}
