/* SPDX-License-Identifier: Apache-2.0 */
/* How a certificate stands, in a person's words. */
#ifndef DEMO_RA_PAGE_STANDING_H
#define DEMO_RA_PAGE_STANDING_H

#include "pages/page.h"
#include "rules/order.h"

/* "有効" and so on. */
const char *standing_word(const struct page *page, const struct standing_certificate *certificate);
/* Whether the list shows ○: there is one to log on with, or to collect. */
int standing_is_good(const struct standing_certificate *certificate);
/* Rows of a <dl>: the state, the end of validity, from when it can be collected. */
void standing_add_rows(struct page *page, const struct standing_certificate *certificate);

#endif
