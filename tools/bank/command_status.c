/* SPDX-License-Identifier: Apache-2.0 */
/* What the token holds for this corporation or user: for timers too. No PIN, no network. */
#include "common/message.h"
#include "holding.h"
#include "show.h"

#include <stdio.h>

static int show(struct bank *bank, const struct holding *holding, int is_left)
{
    const char *label = certenroll_token_info_label(certenroll_token_get_info(bank->token));
    json_t *object;

    if (bank->options.json) {
        object =
            holding->best ? show_entry_json(holding->best) : json_pack("{s:s}", "state", "none");
        if (object) {
            json_object_set_new(object, "name", json_string(bank->name));
            json_object_set_new(object, "token", json_string(label));
            json_object_set_new(object, "certificates", json_integer((int)holding->of_name));
            json_object_set_new(object, "interrupted", json_boolean(is_left));
        }
        return show_json(bank, object);
    }
    if (holding->best) {
        printf(_("the certificate of \"%s\" on the token \"%s\"\n"), bank->name, label);
        show_entry(holding->best);
        if (holding->of_name > 1)
            printf(_("Older ones of this name on the token: %zu\n"), holding->of_name - 1);
    }
    if (is_left)
        printf(_("A collection was interrupted; begin it again: %s get\n"), bank->program->name);
    return CERTENROLL_OK;
}

/* What the exit status tells. What has been shown is not told again as a failure. */
static int overall(struct bank *bank, const struct holding *holding, int is_left)
{
    if (is_left)
        return CERTENROLL_PENDING;
    bank->is_told = bank->options.json;
    if (holding_require(holding, bank) < 0)
        return bank->failure.status;
    if (certenroll_entry_mark(holding->best) != CERTENROLL_MARK_DUE)
        return CERTENROLL_OK;
    if (!bank->options.json)
        printf(_("The certificate ends soon: %s renew\n"), bank->program->name);
    return CERTENROLL_PENDING;
}

int command_status(struct bank *bank)
{
    struct holding holding = { 0 };
    enum ra_leftover leftover = RA_LEFT_NOTHING;
    int is_left, days = 0, status = bank_days(bank, &days);

    if (status == CERTENROLL_OK)
        status = bank_start(bank);
    if (status == CERTENROLL_OK)
        status = holding_look(&holding, bank, bank->name, LOOK_CERTIFICATES);
    if (status == CERTENROLL_OK)
        status = bank_find_leftover(bank, &leftover);
    is_left = leftover != RA_LEFT_NOTHING;
    if (status == CERTENROLL_OK)
        status = show(bank, &holding, is_left);
    if (status == CERTENROLL_OK)
        status = overall(bank, &holding, is_left);
    holding_clear(&holding);
    return status;
}
