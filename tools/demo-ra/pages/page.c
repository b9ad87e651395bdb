/* SPDX-License-Identifier: Apache-2.0 */
#include "pages/page.h"

#include "http/language.h"
#include "http/reply.h"

#include <stdio.h>
#include <string.h>

int account_is_corporation(const struct account *account)
{
    return account->corporation_id == 0;
}

void account_corporation(char out[ACCOUNT_ID_MAX + 1], const char *account_name)
{
    snprintf(out, ACCOUNT_ID_MAX + 1, "%.*s", (int)strcspn(account_name, " "), account_name);
}

/* --- the frame --- */

static void add_head(struct page *page, const char *title)
{
    static words bank = { "Demo Bank", "デモ銀行" };
    static words skip = { "To the content", "本文へ" };

    text_addf(page->body,
              "<!DOCTYPE html>\n<html lang=\"%s\">\n<head>\n<meta charset=\"utf-8\">\n"
              "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>",
              language_tags[page->language]);
    text_add_escaped(page->body, title);
    text_addf(page->body,
              " - %s</title>\n<link rel=\"stylesheet\" href=\"/style.css\">\n"
              "<link rel=\"icon\" href=\"/icon.svg\" type=\"image/svg+xml\">\n"
              "<script src=\"/script.js\" defer></script>\n</head>\n<body>\n"
              "<a class=\"skip\" href=\"#main\">%s</a>\n<header>\n<p class=\"bank\">%s</p>\n",
              bank[page->language], skip[page->language], bank[page->language]);
}

/* Keeps the page and its "id"; for a page that was posted to, the one it is about. */
static void add_languages(struct page *page)
{
    static const char *const names[LANGUAGE_COUNT] = { "English", "日本語" };
    static words label = { "Language", "言語" };

    text_addf(page->body, "<nav class=\"languages\" aria-label=\"%s\">", label[page->language]);
    for (int i = LANGUAGE_COUNT - 1; i >= 0; i--) {
        text_addf(page->body, "<a href=\"%s?", page->path);
        if (page->request->query_id) {
            text_add(page->body, "id=");
            text_add_encoded(page->body, page->request->query_id);
            text_add(page->body, "&amp;");
        }
        text_addf(page->body, "lang=%s\" hreflang=\"%s\" lang=\"%s\"%s>%s</a>\n", language_tags[i],
                  language_tags[i], language_tags[i],
                  i == (int)page->language ? " aria-current=\"true\"" : "", names[i]);
    }
    text_add(page->body, "</nav>\n");
}

static void add_person(struct page *page)
{
    static words label = { "You are", "ご利用中" };
    static words log_out = { "Log out", "ログアウト" };

    if (!page->account.id)
        return;
    text_addf(page->body, "<div class=\"person\"><p>%s: <strong>", label[page->language]);
    text_add_escaped(page->body, page->account.name);
    text_add(page->body, "</strong></p>\n");
    page_open_form(page, "/logout", "inline");
    page_add_button(page, "logout", log_out);
    page_close_form(page);
    text_add(page->body, "</div>\n");
}

static void add_problem(struct page *page, const struct problem_text *problem, int in_title)
{
    static words code = { "Code", "コード" };
    static words from = { "From", "取得できる日時" };
    static words to_field = { "Go to the field", "該当する欄へ" };

    text_add(page->body,
             "<div id=\"problem\" class=\"problem\" role=\"alert\" tabindex=\"-1\" autofocus>\n");
    if (!in_title) {
        text_add(page->body, "<h2>");
        text_add_escaped(page->body, problem->title[page->language]);
        text_add(page->body, "</h2>\n");
    }
    text_add(page->body, "<p>");
    text_add_escaped(page->body, problem->advice[page->language]);
    text_add(page->body, "</p>\n");
    if (page->problem == PROBLEM_ORDER_LATER) {
        text_addf(page->body, "<p>%s: <strong>", from[page->language]);
        page_add_time(page, page->effective_at);
        text_add(page->body, "</strong></p>\n");
    }
    if (page->field)
        text_addf(page->body, "<p><a href=\"#%s\">%s</a></p>\n", page->field,
                  to_field[page->language]);
    text_addf(page->body, "<p class=\"code\">%s R-%d</p>\n</div>\n", code[page->language],
              (int)problem->problem);
}

