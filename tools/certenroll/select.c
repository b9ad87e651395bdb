/* SPDX-License-Identifier: Apache-2.0 */
/* From --id and --label to one entry of a token. */
#include "commands.h"
#include "common/message.h"
#include "common/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int read_id(struct tool *tool, unsigned char id[CERTENROLL_ID_MAX], size_t *length)
{
    const char *text = tool->options.id;

    *length = 0;
    if (!text)
        return CERTENROLL_OK;
    *length = text_unhex(id, CERTENROLL_ID_MAX, text);
    if (*length == 0)
        return failure_set(&tool->failure, CERTENROLL_E_ARGUMENT,
                           _("--id \"%s\" is not 1 to %d bytes in hexadecimal"), text,
                           CERTENROLL_ID_MAX);
    return CERTENROLL_OK;
}

static int same_id(const certenroll_entry *entry, const unsigned char *id, size_t length)
{
    size_t found_length = 0;
    const unsigned char *found = certenroll_entry_id(entry, &found_length);

    return found_length == length && (length == 0 || memcmp(found, id, length) == 0);
}

int is_selected(struct tool *tool, const certenroll_entry *entry)
{
    const struct options *options = &tool->options;
    unsigned char id[CERTENROLL_ID_MAX];
    size_t length = options->id ? text_unhex(id, sizeof(id), options->id) : 0;

    if (options->id && !same_id(entry, id, length))
        return 0;
    return !options->label || strcmp(certenroll_entry_label(entry), options->label) == 0;
}

static int has_needed(const certenroll_entry *entry, int needed)
{
    return (!(needed & WITH_KEY) || certenroll_entry_has_key(entry)) &&
           (!(needed & WITH_CERTIFICATE) || certenroll_entry_has_certificate(entry));
}

/* "label (id), label (id) ...", cut when there are many. */
static void name_entries(char *out, size_t size, const certenroll_inventory *inventory)
{
    size_t used = 0;

    out[0] = '\0';
    for (size_t i = 0; i < certenroll_inventory_count(inventory); i++) {
        const certenroll_entry *entry = certenroll_inventory_at(inventory, i);
        size_t length = 0;
        const unsigned char *id = certenroll_entry_id(entry, &length);
        char *hex = text_hex(id, length);
        int written = snprintf(out + used, size - used, "%s\"%s\" (%s)", used ? ", " : "",
                               certenroll_entry_label(entry), hex ? hex : "");

        free(hex);
        if (written < 0 || (size_t)written >= size - used) {
            snprintf(out + used, size - used, "...");
            return;
        }
        used += (size_t)written;
    }
}

int refuse_selection(struct tool *tool, const certenroll_inventory *inventory, int status,
                     const char *what)
{
    char names[768];

    failure_set(&tool->failure, status, "%s", what);
    name_entries(names, sizeof(names), inventory);
    if (names[0])
        failure_because(&tool->failure, _("the token has %s"), names);
    else
        failure_because(&tool->failure, "%s", _("the token has no keys and no certificates"));
    failure_advise(&tool->failure, "%s", _("Select one by --id."));
    return status;
}

int select_key(struct tool *tool, const certenroll_inventory *inventory, int needed,
               const certenroll_entry **out)
{
    *out = NULL;
    for (size_t i = 0; i < certenroll_inventory_count(inventory); i++) {
        const certenroll_entry *entry = certenroll_inventory_at(inventory, i);
        size_t length = 0;
        const unsigned char *id = certenroll_entry_id(entry, &length);

        if (!is_selected(tool, entry) || !has_needed(entry, needed))
            continue;
        if (*out && !same_id(*out, id, length))
            return refuse_selection(tool, inventory, CERTENROLL_E_ARGUMENT,
                                    _("several keys match"));
        *out = entry;
    }
    if (*out)
        return CERTENROLL_OK;
    return refuse_selection(tool, inventory, CERTENROLL_E_OBJECT_NOT_FOUND,
                            needed & WITH_CERTIFICATE ? _("no key with a certificate matches")
                                                      : _("no key matches"));
}
