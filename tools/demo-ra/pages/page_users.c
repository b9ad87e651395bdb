/* SPDX-License-Identifier: Apache-2.0 */
#include "pages/page_handlers.h"
#include "rules/users.h"

static void open_cell(struct page *page, words heading)
{
    text_addf(page->body, "<td data-label=\"%s\">", heading[page->language]);
}

static words heading_user = { "User ID", "利用者ID" };
static words heading_certificate = { "Electronic certificate", "電子証明書" };
static words heading_until = { "Valid until", "有効期間の終了" };
static words heading_do = { "Do", "操作" };

static void add_state(struct page *page, const struct user_entry *entry)
{
    static words from = { "from", "取得できる日時:" };
    static words locked = { "password locked", "暗証番号ロック中" };

    open_cell(page, heading_certificate);
    if (standing_is_good(&entry->certificate))
        text_add(page->body, "<span class=\"good\" aria-hidden=\"true\">○</span> ");
    text_addf(page->body, "<span>%s", standing_word(page, &entry->certificate));
    if (entry->certificate.state == CERTIFICATE_STATE_WAITING && !entry->certificate.collectable) {
        text_addf(page->body, " (%s ", from[page->language]);
        page_add_time(page, entry->certificate.effective_at);
        text_add(page->body, ")");
    }
    text_add(page->body, "</span>");
    if (entry->locked)
        text_addf(page->body, "<span class=\"bad\">%s</span>", locked[page->language]);
    text_add(page->body, "</td>\n");
}

/* The user's ID goes with the words, for those who hear the links out of their row. */
static void add_link(struct page *page, const char *path, const char *user_id, words text)
{
    text_addf(page->body, "<a href=\"%s?id=", path);
    text_add_encoded(page->body, user_id);
    text_addf(page->body, "\">%s<span class=\"heard\"> ", text[page->language]);
    text_add_escaped(page->body, user_id);
    text_add(page->body, "</span></a>\n");
}

static int add_user(void *user, const struct user_entry *entry)
{
    static words change = { "Change", "変更" };
    static words reset = { "Reset passwords", "暗証番号の再設定" };
    const struct standing_certificate *certificate = &entry->certificate;
    struct page *page = user;

    text_add(page->body, "<tr data-user=\"");
    text_add_escaped(page->body, entry->user_id);
    text_addf(page->body, "\" data-state=\"%s\">\n<th scope=\"row\">",
              certificate_state_name(certificate->state));
    text_add_escaped(page->body, entry->user_id);
    text_add(page->body, "</th>\n");
    add_state(page, entry);
    open_cell(page, heading_until);
    text_add(page->body, "<span>");
    if (certificate->state >= CERTIFICATE_STATE_VALID && certificate->not_after)
        page_add_time(page, certificate->not_after);
    else
        text_add(page->body, "–");
    text_add(page->body, "</span></td>\n");
    open_cell(page, heading_do);
    text_add(page->body, "<span class=\"links\">");
    add_link(page, "/users/change", entry->user_id, change);
    add_link(page, "/users/reset", entry->user_id, reset);
    text_add(page->body, "</span></td>\n</tr>\n");
    return 0;
}

static void add_table(struct page *page, const struct text *rows)
{
    static words caption = { "○: there is a certificate to log on with, or one to collect",
                             "○: ログオンに使える、または取得できる電子証明書があります" };

    text_addf(page->body,
              "<table id=\"users\" class=\"wide\">\n<caption>%s</caption>\n<thead><tr>"
              "<th scope=\"col\">%s</th><th scope=\"col\">%s</th><th scope=\"col\">%s</th>"
              "<th scope=\"col\">%s</th></tr></thead>\n<tbody>\n",
              caption[page->language], heading_user[page->language],
              heading_certificate[page->language], heading_until[page->language],
              heading_do[page->language]);
    text_add_bytes(page->body, rows->data, rows->length);
    text_add(page->body, "</tbody>\n</table>\n");
}

static void write_users(struct page *page, const struct text *rows)
{
    static words title = { "List of users", "利用者一覧" };
    static words new_user = { "Register a user", "利用者の新規登録" };
    static words none = { "No user is registered yet.", "登録されている利用者はいません。" };
    static words menu = { "Back to the menu", "メニューへ戻る" };

    page_open(page, title, NULL);
    page_add_link(page, "new-user", "/users/new", new_user);
    if (rows->length > 0)
        add_table(page, rows);
    else
        page_say(page, none);
    page_add_link(page, "menu", "/menu", menu);
    page_close(page);
}

/* The rows come first: once the page has begun it can tell no problem. */
void users_show(struct page *page)
{
    struct text rows = { 0 };
    enum store_result result;

    page->body = &rows;
    result = users_list(page->request->ra, page->account.id, add_user, page);
    page->body = &page->reply->body;
    if (result == STORE_FAILED || rows.failed)
        page_refuse(page, PROBLEM_FAILED);
    else
        write_users(page, &rows);
    text_clear(&rows);
}
