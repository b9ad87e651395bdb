/* SPDX-License-Identifier: Apache-2.0 */
/* What the bank's counter does, after it has checked the person and the paper. */
#include "base/diagnostics.h"
#include "base/japan_time.h"
#include "base/operator_secret.h"
#include "base/page_text.h"
#include "commands/command.h"
#include "common/message.h"
#include "rules/account_id.h"
#include "rules/password.h"
#include "rules/users.h"
#include "store/store_order.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

#define TITLE_MAX 240

struct branch_order {
    const char *directory;
    const char *password_source;
    const char *confirmation_source;
    const char *title; /* NULL: none */
    const char *id;    /* the corporation's; of "lookup" also a part of its title */
    const char *user_id;
};

static int class_of(enum store_result result, const char *name)
{
    switch (result) {
    case STORE_OK:
        return CERTENROLL_CLASS_OK;
    case STORE_NONE:
        return fail(CERTENROLL_CLASS_ARGUMENT, _("there is no account \"%s\""), name);
    case STORE_EXISTS:
        return fail(CERTENROLL_CLASS_ARGUMENT, _("there is an account \"%s\" already"), name);
    default:
        return CERTENROLL_CLASS_SYSTEM;
    }
}

/* --- passwords --- */

struct passwords {
    struct secret *password;
    struct secret *confirmation;
};

static void passwords_clear(struct passwords *passwords)
{
    secret_free(passwords->password);
    secret_free(passwords->confirmation);
}

static int read_passwords(struct passwords *out, const struct branch_order *order)
{
    int result =
        secret_read(&out->password, order->password_source, _("Password of the account: "), 1);

    if (!result)
        result = secret_read(&out->confirmation, order->confirmation_source,
                             _("Confirmation password of the account: "), 1);
    if (!result &&
        (!password_is_sound(out->password->bytes) || !password_is_sound(out->confirmation->bytes) ||
         strcmp(out->password->bytes, out->confirmation->bytes) == 0))
        result = fail(CERTENROLL_CLASS_ARGUMENT,
                      _("a password is %d to %d characters of text, and the confirmation password "
                        "is another than the password"),
                      PASSWORD_LENGTH_MIN, PASSWORD_LENGTH_MAX);
    return result;
}

/* --- register --- */

static enum store_result add(struct ra *ra, const struct branch_order *order,
                             const struct new_account *added)
{
    struct account account;
    enum store_result result = store_account_add(ra->store, added);

    if (result == STORE_OK)
        result = store_account_find(ra->store, &account, order->id);
    if (result == STORE_OK)
        result = store_audit(ra->store, "corporation-registered", account.name, NULL);
    if (result == STORE_OK)
        result = order_place(ra, &account, ra_now(ra), "branch");
    return result;
}

static int add_hashed(struct ra *ra, const struct branch_order *order,
                      const struct passwords *passwords)
{
    char password[PASSWORD_HASH_MAX + 1], confirmation[PASSWORD_HASH_MAX + 1];
    const struct new_account added = { .corporate_id = order->id,
                                       .title = order->title,
                                       .password_hash = password,
                                       .confirmation_hash = confirmation,
                                       .needs_order = 1 };
    enum store_result result;

    if (password_hash(password, sizeof(password), passwords->password->bytes) ||
        password_hash(confirmation, sizeof(confirmation), passwords->confirmation->bytes))
        return CERTENROLL_CLASS_SYSTEM;
    if (store_begin(ra->store) != STORE_OK)
        return CERTENROLL_CLASS_SYSTEM;
    result = add(ra, order, &added);
    if (store_end(ra->store, result == STORE_OK) != STORE_OK)
        return CERTENROLL_CLASS_SYSTEM;
    return class_of(result, order->id);
}

