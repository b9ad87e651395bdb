/* SPDX-License-Identifier: Apache-2.0 */
#include "base/diagnostics.h"
#include "commands/command.h"
#include "common/message.h"
#include "base/time.h"
#include "store/store.h"

#include <getopt.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct output {
    int json;
    int failed;
};

static int print_json(const struct audit_entry *entry, const char *at)
{
    json_t *object = json_pack("{s:s, s:s, s:s?, s:s?}", "at", at, "event", entry->event, "account",
                               entry->account, "detail", entry->detail);
    char *text = object ? json_dumps(object, JSON_COMPACT) : NULL;
    int printed = text ? printf("%s\n", text) : -1;

    free(text);
    json_decref(object);
    return printed;
}

static int take(void *user, const struct audit_entry *entry)
{
    struct output *output = user;
    char at[CE_TIME_SIZE];
    int printed;

    ce_time_format(at, entry->at);
    if (output->json)
        printed = print_json(entry, at);
    else
        printed =
            printf("%s\t%s\t%s\t%s\n", at, entry->event, entry->account ? entry->account : "-",
                   entry->detail ? entry->detail : "-");
    output->failed = printed < 0;
    return output->failed;
}

static int list(const char *directory, int json)
{
    struct output output = { .json = json };
    struct store *store;
    int result = store_open(&store, directory, STORE_READ);

    if (!result && store_audit_list(store, take, &output) != STORE_OK)
        result = CERTENROLL_CLASS_SYSTEM;
    store_close(store);
    if (output.failed || fflush(stdout) != 0)
        return fail_errno(_("cannot write to standard output"));
    return result;
}

int command_audit(int count, char **arguments)
{
    static const struct option options[] = { { "dir", required_argument, NULL, 'd' },
                                             { "json", no_argument, NULL, 'j' },
                                             { NULL, 0, NULL, 0 } };
    const char *directory = NULL;
    int option, json = 0, listing = count > 1 && strcmp(arguments[1], "list") == 0;

    count--;
    arguments++;
    while (listing && (option = getopt_long(count, arguments, ":", options, NULL)) != -1) {
        if (option == 'd')
            directory = optarg;
        else if (option == 'j')
            json = 1;
        else
            return command_refuse(arguments, option);
    }
    if (!listing || !directory || optind != count)
        return fail(CERTENROLL_CLASS_ARGUMENT, _("usage: demo-ra audit list --dir DIR [--json]"));
    return list(directory, json);
}
