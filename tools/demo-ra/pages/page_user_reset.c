/* SPDX-License-Identifier: Apache-2.0 */
#include "pages/page_user.h"

static void write_reset_form(struct page *page, const struct user_entry *entry)
{
    static words title = { "Reset a user's passwords", "利用者暗証番号の再設定" };
    static words lead = { "Sets both of the user's passwords anew, and unlocks them.",
                          "利用者の2つの暗証番号を新しく設定し、ロックを解除します。" };
    static words button = { "Reset", "再設定" };

    page_open(page, title, NULL);
    page_say(page, lead);
    user_page_add(page, entry);
    page_open_form(page, "/users/reset", "fields");
    page_add_field(page, &user_page_new_password);
    page_add_field(page, &user_page_new_confirmation_password);
    page_add_field(page, &user_page_confirmation_password);
    page_add_lock_notice(page);
    page_add_button(page, "reset", button);
    page_close_form(page);
    user_page_add_back(page);
    page_close(page);
}

void reset_show(struct page *page)
{
    struct user_entry entry;

    if (user_page_find(&entry, page) == 0)
        write_reset_form(page, &entry);
}

static enum problem reset(struct page *page, const struct user_entry *entry)
{
    struct new_user order = user_page_passwords(page, entry->user_id);
    enum problem problem = user_page_confirm(page);

    return problem ? problem : users_reset(page->request->ra, &page->account, &order, &page->field);
}

void reset_take(struct page *page)
{
    struct user_entry entry;

    if (user_page_find(&entry, page) < 0)
        return;
    page->problem = reset(page, &entry);
    if (page->problem)
        write_reset_form(page, &entry);
    else
        page_go_with_id(page, "/users/reset-done", entry.user_id);
}

void reset_done_show(struct page *page)
{
    static words title = { "The user's passwords are set", "利用者の暗証番号を設定しました" };
    static words steps[] = {
        { "Give the user the two new passwords, each by a way that nobody else reads.",
          "2つの新しい暗証番号を、第三者に知られない方法で利用者に伝えます。" },
        { "The user logs on with the certificate and the new user password. The certificate stays "
          "as it is.",
          "利用者は電子証明書と新しい利用者暗証番号でログオンします。電子証明書は変わりません。" },
    };
    struct user_entry entry;

    if (user_page_find(&entry, page) == 0)
        user_page_tell(page, &entry, title, steps, sizeof(steps) / sizeof(steps[0]));
}
