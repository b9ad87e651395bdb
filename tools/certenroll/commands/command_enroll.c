/* SPDX-License-Identifier: Apache-2.0 */
#include "common/message.h"
#include "run.h"

int command_enroll(struct tool *tool)
{
    struct setup setup = { 0 };
    certenroll_token *token = NULL;
    int status = setup_first(tool, &setup);

    if (status == CERTENROLL_OK)
        status = open_token(tool, &token);
    if (status == CERTENROLL_OK)
        status = enrol_and_show(tool, token, &setup, _("enrolled"));
    certenroll_token_free(token);
    setup_clear(&setup);
    return status;
}
