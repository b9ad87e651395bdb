/* SPDX-License-Identifier: Apache-2.0 */
/* The user's PIN is changed by the user, or set by the SO. */
#include "common/message.h"
#include "common/text.h"
#include "output.h"

static const struct field fields[] = {
    { "label", N_("label"), 0 },
    { "serial", N_("serial number"), 0 },
    { "uri", N_("URI"), 0 },
    FIELD_END,
};

/* The library reads a pin-source of the URI only where nobody else is there to be asked; but there
 * must be somebody, for the new PIN. */
static int check_options(struct tool *tool)
{
    const struct options *options = &tool->options;

    if (!options->token || options->pin_source || !secrets_in_uri(options->token))
        return CERTENROLL_OK;
    failure_set(&tool->failure, CERTENROLL_E_ARGUMENT, "%s",
                _("the URI's pin-source is not heeded here"));
    failure_advise(&tool->failure, "%s", _("Leave it out, and give --pin-source."));
    return CERTENROLL_E_ARGUMENT;
}

/* The token's own answer to the SO PIN; where its flags told so before, the library has said what
 * to do. A TPM has one lock for both. */
static int is_locked_for_officer(const struct tool *tool)
{
    return tool->options.unblock && tool->failure.status == CERTENROLL_E_PIN_LOCKED &&
           tool->failure.ck_rv != 0;
}

static int set_pin(struct tool *tool, certenroll_token *token)
{
    certenroll_error *error = NULL;
    int status = tool->options.unblock ? certenroll_token_reset_pin(token, &error)
                                       : certenroll_token_change_pin(token, &error);

    if (status == CERTENROLL_OK)
        return CERTENROLL_OK;
    take_failure(tool, &tool->failure, error);
    if (is_locked_for_officer(tool))
        failure_advise(&tool->failure, "%s",
                       _("The SO PIN is locked as well: the tool that came with the token may lift "
                         "that; a TPM's owner can end its lock-out."));
    return status;
}

static int show_result(struct tool *tool, const certenroll_token *token)
{
    const certenroll_token_info *info = certenroll_token_get_info(token);
    int by_officer = tool->options.unblock;

    return show_record(
        tool,
        json_pack("{s:s, s:o, s:o, s:o}", "result", by_officer ? "pin-set" : "pin-changed", "label",
                  text_json(certenroll_token_info_label(info)), "serial",
                  text_json(certenroll_token_info_serial(info)), "uri",
                  text_json(certenroll_token_info_uri(info))),
        by_officer ? _("the SO has set a new PIN") : _("the PIN is changed"), fields);
}

int command_token_pin(struct tool *tool)
{
    certenroll_token *token = NULL;
    int status = check_options(tool);

    if (status == CERTENROLL_OK)
        status = open_token(tool, &token);
    if (status == CERTENROLL_OK)
        status = set_pin(tool, token);
    if (status == CERTENROLL_OK)
        status = show_result(tool, token);
    certenroll_token_free(token);
    return status;
}
