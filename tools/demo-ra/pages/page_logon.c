/* SPDX-License-Identifier: Apache-2.0 */
/* The first page of "login": whose certificate it is and the password that goes with it, or why the
 * certificate is not good. */
#include "common/tool_message.h"
#include "ground/diagnostics.h"
#include "pages/page_handlers.h"
#include "rules/logon.h"
#include "rules/order.h"

#include <stdlib.h>
#include <string.h>

/* For programs, in X-Certenroll-Logon. */
static const char *const verdicts[] = {
    [LOGON_OK] = "ok",
    [LOGON_NONE] = "none",
    [LOGON_FOREIGN] = "foreign",
    [LOGON_EXPIRED] = "expired",
    [LOGON_NOT_YET_VALID] = "expired",
    [LOGON_UNKNOWN] = "unknown",
    [LOGON_REVOKED] = "revoked",
    [LOGON_FAILED] = "failed",
};

/* --- the certificate --- */

/* Of a foreign certificate its own words: shown as text, and at a bounded length. */
static void add_certificate(struct page *page)
{
    static words corporation_term = { "Corporate ID", "契約法人ID" };
    static words user_term = { "User ID", "利用者ID" };
    static words serial = { "Certificate's serial number", "電子証明書のシリアル番号" };
    static words from = { "Valid from", "有効期間の開始" };
    static words until = { "Valid until", "有効期間の終了" };
    static words subject = { "Certificate's name", "電子証明書の名称" };
    static words issuer = { "Issued by", "発行者" };
    const struct certificate_record *record = &page->peer.record;
    const X509 *certificate = page->peer.certificate;
    const char *space = strchr(record->account_name, ' ');
    char corporation[ACCOUNT_ID_MAX + 1], name[256];

    if (!certificate)
        return;
    text_add(page->body, "<dl>\n");
    if (record->id) {
        account_corporation(corporation, record->account_name);
        page_add_row(page, corporation_term, corporation);
        if (space)
            page_add_row(page, user_term, space + 1);
        page_add_row(page, serial, record->serial);
        page_add_time_row(page, from, record->not_before);
        page_add_time_row(page, until, record->not_after);
    } else {
        if (X509_NAME_oneline(X509_get_subject_name(certificate), name, sizeof(name)))
            page_add_row(page, subject, name);
        if (X509_NAME_oneline(X509_get_issuer_name(certificate), name, sizeof(name)))
            page_add_row(page, issuer, name);
    }
    text_add(page->body, "</dl>\n");
}

static void add_verdict(struct page *page)
{
    reply_add_header(page->reply, "X-Certenroll-Logon", verdicts[page->peer.logon]);
}

void logon_refuse(struct page *page, enum problem problem)
{
    static words title = { "Logon is not possible", "ログオンできません" };
    static words entry = { "Get a certificate", "電子証明書の取得はこちら" };
    const char *what = problem_told(problem);

    page->problem = problem;
    page->field = NULL;
    add_verdict(page);
    page_open(page, title, NULL);
    add_certificate(page);
    text_add(page->body, "<p><a id=\"entry\" href=\"");
    page_add_origin(page, HOST_ENTRY);
    text_addf(page->body, "/?lang=%s\">%s</a></p>\n", page->language == LANGUAGE_JA ? "ja" : "en",
              entry[page->language]);
    page_close(page);
    if (page->peer.record.account_name[0])
        log_event(_("logon of \"%s\": %s"), page->peer.record.account_name, what);
    else
        log_event(_("logon: %s"), what);
}

/* --- the password --- */

static void write_logon_form(struct page *page, int corporation)
{
    static words corporate_title = { "Corporate logon", "契約法人ログオン" };
    static words user_title = { "User logon", "利用者ログオン" };
    static words accepted = { "Your certificate was accepted. Enter the password that belongs to "
                              "it.",
                              "電子証明書を確認しました。対応する暗証番号を入力してください。" };
    static words logon = { "Log on", "ログオン" };
    static words other = {
        "Not the certificate you meant? Close all windows of the browser and open "
        "it again: it then asks anew.",
        "別の電子証明書を選ぶ場合は、ブラウザーのすべてのウィンドウをいったん閉じて"
        "から、開き直してください。"
    };
    static const struct field corporate_password = {
        "password", FIELD_PASSWORD, { "Corporate password", "契約法人暗証番号" }, { NULL, NULL }
    };
    static const struct field user_password = {
        "password", FIELD_PASSWORD, { "User password", "利用者暗証番号" }, { NULL, NULL }
    };

    add_verdict(page);
    page_open(page, corporation ? corporate_title : user_title, NULL);
    page_say(page, accepted);
    add_certificate(page);
    page_open_form(page, "/logon", "fields");
    page_add_field(page, corporation ? &corporate_password : &user_password);
    page_add_lock_notice(page);
    page_add_button(page, "logon-button", logon);
    page_close_form(page);
    page_say_as(page, "hint", other);
    page_close(page);
}

static const char *own_page(const struct account *account)
{
    return account_is_corporation(account) ? "/menu" : "/home";
}

void logon_show(struct page *page)
{
    if (page->account.id)
        page_go(page, own_page(&page->account));
    else
        write_logon_form(page, !strchr(page->peer.record.account_name, ' '));
}

/* Where to after the logon: who has to renew soon hears of it first. */
static enum problem log_on(struct page *page, const char **next)
{
    struct standing_certificate certificate;
    struct account account;
    enum problem problem = page_check_filled(page, "password");

    if (problem)
        return problem;
    problem = logon_with_certificate(&account, page->request->ra, &page->peer,
                                     form_text(&page->form, "password"));
    if (problem == PROBLEM_WRONG_PASSWORD)
        page->field = "password";
    if (problem)
        return problem;
    if (order_standing(&certificate, page->request->ra, account.id) != STORE_OK)
        return PROBLEM_FAILED;
    *next = certificate.state == CERTIFICATE_STATE_DUE ? "/renewal" : own_page(&account);
    return page_log_on(page, &account);
}

void logon_take(struct page *page)
{
    const char *next = "/";

    page->problem = log_on(page, &next);
    if (page->problem)
        write_logon_form(page, !strchr(page->peer.record.account_name, ' '));
    else
        page_go(page, next);
}
