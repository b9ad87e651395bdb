/* SPDX-License-Identifier: Apache-2.0 */
#include "pages/page_user.h"

#include <string.h>

/* --- the form --- */

static void add_reissue(struct page *page)
{
    static words label = { "Revoke the present certificate and reissue it",
                           "現在の電子証明書を失効し、再発行する" };
    static words hint = { "The present certificate is worth nothing from then on. Not needed where "
                          "the card or token merely moves to another PC.",
                          "現在の電子証明書は直ちに使えなくなります。カードやトークンを別の"
                          "パソコンに移すだけの場合は不要です。" };
    static words missing = { "Tick this box if the certificate is to be revoked and reissued.",
                             "失効・再発行する場合は、チェックを付けてください。" };
    int wrong = page->field && strcmp(page->field, "reissue") == 0;

    text_addf(page->body, "<div class=\"field\">\n");
    if (wrong)
        text_addf(page->body, "<p class=\"error\" id=\"reissue-error\">%s</p>\n",
                  missing[page->language]);
    text_addf(page->body,
              "<label class=\"check\"><input type=\"checkbox\" id=\"reissue\" name=\"reissue\" "
              "value=\"yes\" aria-describedby=\"%sreissue-hint\"%s%s> %s</label>\n"
              "<p class=\"hint\" id=\"reissue-hint\">%s</p>\n</div>\n",
              wrong ? "reissue-error " : "", wrong ? " aria-invalid=\"true\"" : "",
              form_value(&page->form, "reissue") ? " checked" : "", label[page->language],
              hint[page->language]);
}

static void write_change_form(struct page *page, const struct user_entry *entry)
{
    static words title = { "Change a user", "利用者情報の変更" };
    static words button = { "Change", "変更" };

    page_open(page, title, NULL);
    user_page_add(page, entry);
    page_open_form(page, "/users/change", "fields");
    add_reissue(page);
    page_add_field(page, &user_page_confirmation_password);
    page_add_lock_notice(page);
    page_add_button(page, "change", button);
    page_close_form(page);
    user_page_add_back(page);
    page_close(page);
}

void change_show(struct page *page)
{
    struct user_entry entry;

    if (user_page_find(&entry, page) == 0)
        write_change_form(page, &entry);
}

static enum problem reissue(struct page *page, const struct user_entry *entry)
{
    enum problem problem;

    if (strcmp(form_text(&page->form, "reissue"), "yes") != 0) {
        page->field = "reissue";
        return PROBLEM_FIELD;
    }
    problem = user_page_confirm(page);
    return problem ? problem : users_reissue(page->request->ra, &page->account, entry->user_id);
}

void change_take(struct page *page)
{
    struct user_entry entry;

    if (user_page_find(&entry, page) < 0)
        return;
    page->problem = reissue(page, &entry);
    if (page->problem)
        write_change_form(page, &entry);
    else
        page_go_with_id(page, "/users/changed", entry.user_id);
}

/* --- what comes next --- */

/* Only while it is so: who comes back later sees how the certificate stands. */
void changed_show(struct page *page)
{
    static words title = { "The certificate is to be reissued", "電子証明書を再発行します" };
    static words steps[] = {
        { "The present certificate has been revoked; nobody can log on with it any more.",
          "現在の電子証明書は失効しました。この電子証明書ではログオンできません。" },
        { "Check that the list of users shows ○ for this user.",
          "利用者一覧の電子証明書欄に○が表示されていることを確認します。" },
        USER_PAGE_COLLECT_STEP,
    };
    struct user_entry entry;

    if (user_page_find(&entry, page) < 0)
        return;
    if (entry.certificate.state == CERTIFICATE_STATE_WAITING)
        user_page_tell(page, &entry, title, steps, sizeof(steps) / sizeof(steps[0]));
    else
        page_go_with_id(page, "/users/change", entry.user_id);
}
