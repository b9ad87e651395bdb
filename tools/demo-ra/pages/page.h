/* SPDX-License-Identifier: Apache-2.0 */
/* A page that is being answered: who asks, what is known of them, and the frame that every page is
 * written into. */
#ifndef DEMO_RA_PAGE_H
#define DEMO_RA_PAGE_H

#include "http/form.h"
#include "rules/browser_session.h"
#include "rules/order.h"

struct page {
    const struct request *request;
    struct reply *reply;
    struct text *body; /* the reply's */
    const char *path;  /* of the page that a GET shows, for the language switch */
    enum language language;
    struct peer peer;       /* on "login" */
    struct session session; /* id 0: none */
    struct account account; /* who has logged on in the session; id 0: nobody */
    struct form form;       /* of a POST */
    enum problem problem;   /* what the page has to tell first */
    const char *field;      /* which the problem is about; NULL: none */
    int64_t effective_at;   /* of PROBLEM_ORDER_LATER */
};

/* The corporation's own account, and not one of its users. */
int account_is_corporation(const struct account *account);
/* "0258366660019" of "0258366660019 user01". */
void account_corporation(char out[ACCOUNT_ID_MAX + 1], const char *account_name);

/* --- the frame (page.c) --- */

/* Head, heading and, when there is one, the problem. `attribute` may be NULL, or further attributes
 * of <main>. The status is the problem's, else 200. */
void page_open(struct page *page, words title, const char *attribute);
void page_close(struct page *page);
/* A page which only tells the problem, with a link to where one can go on. */
void page_refuse(struct page *page, enum problem problem);

/* --- pieces (page_pieces.c) --- */

/* <p>, in the page's language. */
void page_say(struct page *page, words text);
/* <p class="..."> */
void page_say_as(struct page *page, const char *class_name, words text);
/* A link in a paragraph; `id` and `query` may be NULL. */
void page_add_link(struct page *page, const char *id, const char *path, words text);
/* A row of a <dl>. */
void page_add_row(struct page *page, words term, const char *value);
/* Japanese time, as the language writes it. */
void page_add_time(struct page *page, int64_t seconds);
void page_add_time_row(struct page *page, words term, int64_t seconds);
/* "https://login.localhost:8443" */
void page_add_origin(struct page *page, enum host host);
/* An item of <ul class="choices">: a link, and what it is for. */
void page_add_choice(struct page *page, const char *id, const char *path, words name, words note);
/* <ol> */
void page_add_list(struct page *page, words items[], size_t count);

/* 303 to a path of this host. */
void page_go(struct page *page, const char *path);
void page_go_with_id(struct page *page, const char *path, const char *id);

/* --- how a certificate stands, in a person's words --- */

/* "有効" and so on. */
const char *standing_word(const struct page *page, const struct standing_certificate *certificate);
/* Whether the list shows ○: there is one to log on with, or to collect. */
int standing_is_good(const struct standing_certificate *certificate);
/* Rows of a <dl>: the state, the end of validity, from when it can be collected. */
void standing_add_rows(struct page *page, const struct standing_certificate *certificate);

/* --- the session --- */

/* Ends the one there was and begins one for this account. */
enum problem page_log_on(struct page *page, const struct account *account);
void page_log_out(struct page *page);

/* --- forms --- */

/* The opening tag and the CSRF token; a session is begun where there is none. */
void page_open_form(struct page *page, const char *path, const char *class_name);
void page_close_form(struct page *page);
void page_add_button(struct page *page, const char *id, words text);

enum field_kind { FIELD_TEXT, FIELD_PASSWORD, FIELD_NEW_PASSWORD, FIELD_CONFIRMATION };
struct field {
    const char *name;
    enum field_kind kind;
    words label;
    words hint; /* NULL: none */
};
/* Label, hint, the error if this is the field that the problem is about, and the input with what
 * was typed, but for passwords. */
void page_add_field(struct page *page, const struct field *field);
/* Wrong ones lock: on every page that asks for a password. */
void page_add_lock_notice(struct page *page);
/* An ID as people type them: PROBLEM_FIELD names the field. */
enum problem page_check_id(struct page *page, const char *name);
/* Not empty. */
enum problem page_check_filled(struct page *page, const char *name);

#endif
