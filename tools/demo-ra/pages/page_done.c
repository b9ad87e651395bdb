/* SPDX-License-Identifier: Apache-2.0 */
#include "http/language.h"
#include "pages/page_handlers.h"
#include "rules/order.h"
#include "rules/ra_job.h"

static void add_next(struct page *page)
{
    static words title = { "What comes next", "次の手順" };
    static words restart = { "Close all windows of the browser and open it again, so that it finds "
                             "the new certificate.",
                             "新しい電子証明書を認識させるため、ブラウザーのすべてのウィンドウを"
                             "いったん閉じ、開き直してください。" };
    static words corporate = {
        "Log on: choose the certificate of this name in the browser, then "
        "enter the corporate password.",
        "ログオンします。ブラウザーでこの名称の電子証明書を選び、契約法人暗証番号"
        "を入力してください。"
    };
    static words users = {
        "If this PC is a user's too, or users need new certificates: open the "
        "list of users there and have the certificate revoked and reissued.",
        "このパソコンを利用者も使う場合や、利用者の電子証明書も再発行する場合は、"
        "ログオン後に利用者一覧から失効・再発行を行ってください。"
    };
    static words user = { "Log on: choose the certificate of this name in the browser, then enter "
                          "the user password.",
                          "ログオンします。ブラウザーでこの名称の電子証明書を選び、利用者暗証番号を"
                          "入力してください。" };
    int corporation = account_is_corporation(&page->account);

    text_addf(page->body, "<h2>%s</h2>\n<ol>\n<li>%s</li>\n<li>%s</li>\n", title[page->language],
              restart[page->language], (corporation ? corporate : user)[page->language]);
    if (corporation)
        text_addf(page->body, "<li>%s</li>\n", users[page->language]);
    text_add(page->body, "</ol>\n");
}

static void write_done(struct page *page, const struct standing_certificate *certificate)
{
    static words title = { "The certificate is in your token",
                           "電子証明書がトークンに格納されました" };
    static words name = { "Certificate's name", "電子証明書の名称" };
    static words serial = { "Serial number", "シリアル番号" };
    static words until = { "Valid until", "有効期間の終了" };
    static words logon = { "Go to the logon", "ログオン画面へ" };

    page_open(page, title, "data-state=\"confirmed\"");
    text_add(page->body, "<dl>\n");
    page_add_row(page, name, page->account.name);
    page_add_row(page, serial, certificate->serial);
    page_add_time_row(page, until, certificate->not_after);
    text_add(page->body, "</dl>\n");
    add_next(page);
    text_add(page->body, "<p><a id=\"logon\" class=\"button\" href=\"");
    page_add_origin(page, HOST_LOGIN);
    text_addf(page->body, "/?lang=%s\">%s</a></p>\n", language_tags[page->language],
              logon[page->language]);
    page_close(page);
}

void done_show(struct page *page)
{
    struct job job;
    struct standing_certificate certificate;
    enum store_result found = job_of_session(&job, page->request->ra, page->session.id);

    if (found == STORE_NONE || (found == STORE_OK && job.state != JOB_CONFIRMED)) {
        page_go(page, "/enrol");
        return;
    }
    if (found == STORE_OK)
        found = order_standing(&certificate, page->request->ra, page->account.id);
    if (found == STORE_OK)
        write_done(page, &certificate);
    else
        page_refuse(page, PROBLEM_FAILED);
}
