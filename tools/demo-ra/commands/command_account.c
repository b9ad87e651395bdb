/* SPDX-License-Identifier: Apache-2.0 */
#include "base/diagnostics.h"
#include "base/operator_secret.h"
#include "commands/command.h"
#include "common/message.h"
#include "rules/account_id.h"
#include "rules/password.h"
#include "store/store.h"

#include <getopt.h>
#include <string.h>

struct account_order {
    const char *directory;
    const char *password_source;
    const char *corporate_id;
    const char *user_id; /* NULL: the corporation itself */
    char name[ACCOUNT_NAME_MAX + 1];
};

static int found(enum store_result result, const char *name)
{
    if (result == STORE_OK)
        return CERTENROLL_CLASS_OK;
    if (result == STORE_NONE)
        return fail(CERTENROLL_CLASS_ARGUMENT, _("there is no account \"%s\""), name);
    return CERTENROLL_CLASS_SYSTEM;
}

static int audited(enum store_result result)
{
    return result == STORE_OK ? CERTENROLL_CLASS_OK : CERTENROLL_CLASS_SYSTEM;
}

static int add(struct store *store, const struct account_order *order)
{
    char hash[PASSWORD_HASH_MAX + 1];
    struct new_account account = { .corporate_id = order->corporate_id, .user_id = order->user_id };
    struct secret *password = NULL;
    int result = secret_read(&password, order->password_source, _("Password of the account: "), 1);

    if (!result)
        result = password_hash(hash, sizeof(hash), password->bytes);
    secret_free(password);
    if (result)
        return result;
    account.password_hash = hash;
    switch (store_account_add(store, &account)) {
    case STORE_OK:
        return audited(store_audit(store, "account-added", order->name, NULL));
    case STORE_NONE:
        return fail(CERTENROLL_CLASS_ARGUMENT, _("there is no corporation %s; add it first"),
                    order->corporate_id);
    case STORE_EXISTS:
        return fail(CERTENROLL_CLASS_ARGUMENT, _("there is an account \"%s\" already"),
                    order->name);
    case STORE_FAILED:
    default:
        return CERTENROLL_CLASS_SYSTEM;
    }
}

static int unlock(struct store *store, const struct account_order *order)
{
    struct account account;
    int result = found(store_account_find(store, &account, order->name), order->name);

    if (!result)
        result = found(store_account_unlock(store, account.id), order->name);
    if (!result)
        result = audited(store_audit(store, "account-unlocked", order->name, NULL));
    return result;
}

static int remove_account(struct store *store, const struct account_order *order)
{
    struct account account;
    int result = found(store_account_find(store, &account, order->name), order->name);

    if (!result)
        result = found(store_account_remove(store, account.id), order->name);
    if (!result)
        result = audited(store_audit(store, "account-removed", order->name, NULL));
    return result;
}

static const struct action {
    const char *name;
    int (*run)(struct store *store, const struct account_order *order);
} actions[] = { { "add", add }, { "unlock", unlock }, { "remove", remove_account } };

static int run(const struct action *action, const struct account_order *order)
{
    struct store *store;
    int result = store_open(&store, order->directory, STORE_WRITE);

    if (!result)
        result = action->run(store, order);
    store_close(store);
    return result;
}

static int usage(void)
{
    return fail(CERTENROLL_CLASS_ARGUMENT,
                _("usage: demo-ra account add|unlock|remove --dir DIR [--password-source FILE] "
                  "CORPORATE_ID [USER_ID]"));
}

static int take_ids(struct account_order *order, int count, char **ids)
{
    if (count < 1 || count > 2)
        return usage();
    order->corporate_id = ids[0];
    order->user_id = count == 2 ? ids[1] : NULL;
    for (int i = 0; i < count; i++)
        if (!account_id_is_sound(ids[i]))
            return fail(CERTENROLL_CLASS_ARGUMENT,
                        _("an ID is 1 to %d letters, digits, \"-\", \"_\" or \".\""),
                        ACCOUNT_ID_MAX);
    account_name(order->name, order->corporate_id, order->user_id);
    return CERTENROLL_CLASS_OK;
}

int command_account(int count, char **arguments)
{
    static const struct option options[] = { { "dir", required_argument, NULL, 'd' },
                                             { "password-source", required_argument, NULL, 'p' },
                                             COMMAND_SECRET_OPTION("password"),
                                             { NULL, 0, NULL, 0 } };
    struct account_order order = { 0 };
    const struct action *action = NULL;
    int option, result;

    for (size_t i = 0; count > 1 && i < sizeof(actions) / sizeof(actions[0]); i++)
        if (strcmp(arguments[1], actions[i].name) == 0)
            action = &actions[i];
    if (!action)
        return usage();
    count--;
    arguments++;
    while ((option = getopt_long(count, arguments, ":", options, NULL)) != -1) {
        if (option == 'd')
            order.directory = optarg;
        else if (option == 'p')
            order.password_source = optarg;
        else
            return command_refuse(arguments, option);
    }
    if (!order.directory)
        return usage();
    result = take_ids(&order, count - optind, arguments + optind);
    return result ? result : run(action, &order);
}