static int register_corporation(struct ra *ra, const struct branch_order *order)
{
    struct passwords passwords = { 0 };
    int result = CERTENROLL_CLASS_OK;

    if (order->title && (!text_is_plain(order->title) || strlen(order->title) > TITLE_MAX))
        result = fail(CERTENROLL_CLASS_ARGUMENT, _("a name is up to %d bytes of text on one line"),
                      TITLE_MAX);
    if (!result)
        result = read_passwords(&passwords, order);
    if (!result)
        result = add_hashed(ra, order, &passwords);
    passwords_clear(&passwords);
    return result;
}

/* --- reissue --- */

/* Days off that nobody has entered cannot be left out. */
static void warn_of_calendar(struct ra *ra, int64_t noon)
{
    char day[JAPAN_DATE_SIZE];

    japan_date(day, japan_day(noon));
    if (store_holiday_after(ra->store, day) == STORE_NONE)
        (void)fail(CERTENROLL_CLASS_OK,
                   _("warning: no bank holiday after %s is known; add them by \"demo-ra holiday "
                     "add\""),
                   day);
}

static int reissue(struct ra *ra, const struct branch_order *order)
{
    char moment[JAPAN_MOMENT_SIZE];
    struct account account;
    int64_t noon;
    int result = class_of(store_account_find(ra->store, &account, order->id), order->id);

    if (result)
        return result;
    if (order_next_business_noon(&noon, ra, ra_now(ra)) != STORE_OK)
        return fail(CERTENROLL_CLASS_SYSTEM, _("the table of holidays leaves no business day"));
    result = class_of(order_reissue(ra, account.id, noon, "branch"), order->id);
    if (result)
        return result;
    warn_of_calendar(ra, noon);
    japan_moment(moment, noon, operator_reads_japanese());
    printf(_("order for %s taken; a new certificate can be collected from %s\n"), account.name,
           moment);
    return CERTENROLL_CLASS_OK;
}

/* --- look up --- */

struct lookup {
    struct ra *ra;
    int found;
    int failed;
};

static int print_user(void *user, const struct user_entry *entry)
{
    struct lookup *lookup = user;

    lookup->failed =
        printf("  %s\t%s%s\n", entry->user_id, certificate_state_name(entry->certificate.state),
               entry->locked ? _(", locked") : "") < 0;
    return lookup->failed;
}

static int print_corporation(void *user, const struct order_record *record)
{
    struct lookup *lookup = user;
    struct standing_certificate standing;

    lookup->found = 1;
    order_standing_of(&standing, record, ra_now(lookup->ra));
    if (store_audit(lookup->ra->store, "looked-up", record->name, NULL) != STORE_OK ||
        printf("%s\t%s\t%s%s\n", record->name, record->title[0] ? record->title : "-",
               certificate_state_name(standing.state), record->locked ? _(", locked") : "") < 0 ||
        users_list(lookup->ra, record->account_id, print_user, lookup) != STORE_OK)
        lookup->failed = 1;
    return lookup->failed;
}

static int look_up(struct ra *ra, const struct branch_order *order)
{
    struct lookup lookup = { .ra = ra };
    enum store_result result =
        store_order_search(ra->store, order->id, ra_now(ra), print_corporation, &lookup);

    if (lookup.failed || fflush(stdout) != 0)
        return fail_errno(_("cannot write to standard output"));
    if (result != STORE_OK)
        return CERTENROLL_CLASS_SYSTEM;
    return lookup.found
               ? CERTENROLL_CLASS_OK
               : fail(CERTENROLL_CLASS_ARGUMENT, _("there is no corporation \"%s\""), order->id);
}

/* --- unlock, reset --- */

static int find(struct account *out, struct ra *ra, const struct branch_order *order)
{
    char name[ACCOUNT_NAME_MAX + 1];

    account_name(name, order->id, order->user_id);
    return class_of(store_account_find(ra->store, out, name), name);
}

