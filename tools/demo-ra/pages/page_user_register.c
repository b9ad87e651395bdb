/* SPDX-License-Identifier: Apache-2.0 */
#include "pages/page_user.h"

void register_show(struct page *page)
{
    static words title = { "Register a user", "利用者の新規登録" };
    static words lead = { "The user can collect a first certificate as soon as this is done.",
                          "登録が完了すると、利用者は直ちに電子証明書を取得できます。" };
    static words button = { "Register", "登録" };
    static const struct field user_id = {
        "user_id",
        FIELD_TEXT,
        { "User ID (new)", "利用者ID（新）" },
        { "1 to 31 letters and digits (also - _ .), half-width.",
          "半角の英数字と記号（- _ .）1～31文字で入力してください。" },
    };

    page_open(page, title, NULL);
    page_say(page, lead);
    page_open_form(page, "/users/new", "fields");
    page_add_field(page, &user_id);
    page_add_field(page, &user_page_new_password);
    page_add_field(page, &user_page_new_confirmation_password);
    page_add_field(page, &user_page_confirmation_password);
    page_add_lock_notice(page);
    page_add_button(page, "register", button);
    page_close_form(page);
    user_page_add_back(page);
    page_close(page);
}

static enum problem register_user(struct page *page)
{
    struct new_user order = user_page_passwords(page, form_text(&page->form, "user_id"));
    enum problem problem = page_check_id(page, "user_id");

    if (!problem)
        problem = user_page_confirm(page);
    if (!problem)
        problem = users_register(page->request->ra, &page->account, &order, &page->field);
    if (problem == PROBLEM_USER_EXISTS)
        page->field = "user_id";
    return problem;
}

void register_take(struct page *page)
{
    page->problem = register_user(page);
    if (page->problem)
        register_show(page);
    else
        page_go_with_id(page, "/users/registered", form_text(&page->form, "user_id"));
}

void registered_show(struct page *page)
{
    static words title = { "The user is registered", "利用者を登録しました" };
    static words steps[] = {
        { "Give the user the corporate ID, the user ID and the two passwords, each by a way that "
          "nobody else reads.",
          "契約法人ID、利用者IDと2つの暗証番号を、第三者に知られない方法で利用者に伝えます。" },
        USER_PAGE_COLLECT_STEP,
    };
    struct user_entry entry;

    if (user_page_find(&entry, page) == 0)
        user_page_tell(page, &entry, title, steps, sizeof(steps) / sizeof(steps[0]));
}
