/* SPDX-License-Identifier: Apache-2.0 */
/* Where the corporation and the user are after the logon. */
#include "pages/page_handlers.h"

static void add_own_certificate(struct page *page, const struct standing_certificate *certificate)
{
    static words name = { "Certificate's name", "電子証明書の名称" };

    text_add(page->body, "<dl>\n");
    page_add_row(page, name, page->account.name);
    standing_add_rows(page, certificate);
    text_add(page->body, "</dl>\n");
}

static void add_renewal_choice(struct page *page)
{
    static words renewal = { "Renewal of the certificate", "電子証明書の更新について" };
    static words renewal_note = { "What to do before it expires.",
                                  "有効期限が切れる前に行うことをご案内します。" };

    page_add_choice(page, "renewal", "/renewal", renewal, renewal_note);
}

static int find_own(struct page *page, struct standing_certificate *certificate)
{
    if (order_standing(certificate, page->request->ra, page->account.id) == STORE_OK)
        return 0;
    page_refuse(page, PROBLEM_FAILED);
    return -1;
}

void menu_show(struct page *page)
{
    static words title = { "Corporation's menu", "契約法人メニュー" };
    static words users = { "User information: register / change", "利用者情報 登録・変更" };
    static words users_note = { "The users, their certificates and passwords.",
                                "利用者とその電子証明書・暗証番号を管理します。" };
    struct standing_certificate certificate;

    if (find_own(page, &certificate) < 0)
        return;
    page_open(page, title, NULL);
    text_add(page->body, "<ul class=\"choices\">\n");
    page_add_choice(page, "users", "/users", users, users_note);
    add_renewal_choice(page);
    text_add(page->body, "</ul>\n");
    add_own_certificate(page, &certificate);
    page_close(page);
}

void home_show(struct page *page)
{
    static words title = { "User's page", "利用者トップページ" };
    static words welcome = { "You are logged on with your certificate and password.",
                             "電子証明書と暗証番号でログオンしています。" };
    struct standing_certificate certificate;

    if (find_own(page, &certificate) < 0)
        return;
    page_open(page, title, NULL);
    page_say(page, welcome);
    add_own_certificate(page, &certificate);
    text_add(page->body, "<ul class=\"choices\">\n");
    add_renewal_choice(page);
    text_add(page->body, "</ul>\n");
    page_close(page);
}

static void add_renewal_steps(struct page *page)
{
    static words insert = { "Insert the card or token with the present certificate.",
                            "現在の電子証明書が入ったカードまたはトークンを挿入します。" };
    static words start = { "Start this program and enter the token's PIN:",
                           "次のプログラムを起動し、トークンのPINを入力します。" };
    static words after = {
        "It makes a new key in the token and fetches a certificate for it, authenticated by the "
        "present one. The old pair is retired only after the new one has logged on.",
        "トークン内に新しい鍵を生成し、現在の電子証明書で認証して新しい電子証明書を取得します。"
        "古い鍵と電子証明書は、新しいものでのログオンを確認した後に廃止されます。"
    };

    text_addf(page->body,
              "<ol>\n<li>%s</li>\n<li>%s <code>%s renew</code></li>\n<li>%s</li>\n</ol>\n",
              insert[page->language], start[page->language],
              account_is_corporation(&page->account) ? "certenroll-corporate" : "certenroll-user",
              after[page->language]);
}

void renewal_show(struct page *page)
{
    static words title = { "Renewal of the certificate", "電子証明書の更新" };
    static words due = { "Your certificate expires soon. Renew it now.",
                         "電子証明書の有効期限が近づいています。更新してください。" };
    static words lead = {
        "Renew in the last 30 days before the end of validity. No order at the "
        "branch or by the administrator is needed.",
        "有効期限前の30日間に更新してください。営業店や管理者への申し込みは不要です。"
    };
    static words late = {
        "Once it has expired it cannot be renewed: a user asks the administrator for a reissue, a "
        "corporation the branch.",
        "有効期限が切れると更新できません。利用者は管理者に、契約法人は営業店に再発行を"
        "お申し込みください。"
    };
    static words on = { "Go on", "次へ進む" };
    struct standing_certificate certificate;

    if (find_own(page, &certificate) < 0)
        return;
    page_open(page, title, NULL);
    if (certificate.state == CERTIFICATE_STATE_DUE)
        page_say_as(page, "notice", due);
    add_own_certificate(page, &certificate);
    page_say(page, lead);
    add_renewal_steps(page);
    page_say(page, late);
    page_add_link(page, "on", account_is_corporation(&page->account) ? "/menu" : "/home", on);
    page_close(page);
}
