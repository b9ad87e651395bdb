/* SPDX-License-Identifier: Apache-2.0 */
/* What pages are put together from. */
#include "ground/japan_time.h"
#include "pages/page.h"

void page_say(struct page *page, words text)
{
    text_addf(page->body, "<p>%s</p>\n", text[page->language]);
}

void page_say_as(struct page *page, const char *class_name, words text)
{
    text_addf(page->body, "<p class=\"%s\">%s</p>\n", class_name, text[page->language]);
}

void page_add_link(struct page *page, const char *id, const char *path, words text)
{
    text_add(page->body, "<p><a ");
    if (id)
        text_addf(page->body, "id=\"%s\" ", id);
    text_addf(page->body, "href=\"%s\">%s</a></p>\n", path, text[page->language]);
}

void page_add_row(struct page *page, words term, const char *value)
{
    text_addf(page->body, "<dt>%s</dt>\n<dd>", term[page->language]);
    text_add_escaped(page->body, value);
    text_add(page->body, "</dd>\n");
}

void page_add_time(struct page *page, int64_t seconds)
{
    char moment[JAPAN_MOMENT_SIZE];

    japan_moment(moment, seconds, page->language == LANGUAGE_JA);
    text_add(page->body, moment);
}

void page_add_time_row(struct page *page, words term, int64_t seconds)
{
    text_addf(page->body, "<dt>%s</dt>\n<dd>", term[page->language]);
    page_add_time(page, seconds);
    text_add(page->body, "</dd>\n");
}

void page_add_origin(struct page *page, enum host host)
{
    char origin[HOST_ORIGIN_SIZE];

    host_origin(origin, host, page->request->port);
    text_add(page->body, origin);
}

void page_add_choice(struct page *page, const char *id, const char *path, words name, words note)
{
    text_addf(page->body, "<li><a id=\"%s\" href=\"%s\">%s</a>\n<p>%s</p></li>\n", id, path,
              name[page->language], note[page->language]);
}

void page_add_list(struct page *page, words items[], size_t count)
{
    text_add(page->body, "<ol>\n");
    for (size_t i = 0; i < count; i++)
        text_addf(page->body, "<li>%s</li>\n", items[i][page->language]);
    text_add(page->body, "</ol>\n");
}

/* --- how a certificate stands --- */

const char *standing_word(const struct page *page, const struct standing_certificate *certificate)
{
    static words states[] = {
        [CERTIFICATE_STATE_NONE] = { "not issued", "未発行" },
        [CERTIFICATE_STATE_WAITING] = { "waiting to be collected", "発行待ち" },
        [CERTIFICATE_STATE_VALID] = { "valid", "有効" },
        [CERTIFICATE_STATE_DUE] = { "expires soon", "期限間近" },
        [CERTIFICATE_STATE_EXPIRED] = { "expired", "期限切れ" },
        [CERTIFICATE_STATE_REVOKED] = { "revoked", "失効" },
    };

    return states[certificate->state][page->language];
}

int standing_is_good(const struct standing_certificate *certificate)
{
    return certificate->state == CERTIFICATE_STATE_VALID ||
           certificate->state == CERTIFICATE_STATE_DUE ||
           (certificate->state == CERTIFICATE_STATE_WAITING && certificate->collectable);
}

void standing_add_rows(struct page *page, const struct standing_certificate *certificate)
{
    static words state = { "Electronic certificate", "電子証明書" };
    static words until = { "Valid until", "有効期間の終了" };
    static words from = { "Can be collected from", "取得できる日時" };

    page_add_row(page, state, standing_word(page, certificate));
    if (certificate->state == CERTIFICATE_STATE_WAITING)
        page_add_time_row(page, from, certificate->effective_at);
    else if (certificate->not_after)
        page_add_time_row(page, until, certificate->not_after);
}
