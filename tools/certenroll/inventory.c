/* SPDX-License-Identifier: Apache-2.0 */
/* A token's inventory, as the command line wants it looked at. */
#include "commands.h"
#include "common/log.h"
#include "common/message.h"

#include <stdlib.h>

#define DAYS_DEFAULT 30
#define DAYS_MAX 36500

int read_days(struct tool *tool, int *days)
{
    const char *text = tool->options.days;
    char *end = NULL;
    long value = text ? strtol(text, &end, 10) : DAYS_DEFAULT;

    *days = (int)value;
    if (!text || (end != text && *end == '\0' && value >= 0 && value <= DAYS_MAX))
        return CERTENROLL_OK;
    return failure_set(&tool->failure, CERTENROLL_E_ARGUMENT,
                       _("--days \"%s\" is not a number from 0 to %d"), text, DAYS_MAX);
}

/* NULL when they cannot be read: a list without the mark "unfinished" is better than none. */
static certenroll_journal_list *known_journals(struct tool *tool)
{
    certenroll_journal_list *list = NULL;
    certenroll_error *error = NULL;

    if (certenroll_journal_list_new(&list, tool->context, tool->options.journal, &error) < 0 &&
        tool->log_level >= CERTENROLL_LOG_WARNING)
        log_to_stderr(NULL, CERTENROLL_LOG_WARNING, certenroll_error_message(error));
    certenroll_error_free(error);
    return list;
}

int take_inventory(struct tool *tool, certenroll_inventory **out, certenroll_token *token,
                   int certificates_only)
{
    certenroll_inventory_options options = CERTENROLL_INVENTORY_OPTIONS_INIT;
    certenroll_journal_list *journals;
    certenroll_error *error = NULL;
    int status = read_days(tool, &options.due_days);

    if (status < 0)
        return status;
    journals = known_journals(tool);
    options.certificates_only = certificates_only;
    options.journals = journals;
    if (certenroll_inventory_new(out, token, &options, &error) < 0)
        status = failure_take(&tool->failure, error);
    certenroll_journal_list_free(journals);
    return status;
}
