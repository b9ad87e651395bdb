/* SPDX-License-Identifier: Apache-2.0 */
#include "common/failure.h"

#include "common/message.h"
#include "common/text.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int failure_set(struct failure *failure, int status, const char *what, ...)
{
    va_list arguments;

    if (failure->status < 0)
        return failure->status;
    failure->status = status;
    va_start(arguments, what);
    vsnprintf(failure->what, sizeof(failure->what), what, arguments);
    va_end(arguments);
    return status;
}

int failure_errno(struct failure *failure, const char *what, ...)
{
    int saved_errno = errno;
    va_list arguments;

    if (failure->status < 0)
        return failure->status;
    failure->status = CERTENROLL_E_SYSTEM;
    va_start(arguments, what);
    vsnprintf(failure->what, sizeof(failure->what), what, arguments);
    va_end(arguments);
    failure_because(failure, "%s", strerror(saved_errno));
    return CERTENROLL_E_SYSTEM;
}

int failure_memory(struct failure *failure)
{
    return failure_set(failure, CERTENROLL_E_MEMORY, "%s", _("out of memory"));
}

int failure_take(struct failure *failure, certenroll_error *error)
{
    if (failure->status == 0) {
        failure_set(failure, certenroll_error_status(error), "%s", certenroll_error_what(error));
        failure_because(failure, "%s", certenroll_error_why(error));
        failure_advise(failure, "%s", certenroll_error_advice(error));
        failure->ck_rv = certenroll_error_ck_rv(error);
        failure->http_status = certenroll_error_http_status(error);
    }
    certenroll_error_free(error);
    return failure->status;
}

void failure_because(struct failure *failure, const char *why, ...)
{
    va_list arguments;

    va_start(arguments, why);
    vsnprintf(failure->why, sizeof(failure->why), why, arguments);
    va_end(arguments);
}

void failure_advise(struct failure *failure, const char *advice, ...)
{
    va_list arguments;

    va_start(arguments, advice);
    vsnprintf(failure->advice, sizeof(failure->advice), advice, arguments);
    va_end(arguments);
}

/* A language puts the parts together in its own way. */
void failure_line(char line[FAILURE_LINE_SIZE], const struct failure *failure)
{
    char happened[sizeof(failure->what) + sizeof(failure->why) + 8];

    if (failure->why[0])
        /* TRANSLATORS: what happened, and why. */
        snprintf(happened, sizeof(happened), _("%s: %s"), failure->what, failure->why);
    else
        snprintf(happened, sizeof(happened), "%s", failure->what);
    if (failure->advice[0])
        /* TRANSLATORS: what happened, and what to do next. */
        snprintf(line, FAILURE_LINE_SIZE, _("%s. %s"), happened, failure->advice);
    else
        snprintf(line, FAILURE_LINE_SIZE, "%s", happened);
}

void failure_print(const struct failure *failure, const char *program)
{
    char line[FAILURE_LINE_SIZE];
    char *clean;

    failure_line(line, failure);
    clean = text_clean(line);
    fprintf(stderr, "%s: %s\n", program, clean ? clean : _("out of memory"));
    free(clean);
}

json_t *failure_json(const struct failure *failure)
{
    return json_pack("{s:{s:s, s:i, s:o, s:o, s:o, s:I, s:I}}", "error", "status",
                     certenroll_status_name(failure->status), "class",
                     (int)certenroll_status_class(failure->status), "what",
                     text_json(failure->what), "why", text_json(failure->why), "advice",
                     text_json(failure->advice), "ck_rv", (json_int_t)failure->ck_rv, "http_status",
                     (json_int_t)failure->http_status);
}
