/* SPDX-License-Identifier: Apache-2.0 */
#include "base/command_line.h"
#include "base/text.h"
#include "common/prompt.h"
#include "common/report.h"
#include "common/tool_message.h"
#include "holding.h"
#include "results.h"

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
static int is_to_go(const struct bank *bank, const struct holding *holding, size_t index)
{
    const certenroll_entry *entry = holding->revoked[index];

    if (certenroll_entry_has_duplicate_id(entry))
        return 0;
    for (size_t i = 0; i < index; i++)
        if (same_key(holding->revoked[i], entry))
            return 0;
    for (size_t i = 0; i < certenroll_inventory_count(bank->inventory); i++) {
        const certenroll_entry *other = certenroll_inventory_at(bank->inventory, i);

        if (same_key(other, entry) && !is_revoked(holding, other) &&
            certenroll_entry_mark(other) != CERTENROLL_MARK_EXPIRED)
            return 0;
    }
    return 1;
}

/* --- the command --- */

/* With all that names the token, wherever this program has it from. Freed by free(). */
static char *removal_command(const struct bank *bank, const certenroll_entry *entry)
{
    const certenroll_token_info *info = certenroll_token_get_info(bank->token);
    struct ce_command line = { 0 };
    char id[ENTRY_ID_SIZE];

    entry_id(id, entry);
    ce_command_add(&line, "certenroll");
    ce_command_add(&line, "remove");
    ce_command_option(&line, "--id", id);
    ce_command_option(&line, "--token", certenroll_token_info_uri(info));
    ce_command_option(&line, "--module", certenroll_token_info_module(info));
    ce_command_option(&line, "--journal", bank->options.journal);
    return ce_command_take(&line);
}

json_t *revoked_json(const struct bank *bank, const struct holding *holding)
{
    json_t *array = json_array();

    for (size_t i = 0; i < holding->revoked_count; i++) {
        char id[ENTRY_ID_SIZE], *command;

        if (!is_to_go(bank, holding, i))
            continue;
        entry_id(id, holding->revoked[i]);
        command = removal_command(bank, holding->revoked[i]);
        json_array_append_new(array, json_pack("{s:s, s:s*}", "id", id, "command", command));
        free(command);
    }
    return array;
}

/* --- removing --- */

static int ask_to_remove(const struct bank *bank, const certenroll_entry *entry)
{
    char *name = ce_text_shown(bank->name);
    char until[SHOWN_TIME_SIZE], question[1024];
    int is_yes = 0;

    local_time(until, certenroll_entry_not_after(entry));
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
    size_t length = 0;
    const unsigned char *id = certenroll_entry_id(entry, &length);
    int status =
        certenroll_journal_list_new(&journals, bank->context, bank->options.journal, &error);

    if (status == CERTENROLL_OK)
        status = certenroll_pair_remove(bank->token, id, length, journals, &error);
    certenroll_journal_list_free(journals);
    if (status < 0) {
        if (status == CERTENROLL_E_PIN_INCORRECT) /* not every token says so by its flags */
            secrets_reject(&bank->secrets);
        report_print(error, bank->program->name);
        certenroll_error_free(error);
        return 0;
    }
    printf("%s\n", _("It is removed."));
    if (certenroll_token_keeps_private_keys(bank->token))
        printf("%s\n",
               _("The private key stays in its slot: delete it with the maker's own tool."));
    return 1;
}

size_t revoked_offer(struct bank *bank, const struct holding *holding)
{
    size_t removed = 0;

    fflush(stdout); /* what was told comes before what is asked */
    for (size_t i = 0; i < holding->revoked_count; i++) {
        const certenroll_entry *entry = holding->revoked[i];
        char *command;

        if (!is_to_go(bank, holding, i))
            continue;
        if (ask_to_remove(bank, entry) && remove_pair(bank, entry)) {
            removed++;
            continue;
        }
        command = removal_command(bank, entry);
        if (command)
            printf(_("The bank has revoked an older pair on the token. To remove it: %s\n"),
                   command);
        free(command);
    }
    return removed;
}
