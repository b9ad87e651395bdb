/* SPDX-License-Identifier: Apache-2.0 */
/* What is on the token; and from --id and --label to one entry of it. */
#include "base/text.h"
#include "common/log.h"
#include "common/tool_message.h"
#include "library_options.h"
#include "token/token_access.h"

#include <stdio.h>
#include <string.h>

int take_inventory(struct tool *tool, certenroll_inventory **out, certenroll_token *token,
                   int certificates_only, certenroll_error **error)
{
    certenroll_inventory_options options = CERTENROLL_INVENTORY_OPTIONS_INIT;
    certenroll_journal_list *journals = NULL;
    certenroll_error *unread = NULL;
    int status = read_days(&tool->options, &options.due_days, error);

    if (status < 0)
        return status;
    /* A list without the mark "unfinished" is better than none. */
    if (certenroll_journal_list_new(&journals, tool->context, tool->options.journal, &unread) < 0 &&
        tool->log_level >= CERTENROLL_LOG_WARNING)
        log_to_stderr(NULL, CERTENROLL_LOG_WARNING, certenroll_error_message(unread));
    certenroll_error_free(unread);
    options.certificates_only = certificates_only;
    options.journals = journals;
    status = certenroll_inventory_new(out, token, &options, error);
    certenroll_journal_list_free(journals);
    return status;
}

static int has_id(const certenroll_entry *entry, const unsigned char *id, size_t length)
{
    size_t its_length = 0;
    const unsigned char *its_id = certenroll_entry_id(entry, &its_length);

    return its_length == length && (length == 0 || memcmp(its_id, id, length) == 0);
}

int is_selected(const struct options *options, const certenroll_entry *entry)
{
    unsigned char id[CERTENROLL_ID_MAX];
    size_t length = options->id ? ce_unhex(id, sizeof(id), options->id) : 0;

    return (!options->id || has_id(entry, id, length)) &&
           (!options->label || strcmp(certenroll_entry_label(entry), options->label) == 0);
}

static int has_needed(const certenroll_entry *entry, int needed)
{
    return (!(needed & WITH_KEY) || certenroll_entry_has_key(entry)) &&
           (!(needed & WITH_CERTIFICATE) || certenroll_entry_has_certificate(entry));
}

json_t *describe_entries(const struct options *options, const certenroll_inventory *inventory,
                         int needed)
{
    json_t *array = json_array();

    for (size_t i = 0; i < certenroll_inventory_count(inventory); i++) {
        const certenroll_entry *entry = certenroll_inventory_at(inventory, i);

        if (!options || (is_selected(options, entry) && has_needed(entry, needed)))
            add_item(&array, describe_entry(entry));
    }
    return array;
}

/* "label" (id), "label" (id) ..., cut when there are many. */
static void name_entries(char *out, size_t size, const certenroll_inventory *inventory)
{
    size_t used = 0;

    out[0] = '\0';
    for (size_t i = 0; i < certenroll_inventory_count(inventory); i++) {
        const certenroll_entry *entry = certenroll_inventory_at(inventory, i);
        size_t length = 0;
        const unsigned char *id = certenroll_entry_id(entry, &length);
        char hex[1024];
        int written;

        ce_hex(hex, sizeof(hex), id, length);
        written = snprintf(out + used, size - used, "%s\"%s\" (%s)", used ? ", " : "",
                           certenroll_entry_label(entry), hex);
        if (written < 0 || (size_t)written >= size - used) {
            snprintf(out + used, size - used, "...");
            return;
        }
        used += (size_t)written;
    }
}

int refuse_selection(const certenroll_inventory *inventory, int status, const char *what,
                     certenroll_error **error)
{
    char names[768];

    certenroll_error_set(error, status, "%s", what);
    name_entries(names, sizeof(names), inventory);
    if (!names[0]) { /* there is none to select */
        certenroll_error_because(error, _("the token has no keys and no certificates"));
        return status;
    }
    certenroll_error_because(error, _("the token has %s"), names);
    certenroll_error_advise(error, _("Select one by --id."));
    return status;
}

int select_key(const struct options *options, const certenroll_inventory *inventory, int needed,
               const certenroll_entry **out, certenroll_error **error)
{
    *out = NULL;
    for (size_t i = 0; i < certenroll_inventory_count(inventory); i++) {
        const certenroll_entry *entry = certenroll_inventory_at(inventory, i);
        size_t length = 0;
        const unsigned char *id = certenroll_entry_id(entry, &length);

        if (!is_selected(options, entry) || !has_needed(entry, needed))
            continue;
        if (*out && !has_id(*out, id, length))
            return refuse_selection(inventory, CERTENROLL_E_ARGUMENT, _("several keys match"),
                                    error);
        *out = entry;
    }
    if (*out)
        return CERTENROLL_OK;
    return refuse_selection(inventory, CERTENROLL_E_OBJECT_NOT_FOUND,
                            needed & WITH_CERTIFICATE ? _("no key with a certificate matches")
                                                      : _("no key matches"),
                            error);
}

/* The pair is searched for; and where that does not lead to one, whoever is to be told what is on
 * the token waits until all of it was read. */
int find_present_pair(struct tool *tool, certenroll_inventory **out, certenroll_token *token,
                      const certenroll_entry **entry, certenroll_error **error)
{
    certenroll_inventory_options wanted = CERTENROLL_INVENTORY_OPTIONS_INIT;
    unsigned char id[CERTENROLL_ID_MAX];
    int status = read_id(&tool->options, id, &wanted.id_length, error);

    *out = NULL;
    wanted.id = tool->options.id ? id : NULL;
    wanted.label = tool->options.label;
    if (status == CERTENROLL_OK)
        status = certenroll_inventory_new(out, token, &wanted, error);
    if (status < 0)
        return status;
    status = select_key(&tool->options, *out, WITH_KEY | WITH_CERTIFICATE, entry, NULL);
    if (status == CERTENROLL_OK)
        return status;
    certenroll_inventory_free(*out);
    status = take_inventory(tool, out, token, 0, error);
    return status < 0 ? status
                      : select_key(&tool->options, *out, WITH_KEY | WITH_CERTIFICATE, entry, error);
}
