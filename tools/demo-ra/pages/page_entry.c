/* SPDX-License-Identifier: Apache-2.0 */
#include "http/language.h"
#include "pages/page_handlers.h"

static void add_choices(struct page *page)
{
    static words corporate = { "Get the corporate certificate", "契約法人電子証明書取得" };
    static words corporate_note = { "You need the corporate ID and the corporate password.",
                                    "契約法人IDと契約法人暗証番号をご用意ください。" };
    static words user = { "Get a user certificate", "利用者電子証明書取得" };
    static words user_note = { "You need the corporate ID, the user ID and the user password.",
                               "契約法人ID、利用者IDと利用者暗証番号をご用意ください。" };
    static words logon = { "Log on with your certificate", "電子証明書でログオン" };
    static words logon_note = {
        "Insert the card or token first: your browser asks which certificate to use.",
        "先にカードまたはトークンを挿入してください。使用する電子証明書をブラウザーが尋ねます。"
    };

    text_add(page->body, "<ul class=\"choices\">\n");
    page_add_choice(page, "get-corporate", "/corporate", corporate, corporate_note);
    page_add_choice(page, "get-user", "/user", user, user_note);
    /* Another host has another cookie: the language goes with the link. */
    text_add(page->body, "<li><a id=\"logon\" href=\"");
    page_add_origin(page, HOST_LOGIN);
    text_addf(page->body, "/?lang=%s\">%s</a>\n<p>%s</p></li>\n</ul>\n",
              language_tags[page->language], logon[page->language], logon_note[page->language]);
}

static void add_step_row(struct page *page, words use, words steps)
{
    text_addf(page->body, "<tr><th scope=\"row\">%s</th><td>%s</td></tr>\n", use[page->language],
              steps[page->language]);
}

/* What a replaced PC, a revoked or an expired certificate needs. */
static void add_steps(struct page *page)
{
    static words title = { "New PC, lost token, or expired certificate",
                           "パソコンの交換・トークンの紛失・有効期限切れのとき" };
    static words moves = {
        "A card or token that still works moves to the new PC with its certificate: nothing has to "
        "be issued again. Otherwise, by what the PC was used for:",
        "カードやトークンがそのまま使える場合は、新しいパソコンに差し替えるだけで済み、再発行は不要"
        "です。"
        "それ以外の場合は、パソコンの用途に応じて次の手順を行ってください。"
    };
    static words head_use = { "The PC was used as", "パソコンの用途" };
    static words head_steps = { "Steps", "手順" };
    static words both = { "corporation and user", "契約法人・利用者兼用" };
    static words both_steps = { "1, 2, 3, 4, 5", "1、2、3、4、5" };
    static words corporation = { "corporation only", "契約法人専用" };
    static words corporation_steps = { "1, 2", "1、2" };
    static words user = { "user only", "利用者専用" };
    static words user_steps = { "3, 4, 5", "3、4、5" };

    text_addf(
        page->body,
        "<h2>%s</h2>\n<p>%s</p>\n<table class=\"small\">\n<thead><tr><th scope=\"col\">%s</th>"
        "<th scope=\"col\">%s</th></tr></thead>\n<tbody>\n",
        title[page->language], moves[page->language], head_use[page->language],
        head_steps[page->language]);
    add_step_row(page, both, both_steps);
    add_step_row(page, corporation, corporation_steps);
    add_step_row(page, user, user_steps);
    text_add(page->body, "</tbody>\n</table>\n");
}

static void add_list(struct page *page)
{
    static words steps[] = {
        { "Hand the reissue order for the corporate certificate in at your branch. It takes effect "
          "at noon of the next business day.",
          "契約法人電子証明書の再発行依頼書を営業店に提出します。受付日の翌営業日正午から有効に"
          "なります。" },
        { "Get the corporate certificate on this page.",
          "このページから契約法人電子証明書を取得します。" },
        { "The administrator logs on as the corporation and has the user's certificate revoked and "
          "reissued.",
          "管理者が契約法人としてログオンし、利用者の電子証明書を失効・再発行します。" },
        { "The administrator checks that the list of users shows ○ for that user.",
          "管理者が利用者一覧の電子証明書欄に○が表示されていることを確認します。" },
        { "The user gets the user certificate on this page and logs on.",
          "利用者がこのページから利用者電子証明書を取得し、ログオンします。" },
    };

    page_add_list(page, steps, sizeof(steps) / sizeof(steps[0]));
}

void entry_show(struct page *page)
{
    static words title = { "Electronic certificates", "電子証明書のご案内" };
    static words address = { "Address for the enrolment programs", "証明書取得プログラムの接続先" };

    page_open(page, title, NULL);
    add_choices(page);
    add_steps(page);
    add_list(page);
    text_addf(page->body, "<dl>\n<dt>%s</dt>\n<dd><code>", address[page->language]);
    page_add_origin(page, HOST_EST);
    text_add(page->body, "</code></dd>\n</dl>\n");
    page_close(page);
}

void logged_out_show(struct page *page)
{
    static words title = { "You are logged out", "ログアウトしました" };
    static words advice = {
        "Close all windows of the browser and take the card or token out: until then the browser "
        "may go on using the certificate without asking again.",
        "ブラウザーのすべてのウィンドウを閉じ、カードまたはトークンを取り外してください。閉じるまで"
        "は、"
        "ブラウザーが確認なしに電子証明書を使い続けることがあります。"
    };
    static words first = { "Go to the first page", "最初のページへ" };

    page_open(page, title, NULL);
    page_say(page, advice);
    page_add_link(page, "first", "/", first);
    page_close(page);
}
