/* SPDX-License-Identifier: Apache-2.0 */
#include "base/diagnostics.h"
#include "base/japan_time.h"
#include "base/page_text.h"
#include "commands/command.h"
#include "common/message.h"
#include "store/store_clock.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

#define NAME_MAX_OCTETS 120

struct holiday {
    const char *day;  /* NULL: none was given */
    const char *name; /* the same */
};

static int audited(struct store *store, const char *event, const struct holiday *holiday)
{
    return store_audit(store, event, NULL, holiday->day) == STORE_OK ? CERTENROLL_CLASS_OK
                                                                     : CERTENROLL_CLASS_SYSTEM;
}

static int add(struct store *store, const struct holiday *holiday)
{
    switch (store_holiday_add(store, holiday->day, holiday->name)) {
    case STORE_OK:
        return audited(store, "holiday-added", holiday);
    case STORE_EXISTS:
        return fail(CERTENROLL_CLASS_ARGUMENT, _("%s is a holiday already"), holiday->day);
    default:
        return CERTENROLL_CLASS_SYSTEM;
    }
}

static int remove_day(struct store *store, const struct holiday *holiday)
{
    switch (store_holiday_remove(store, holiday->day)) {
    case STORE_OK:
        return audited(store, "holiday-removed", holiday);
    case STORE_NONE:
        return fail(CERTENROLL_CLASS_ARGUMENT, _("%s is no holiday in the table"), holiday->day);
    default:
        return CERTENROLL_CLASS_SYSTEM;
    }
}

static int print(void *user, const char *day, const char *name)
{
    (void)user;
    return printf("%s\t%s\n", day, name) < 0;
}

static int list(struct store *store, const struct holiday *holiday)
{
    (void)holiday;
    if (store_holiday_list(store, print, NULL) != STORE_OK)
        return CERTENROLL_CLASS_SYSTEM;
    return fflush(stdout) == 0 && !ferror(stdout)
               ? CERTENROLL_CLASS_OK
               : fail_errno(_("cannot write to standard output"));
}

static const struct action {
    const char *name;
    int words;
    enum store_use use;
    int (*run)(struct store *store, const struct holiday *holiday);
} actions[] = { { "add", 2, STORE_WRITE, add },
                { "remove", 1, STORE_WRITE, remove_day },
                { "list", 0, STORE_READ, list } };

static const struct action *find_action(const char *name)
{
    for (size_t i = 0; name && i < sizeof(actions) / sizeof(actions[0]); i++)
        if (strcmp(name, actions[i].name) == 0)
            return &actions[i];
    return NULL;
}

static int check(const struct holiday *holiday)
{
    int64_t day;

    if (holiday->day && japan_date_read(&day, holiday->day) < 0)
        return fail(CERTENROLL_CLASS_ARGUMENT, _("a day is written like 2026-11-24"));
    if (holiday->name && (!text_is_plain(holiday->name) || !holiday->name[0] ||
                          strlen(holiday->name) > NAME_MAX_OCTETS))
        return fail(CERTENROLL_CLASS_ARGUMENT,
                    _("a holiday's name is up to %d bytes of text on one line"), NAME_MAX_OCTETS);
    return CERTENROLL_CLASS_OK;
}

static int run(const struct action *action, const char *directory, const struct holiday *holiday)
{
    struct store *store;
    int result = check(holiday);

    if (result)
        return result;
    result = store_open(&store, directory, action->use);
    if (!result)
        result = action->run(store, holiday);
    store_close(store);
    return result;
}

int command_holiday(int count, char **arguments)
{
    static const struct option options[] = { { "dir", required_argument, NULL, 'd' },
                                             { NULL, 0, NULL, 0 } };
    const struct action *action = find_action(arguments[1]);
    struct holiday holiday = { 0 };
    const char *directory = NULL;
    int option;

    count--;
    arguments++;
    while (action && (option = getopt_long(count, arguments, ":", options, NULL)) != -1) {
        if (option != 'd')
            return command_refuse(arguments, option);
        directory = optarg;
    }
    if (!action || !directory || count - optind != action->words)
        return fail(CERTENROLL_CLASS_ARGUMENT,
                    _("usage: demo-ra holiday add --dir DIR DAY NAME, demo-ra holiday remove --dir "
                      "DIR DAY, or demo-ra holiday list --dir DIR"));
    if (action->words > 0)
        holiday.day = arguments[optind];
    if (action->words > 1)
        holiday.name = arguments[optind + 1];
    return run(action, directory, &holiday);
}
