/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"
#include "base/time.h"
#include "commands/command.h"
#include "common/tool_message.h"

#include <certenroll/revocation.h>

#include <stdio.h>

static int revoke_certificate(struct ra *ra, const struct command_line *line,
                              certenroll_error **error)
{
    const char *serial = line->words[0];
    const char *reason = line->reason
                             ? line->reason
                             : certenroll_revocation_reason_name(CERTENROLL_REVOKE_UNSPECIFIED);
    enum store_result result;

    if (line->json)
        return command_usage(line, error);
    if (certenroll_revocation_reason_from_name(reason) < 0)
        return certenroll_error_set(error, CERTENROLL_E_ARGUMENT,
                                    _("%s is no reason for a revocation; there are unspecified, "
                                      "keyCompromise, affiliationChanged, superseded, "
                                      "cessationOfOperation and privilegeWithdrawn"),
                                    reason);
    result = store_begin(ra->store);
    if (result == STORE_OK) {
        result = store_certificate_revoke(ra->store, NULL, serial, reason);
        if (store_end(ra->store, result == STORE_OK) != STORE_OK)
            result = STORE_FAILED;
    }
    if (result == STORE_NONE)
        return certenroll_error_set(
            error, CERTENROLL_E_ARGUMENT,
            _("there is no certificate with the serial number %s to revoke"), serial);
    return store_status(ra->store, result, error);
}

/* --- the list, in the order of issue --- */

/* What decides comes first: a revoked certificate stays so when it is over. */
static const char *state_of(const struct certificate_entry *entry, int64_t now)
{
    if (entry->revoked)
        return "revoked";
    if (entry->not_after < now)
        return "expired";
    return entry->superseded ? "superseded" : "valid";
}

/* On a line of fields parted by tabs, or as an object on a line. */
static int print_entry(void *user, const struct certificate_entry *entry)
{
    struct command_listing *listing = user;
    char key_hash[2 * FINGERPRINT_LENGTH + 1], not_before[CE_TIME_SIZE], not_after[CE_TIME_SIZE];
    const char *state = state_of(entry, listing->now);
    const char *predecessor = entry->predecessor[0] ? entry->predecessor : NULL;
    const char *reason = NULL;

    /* Those revoked before reasons were kept have none. */
    if (entry->revoked)
        reason = entry->reason[0] ? entry->reason : "unspecified";
    ce_time_format(not_before, entry->not_before);
    ce_time_format(not_after, entry->not_after);
    ce_hex(key_hash, sizeof(key_hash), entry->key_hash, sizeof(entry->key_hash));
    if (listing->json)
        listing->status = command_print_json(json_pack(
            "{s:s, s:s, s:s, s:s, s:s, s:s, s:s?, s:s?}", "serial", entry->serial, "account",
            entry->account_name, "key_hash", key_hash, "not_before", not_before, "not_after",
            not_after, "state", state, "reason", reason, "predecessor", predecessor));
    else
        printf("%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", entry->serial, entry->account_name, key_hash,
               not_before, not_after, state, reason ? reason : "-",
               predecessor ? predecessor : "-");
    return listing->status || ferror(stdout);
}

static int list_certificates(struct ra *ra, const struct command_line *line,
                             certenroll_error **error)
{
    struct command_listing listing = { line->json, ra_now(ra), CERTENROLL_OK };
    const char *user_id = line->count > 1 ? line->words[1] : NULL;
    char name[ACCOUNT_NAME_MAX + 1];
    struct account account;
    enum store_result result;

    /* One that is too long is cut, and then found no more than it would be whole. */
    snprintf(name, sizeof(name), "%s%s%s", line->count > 0 ? line->words[0] : "",
             user_id ? " " : "", user_id ? user_id : "");
    result =
        store_certificate_list(ra->store, line->count > 0 ? name : NULL, print_entry, &listing);
    if (listing.status)
        return certenroll_error_set_memory(error);
    /* A removed account is known by its certificates; one without any may be misspelt. */
    if (result == STORE_NONE)
        result = line->count > 0 ? store_account_find(ra->store, &account, name) : STORE_OK;
    return command_result(ra, result, name, error);
}

int command_certificate(const struct command_line *line, certenroll_error **error)
{
    static const struct command_action actions[] = {
        { "list", 0, 2, STORE_READ, list_certificates },
        { "revoke", 1, 1, STORE_WRITE, revoke_certificate },
    };

    return command_act(line, actions, sizeof(actions) / sizeof(actions[0]), error);
}
