/* SPDX-License-Identifier: Apache-2.0 */
#include "pages/page_standing.h"

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
