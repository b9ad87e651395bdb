/* SPDX-License-Identifier: Apache-2.0 */
#include "ask.h"
#include "common/message.h"
#include "show.h"
#include "steps.h"

#include <stdio.h>

int command_steps(struct bank *bank)
{
    struct standing standing;
    int status = ask_purpose(bank, 1);

    if (status == CERTENROLL_OK)
        status = bank_start(bank);
    if (status == CERTENROLL_OK)
        status = steps_look(&standing, bank);
    if (status < 0)
        return status;
    if (bank->options.json)
        return show_json(bank, json_pack("{s:s, s:o}", "name", bank->name, "steps",
                                         steps_json(&standing, bank)));
    steps_show(&standing, bank);
    if (standing.is_due)
        printf(_("A certificate ends soon: %s renew\n"), bank->program->name);
    return CERTENROLL_OK;
}
