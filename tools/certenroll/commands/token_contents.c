/* SPDX-License-Identifier: Apache-2.0 */
/* What there is: the tokens, and what is on one of them, in short and in full. */
#include "commands/commands.h"
#include "common/tool_message.h"
#include "library_options.h"
#include "output/output.h"
#include "token/token_access.h"

#include <stdio.h>

/* --- tokens --- */

static const struct field token_fields[] = {
    { "uri", N_("URI"), 0 },
    { "serial", N_("serial number"), 0 },
    { "manufacturer", N_("manufacturer"), 0 },
    { "model", N_("model"), 0 },
    { "module", N_("module"), 0 },
    { "flags", N_("state"), 0 },
    { "advice", N_("what to do"), 0 },
    FIELD_END,
};

int command_tokens(struct tool *tool, certenroll_error **error)
{
    certenroll_token_list *list = NULL;
    json_t *array = json_array();
    int status = certenroll_token_list_new(&list, tool->context, tool->options.token,
                                           tool->options.module, error);

    for (size_t i = 0; status == CERTENROLL_OK && i < certenroll_token_list_count(list); i++)
        add_item(&array, describe_token(certenroll_token_list_at(list, i)));
    if (status == CERTENROLL_OK)
        status = show_blocks(tool, json_pack("{s:O}", "tokens", array), "tokens", token_fields,
                             _("no token is present"), error);
    json_decref(array);
    certenroll_token_list_free(list);
    return status;
}

/* --- list --- */

static const struct field columns[] = {
    { "id", N_("ID"), 0 },
    { "label", N_("LABEL"), 0 },
    { "key_type", N_("KEY TYPE"), 0 },
    { "not_after", N_("VALID UNTIL"), sizeof("2027-01-31") - 1 },
    { "state", N_("STATE"), 0 },
    { "subject", N_("SUBJECT"), 0 },
    FIELD_END,
};

int command_list(struct tool *tool, certenroll_error **error)
{
    certenroll_inventory *inventory = NULL;
    certenroll_token *token = NULL;
    int status = open_token(tool, &token, error);

    if (status == CERTENROLL_OK)
        status = take_inventory(tool, &inventory, token, 0, error);
    if (status == CERTENROLL_OK)
        status = show_table(
            tool,
            json_pack("{s:o, s:o}", "token", describe_token(certenroll_token_get_info(token)),
                      "entries", describe_entries(NULL, inventory, 0)),
            "entries", columns, _("the token has no keys and no certificates"), error);
    certenroll_inventory_free(inventory);
    certenroll_token_free(token);
    return status;
}

/* --- show --- */

/* The entries that are selected; with --pem their certificates, and no entry that has none. */
static json_t *describe_selected(const struct options *options,
                                 const certenroll_inventory *inventory)
{
    json_t *array = json_array();

    for (size_t i = 0; i < certenroll_inventory_count(inventory); i++) {
        const certenroll_entry *entry = certenroll_inventory_at(inventory, i);
        size_t length = 0;
        const unsigned char *der =
            options->pem ? certenroll_entry_certificate(entry, &length) : NULL;
        json_t *object;

        if (!is_selected(options, entry) || (options->pem && !der))
            continue;
        object = describe_entry(entry);
        if (der)
            add_members(&object,
                        json_pack("{s:o}", "pem", describe_pem("CERTIFICATE", der, length)));
        add_item(&array, object);
    }
    return array;
}

static int show_selected(struct tool *tool, const certenroll_inventory *inventory,
                         certenroll_error **error)
{
    const struct options *options = &tool->options;
    json_t *array = describe_selected(options, inventory), *object;
    int has_selection = options->id || options->label || options->pem;
    size_t i;

    if (!array)
        return certenroll_error_set_memory(error);
    if (has_selection && json_array_size(array) == 0) {
        json_decref(array);
        return refuse_selection(
            inventory, CERTENROLL_E_OBJECT_NOT_FOUND,
            options->pem ? _("no certificate matches") : _("no key or certificate matches"), error);
    }
    if (!options->pem || options->json)
        return show_blocks(tool, json_pack("{s:o}", "entries", array), "entries", entry_fields,
                           _("the token has no keys and no certificates"), error);
    /* Certificates one after the other, as other programs read them. */
    json_array_foreach(array, i, object)
        fputs(json_string_value(json_object_get(object, "pem")), stdout);
    json_decref(array);
    return CERTENROLL_OK;
}

int command_show(struct tool *tool, certenroll_error **error)
{
    unsigned char id[CERTENROLL_ID_MAX];
    size_t id_length = 0;
    certenroll_inventory *inventory = NULL;
    certenroll_token *token = NULL;
    int status = read_id(&tool->options, id, &id_length, error);

    if (status == CERTENROLL_OK)
        status = open_token(tool, &token, error);
    if (status == CERTENROLL_OK)
        status = take_inventory(tool, &inventory, token, 0, error);
    if (status == CERTENROLL_OK)
        status = show_selected(tool, inventory, error);
    certenroll_inventory_free(inventory);
    certenroll_token_free(token);
    return status;
}
