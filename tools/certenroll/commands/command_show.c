/* SPDX-License-Identifier: Apache-2.0 */
#include "common/message.h"
#include "output.h"

#include <stdio.h>

/* An entry, with its certificate when --pem asks for it. */
static json_t *describe_in_full(struct tool *tool, const certenroll_entry *entry)
{
    json_t *object = describe_entry(entry);
    size_t length = 0;
    const unsigned char *der = certenroll_entry_certificate(entry, &length);

    if (object && tool->options.pem && der &&
        json_object_set_new(object, "pem", describe_pem("CERTIFICATE", der, length)) < 0) {
        json_decref(object);
        return NULL;
    }
    return object;
}

static int is_wanted(struct tool *tool, const certenroll_entry *entry)
{
    return is_selected(tool, entry) &&
           (!tool->options.pem || certenroll_entry_has_certificate(entry));
}

static json_t *describe_wanted(struct tool *tool, const certenroll_inventory *inventory)
{
    json_t *array = json_array();

    for (size_t i = 0; i < certenroll_inventory_count(inventory); i++) {
        const certenroll_entry *entry = certenroll_inventory_at(inventory, i);

        if (is_wanted(tool, entry) &&
            json_array_append_new(array, describe_in_full(tool, entry)) < 0) {
            json_decref(array);
            return NULL;
        }
    }
    return json_pack("{s:o}", "entries", array);
}

/* Certificates one after the other, as other programs read them. */
static int print_pem(json_t *result)
{
    const json_t *array = json_object_get(result, "entries");

    for (size_t i = 0; i < json_array_size(array); i++)
        fputs(json_string_value(json_object_get(json_array_get(array, i), "pem")), stdout);
    json_decref(result);
    return CERTENROLL_OK;
}

static int show_inventory(struct tool *tool, const certenroll_inventory *inventory)
{
    json_t *result = describe_wanted(tool, inventory);
    int has_selection = tool->options.id || tool->options.label || tool->options.pem;

    if (!result)
        return failure_memory(&tool->failure);
    if (has_selection && json_array_size(json_object_get(result, "entries")) == 0) {
        json_decref(result);
        return refuse_selection(tool, inventory, CERTENROLL_E_OBJECT_NOT_FOUND,
                                tool->options.pem ? _("no certificate matches")
                                                  : _("no key or certificate matches"));
    }
    if (tool->options.pem && !tool->options.json)
        return print_pem(result);
    return show_blocks(tool, result, "entries", "label", entry_fields,
                       _("the token has no keys and no certificates"));
}

int command_show(struct tool *tool)
{
    unsigned char id[CERTENROLL_ID_MAX];
    size_t id_length = 0;
    certenroll_inventory *inventory = NULL;
    certenroll_token *token = NULL;
    int status = read_id(tool, id, &id_length);

    if (status == CERTENROLL_OK)
        status = open_token(tool, &token);
    if (status == CERTENROLL_OK)
        status = take_inventory(tool, &inventory, token, 0);
    if (status == CERTENROLL_OK)
        status = show_inventory(tool, inventory);
    certenroll_inventory_free(inventory);
    certenroll_token_free(token);
    return status;
}
