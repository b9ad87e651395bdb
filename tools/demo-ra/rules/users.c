/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/users.h"

#include "ground/diagnostics.h"
#include "rules/browser_session.h"
#include "rules/credentials.h"
#include "rules/ra_job.h"
#include "store/store_order.h"

#include <stdio.h>
#include <string.h>

/* --- looking --- */

static void take_entry(struct user_entry *out, const struct order_record *record, int64_t now)
{
    const char *space = strchr(record->name, ' ');

    *out = (struct user_entry){ .account_id = record->account_id, .locked = record->locked };
    snprintf(out->user_id, sizeof(out->user_id), "%.*s", ACCOUNT_ID_MAX, space ? space + 1 : "");
    order_standing_of(&out->certificate, record, now);
}

struct listing {
    int (*take)(void *user, const struct user_entry *entry);
    void *user;
    int64_t now;
};

static int take_record(void *user, const struct order_record *record)
{
    struct listing *listing = user;
    struct user_entry entry;

    take_entry(&entry, record, listing->now);
    return listing->take(listing->user, &entry);
}

enum store_result users_list(struct ra *ra, int64_t corporation_id,
                             int (*take)(void *user, const struct user_entry *entry), void *user)
{
    struct listing listing = { take, user, ra_now(ra) };

    return store_order_users(ra->store, corporation_id, listing.now, take_record, &listing);
}

/* An ID that is none is nobody's. */
static enum store_result find_account(struct account *out, struct ra *ra,
                                      const struct account *corporation, const char *user_id)
{
    char name[ACCOUNT_NAME_MAX + 1];
    enum store_result result;

    if (!account_id_is_sound(user_id))
        return STORE_NONE;
    account_name(name, corporation->name, user_id);
    result = store_account_find(ra->store, out, name);
    return result == STORE_OK && out->corporation_id != corporation->id ? STORE_NONE : result;
}

enum store_result users_find(struct user_entry *out, struct ra *ra, int64_t corporation_id,
                             const char *user_id)
{
    struct account corporation, account;
    struct order_record record;
    int64_t now = ra_now(ra);
    enum store_result result = store_account_by_id(ra->store, &corporation, corporation_id);

    if (result == STORE_OK)
        result = find_account(&account, ra, &corporation, user_id);
    if (result == STORE_OK)
        result = store_order_find(ra->store, &record, account.id, now);
    if (result == STORE_OK)
        take_entry(out, &record, now);
    return result;
}

/* --- changing --- */

static enum problem check_passwords(const struct new_user *order, const char **field)
{
    *field = "new_password";
    if (!password_is_sound(order->password))
        return PROBLEM_FIELD;
    *field = "new_confirmation_password";
    if (!password_is_sound(order->confirmation_password) ||
        strcmp(order->password, order->confirmation_password) == 0)
        return PROBLEM_FIELD;
    *field = NULL;
    return PROBLEM_NONE;
}

struct hashes {
    char password[PASSWORD_HASH_MAX + 1];
    char confirmation[PASSWORD_HASH_MAX + 1];
};

/* Before a transaction: it takes its time. */
static enum problem hash_both(struct hashes *out, const struct new_user *order, const char **field)
{
    certenroll_error *error = NULL;
    enum problem problem = check_passwords(order, field);

    if (!problem && (password_hash(out->password, order->password, &error) ||
                     password_hash(out->confirmation, order->confirmation_password, &error))) {
        log_error(&error);
        problem = PROBLEM_FAILED;
    }
    return problem;
}

static enum problem add(struct ra *ra, const struct account *corporation, const char *user_id,
                        const struct hashes *hashes)
{
    const struct new_account added = { .corporate_id = corporation->name,
                                       .user_id = user_id,
                                       .password_hash = hashes->password,
                                       .confirmation_hash = hashes->confirmation,
                                       .needs_order = 1 };
    struct account account;

    switch (store_account_add(ra->store, &added)) {
    case STORE_OK:
        break;
    case STORE_EXISTS:
        return PROBLEM_USER_EXISTS;
    case STORE_NONE:
        return PROBLEM_SESSION_OVER;
    default:
        return PROBLEM_FAILED;
    }
    if (find_account(&account, ra, corporation, user_id) != STORE_OK ||
        store_audit(ra->store, "user-registered", account.name, NULL) != STORE_OK ||
        order_place(ra, &account, ra_now(ra), corporation->name) != STORE_OK)
        return PROBLEM_FAILED;
    return PROBLEM_NONE;
}

enum problem users_register(struct ra *ra, const struct account *corporation,
                            const struct new_user *order, const char **field)
{
    struct hashes hashes;
    enum problem problem;

    *field = "user_id";
    if (!account_id_is_sound(order->user_id))
        return PROBLEM_FIELD;
    problem = hash_both(&hashes, order, field);
    if (problem)
        return problem;
    if (store_begin(ra->store) != STORE_OK)
        return PROBLEM_FAILED;
    problem = add(ra, corporation, order->user_id, &hashes);
    return store_end(ra->store, problem == PROBLEM_NONE) == STORE_OK ? problem : PROBLEM_FAILED;
}

enum problem users_reissue(struct ra *ra, const struct account *corporation, const char *user_id)
{
    struct account account;
    enum store_result result = find_account(&account, ra, corporation, user_id);

    if (result == STORE_OK)
        result = order_reissue(ra, account.id, ra_now(ra), corporation->name);
    return ra_problem(result, PROBLEM_NOT_FOUND);
}

enum problem users_set_passwords(struct ra *ra, const struct account *account,
                                 const struct new_user *order, const char *by, const char **field)
{
    char detail[ACCOUNT_NAME_MAX + 4];
    struct hashes hashes;
    enum store_result result;
    enum problem problem = hash_both(&hashes, order, field);

    if (problem)
        return problem;
    if (store_begin(ra->store) != STORE_OK)
        return PROBLEM_FAILED;
    result =
        store_account_set_passwords(ra->store, account->id, hashes.password, hashes.confirmation);
    snprintf(detail, sizeof(detail), "by %s", by);
    if (result == STORE_OK)
        result = session_end_all(ra, account->id);
    if (result == STORE_OK)
        result = job_end_all(ra, account);
    if (result == STORE_OK)
        result = store_audit(ra->store, "passwords-reset", account->name, detail);
    if (store_end(ra->store, result == STORE_OK) != STORE_OK)
        return PROBLEM_FAILED;
    return ra_problem(result, PROBLEM_NOT_FOUND);
}

enum problem users_reset(struct ra *ra, const struct account *corporation,
                         const struct new_user *order, const char **field)
{
    struct account account;
    enum store_result result = find_account(&account, ra, corporation, order->user_id);

    *field = NULL;
    return result == STORE_OK ? users_set_passwords(ra, &account, order, corporation->name, field)
                              : ra_problem(result, PROBLEM_NOT_FOUND);
}
