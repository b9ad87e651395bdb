/* SPDX-License-Identifier: Apache-2.0 */
#include "ground/problem.h"

#include "ground/diagnostics.h"
#include "ground/page_text.h"

#include <stddef.h>

#define ASK_BRANCH_EN "ask the bank's branch"
#define ASK_BRANCH_JA "営業店にお問い合わせください。"

#define CORRECT_EN "Correct the program or its settings."
#define CORRECT_JA "プログラムまたはその設定を直してください。"

static const struct problem_text texts[] = {
    { PROBLEM_FAILED,
      500,
      { "The service failed.", "障害が発生しました。" },
      { "Nothing is lost. Try again in some minutes; if it goes on, " ASK_BRANCH_EN ".",
        "入力内容や電子証明書は失われていません。数分後にやり直してください。解消しない場合"
        "は" ASK_BRANCH_JA } },
    { PROBLEM_WRONG_PASSWORD,
      401,
      { "The ID or the password is wrong.", "IDまたは暗証番号が正しくありません。" },
      { "Check both and try again. After 5 wrong passwords in a row the ID is locked. A user who "
        "has "
        "forgotten them asks the corporation's administrator; a corporation asks the bank's "
        "branch.",
        "両方を確かめてやり直してください。5回続けて誤るとロックされます。お忘れの場合、利用者の"
        "方は契約法人の管理者に、契約法人の方は営業店にお問い合わせください。" } },
    { PROBLEM_LOCKED,
      403,
      { "This ID is locked after 5 wrong passwords.",
        "暗証番号を5回続けて誤ったため、このIDはロックされています。" },
      { "A user asks the corporation's administrator to reset the passwords; a corporation asks "
        "the "
        "bank's branch to unlock it.",
        "利用者の方は契約法人の管理者に暗証番号の再設定を、契約法人の方は営業店にロックの解除を"
        "ご依頼ください。" } },
    { PROBLEM_NO_ORDER,
      403,
      { "There is no certificate to collect.", "取得できる電子証明書がありません。" },
      { "A new certificate has to be ordered first: a corporation's at the bank's branch, a user's "
        "by the corporation's administrator. A certificate that is still valid is renewed without "
        "an order.",
        "先に発行のお手続きが必要です。契約法人の方は営業店に、利用者の方は契約法人の管理者に"
        "ご依頼ください。有効な電子証明書の更新には、お手続きは不要です。" } },
    { PROBLEM_ORDER_LATER,
      403,
      { "The order for the certificate has not taken effect yet.",
        "電子証明書の発行のお手続きは、まだ有効になっていません。" },
      { "Come again after that time; if it cannot wait, " ASK_BRANCH_EN ".",
        "その日時以降にやり直してください。お急ぎの場合は" ASK_BRANCH_JA } },
    { PROBLEM_WRONG_CONFIRMATION,
      401,
      { "The confirmation password is wrong.", "確認暗証番号が正しくありません。" },
      { "Nothing has been changed. Try again; after 5 wrong ones in a row it is locked. A "
        "corporation "
        "that has forgotten it asks the bank's branch.",
        "変更は行われていません。やり直してください。5回続けて誤るとロックされます。お忘れの場合"
        "は" ASK_BRANCH_JA } },
    { PROBLEM_SESSION_OVER,
      401,
      { "You have been logged off.", "ログオフされました。" },
      { "Log on again. After 15 minutes without use a session ends by itself.",
        "もう一度ログオンしてください。15分間操作がない場合は自動的にログオフされます。" } },
    { PROBLEM_FOREIGN_REQUEST,
      403,
      { "The request did not come from this service's own page.",
        "当サービスのページからの操作ではありません。" },
      { "Nothing has been changed. Open the entry page and begin again; if you did not do "
        "anything, "
        "tell the bank's branch.",
        "変更は行われていません。入口のページからやり直してください。お心当たりがない場合は営業店に"
        "お知らせください。" } },
    { PROBLEM_JOB_OVER,
      403,
      { "This collection is over, or not so far.",
        "この取得手続きは終了したか、まだこの段階にありません。" },
      { "It lasts 10 minutes a step and works once. Begin again on the page, or with the tool; no "
        "order is lost by this. If it happens again, " ASK_BRANCH_EN ".",
        "各段階の有効時間は10分で、一度だけ使えます。ページまたはツールで初めからやり直して"
        "ください。発行のお手続きは失われません。繰り返す場合は" ASK_BRANCH_JA } },
    { PROBLEM_FIELD,
      400,
      { "A field is wrong.", "入力内容に誤りがあります。" },
      { "Correct it and try again. An ID is 1 to 31 letters, digits, \"-\", \"_\" or \".\"; a new "
        "password has 8 to 64 characters, and the confirmation password is another.",
        "訂正してやり直してください。IDは英数字と「-」「_」「.」で1～31文字、新しい暗証番号は8～64"
        "文字で、確認暗証番号とは異なるものにしてください。" } },
    { PROBLEM_USER_EXISTS,
      409,
      { "There is a user with this ID already.", "このIDの利用者はすでに登録されています。" },
      { "Choose another ID, or change the user in the list.",
        "別のIDを指定するか、利用者一覧から変更してください。" } },
    { PROBLEM_CERTIFICATE_NONE,
      403,
      { "No certificate was presented.", "電子証明書が提示されませんでした。" },
      { "Insert your token, close the browser, open the page again and choose the certificate when "
        "asked. If you have none yet, get one first.",
        "トークンを挿入し、ブラウザーを閉じてからページを開き直し、電子証明書を選択してください。"
        "未取得の場合は先に取得してください。" } },
    { PROBLEM_CERTIFICATE_FOREIGN,
      403,
      { "This certificate is from somebody else.", "他の機関が発行した電子証明書です。" },
      { "Choose the certificate that this bank issued: its name is your corporate ID, or your "
        "corporate ID and user ID.",
        "当行が発行した電子証明書(名称は契約法人ID、または契約法人IDと利用者ID)を選択して"
        "ください。" } },
    { PROBLEM_CERTIFICATE_EXPIRED,
      403,
      { "The certificate has expired.", "電子証明書の有効期限が切れています。" },
      { "A new one has to be ordered: a corporation's at the bank's branch, a user's by the "
        "corporation's administrator.",
        "再発行のお手続きが必要です。契約法人の方は営業店に、利用者の方は契約法人の管理者に"
        "ご依頼ください。" } },
    { PROBLEM_CERTIFICATE_NOT_YET_VALID,
      403,
      { "The certificate is not valid yet.", "電子証明書はまだ有効期間前です。" },
      { "Check your PC's clock, or wait until the certificate begins.",
        "パソコンの時計を確認するか、有効期間の開始をお待ちください。" } },
    { PROBLEM_CERTIFICATE_UNKNOWN,
      403,
      { "The certificate is not registered here.", "登録されていない電子証明書です。" },
      { "Its account may have been closed. Ask the bank's branch.",
        "契約が解約されている可能性があります。" ASK_BRANCH_JA } },
    { PROBLEM_CERTIFICATE_REVOKED,
      403,
      { "The certificate has been revoked.", "電子証明書は失効しています。" },
      { "Get the new one, if it has been ordered; if you did not expect this, a user asks the "
        "corporation's administrator and a corporation the bank's branch.",
        "再発行のお手続きが済んでいる場合は、新しい電子証明書を取得してください。お心当たりが"
        "ない場合、利用者の方は契約法人の管理者に、契約法人の方は営業店にお問い合わせください"
        "。" } },
    { PROBLEM_CERTIFICATE_OTHER,
      403,
      { "This certificate is another ID's.", "別のIDの電子証明書です。" },
      { "Choose the certificate with the right name: the corporate ID for the corporation, the "
        "corporate ID and the user ID for a user. Close the browser to be asked again.",
        "名称の正しい電子証明書(契約法人は契約法人ID、利用者は契約法人IDと利用者ID)を選択して"
        "ください。選び直すにはブラウザーを閉じてください。" } },
    { PROBLEM_NOT_FOUND,
      404,
      { "There is no such page or user.", "そのページまたは利用者はありません。" },
      { "Check the address, or begin at the entry page.",
        "アドレスを確かめるか、入口のページからやり直してください。" } },
    { PROBLEM_METHOD,
      405,
      { "This address is not to be used so.", "この操作はできません。" },
      { "Begin at the entry page.", "入口のページからやり直してください。" } },
    { PROBLEM_TOO_LARGE,
      413,
      { "The request is too large.", "送信内容が大きすぎます。" },
      { "Shorten what you have typed.", "入力内容を短くしてください。" } },
    { PROBLEM_REQUEST_TYPE,
      415,
      { "The request's Content-Type must be application/pkcs10.",
        "要求のContent-Typeはapplication/pkcs10でなければなりません。" },
      { CORRECT_EN, CORRECT_JA } },
    { PROBLEM_REQUEST_BASE64,
      400,
      { "The request is not base64.", "要求がBase64形式ではありません。" },
      { CORRECT_EN, CORRECT_JA } },
    { PROBLEM_REQUEST_FORM,
      400,
      { "The request is not exactly one PKCS#10 certification request.",
        "要求が単一のPKCS#10証明書署名要求ではありません。" },
      { CORRECT_EN, CORRECT_JA } },
    { PROBLEM_KEY_WEAK,
      400,
      { "The key is too weak or of an unknown kind.", "鍵が弱いか未対応の種類です。" },
      { "RSA of 2048 to 8192 bits with an exponent of at least 65537, P-256, P-384, P-521 or "
        "Ed25519 "
        "is needed.",
        "RSA 2048～8192ビット(公開指数は65537以上)、P-256、P-384、P-521、Ed25519のいずれかが必要"
        "です。" } },
    { PROBLEM_KEY_COMPRESSED,
      400,
      { "The key's point is compressed.", "鍵の点が圧縮形式です。" },
      { "It must be in the uncompressed form (RFC 5480, section 2.2).",
        "非圧縮形式(RFC 5480 2.2節)でなければなりません。" } },
    { PROBLEM_SIGNATURE_WRONG,
      400,
      { "The request's own signature does not verify under its key.",
        "要求自身の署名を要求内の公開鍵で検証できません。" },
      { CORRECT_EN, CORRECT_JA } },
    { PROBLEM_SIGNATURE_WEAK,
      400,
      { "The request is signed with an outdated hash (MD5 or SHA-1).",
        "要求の署名に古いハッシュ(MD5またはSHA-1)が使われています。" },
      { "Sign it with SHA-256 or better.", "SHA-256以上で署名してください。" } },
    { PROBLEM_EXTENSIONS,
      400,
      { "The extensions asked for cannot be read.", "要求された拡張領域を読み取れません。" },
      { CORRECT_EN, CORRECT_JA } },
    { PROBLEM_ASKS_FOR_CA,
      400,
      { "The request asks for the rights of a certification authority.",
        "要求が認証局の権限を求めています。" },
      { "Nobody gets them here: leave them out.",
        "この登録局では与えられないため、除いてください。" } },
    { PROBLEM_SUBJECT_CHANGED,
      400,
      { "The request's subject differs from that of the present certificate.",
        "要求の主体者名が現在の証明書と異なります。" },
      { "A renewal keeps it.", "更新では主体者名を変えられません。" } },
    { PROBLEM_SUBJECT_OTHER,
      400,
      { "The request's subject is not the name that this collection is for.",
        "要求の主体者名がこの取得手続きの名称と異なります。" },
      { "It is CN= and that name alone.", "CN=とその名称だけを指定してください。" } },
    { PROBLEM_KEY_FOREIGN,
      403,
      { "This key belongs to another account.", "この鍵は別のアカウントのものです。" },
      { "Generate a new key.", "新しい鍵を生成してください。" } },
    { PROBLEM_KEY_REVOKED,
      403,
      { "A certificate for this key has been revoked; generate a new key.",
        "この鍵の証明書は失効しています。新しい鍵を生成してください。" },
      { "The key may be what was lost.", "鍵そのものが失われた可能性があるためです。" } },
    { PROBLEM_UNCONFIRMED,
      403,
      { "This certificate has not been confirmed to the bank so far.",
        "この証明書は格納の確認が済んでいません。" },
      { "Finish its collection (R-108), then renew it.",
        "取得手続き(R-108)を完了してから更新してください。" } },
    { PROBLEM_ACCOUNT_REMOVED,
      403,
      { "The account has been removed.", "アカウントは削除されています。" },
      { "If that is not expected, " ASK_BRANCH_EN ".", "お心当たりがない場合は" ASK_BRANCH_JA } },
    { PROBLEM_CREDENTIALS_NONE,
      401,
      { "Account name and password are needed.", "アカウント名と暗証番号が必要です。" },
      { "Send them by HTTP Basic.", "HTTPのBasic認証で送信してください。" } },
    { PROBLEM_REVOCATION_TYPE,
      415,
      { "The request's Content-Type must be application/x-www-form-urlencoded.",
        "要求のContent-Typeはapplication/x-www-form-urlencodedでなければなりません。" },
      { CORRECT_EN, CORRECT_JA } },
    { PROBLEM_REVOCATION_FORM,
      400,
      { "The request is not a form of exactly the fields certificate (base64url) and reason.",
        "要求がcertificate(base64url)とreasonの二つの項目だけからなるフォームではありません。" },
      { CORRECT_EN, CORRECT_JA } },
    { PROBLEM_REVOCATION_REASON,
      400,
      { "There is no such reason for a revocation.", "その失効理由はありません。" },
      { "The reason must be unspecified, keyCompromise, affiliationChanged, superseded, "
        "cessationOfOperation or privilegeWithdrawn.",
        "理由にはunspecified、keyCompromise、affiliationChanged、superseded、cessationOfOperation、"
        "privilegeWithdrawnのいずれかを指定してください。" } },
    { PROBLEM_REVOCATION_FOREIGN,
      403,
      { "This is no certificate that was issued to you.",
        "お客様に発行された証明書ではありません。" },
      { "Name one of your own.", "ご自身の証明書を指定してください。" } },
};

const struct problem_text *problem_text(enum problem problem)
{
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        if (texts[i].problem == problem)
            return &texts[i];
    return &texts[0];
}

const char *problem_told(enum problem problem)
{
    return problem_text(problem)->title[operator_reads_japanese() ? LANGUAGE_JA : LANGUAGE_EN];
}