static void open_with(struct page *page, const char *title, const char *attribute, int in_title)
{
    const struct problem_text *problem = page->problem ? problem_text(page->problem) : NULL;

    page->reply->status = problem ? problem->http_status : 200;
    page->reply->content_type = "text/html; charset=utf-8";
    reply_add_header(page->reply, "Content-Language", language_tags[page->language]);
    reply_add_header(page->reply, "Vary", "Accept-Language, Cookie");
    add_head(page, title);
    add_languages(page);
    add_person(page);
    text_add(page->body, "</header>\n<main id=\"main\" tabindex=\"-1\"");
    if (problem)
        text_addf(page->body, " data-code=\"R-%d\"", (int)problem->problem);
    if (attribute)
        text_addf(page->body, " %s", attribute);
    text_add(page->body, ">\n<h1>");
    text_add_escaped(page->body, title);
    text_add(page->body, "</h1>\n");
    if (problem)
        add_problem(page, problem, in_title);
}

void page_open(struct page *page, words title, const char *attribute)
{
    open_with(page, title[page->language], attribute, 0);
}

void page_close(struct page *page)
{
    static words about = {
        "A demonstration: nothing here is a real bank. Corporate ID or passwords forgotten: ask "
        "your branch. User ID or passwords forgotten: ask your corporation's administrator.",
        "これはデモンストレーションであり、実在の銀行ではありません。契約法人ID・契約法人の暗証番号"
        "を"
        "お忘れの場合は営業店へ、利用者ID・利用者の暗証番号をお忘れの場合は契約法人の管理者へ"
        "お問い合わせください。"
    };

    text_addf(page->body, "</main>\n<footer><p>%s</p></footer>\n</body>\n</html>\n",
              about[page->language]);
}

void page_refuse(struct page *page, enum problem problem)
{
    static words first = { "Go to the first page", "最初のページへ" };
    static words again = { "Back to the page", "元のページへ戻る" };

    page->problem = problem;
    page->field = NULL;
    open_with(page, problem_text(problem)->title[page->language], NULL, 1);
    if (problem == PROBLEM_FOREIGN_REQUEST || problem == PROBLEM_FIELD)
        page_add_link(page, "again", page->path, again);
    page_add_link(page, "first", "/", first);
    page_close(page);
}

/* --- going on --- */

void page_go(struct page *page, const char *path)
{
    reply_redirect(page->reply, path);
}

void page_go_with_id(struct page *page, const char *path, const char *id)
{
    struct text location = { 0 };

    text_addf(&location, "%s?id=", path);
    text_add_encoded(&location, id);
    if (location.failed)
        page_refuse(page, PROBLEM_FAILED);
    else
        reply_redirect(page->reply, location.data);
    text_clear(&location);
}

/* --- the session --- */

enum problem page_log_on(struct page *page, const struct account *account)
{
    struct session fresh;
    int64_t certificate_id = page->request->host == HOST_LOGIN ? page->peer.record.id : 0;

    if (session_begin(&fresh, page->request->ra, page->request->host, account->id,
                      certificate_id) != STORE_OK)
        return PROBLEM_FAILED;
    if (page->session.id && session_end(page->request->ra, page->session.id) == STORE_FAILED)
        return PROBLEM_FAILED;
    cookie_set(page->reply, COOKIE_SESSION, fresh.token);
    page->session = fresh;
    page->account = *account;
    return PROBLEM_NONE;
}

void page_log_out(struct page *page)
{
    if (session_end(page->request->ra, page->session.id) == STORE_FAILED) {
        page_refuse(page, PROBLEM_FAILED);
        return;
    }
    cookie_set(page->reply, COOKIE_SESSION, NULL);
    page_go(page, "/logged-out");
}
