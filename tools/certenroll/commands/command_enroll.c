/* SPDX-License-Identifier: Apache-2.0 */
/* A first certificate for a new key (enroll), and one in the place of another: for the same key
 * (renew), or for a new one (rekey). */
#include "commands/commands.h"
#include "common/tool_message.h"
#include "enrolment/run_enrolment.h"
#include "library_options.h"
#include "token/token_access.h"

int command_enroll(struct tool *tool, certenroll_error **error)
{
    struct setup setup = { 0 };
    certenroll_token *token = NULL;
    int status = setup_first(tool, &setup, error);

    if (status == CERTENROLL_OK)
        status = open_token(tool, &token, error);
    if (tool->options.another)
        setup.options.another = CERTENROLL_ANOTHER_ENROLMENT;
    if (status == CERTENROLL_OK)
        status = enrol_and_show(tool, token, &setup, _("enrolled"), error);
    certenroll_token_free(token);
    setup_clear(&setup);
    return status;
}

/* --- in the place of another --- */

/* The new key: by --key-type, else of the type of the old one; with its label in any case. */
static int set_new_key(const struct options *options, struct setup *setup,
                       const certenroll_entry *present, certenroll_error **error)
{
    const certenroll_key_options blank = CERTENROLL_KEY_OPTIONS_INIT;
    const char *label = certenroll_entry_label(present);

    if (!options->key_type)
        return CERTENROLL_OK;
    setup->key = blank;
    setup->key.label = label[0] ? label : NULL;
    setup->options.key = &setup->key;
    return key_type(options, &setup->key.type, error);
}

static int succeed_present(struct tool *tool, certenroll_operation operation,
                           certenroll_error **error)
{
    struct setup setup = { 0 };
    certenroll_retirement retirement = CERTENROLL_RETIRE_DELETE;
    certenroll_token *token = NULL;
    certenroll_inventory *inventory = NULL;
    const certenroll_entry *entry = NULL;
    unsigned char id[CERTENROLL_ID_MAX];
    size_t id_length = 0;
    int status =
        tool->options.id || tool->options.label
            ? CERTENROLL_OK
            : certenroll_error_set(error, CERTENROLL_E_ARGUMENT, _("--id or --label is missing"));

    if (status == CERTENROLL_OK)
        status = read_id(&tool->options, id, &id_length, error);
    if (status == CERTENROLL_OK)
        status = read_retirement(&tool->options, &retirement, error);
    if (status == CERTENROLL_OK)
        status = setup_ra(tool, &setup, error);
    if (status == CERTENROLL_OK)
        status = open_token(tool, &token, error);
    if (status == CERTENROLL_OK)
        status = find_present_pair(tool, &inventory, token, &entry, error);
    if (status == CERTENROLL_OK && operation == CERTENROLL_REKEY)
        status = set_new_key(&tool->options, &setup, entry, error);
    if (status == CERTENROLL_OK) {
        setup.options.operation = operation;
        setup.options.retirement = retirement;
        setup.options.revoke_replaced = tool->options.revoke;
        setup.options.revoke_reason = CERTENROLL_REVOKE_SUPERSEDED;
        setup.options.present_id = certenroll_entry_id(entry, &setup.options.present_id_length);
        status =
            enrol_and_show(tool, token, &setup,
                           operation == CERTENROLL_REKEY ? _("re-keyed") : _("renewed"), error);
    }
    certenroll_inventory_free(inventory);
    certenroll_token_free(token);
    setup_clear(&setup);
    return status;
}

int command_renew(struct tool *tool, certenroll_error **error)
{
    return succeed_present(tool, CERTENROLL_RENEW, error);
}

int command_rekey(struct tool *tool, certenroll_error **error)
{
    return succeed_present(tool, CERTENROLL_REKEY, error);
}
