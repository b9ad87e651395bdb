/* SPDX-License-Identifier: Apache-2.0 */
/* What answers at each path: "show" a GET, "take" a POST. Each finds in `page` what its line in the
 * table of pages.c asks for. */
#ifndef DEMO_RA_PAGE_HANDLERS_H
#define DEMO_RA_PAGE_HANDLERS_H

#include "pages/page.h"

/* page_entry.c */
void entry_show(struct page *page);
void logged_out_show(struct page *page);

/* page_collect.c */
void corporate_show(struct page *page);
void corporate_take(struct page *page);
void user_show(struct page *page);
void user_take(struct page *page);

/* page_enrol.c */
void enrol_show(struct page *page);

/* page_enrol_job.c */
void enrol_state_show(struct page *page);
void enrol_launch_take(struct page *page);
void enrol_execute_take(struct page *page);
void enrol_cancel_take(struct page *page);

/* page_done.c */
void done_show(struct page *page);

/* page_logon.c */
void logon_show(struct page *page);
void logon_take(struct page *page);
/* What is wrong with the certificate, and which one it is. */
void logon_refuse(struct page *page, enum problem problem);

/* page_home.c */
void menu_show(struct page *page);
void home_show(struct page *page);
void renewal_show(struct page *page);

/* page_users.c */
void users_show(struct page *page);

/* page_user_register.c */
void register_show(struct page *page);
void register_take(struct page *page);
void registered_show(struct page *page);

/* page_user_change.c */
void change_show(struct page *page);
void change_take(struct page *page);
void changed_show(struct page *page);

/* page_user_reset.c */
void reset_show(struct page *page);
void reset_take(struct page *page);
void reset_done_show(struct page *page);

#endif
