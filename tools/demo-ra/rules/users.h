/* SPDX-License-Identifier: Apache-2.0 */
/* What an administrator does with the users of the corporation. */
#ifndef DEMO_RA_USERS_H
#define DEMO_RA_USERS_H

#include "rules/order.h"

struct user_entry {
    int64_t account_id;
    char user_id[ACCOUNT_ID_MAX + 1];
    int locked;
    struct standing_certificate certificate;
};

/* Calls `take` with each in the order of the IDs until it returns non-zero. */
enum store_result users_list(struct ra *ra, int64_t corporation_id,
                             int (*take)(void *user, const struct user_entry *entry), void *user);
/* STORE_NONE: the corporation has no such user. */
enum store_result users_find(struct user_entry *out, struct ra *ra, int64_t corporation_id,
                             const char *user_id);

/* The new passwords are 8 to 64 characters of printable UTF-8, and the two differ. What is wrong is
 * told by PROBLEM_FIELD and the field's name in *field ("user_id", "new_password",
 * "new_confirmation_password"). */
struct new_user {
    const char *user_id;
    const char *password;
    const char *confirmation_password;
};
/* Registers one, with an order for a first certificate at once. PROBLEM_USER_EXISTS. */
enum problem users_register(struct ra *ra, const struct account *corporation,
                            const struct new_user *order, const char **field);
/* Revokes the present certificate and orders a new one at once. PROBLEM_NOT_FOUND. */
enum problem users_reissue(struct ra *ra, const struct account *corporation, const char *user_id);
/* Sets both passwords, unlocks, ends the user's sessions. PROBLEM_NOT_FOUND, PROBLEM_FIELD. */
enum problem users_reset(struct ra *ra, const struct account *corporation,
                         const struct new_user *order, const char **field);
/* The same for any account: the branch's way. `by` is for the audit log. */
enum problem users_set_passwords(struct ra *ra, const struct account *account,
                                 const struct new_user *order, const char *by, const char **field);

#endif
