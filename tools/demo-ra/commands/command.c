/* SPDX-License-Identifier: Apache-2.0 */
#include "commands/command.h"

#include "common/option_rows.h"
#include "common/tool_message.h"
#include "rules/credentials.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OFFSET_MAX 2000000000

/* --- the line --- */

#define ALL 255
#define TEXT_ROW(name, groups, member)                                                             \
    {                                                                                              \
        name, OPTION_TEXT, groups, offsetof(struct command_line, member), NULL, NULL               \
    }
#define FLAG_ROW(name, groups, member)                                                             \
    {                                                                                              \
        name, OPTION_FLAG, groups, offsetof(struct command_line, member), NULL, NULL               \
    }
#define SECRET_ROW(name, groups)                                                                   \
    {                                                                                              \
        name, OPTION_SECRET, groups, 0, "--" name "-source FILE", NULL                             \
    }

static const struct option_row rows[] = {
    TEXT_ROW("dir", ALL, directory),
    TEXT_ROW("ca-token", COMMAND_INIT, ca_token),
    TEXT_ROW("module", COMMAND_INIT, module),
    TEXT_ROW("pin-source", COMMAND_INIT | COMMAND_SERVE, pin_source),
    SECRET_ROW("pin", COMMAND_INIT | COMMAND_SERVE),
    TEXT_ROW("port", COMMAND_SERVE, port),
    TEXT_ROW("ready-file", COMMAND_SERVE, ready_file),
    TEXT_ROW("validity-days", COMMAND_SERVE, validity_days),
    TEXT_ROW("clock-offset", COMMAND_SERVE, clock_offset),
    TEXT_ROW("hold", COMMAND_SERVE, hold),
    TEXT_ROW("retry-after", COMMAND_SERVE, retry_after),
    TEXT_ROW("password-source", COMMAND_ACCOUNT | COMMAND_BRANCH, password_source),
    SECRET_ROW("password", COMMAND_ACCOUNT | COMMAND_BRANCH),
    TEXT_ROW("confirmation-password-source", COMMAND_BRANCH, confirmation_source),
    SECRET_ROW("confirmation-password", COMMAND_BRANCH),
    TEXT_ROW("name", COMMAND_BRANCH, title),
    TEXT_ROW("reason", COMMAND_CERTIFICATE, reason),
    FLAG_ROW("json", COMMAND_CERTIFICATE | COMMAND_AUDIT, json),
    FLAG_ROW("show", COMMAND_CLOCK, show),
    TEXT_ROW("set", COMMAND_CLOCK, set),
    TEXT_ROW("offset", COMMAND_CLOCK, offset),
    FLAG_ROW("reset", COMMAND_CLOCK, reset),
};

int command_usage(const struct command_line *line, certenroll_error **error)
{
    return certenroll_error_set(error, CERTENROLL_E_ARGUMENT, "%s", _(line->usage));
}

int command_read(struct command_line *line, enum command_group group, int count, char **arguments,
                 certenroll_error **error)
{
    static const struct option_rows all = { rows, sizeof(rows) / sizeof(rows[0]) };
    struct argument_line given = { count, arguments, 0 };
    int status = option_rows_read(line, &all, (int)group, &given, error);

    line->count = count - given.next;
    line->words = arguments + given.next;
    return status || line->directory ? status : command_usage(line, error);
}

int command_offset(int64_t *out, const char *text)
{
    int sign = text[0] == '-' ? -1 : 1;
    int number = option_number(text + (sign < 0), OFFSET_MAX);

    *out = (int64_t)sign * number;
    return number < 0 ? -1 : 0;
}

/* --- doing it --- */

int command_act(const struct command_line *line, const struct command_action *actions, size_t count,
                certenroll_error **error)
{
    struct command_line rest = *line;
    const struct command_action *action = NULL;
    struct ra ra = { 0 };
    int status;

    for (size_t i = 0; line->count > 0 && i < count; i++)
        if (strcmp(line->words[0], actions[i].name) == 0)
            action = &actions[i];
    rest.count--;
    rest.words++;
    if (!action || rest.count < action->words_min || rest.count > action->words_max)
        return command_usage(line, error);
    status = store_open(&ra.store, line->directory, action->use, error);
    if (!status)
        status = action->run(&ra, &rest, error);
    store_close(ra.store);
    return status;
}

int command_result(struct ra *ra, enum store_result result, const char *name,
                   certenroll_error **error)
{
    if (result == STORE_NONE)
        return certenroll_error_set(error, CERTENROLL_E_ARGUMENT, _("there is no account \"%s\""),
                                    name);
    if (result == STORE_EXISTS)
        return certenroll_error_set(error, CERTENROLL_E_ARGUMENT,
                                    _("there is an account \"%s\" already"), name);
    return store_status(ra->store, result, error);
}

int command_check_ids(const struct command_line *line, certenroll_error **error)
{
    for (int i = 0; i < line->count; i++)
        if (!account_id_is_sound(line->words[i]))
            return certenroll_error_set(
                error, CERTENROLL_E_ARGUMENT,
                _("an ID is 1 to %d letters, digits, \"-\", \"_\" or \".\""), ACCOUNT_ID_MAX);
    return CERTENROLL_OK;
}

int command_find_account(struct account *out, struct ra *ra, const struct command_line *line,
                         certenroll_error **error)
{
    char name[ACCOUNT_NAME_MAX + 1];
    int status = command_check_ids(line, error);

    if (status)
        return status;
    account_name(name, line->words[0], line->count > 1 ? line->words[1] : NULL);
    return command_result(ra, store_account_find(ra->store, out, name), name, error);
}

int command_unlock(struct ra *ra, const struct command_line *line, const char *by,
                   certenroll_error **error)
{
    struct account account;
    enum store_result result;
    int status = command_find_account(&account, ra, line, error);

    if (status)
        return status;
    result = store_begin(ra->store);
    if (result == STORE_OK) {
        result = store_account_unlock(ra->store, account.id);
        if (result == STORE_OK)
            result = store_audit(ra->store, "account-unlocked", account.name, by);
        if (store_end(ra->store, result == STORE_OK) != STORE_OK)
            result = STORE_FAILED;
    }
    return command_result(ra, result, account.name, error);
}

int command_print_json(json_t *object)
{
    char *text = object ? json_dumps(object, JSON_COMPACT) : NULL;

    if (text)
        printf("%s\n", text);
    free(text);
    json_decref(object);
    return text ? CERTENROLL_OK : CERTENROLL_E_MEMORY;
}
