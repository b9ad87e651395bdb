/* SPDX-License-Identifier: Apache-2.0 */
#include "base/time.h"
#include "commands/command.h"

#include <stdio.h>

static int print_entry(void *user, const struct audit_entry *entry)
{
    struct command_listing *listing = user;
    char at[CE_TIME_SIZE];

    ce_time_format(at, entry->at);
    if (listing->json)
        listing->status =
            command_print_json(json_pack("{s:s, s:s, s:s?, s:s?}", "at", at, "event", entry->event,
                                         "account", entry->account, "detail", entry->detail));
    else
        printf("%s\t%s\t%s\t%s\n", at, entry->event, entry->account ? entry->account : "-",
               entry->detail ? entry->detail : "-");
    return listing->status || ferror(stdout);
}

static int list_audit(struct ra *ra, const struct command_line *line, certenroll_error **error)
{
    struct command_listing listing = { .json = line->json };
    enum store_result result = store_audit_list(ra->store, print_entry, &listing);

    return listing.status ? certenroll_error_set_memory(error)
                          : store_status(ra->store, result, error);
}

int command_audit(const struct command_line *line, certenroll_error **error)
{
    static const struct command_action actions[] = { { "list", 0, 0, STORE_READ, list_audit } };

    return command_act(line, actions, 1, error);
}
