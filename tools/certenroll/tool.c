/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE /* vasprintf */

#include "tool.h"

#include "base/text.h"
#include "common/prompt.h"
#include "common/tool_message.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

int require(const char *value, const char *option, certenroll_error **error)
{
    return value ? CERTENROLL_OK
                 : certenroll_error_set(error, CERTENROLL_E_ARGUMENT, _("%s is missing"), option);
}

/* The library cannot name its caller's commands and options. */
static const struct {
    int status;
    const char *advice;
} remedies[] = {
    { CERTENROLL_E_PIN_LOCKED,
      N_("\"certenroll token pin --unblock\" sets a new one with the token's SO PIN (PUK).") },
    { CERTENROLL_E_PIN_EXPIRED, N_("\"certenroll token pin\" changes the user's PIN; the SO's is "
                                   "changed by the token's own tool.") },
    { CERTENROLL_E_PIN_NOT_SET,
      N_("\"certenroll token pin --unblock\" sets the first one with the token's SO PIN.") },
    { CERTENROLL_E_PIN_FINAL_TRY,
      N_("Make sure of the PIN; then give --allow-final-try, or have a new one set with the SO PIN "
         "by \"certenroll token pin --unblock\".") },
};

int complete_error(struct tool *tool, certenroll_error **error)
{
    int status = certenroll_error_status(*error);

    if (status == CERTENROLL_E_PIN_INCORRECT) /* not every token says so by its flags */
        secrets_reject(&tool->secrets);
    if (tool->secrets.why[0])
        certenroll_error_because(error, "%s", tool->secrets.why);
    tool->secrets.why[0] = '\0';
    for (size_t i = 0; i < sizeof(remedies) / sizeof(remedies[0]); i++)
        if (remedies[i].status == status && !certenroll_error_is_advised(*error))
            certenroll_error_advise(error, "%s", _(remedies[i].advice));
    return status;
}

int repeat_error(certenroll_error **error, const certenroll_error *known)
{
    *error = certenroll_error_copy(known);
    return certenroll_error_status(known);
}

const char *shown(struct tool *tool, const char *text)
{
    char **place = &tool->shown[tool->next_shown++ % SHOWN_TEXTS];

    free(*place);
    *place = ce_text_shown(text ? text : "");
    return *place ? *place : _("out of memory");
}

int confirm(struct tool *tool, int *is_yes, certenroll_error **error, const char *question, ...)
{
    enum prompt_result result;
    char *text = NULL;
    va_list arguments;
    int length;

    *is_yes = tool->options.yes;
    if (*is_yes)
        return CERTENROLL_OK;
    va_start(arguments, question);
    length = vasprintf(&text, question, arguments);
    va_end(arguments);
    if (length < 0)
        return certenroll_error_set_memory(error);
    result = prompt_yes(text, is_yes);
    free(text);
    if (result == PROMPT_CANCELLED)
        return certenroll_error_set(error, CERTENROLL_E_CANCELLED, "%s", prompt_why_not(result));
    if (result != PROMPT_NO_TERMINAL)
        return CERTENROLL_OK;
    certenroll_error_set(error, CERTENROLL_E_CANCELLED,
                         _("there is no terminal to ask on, and nothing was done"));
    certenroll_error_advise(error, _("Give --yes if it is to be done without asking."));
    return CERTENROLL_E_CANCELLED;
}
