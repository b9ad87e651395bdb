/* SPDX-License-Identifier: Apache-2.0 */
#include "common/message.h"
#include "output.h"

static const struct field fields[] = {
    { "id", N_("ID"), 0 },
    { "label", N_("LABEL"), 0 },
    { "key_type", N_("KEY TYPE"), 0 },
    { "not_after", N_("VALID UNTIL"), sizeof("2027-01-31") - 1 },
    { "state", N_("STATE"), 0 },
    { "subject", N_("SUBJECT"), 0 },
    FIELD_END,
};

static json_t *describe_inventory(const certenroll_token *token,
                                  const certenroll_inventory *inventory)
{
    json_t *array = json_array();

    for (size_t i = 0; i < certenroll_inventory_count(inventory); i++)
        if (json_array_append_new(array, describe_entry(certenroll_inventory_at(inventory, i))) <
            0) {
            json_decref(array);
            return NULL;
        }
    return json_pack("{s:o, s:o}", "token", describe_token(certenroll_token_get_info(token)),
                     "entries", array);
}

int command_list(struct tool *tool)
{
    certenroll_inventory *inventory = NULL;
    certenroll_token *token = NULL;
    int status = open_token(tool, &token);

    if (status == CERTENROLL_OK)
        status = take_inventory(tool, &inventory, token, 0);
    if (status == CERTENROLL_OK)
        status = show_table(tool, describe_inventory(token, inventory), "entries", fields,
                            _("the token has no keys and no certificates"));
    certenroll_inventory_free(inventory);
    certenroll_token_free(token);
    return status;
}
