/* SPDX-License-Identifier: Apache-2.0 */
#include "ra/view.h"

#include "base/message.h"

#include <stdarg.h>
#include <stdio.h>

void view_log(const certenroll_ra_view *view, const char *format, ...)
{
    char line[2048];
    va_list arguments;

    if (!view->log)
        return;
    va_start(arguments, format);
    vsnprintf(line, sizeof(line), format, arguments);
    va_end(arguments);
    view->log(view->user, line);
}

int view_answered(int status, certenroll_error **error)
{
    if (status >= 0) {
        certenroll_error_clear(error);
        return CERTENROLL_OK;
    }
    if (error && *error)
        return status;
    if (status != CERTENROLL_E_CANCELLED)
        return certenroll_error_set(error, status, _("it was ended"));
    certenroll_error_set(error, status, _("you did not agree"));
    certenroll_error_advise(error, _("Nothing was changed. Begin again on the bank's page."));
    return status;
}

int view_goes_on(const certenroll_ra_view *view, certenroll_error **error)
{
    if (!view->is_cancelled || !view->is_cancelled(view->user))
        return CERTENROLL_OK;
    return certenroll_error_set(error, CERTENROLL_E_CANCELLED, _("it was ended"));
}

int view_wait(const certenroll_ra_view *view, int seconds, certenroll_error **error)
{
    int status = view->wait ? view->wait(view->user, seconds) : CERTENROLL_E_CANCELLED;

    if (status < 0)
        return certenroll_error_set(error, status, _("it was ended"));
    return view_goes_on(view, error);
}