static int unlock(struct ra *ra, const struct branch_order *order)
{
    struct account account;
    enum store_result result;
    int found = find(&account, ra, order);

    if (found)
        return found;
    if (store_begin(ra->store) != STORE_OK)
        return CERTENROLL_CLASS_SYSTEM;
    result = store_account_unlock(ra->store, account.id);
    if (result == STORE_OK)
        result = store_audit(ra->store, "account-unlocked", account.name, "by branch");
    if (store_end(ra->store, result == STORE_OK) != STORE_OK)
        return CERTENROLL_CLASS_SYSTEM;
    return class_of(result, account.name);
}

static int reset(struct ra *ra, const struct branch_order *order)
{
    struct passwords passwords = { 0 };
    struct account account;
    const char *field;
    int result = find(&account, ra, order);

    if (!result)
        result = read_passwords(&passwords, order);
    if (!result) {
        const struct new_user wanted = { NULL, passwords.password->bytes,
                                         passwords.confirmation->bytes };

        if (users_set_passwords(ra, &account, &wanted, "branch", &field) != PROBLEM_NONE)
            result = CERTENROLL_CLASS_SYSTEM;
    }
    passwords_clear(&passwords);
    return result;
}

/* --- options --- */

static const struct action {
    const char *name;
    int words_max;
    int (*run)(struct ra *ra, const struct branch_order *order);
} actions[] = {
    { "register", 1, register_corporation },
    { "reissue", 1, reissue },
    { "lookup", 1, look_up },
    { "unlock", 2, unlock },
    { "reset", 1, reset },
};

static int usage(void)
{
    return fail(CERTENROLL_CLASS_ARGUMENT,
                _("usage: demo-ra branch register|reissue|lookup|unlock|reset --dir DIR "
                  "[--password-source FILE] [--confirmation-password-source FILE] [--name TEXT] "
                  "CORPORATE_ID [USER_ID]"));
}

static int run(const struct action *action, const struct branch_order *order)
{
    struct ra ra = { 0 };
    int result;

    if (action->run != look_up && (!account_id_is_sound(order->id) ||
                                   (order->user_id && !account_id_is_sound(order->user_id))))
        return fail(CERTENROLL_CLASS_ARGUMENT,
                    _("an ID is 1 to %d letters, digits, \"-\", \"_\" or \".\""), ACCOUNT_ID_MAX);
    result = store_open(&ra.store, order->directory, STORE_WRITE);
    if (!result)
        result = action->run(&ra, order);
    store_close(ra.store);
    return result;
}

static int take_options(struct branch_order *order, int count, char **arguments)
{
    static const struct option options[] = { { "dir", required_argument, NULL, 'd' },
                                             { "password-source", required_argument, NULL, 'p' },
                                             { "confirmation-password-source", required_argument,
                                               NULL, 'c' },
                                             { "name", required_argument, NULL, 'n' },
                                             COMMAND_SECRET_OPTION("password"),
                                             COMMAND_SECRET_OPTION("confirmation-password"),
                                             { NULL, 0, NULL, 0 } };
    int option;

    while ((option = getopt_long(count, arguments, ":", options, NULL)) != -1) {
        if (option == 'd')
            order->directory = optarg;
        else if (option == 'p')
            order->password_source = optarg;
        else if (option == 'c')
            order->confirmation_source = optarg;
        else if (option == 'n')
            order->title = optarg;
        else
            return command_refuse(arguments, option);
    }
    return CERTENROLL_CLASS_OK;
}

int command_branch(int count, char **arguments)
{
    struct branch_order order = { 0 };
    const struct action *action = NULL;
    int result;

    for (size_t i = 0; count > 1 && i < sizeof(actions) / sizeof(actions[0]); i++)
        if (strcmp(arguments[1], actions[i].name) == 0)
            action = &actions[i];
    if (!action)
        return usage();
    count--;
    arguments++;
    result = take_options(&order, count, arguments);
    if (result)
        return result;
    if (!order.directory || count - optind < 1 || count - optind > action->words_max)
        return usage();
    order.id = arguments[optind];
    order.user_id = count - optind == 2 ? arguments[optind + 1] : NULL;
    return run(action, &order);
}
