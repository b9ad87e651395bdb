/* SPDX-License-Identifier: Apache-2.0 */
#include "login_page.h"

#include "common/message.h"
#include "diagnostics.h"
#include "pages.h"

#include <string.h>
#include <time.h>

/* What the page says for a verdict, and X-Certenroll-Logon, the same for programs. */
struct verdict {
    unsigned status;
    const char *header;
    words title;
    words advice;
};

static const struct verdict verdicts[] = {
    [LOGON_OK] = { 200,
                   "ok",
                   { "You are logged on", "ログオンしました" },
                   { "The certificate in your token was accepted.",
                     "トークン内の電子証明書を確認しました。" } },
    [LOGON_NONE] = { 403,
                     "none",
                     { "No certificate was presented", "電子証明書が提示されませんでした" },
                     { "Insert your token, close the browser, open this page again and choose the "
                       "certificate when asked. If you have none yet, get one first.",
                       "トークンを挿入し、ブラウザーを閉じてからこのページを開き直し、電子証明書を"
                       "選択してください。未取得の場合は先に取得してください。" } },
    [LOGON_FOREIGN] = { 403,
                        "foreign",
                        { "This certificate is from somebody else",
                          "他の機関が発行した電子証明書です" },
                        { "Choose the certificate that this bank issued: its name is your "
                          "corporate ID, or your corporate ID and user ID.",
                          "当行が発行した電子証明書(名称は契約法人ID、または契約法人IDと利用者ID)を"
                          "選択してください。" } },
    [LOGON_EXPIRED] = { 403,
                        "expired",
                        { "The certificate has expired", "電子証明書の有効期限が切れています" },
                        { "Get a new certificate with your ID and password.",
                          "IDと暗証番号で新しい電子証明書を取得してください。" } },
    [LOGON_NOT_YET_VALID] = { 403,
                              "expired",
                              { "The certificate is not valid yet",
                                "電子証明書はまだ有効期間前です" },
                              { "Check your PC's clock, or wait until the certificate begins.",
                                "パソコンの時計を確認するか、有効期間の開始をお待ちください。" } },
    [LOGON_UNKNOWN] = { 403,
                        "unknown",
                        { "The certificate is not registered here",
                          "登録されていない電子証明書です" },
                        { "Its account may have been closed. Ask the bank's branch.",
                          "契約が解約されている可能性があります。営業店にお問い合わせください"
                          "。" } },
    [LOGON_REVOKED] = { 403,
                        "revoked",
                        { "The certificate has been revoked", "電子証明書は失効しています" },
                        { "Get a new certificate; if you did not expect this, ask the bank's "
                          "branch.",
                          "新しい電子証明書を取得してください。お心当たりがない場合は営業店に"
                          "お問い合わせください。" } },
    [LOGON_FAILED] = { 500,
                       "failed",
                       { "The service failed", "障害が発生しました" },
                       { "Try again later.", "しばらくしてからやり直してください。" } },
};

static void add_row(struct text *body, const char *term, const char *value)
{
    text_add(body, "<dt>");
    text_add(body, term);
    text_add(body, "</dt>\n<dd>");
    text_add_escaped(body, value);
    text_add(body, "</dd>\n");
}

static void add_time(struct text *body, const char *term, int64_t seconds)
{
    char stamp[64];
    time_t time = (time_t)seconds;
    struct tm utc;

    if (gmtime_r(&time, &utc) && strftime(stamp, sizeof(stamp), "%Y-%m-%d %H:%M:%S UTC", &utc))
        add_row(body, term, stamp);
}

static void add_holder(struct text *body, const char *account_name, enum language language)
{
    static words corporation_term = { "Corporate ID", "契約法人ID" };
    static words user_term = { "User ID", "利用者ID" };
    const char *space = strchr(account_name, ' ');
    char corporation[ACCOUNT_NAME_MAX + 1];

    memcpy(corporation, account_name, strlen(account_name) + 1);
    corporation[strcspn(corporation, " ")] = '\0';
    add_row(body, corporation_term[language], corporation);
    if (space)
        add_row(body, user_term[language], space + 1);
}

static void add_record(struct text *body, const struct certificate_record *record,
                       enum language language)
{
    static words serial = { "Certificate's serial number", "電子証明書のシリアル番号" };
    static words from = { "Valid from", "有効期間の開始" };
    static words until = { "Valid until", "有効期間の終了" };

    add_holder(body, record->account_name, language);
    add_row(body, serial[language], record->serial);
    add_time(body, from[language], record->not_before);
    add_time(body, until[language], record->not_after);
}

/* A foreign certificate's own words: shown as text, and at a bounded length. */
static void add_foreign(struct text *body, X509 *certificate, enum language language)
{
    static words subject = { "Certificate's name", "電子証明書の名称" };
    static words issuer = { "Issued by", "発行者" };
    char name[256];

    if (X509_NAME_oneline(X509_get_subject_name(certificate), name, sizeof(name)))
        add_row(body, subject[language], name);
    if (X509_NAME_oneline(X509_get_issuer_name(certificate), name, sizeof(name)))
        add_row(body, issuer[language], name);
}

static void log_verdict(const struct verdict *verdict, const char *account_name)
{
    const char *text = verdict->title[operator_reads_japanese() ? LANGUAGE_JA : LANGUAGE_EN];

    if (account_name[0])
        log_event(_("logon of \"%s\": %s"), account_name, text);
    else
        log_event(_("logon: %s"), text);
}

void login_page(struct reply *reply, const struct request *request)
{
    enum language language = page_language(request);
    const struct verdict *verdict;
    struct peer peer;

    peer_judge(&peer, request->ra, request->session);
    verdict = &verdicts[peer.logon];
    page_open(reply, language, verdict->status, verdict->title);
    reply_add_header(reply, "X-Certenroll-Logon", verdict->header);
    text_addf(&reply->body, "<p>%s</p>\n", verdict->advice[language]);
    if (peer.certificate) {
        text_add(&reply->body, "<dl>\n");
        if (peer.record.id)
            add_record(&reply->body, &peer.record, language);
        else
            add_foreign(&reply->body, peer.certificate, language);
        text_add(&reply->body, "</dl>\n");
    }
    page_close(reply, language);
    log_verdict(verdict, peer.record.account_name);
    peer_clear(&peer);
}
