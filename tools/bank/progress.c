/* SPDX-License-Identifier: Apache-2.0 */
#include "progress.h"

#include "common/message.h"

#include <stdio.h>

static const char *text_of(certenroll_state state)
{
    switch (state) {
    case CERTENROLL_STATE_KEY_READY:
        return _("the key is ready");
    case CERTENROLL_STATE_CSR_SIGNED:
        return _("the request is signed");
    case CERTENROLL_STATE_SUBMITTED:
        return _("the request goes to the CA");
    case CERTENROLL_STATE_ISSUED:
        return _("the certificate came and passed every check");
    case CERTENROLL_STATE_INSTALLED:
        return _("the certificate is on the token");
    case CERTENROLL_STATE_CONFIRMED:
        return _("key and certificate are proven to belong together");
    case CERTENROLL_STATE_RETIRED:
        return _("what it replaces is removed from the token");
    case CERTENROLL_STATE_NEW:
    case CERTENROLL_STATE_PENDING:
    case CERTENROLL_STATE_REJECTED:
    case CERTENROLL_STATE_ABANDONED:
    default:
        return NULL;
    }
}

void progress_show(void *user, certenroll_state state)
{
    const char *text = text_of(state);

    (void)user;
    if (text)
        fprintf(stderr, "- %s\n", text);
}
