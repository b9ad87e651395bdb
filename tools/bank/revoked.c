/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE /* asprintf */

#include "revoked.h"

#include "common/message.h"
#include "common/prompt.h"
#include "common/text.h"
#include "show.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- which they are --- */

static int same_key(const certenroll_entry *one, const certenroll_entry *other)
{
    size_t one_length = 0, other_length = 0;
    const unsigned char *one_id = certenroll_entry_id(one, &one_length);
    const unsigned char *other_id = certenroll_entry_id(other, &other_length);

    return certenroll_entry_has_key(one) && certenroll_entry_has_key(other) &&
           one_length == other_length && memcmp(one_id, other_id, one_length) == 0;
}

static int is_revoked(const struct holding *holding, const certenroll_entry *entry)
{
    for (size_t i = 0; i < holding->revoked_count; i++)
        if (holding->revoked[i] == entry)
            return 1;
    return 0;
}

/* No certificate of the key may be of use to anybody, under whatever name; and each key once. */
static int is_to_go(const struct holding *holding, size_t index)
{
    const certenroll_entry *entry = holding->revoked[index];

    if (certenroll_entry_has_duplicate_id(entry))
        return 0;
    for (size_t i = 0; i < index; i++)
        if (same_key(holding->revoked[i], entry))
            return 0;
    for (size_t i = 0; i < certenroll_inventory_count(holding->inventory); i++) {
        const certenroll_entry *other = certenroll_inventory_at(holding->inventory, i);

        if (same_key(other, entry) && !is_revoked(holding, other) &&
            certenroll_entry_mark(other) != CERTENROLL_MARK_EXPIRED)
            return 0;
    }
    return 1;
}

/* --- the command --- */

static char *id_of(const certenroll_entry *entry)
{
    size_t length = 0;
    const unsigned char *id = certenroll_entry_id(entry, &length);

    return text_hex(id, length);
}

/* With all that names the token, wherever this program has it from. */
static char *command_of(const struct bank *bank, const certenroll_entry *entry)
{
    const certenroll_token_info *info = certenroll_token_get_info(bank->token);
    const char *module = certenroll_token_info_module(info), *journal = bank->options.journal;
    char *id = id_of(entry), *command = NULL;

    if (id && asprintf(&command, "certenroll remove --id %s --token \"%s\"%s%s%s%s%s%s", id,
                       certenroll_token_info_uri(info), module[0] ? " --module \"" : "", module,
                       module[0] ? "\"" : "", journal ? " --journal \"" : "",
                       journal ? journal : "", journal ? "\"" : "") < 0)
        command = NULL;
    free(id);
    return command;
}

json_t *revoked_json(const struct bank *bank, const struct holding *holding)
{
    json_t *array = json_array();

    for (size_t i = 0; i < holding->revoked_count; i++) {
        char *id, *command;

        if (!is_to_go(holding, i))
            continue;
        id = id_of(holding->revoked[i]);
        command = command_of(bank, holding->revoked[i]);
        json_array_append_new(array, json_pack("{s:s*, s:s*}", "id", id, "command", command));
        free(command);
        free(id);
    }
    return array;
}

/* --- removing --- */

static int ask(const struct bank *bank, const certenroll_entry *entry)
{
    char *name = text_clean(bank->name);
    char until[SHOW_TIME_SIZE], question[1024];
    int is_yes = 0;

    show_time(until, certenroll_entry_not_after(entry));
    snprintf(question, sizeof(question),
             _("An older key pair of \"%s\" (serial number %s, valid until %s) is on the token.\n"
               "The bank has revoked it, and programs still offer it to choose. Remove it? "
               "Nobody can bring it back. [y/N] "),
             name ? name : "", certenroll_entry_serial(entry), until);
    free(name);
    return prompt_yes(question, &is_yes) == PROMPT_OK && is_yes;
}

/* The journals that are there now: the one of this run has come to its end. */
static int remove_pair(struct bank *bank, const certenroll_entry *entry)
{
    certenroll_journal_list *journals = NULL;
    certenroll_error *error = NULL;
    struct failure failure = { 0 };
    size_t length = 0;
    const unsigned char *id = certenroll_entry_id(entry, &length);
    int status =
        certenroll_journal_list_new(&journals, bank->context, bank->options.journal, &error);

    if (status == CERTENROLL_OK)
        status = certenroll_pair_remove(bank->token, id, length, journals, &error);
    certenroll_journal_list_free(journals);
    if (status < 0) {
        failure_take(&failure, error);
        failure_print(&failure, bank->program->name);
        return 0;
    }
    printf("%s\n", _("It is removed."));
    if (certenroll_token_keeps_private_keys(bank->token))
        printf("%s\n",
               _("The private key stays in its slot: delete it with the maker's own tool."));
    return 1;
}

static void tell_command(const struct bank *bank, const certenroll_entry *entry)
{
    char *command = command_of(bank, entry);

    if (command)
        printf(_("The bank has revoked an older pair on the token. To remove it: %s\n"), command);
    free(command);
}

size_t revoked_offer(struct bank *bank, const struct holding *holding)
{
    size_t removed = 0;

    fflush(stdout); /* what was told comes before what is asked */
    for (size_t i = 0; i < holding->revoked_count; i++) {
        const certenroll_entry *entry = holding->revoked[i];

        if (!is_to_go(holding, i))
            continue;
        if (ask(bank, entry) && remove_pair(bank, entry))
            removed++;
        else
            tell_command(bank, entry);
    }
    return removed;
}
