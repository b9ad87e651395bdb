/* SPDX-License-Identifier: Apache-2.0 */
#include "common/progress_text.h"

#include "common/tool_message.h"

#include <stddef.h>

static const struct {
    certenroll_state state;
    const char *text;
} reached[PROGRESS_STEPS] = {
    { CERTENROLL_STATE_KEY_READY, N_("the key is ready") },
    { CERTENROLL_STATE_CSR_SIGNED, N_("the request is signed") },
    { CERTENROLL_STATE_SUBMITTED, N_("the request goes to the CA") },
    { CERTENROLL_STATE_ISSUED, N_("the certificate came and passed every check") },
    { CERTENROLL_STATE_INSTALLED, N_("the certificate is on the token") },
    { CERTENROLL_STATE_CONFIRMED, N_("key and certificate are proven to belong together") },
};

const char *progress_text(certenroll_state state, int *step)
{
    *step = 0;
    for (int i = 0; i < PROGRESS_STEPS; i++) {
        if (reached[i].state == state) {
            *step = i + 1;
            return _(reached[i].text);
        }
    }
    return state == CERTENROLL_STATE_RETIRED ? _("what it replaces is removed from the token")
                                             : NULL;
}
