/* SPDX-License-Identifier: Apache-2.0 */
/* ID and password of somebody who has come for a certificate. */
#include "pages/page_handlers.h"
#include "rules/credentials.h"
#include "rules/logon.h"
#include "rules/order.h"

static const struct field corporate_id = {
    "corporate_id",
    FIELD_TEXT,
    { "Corporate ID", "契約法人ID" },
    { "For example 0258366660019", "例: 0258366660019" },
};
static const struct field user_id = {
    "user_id",
    FIELD_TEXT,
    { "User ID", "利用者ID" },
    { "Your administrator knows it.", "お忘れの場合は管理者にご確認ください。" },
};
static const struct field corporate_password = {
    "password",
    FIELD_PASSWORD,
    { "Corporate password", "契約法人暗証番号" },
    { NULL, NULL },
};
static const struct field user_password = {
    "password",
    FIELD_PASSWORD,
    { "User password", "利用者暗証番号" },
    { NULL, NULL },
};

static void show_form(struct page *page, int for_user)
{
    static words corporate_title = { "Get the corporate certificate", "契約法人電子証明書取得" };
    static words user_title = { "Get a user certificate", "利用者電子証明書取得" };
    static words corporate_lead = {
        "After a reissue order at the branch the certificate can be collected from noon of the "
        "next business day.",
        "再発行を営業店でお申し込みの場合は、受付日の翌営業日正午から取得できます。"
    };
    static words user_lead = {
        "Your administrator's order for the certificate has to be there first.",
        "事前に管理者による電子証明書の発行（再発行）の手続きが必要です。"
    };
    static words get = { "Get", "取得" };
    static words first = { "Back to the first page", "最初のページへ戻る" };

    page_open(page, for_user ? user_title : corporate_title, NULL);
    page_say(page, for_user ? user_lead : corporate_lead);
    page_open_form(page, page->path, "fields");
    page_add_field(page, &corporate_id);
    if (for_user)
        page_add_field(page, &user_id);
    page_add_field(page, for_user ? &user_password : &corporate_password);
    page_add_lock_notice(page);
    page_add_button(page, "get", get);
    page_close_form(page);
    page_add_link(page, "first", "/", first);
    page_close(page);
}

static enum problem log_on(struct page *page, int for_user)
{
    char name[ACCOUNT_NAME_MAX + 1];
    struct account account;
    enum problem problem = page_check_id(page, "corporate_id");

    if (!problem && for_user)
        problem = page_check_id(page, "user_id");
    if (!problem)
        problem = page_check_filled(page, "password");
    if (problem)
        return problem;
    account_name(name, form_text(&page->form, "corporate_id"),
                 for_user ? form_text(&page->form, "user_id") : NULL);
    problem = logon_check(&account, page->request->ra, name, form_text(&page->form, "password"));
    if (problem == PROBLEM_WRONG_PASSWORD)
        page->field = "password";
    if (!problem)
        problem = order_may_collect(page->request->ra, account.id, &page->effective_at);
    return problem ? problem : page_log_on(page, &account);
}

static void take_form(struct page *page, int for_user)
{
    page->problem = log_on(page, for_user);
    if (page->problem)
        show_form(page, for_user);
    else
        page_go(page, "/enrol");
}

void corporate_show(struct page *page)
{
    show_form(page, 0);
}

void corporate_take(struct page *page)
{
    take_form(page, 0);
}

void user_show(struct page *page)
{
    show_form(page, 1);
}

void user_take(struct page *page)
{
    take_form(page, 1);
}
