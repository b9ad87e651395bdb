/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"
#include "commands/command.h"
#include "common/tool_message.h"
#include "ground/japan_time.h"

#include <stdio.h>
#include <string.h>

#define NAME_MAX_OCTETS 120

static int check_day(const char *text, certenroll_error **error)
{
    int64_t day;

    return japan_date_read(&day, text) == 0
               ? CERTENROLL_OK
               : certenroll_error_set(error, CERTENROLL_E_ARGUMENT,
                                      _("a day is written like 2026-11-24"));
}

static int add_holiday(struct ra *ra, const struct command_line *line, certenroll_error **error)
{
    const char *day = line->words[0], *name = line->words[1];
    enum store_result result;
    int status = check_day(day, error);

    if (!status && (!ce_text_is_plain(name) || !name[0] || strlen(name) > NAME_MAX_OCTETS))
        status = certenroll_error_set(error, CERTENROLL_E_ARGUMENT,
                                      _("a holiday's name is up to %d bytes of text on one line"),
                                      NAME_MAX_OCTETS);
    if (status)
        return status;
    result = store_holiday_add(ra->store, day, name);
    if (result == STORE_EXISTS)
        return certenroll_error_set(error, CERTENROLL_E_ARGUMENT, _("%s is a holiday already"),
                                    day);
    if (result == STORE_OK)
        result = store_audit(ra->store, "holiday-added", NULL, day);
    return store_status(ra->store, result, error);
}

static int remove_holiday(struct ra *ra, const struct command_line *line, certenroll_error **error)
{
    const char *day = line->words[0];
    enum store_result result;
    int status = check_day(day, error);

    if (status)
        return status;
    result = store_holiday_remove(ra->store, day);
    if (result == STORE_NONE)
        return certenroll_error_set(error, CERTENROLL_E_ARGUMENT,
                                    _("%s is no holiday in the table"), day);
    if (result == STORE_OK)
        result = store_audit(ra->store, "holiday-removed", NULL, day);
    return store_status(ra->store, result, error);
}

static int print_holiday(void *user, const char *day, const char *name)
{
    (void)user;
    return printf("%s\t%s\n", day, name) < 0;
}

static int list_holidays(struct ra *ra, const struct command_line *line, certenroll_error **error)
{
    (void)line;
    return store_status(ra->store, store_holiday_list(ra->store, print_holiday, NULL), error);
}

int command_holiday(const struct command_line *line, certenroll_error **error)
{
    static const struct command_action actions[] = {
        { "add", 2, 2, STORE_WRITE, add_holiday },
        { "remove", 1, 1, STORE_WRITE, remove_holiday },
        { "list", 0, 0, STORE_READ, list_holidays },
    };

    return command_act(line, actions, sizeof(actions) / sizeof(actions[0]), error);
}
