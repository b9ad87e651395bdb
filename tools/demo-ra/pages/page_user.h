/* SPDX-License-Identifier: Apache-2.0 */
/* What the administrator's pages about one user have in common. */
#ifndef DEMO_RA_PAGE_USER_H
#define DEMO_RA_PAGE_USER_H

#include "pages/page_handlers.h"
#include "rules/users.h"

extern const struct field user_page_new_password;
extern const struct field user_page_new_confirmation_password;
extern const struct field user_page_confirmation_password;

/* What comes next for a user who has a certificate to collect. */
#define USER_PAGE_COLLECT_STEP                                                                                                         \
    {                                                                                                                                  \
        "The user opens the entry page, chooses <em>Get a user certificate</em>, and then logs "                                       \
        "on "                                                                                                                          \
        "with the certificate and the user password.",                                                                                 \
            "利用者は案内ページの「利用者電子証明書取得」から電子証明書を取得し、電子証明書と" \
            "利用者暗証番号でログオンします。"                                                                         \
    }

/* The corporation's user whom the query names. -1: there is none, and the page says so. */
int user_page_find(struct user_entry *out, struct page *page);
/* The user's ID and certificate. */
void user_page_add(struct page *page, const struct user_entry *entry);
void user_page_add_back(struct page *page);
/* The corporation's confirmation password, of the form. */
enum problem user_page_confirm(struct page *page);
/* The posted new passwords, unchecked. */
struct new_user user_page_passwords(const struct page *page, const char *user_id);
/* A page about this user with a list of what comes next. */
void user_page_tell(struct page *page, const struct user_entry *entry, words title, words steps[],
                    size_t count);

#endif
