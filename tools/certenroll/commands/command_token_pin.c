/* SPDX-License-Identifier: Apache-2.0 */
/* The user's PIN is changed by the user, or set by the SO. */
#include "commands/commands.h"
#include "common/shown_text.h"
#include "common/tool_message.h"
#include "output/output.h"
#include "token/token_access.h"

static const struct field fields[] = {
    { "label", N_("label"), 0 },
    { "serial", N_("serial number"), 0 },
    { "uri", N_("URI"), 0 },
    FIELD_END,
};

int command_token_pin(struct tool *tool, certenroll_error **error)
{
    const struct options *options = &tool->options;
    const int by_officer = options->unblock;
    certenroll_token *token = NULL;
    const certenroll_token_info *info;
    int status;

    /* The library reads a pin-source of the URI only where nobody else is there to be asked; but
     * there must be somebody, for the new PIN. */
    if (options->token && !options->pin_source && secrets_in_uri(options->token)) {
        certenroll_error_set(error, CERTENROLL_E_ARGUMENT,
                             _("the URI's pin-source is not heeded here"));
        certenroll_error_advise(error, _("Leave it out, and give --pin-source."));
        return CERTENROLL_E_ARGUMENT;
    }
    status = open_token(tool, &token, error);
    if (status == CERTENROLL_OK) {
        status = by_officer ? certenroll_token_reset_pin(token, error)
                            : certenroll_token_change_pin(token, error);
        /* The token's own answer to the SO PIN; where its flags told so before, the library has
         * said what to do. A TPM has one lock for both. */
        if (by_officer && status == CERTENROLL_E_PIN_LOCKED && certenroll_error_ck_rv(*error) != 0)
            certenroll_error_advise(error,
                                    _("The SO PIN is locked as well: the tool that came with the "
                                      "token may lift that; a TPM's owner can end its lock-out."));
    }
    if (status == CERTENROLL_OK) {
        info = certenroll_token_get_info(token);
        status = show_record(
            tool,
            json_pack("{s:s, s:o, s:o, s:o}", "result", by_officer ? "pin-set" : "pin-changed",
                      "label", text_json(certenroll_token_info_label(info)), "serial",
                      text_json(certenroll_token_info_serial(info)), "uri",
                      text_json(certenroll_token_info_uri(info))),
            by_officer ? _("the SO has set a new PIN") : _("the PIN is changed"), fields, error);
    }
    certenroll_token_free(token);
    return status;
}
