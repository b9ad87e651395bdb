/* SPDX-License-Identifier: Apache-2.0 */
#include "common/message.h"
#include "output.h"

static const struct field fields[] = {
    { "uri", N_("URI"), 0 },
    { "serial", N_("serial number"), 0 },
    { "manufacturer", N_("manufacturer"), 0 },
    { "model", N_("model"), 0 },
    { "module", N_("module"), 0 },
    { "flags", N_("state"), 0 },
    { "advice", N_("what to do"), 0 },
    FIELD_END,
};

static json_t *describe_list(const certenroll_token_list *list)
{
    json_t *array = json_array();

    for (size_t i = 0; i < certenroll_token_list_count(list); i++)
        if (json_array_append_new(array, describe_token(certenroll_token_list_at(list, i))) < 0) {
            json_decref(array);
            return NULL;
        }
    return json_pack("{s:o}", "tokens", array);
}

int command_tokens(struct tool *tool)
{
    certenroll_token_list *list = NULL;
    certenroll_error *error = NULL;
    int status;

    if (certenroll_token_list_new(&list, tool->context, tool->options.token, tool->options.module,
                                  &error) < 0)
        return failure_take(&tool->failure, error);
    status =
        show_blocks(tool, describe_list(list), "tokens", "label", fields, _("no token is present"));
    certenroll_token_list_free(list);
    return status;
}
