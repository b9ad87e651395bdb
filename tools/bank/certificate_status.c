/* SPDX-License-Identifier: Apache-2.0 */
/* What the token holds for this corporation or user: for timers too. No PIN, no network. */
#include "common/tool_message.h"
#include "holding.h"
#include "results.h"

#include <stdio.h>

static int show_holding(const struct bank *bank, const struct holding *holding, int is_left,
                        certenroll_error **error)
{
    const char *label = certenroll_token_info_label(certenroll_token_get_info(bank->token));
    json_t *object;

    if (bank->options.json) {
        object = holding->best ? entry_json(holding->best) : json_pack("{s:s}", "state", "none");
        if (object) {
            json_object_set_new(object, "name", json_string(bank->name));
            json_object_set_new(object, "token", json_string(label));
            json_object_set_new(object, "certificates", json_integer((int)holding->of_name));
            json_object_set_new(object, "interrupted", json_boolean(is_left));
        }
        return print_json(object, error);
    }
    if (holding->best) {
        printf(_("the certificate of \"%s\" on the token \"%s\"\n"), bank->name, label);
        print_entry(holding->best);
        if (holding->of_name > 1)
            printf(_("Older ones of this name on the token: %zu\n"), holding->of_name - 1);
    }
    if (is_left)
        printf(_("A collection was interrupted; begin it again: %s get\n"), bank->program->name);
    return CERTENROLL_OK;
}

int command_status(struct bank *bank, certenroll_error **error)
{
    struct holding holding;
    certenroll_ra_collection what;
    certenroll_ra_leftover leftover = CERTENROLL_RA_LEFT_NOTHING;
    int is_left, days = 0, status = bank_days(bank, &days, error);

    if (status == CERTENROLL_OK)
        status = bank_start(bank, error);
    if (status == CERTENROLL_OK)
        status = holding_look(&holding, bank, LOOK_OFFLINE, error);
    if (status < 0)
        return status;
    what = bank_collection(bank);
    status = certenroll_ra_leftover_find(&leftover, &what, error);
    is_left = leftover != CERTENROLL_RA_LEFT_NOTHING;
    if (status == CERTENROLL_OK)
        status = show_holding(bank, &holding, is_left, error);
    if (status < 0 || is_left)
        return status < 0 ? status : CERTENROLL_PENDING;
    /* The exit status tells the rest. What has been shown is not told again as a failure. */
    bank->is_told = bank->options.json;
    status = holding_require(&holding, bank, error);
    if (status < 0 || certenroll_entry_mark(holding.best) != CERTENROLL_MARK_DUE)
        return status;
    if (!bank->options.json)
        printf(_("The certificate ends soon: %s renew\n"), bank->program->name);
    return CERTENROLL_PENDING;
}
