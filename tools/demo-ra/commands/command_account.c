/* SPDX-License-Identifier: Apache-2.0 */
#include "commands/command.h"
#include "common/tool_message.h"
#include "ground/operator_secret.h"
#include "rules/credentials.h"

static int add_account(struct ra *ra, const struct command_line *line, certenroll_error **error)
{
    char name[ACCOUNT_NAME_MAX + 1], hash[PASSWORD_HASH_MAX + 1];
    const struct new_account account = { .corporate_id = line->words[0],
                                         .user_id = line->count > 1 ? line->words[1] : NULL,
                                         .password_hash = hash };
    struct secret *password = NULL;
    enum store_result result;
    int status = command_check_ids(line, error);

    if (!status)
        status =
            secret_read(&password, line->password_source, _("Password of the account: "), 1, error);
    if (!status)
        status = password_hash(hash, password->bytes, error);
    secret_free(password);
    if (status)
        return status;
    account_name(name, account.corporate_id, account.user_id);
    result = store_account_add(ra->store, &account);
    if (result == STORE_NONE)
        return certenroll_error_set(error, CERTENROLL_E_ARGUMENT,
                                    _("there is no corporation %s; add it first"),
                                    account.corporate_id);
    if (result == STORE_OK)
        result = store_audit(ra->store, "account-added", name, NULL);
    return command_result(ra, result, name, error);
}

static int unlock_account(struct ra *ra, const struct command_line *line, certenroll_error **error)
{
    return command_unlock(ra, line, NULL, error);
}

static int remove_account(struct ra *ra, const struct command_line *line, certenroll_error **error)
{
    struct account account;
    enum store_result result;
    int status = command_find_account(&account, ra, line, error);

    if (status)
        return status;
    result = store_account_remove(ra->store, account.id);
    if (result == STORE_OK)
        result = store_audit(ra->store, "account-removed", account.name, NULL);
    return command_result(ra, result, account.name, error);
}

int command_account(const struct command_line *line, certenroll_error **error)
{
    static const struct command_action actions[] = {
        { "add", 1, 2, STORE_WRITE, add_account },
        { "unlock", 1, 2, STORE_WRITE, unlock_account },
        { "remove", 1, 2, STORE_WRITE, remove_account },
    };

    return command_act(line, actions, sizeof(actions) / sizeof(actions[0]), error);
}
