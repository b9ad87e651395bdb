/* SPDX-License-Identifier: Apache-2.0 */
/* One pair is removed from a token: the key of --id with all of its certificates. A person is told
 * what goes, and asked. */
#define _POSIX_C_SOURCE 200809L /* open_memstream */

#include "commands/commands.h"
#include "common/tool_message.h"
#include "library_options.h"
#include "output/output.h"
#include "token/token_access.h"

#include <stdio.h>
#include <stdlib.h>

struct removing {
    struct tool *tool;
    unsigned char id[CERTENROLL_ID_MAX];
    size_t id_length;
    certenroll_token *token;
    certenroll_inventory *inventory;
    json_t *entries; /* what goes, as it was */
};

static int find_pair(struct removing *it, certenroll_error **error)
{
    int status = open_token(it->tool, &it->token, error);

    if (status == CERTENROLL_OK)
        status = take_inventory(it->tool, &it->inventory, it->token, 0, error);
    if (status < 0)
        return status;
    it->entries = describe_entries(&it->tool->options, it->inventory, WITH_KEY);
    return it->entries ? CERTENROLL_OK : certenroll_error_set_memory(error);
}

/* What "show" tells of the entries. The token's texts come from outside: nothing of them may act on
 * the terminal. */
static void write_question(FILE *stream, const struct removing *it)
{
    const certenroll_token_info *info = certenroll_token_get_info(it->token);
    struct tool *tool = it->tool;
    const json_t *entry;
    size_t i;

    fprintf(stream, "%s: %s\n", _("token"), shown(tool, certenroll_token_info_label(info)));
    json_array_foreach(it->entries, i, entry)
    {
        fprintf(stream, "%s: %s\n", _("label"),
                shown(tool, json_string_value(json_object_get(entry, "label"))));
        for (const struct field *field = entry_fields; field->member; field++) {
            const char *text = json_string_value(json_object_get(entry, field->member));

            if (text)
                fprintf(stream, "%s: %s\n", _(field->caption), shown(tool, text));
        }
    }
    if (certenroll_token_keeps_private_keys(it->token))
        fprintf(stream, "%s\n",
                _("Its certificates go; the private key stays, for no program can remove it."));
    fputs(_("Remove this key pair with its certificates? Nobody can bring it back. [y/N] "),
          stream);
}

static int ask_about_pair(struct removing *it, certenroll_error **error)
{
    char *question = NULL;
    size_t length = 0;
    int is_yes = 0, status;
    FILE *stream = open_memstream(&question, &length);

    if (!stream)
        return certenroll_error_set_memory(error);
    write_question(stream, it);
    status = fclose(stream) == 0 ? confirm(it->tool, &is_yes, error, "%s", question)
                                 : certenroll_error_set_memory(error);
    free(question);
    if (status == CERTENROLL_OK && !is_yes)
        return certenroll_error_set(error, CERTENROLL_E_CANCELLED,
                                    _("the pair was not removed: nobody said yes"));
    return status;
}

/* The journals as they are now: while the person thought, an enrolment may have begun with the
 * pair. Where there is no pair the library is asked all the same: an earlier removal may have been
 * ended before its last object, of which nobody has to be asked again. */
static int remove_pair(struct removing *it, certenroll_error **error)
{
    certenroll_journal_list *journals = NULL;
    int status =
        certenroll_journal_list_new(&journals, it->tool->context, it->tool->options.journal, error);

    if (status == CERTENROLL_OK)
        status = certenroll_pair_remove(it->token, it->id, it->id_length, journals, error);
    certenroll_journal_list_free(journals);
    if (status == CERTENROLL_E_OBJECT_NOT_FOUND && json_array_size(it->entries) == 0)
        return refuse_selection(it->inventory, status, _("no key matches"), error);
    return status;
}

static int show_removed(const struct removing *it, certenroll_error **error)
{
    int keeps = certenroll_token_keeps_private_keys(it->token);

    if (it->tool->options.json)
        return show_json(
            json_pack("{s:O, s:b}", "removed", it->entries, "private_key_stays", keeps), error);
    printf(_("removed: %s\n"), it->tool->options.id);
    if (keeps)
        printf("%s\n",
               _("The private key stays in its slot: delete it with the maker's own tool."));
    return CERTENROLL_OK;
}

int command_remove(struct tool *tool, certenroll_error **error)
{
    struct removing it = { .tool = tool };
    int status = require(tool->options.id, "--id", error);

    if (status == CERTENROLL_OK)
        status = read_id(&tool->options, it.id, &it.id_length, error);
    if (status == CERTENROLL_OK)
        status = find_pair(&it, error);
    if (status == CERTENROLL_OK && json_array_size(it.entries) > 0)
        status = ask_about_pair(&it, error);
    if (status == CERTENROLL_OK)
        status = remove_pair(&it, error);
    if (status == CERTENROLL_OK)
        status = show_removed(&it, error);
    json_decref(it.entries);
    certenroll_inventory_free(it.inventory);
    certenroll_token_free(it.token);
    return status;
}
