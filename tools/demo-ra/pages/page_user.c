/* SPDX-License-Identifier: Apache-2.0 */
#include "pages/page_user.h"

#include "base/text.h"
#include "rules/logon.h"

const struct field user_page_new_password = {
    "new_password",
    FIELD_NEW_PASSWORD,
    { "User password (new)", "利用者暗証番号（新）" },
    { "8 to 64 characters.", "8～64文字で入力してください。" },
};
const struct field user_page_new_confirmation_password = {
    "new_confirmation_password",
    FIELD_NEW_PASSWORD,
    { "User confirmation password (new)", "利用者確認暗証番号（新）" },
    { "8 to 64 characters, other than the user password.",
      "8～64文字で、利用者暗証番号と異なるものを入力してください。" },
};
const struct field user_page_confirmation_password = {
    "confirmation_password",
    FIELD_CONFIRMATION,
    { "Corporate confirmation password", "契約法人確認暗証番号" },
    { "Not the password that you logged on with: the second one.",
      "ログオン時の暗証番号ではなく、確認用の暗証番号です。" },
};

int user_page_find(struct user_entry *out, struct page *page)
{
    const char *user_id = page->request->query_id;
    enum store_result found = user_id && ce_text_is_plain(user_id)
                                  ? users_find(out, page->request->ra, page->account.id, user_id)
                                  : STORE_NONE;

    if (found == STORE_OK)
        return 0;
    page_refuse(page, found == STORE_NONE ? PROBLEM_NOT_FOUND : PROBLEM_FAILED);
    return -1;
}

void user_page_add(struct page *page, const struct user_entry *entry)
{
    static words user = { "User ID", "利用者ID" };

    text_add(page->body, "<dl>\n");
    page_add_row(page, user, entry->user_id);
    standing_add_rows(page, &entry->certificate);
    text_add(page->body, "</dl>\n");
}

void user_page_add_back(struct page *page)
{
    static words back = { "Back to the list of users", "利用者一覧へ戻る" };

    page_add_link(page, "back", "/users", back);
}

enum problem user_page_confirm(struct page *page)
{
    enum problem problem = page_check_filled(page, "confirmation_password");

    if (!problem)
        problem = logon_confirm(page->request->ra, &page->account,
                                form_text(&page->form, "confirmation_password"));
    if (problem == PROBLEM_WRONG_CONFIRMATION)
        page->field = "confirmation_password";
    return problem;
}

struct new_user user_page_passwords(const struct page *page, const char *user_id)
{
    return (struct new_user){
        .user_id = user_id,
        .password = form_text(&page->form, "new_password"),
        .confirmation_password = form_text(&page->form, "new_confirmation_password"),
    };
}

void user_page_tell(struct page *page, const struct user_entry *entry, words title, words steps[],
                    size_t count)
{
    static words next = { "What comes next", "次の手順" };

    page_open(page, title, NULL);
    user_page_add(page, entry);
    text_addf(page->body, "<h2>%s</h2>\n", next[page->language]);
    page_add_list(page, steps, count);
    user_page_add_back(page);
    page_close(page);
}
