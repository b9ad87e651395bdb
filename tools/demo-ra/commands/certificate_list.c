/* SPDX-License-Identifier: Apache-2.0 */
#include "commands/certificate_list.h"

#include "base/diagnostics.h"
#include "base/text.h"
#include "base/time.h"
#include "common/message.h"
#include "store/store_clock.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

struct row {
    char key_hash[2 * FINGERPRINT_LENGTH + 1];
    char not_before[CE_TIME_SIZE];
    char not_after[CE_TIME_SIZE];
    const char *state;
    const char *reason; /* NULL: not revoked */
};

/* What decides comes first: a revoked certificate stays so when it is over. */
static const char *state_of(const struct certificate_entry *entry, int64_t now)
{
    if (entry->revoked)
        return "revoked";
    if (entry->not_after < now)
        return "expired";
    return entry->superseded ? "superseded" : "valid";
}

static int print_line(const struct certificate_entry *entry, const struct row *row)
{
    return printf("%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", entry->serial, entry->account_name,
                  row->key_hash, row->not_before, row->not_after, row->state,
                  row->reason ? row->reason : "-",
                  entry->predecessor[0] ? entry->predecessor : "-");
}

static int print_json(const struct certificate_entry *entry, const struct row *row)
{
    json_t *object =
        json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s?, s:s?}", "serial", entry->serial, "account",
                  entry->account_name, "key_hash", row->key_hash, "not_before", row->not_before,
                  "not_after", row->not_after, "state", row->state, "reason", row->reason,
                  "predecessor", entry->predecessor[0] ? entry->predecessor : NULL);
    char *text = object ? json_dumps(object, JSON_COMPACT) : NULL;
    int printed = text ? printf("%s\n", text) : -1;

    free(text);
    json_decref(object);
    return printed;
}

struct output {
    int json;
    int64_t now;
    int failed;
};

static int print_entry(const struct certificate_entry *entry, const struct output *output)
{
    struct row row = { .state = state_of(entry, output->now) };
    int printed = -1;

    /* Those revoked before reasons were kept have none. */
    if (entry->revoked)
        row.reason = entry->reason[0] ? entry->reason : "unspecified";
    ce_time_format(row.not_before, entry->not_before);
    ce_time_format(row.not_after, entry->not_after);
    ce_hex(row.key_hash, sizeof(row.key_hash), entry->key_hash, sizeof(entry->key_hash));
    printed = output->json ? print_json(entry, &row) : print_line(entry, &row);
    return printed < 0;
}

static int take(void *user, const struct certificate_entry *entry)
{
    struct output *output = user;

    output->failed = print_entry(entry, output);
    return output->failed;
}

static int check_account(struct store *store, const char *name)
{
    struct account account;

    switch (store_account_find(store, &account, name)) {
    case STORE_OK:
        return CERTENROLL_CLASS_OK;
    case STORE_NONE:
        return fail(CERTENROLL_CLASS_ARGUMENT, _("there is no account \"%s\""), name);
    default:
        return CERTENROLL_CLASS_SYSTEM;
    }
}

int certificate_list(struct store *store, const char *account_name, int json)
{
    struct output output = { .json = json, .now = store_now(store) };
    enum store_result result = store_certificate_list(store, account_name, take, &output);

    if (output.failed || fflush(stdout) != 0)
        return fail_errno(_("cannot write to standard output"));
    if (result == STORE_FAILED)
        return CERTENROLL_CLASS_SYSTEM;
    /* A removed account is known by its certificates; one without any may be misspelt. */
    return result == STORE_NONE && account_name ? check_account(store, account_name)
                                                : CERTENROLL_CLASS_OK;
}
