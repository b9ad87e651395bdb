/* SPDX-License-Identifier: Apache-2.0 */
/* A new certificate in the place of another: for the same key (renew), or for a new one (rekey). */
#include "common/message.h"
#include "run.h"

static int check_selection(struct tool *tool)
{
    unsigned char id[CERTENROLL_ID_MAX];
    size_t length = 0;

    if (!tool->options.id && !tool->options.label)
        return failure_set(&tool->failure, CERTENROLL_E_ARGUMENT, "%s",
                           _("--id or --label is missing"));
    return read_id(tool, id, &length);
}

/* The new key: by --key-type, else of the type of the old one; with its label in any case. */
static int new_key(struct tool *tool, struct setup *setup, const certenroll_entry *present)
{
    const certenroll_key_options blank = CERTENROLL_KEY_OPTIONS_INIT;
    const char *label = certenroll_entry_label(present);
    int status;

    if (!tool->options.key_type)
        return CERTENROLL_OK;
    setup->key = blank;
    status = key_type(tool, &setup->key.type);
    setup->key.label = label[0] ? label : NULL;
    setup->options.key = &setup->key;
    return status;
}

static int run_for_present(struct tool *tool, certenroll_token *token, struct setup *setup)
{
    certenroll_inventory *inventory = NULL;
    const certenroll_entry *entry = NULL;
    int is_rekey = setup->options.operation == CERTENROLL_REKEY;
    int status = take_inventory(tool, &inventory, token, 0);

    if (status == CERTENROLL_OK)
        status = select_key(tool, inventory, WITH_KEY | WITH_CERTIFICATE, &entry);
    if (status == CERTENROLL_OK) {
        setup->options.present_id = certenroll_entry_id(entry, &setup->options.present_id_length);
        status = is_rekey ? new_key(tool, setup, entry) : CERTENROLL_OK;
    }
    if (status == CERTENROLL_OK)
        status = enrol_and_show(tool, token, setup, is_rekey ? _("re-keyed") : _("renewed"));
    certenroll_inventory_free(inventory);
    return status;
}

static int run_operation(struct tool *tool, certenroll_operation operation)
{
    struct setup setup = { 0 };
    certenroll_retirement retirement;
    certenroll_token *token = NULL;
    int status = check_selection(tool);

    if (status == CERTENROLL_OK)
        status = read_retirement(tool, &retirement);
    if (status == CERTENROLL_OK)
        status = setup_ra(tool, &setup);
    if (status == CERTENROLL_OK)
        status = open_token(tool, &token);
    if (status == CERTENROLL_OK) {
        setup.options.operation = operation;
        setup.options.retirement = retirement;
        status = run_for_present(tool, token, &setup);
    }
    certenroll_token_free(token);
    setup_clear(&setup);
    return status;
}

int command_renew(struct tool *tool)
{
    return run_operation(tool, CERTENROLL_RENEW);
}

int command_rekey(struct tool *tool)
{
    return run_operation(tool, CERTENROLL_REKEY);
}
