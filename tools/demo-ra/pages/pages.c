/* SPDX-License-Identifier: Apache-2.0 */
#include "pages/pages.h"

#include "http/cookie.h"
#include "http/language.h"
#include "pages/assets.h"
#include "pages/page_handlers.h"
#include "rules/logon.h"

#include <openssl/crypto.h>

#include <stdio.h>
#include <string.h>

enum need {
    NEED_NOTHING,
    NEED_SESSION,     /* begun where there is none: for the CSRF token of its form */
    NEED_PERSON,      /* who has logged on: on "entry" by ID and password */
    NEED_CERTIFICATE, /* a valid one, and a session as above */
    NEED_CORPORATION, /* logged on with its certificate */
    NEED_USER,
};

struct route {
    enum host host;
    const char *path;
    enum need need;
    void (*show)(struct page *page);
    void (*take)(struct page *page);
    const char *shown; /* where a GET is to go that comes to what only takes; NULL: it shows */
};

static const struct route routes[] = {
    { HOST_ENTRY, "/", NEED_NOTHING, entry_show, NULL, NULL },
    { HOST_ENTRY, "/corporate", NEED_SESSION, corporate_show, corporate_take, NULL },
    { HOST_ENTRY, "/user", NEED_SESSION, user_show, user_take, NULL },
    { HOST_ENTRY, "/enrol", NEED_PERSON, enrol_show, NULL, NULL },
    { HOST_ENTRY, "/enrol/state", NEED_PERSON, enrol_state_show, NULL, NULL },
    { HOST_ENTRY, "/enrol/launch", NEED_PERSON, NULL, enrol_launch_take, "/enrol" },
    { HOST_ENTRY, "/enrol/execute", NEED_PERSON, NULL, enrol_execute_take, "/enrol" },
    { HOST_ENTRY, "/enrol/cancel", NEED_PERSON, NULL, enrol_cancel_take, "/enrol" },
    { HOST_ENTRY, "/done", NEED_PERSON, done_show, NULL, NULL },
    { HOST_ENTRY, "/logout", NEED_PERSON, NULL, page_log_out, "/" },
    { HOST_ENTRY, "/logged-out", NEED_NOTHING, logged_out_show, NULL, NULL },
    { HOST_LOGIN, "/", NEED_CERTIFICATE, logon_show, NULL, NULL },
    { HOST_LOGIN, "/logon", NEED_CERTIFICATE, NULL, logon_take, "/" },
    { HOST_LOGIN, "/menu", NEED_CORPORATION, menu_show, NULL, NULL },
    { HOST_LOGIN, "/users", NEED_CORPORATION, users_show, NULL, NULL },
    { HOST_LOGIN, "/users/new", NEED_CORPORATION, register_show, register_take, NULL },
    { HOST_LOGIN, "/users/registered", NEED_CORPORATION, registered_show, NULL, NULL },
    { HOST_LOGIN, "/users/change", NEED_CORPORATION, change_show, change_take, NULL },
    { HOST_LOGIN, "/users/changed", NEED_CORPORATION, changed_show, NULL, NULL },
    { HOST_LOGIN, "/users/reset", NEED_CORPORATION, reset_show, reset_take, NULL },
    { HOST_LOGIN, "/users/reset-done", NEED_CORPORATION, reset_done_show, NULL, NULL },
    { HOST_LOGIN, "/home", NEED_USER, home_show, NULL, NULL },
    { HOST_LOGIN, "/renewal", NEED_PERSON, renewal_show, NULL, NULL },
    { HOST_LOGIN, "/logout", NEED_PERSON, NULL, page_log_out, "/" },
    { HOST_LOGIN, "/logged-out", NEED_NOTHING, logged_out_show, NULL, NULL },
};

static const struct route *find(const struct request *request)
{
    for (size_t i = 0; i < sizeof(routes) / sizeof(routes[0]); i++)
        if (routes[i].host == request->host && strcmp(routes[i].path, request->path) == 0)
            return &routes[i];
    return NULL;
}

/* --- who asks --- */

static enum problem find_account(struct page *page)
{
    enum store_result found =
        store_account_by_id(page->request->ra->store, &page->account, page->session.account_id);

    if (found == STORE_NONE) /* removed since */
        page->session = (struct session){ 0 };
    return found == STORE_FAILED ? PROBLEM_FAILED : PROBLEM_NONE;
}

static enum problem find_session(struct page *page)
{
    char token[SESSION_TOKEN_SIZE];
    int there = cookie_read(token, sizeof(token), page->request, COOKIE_SESSION) == 0;
    enum store_result found = session_find(&page->session, page->request->ra, there ? token : NULL,
                                           page->request->host, page->peer.record.id);

    OPENSSL_cleanse(token, sizeof(token));
    if (found == STORE_FAILED)
        return PROBLEM_FAILED;
    if (found != STORE_OK)
        page->session = (struct session){ 0 };
    return page->session.account_id ? find_account(page) : PROBLEM_NONE;
}

static enum problem begin_session(struct page *page)
{
    if (session_begin(&page->session, page->request->ra, page->request->host, 0,
                      page->peer.record.id) != STORE_OK)
        return PROBLEM_FAILED;
    cookie_set(page->reply, COOKIE_SESSION, page->session.token);
    return PROBLEM_NONE;
}

static int is_post(const struct page *page)
{
    return strcmp(page->request->method, "POST") == 0;
}

static enum problem check_person(const struct page *page, enum need need)
{
    if (!page->account.id)
        return PROBLEM_SESSION_OVER;
    if (need == NEED_CORPORATION && !account_is_corporation(&page->account))
        return PROBLEM_CERTIFICATE_OTHER;
    if (need == NEED_USER && account_is_corporation(&page->account))
        return PROBLEM_CERTIFICATE_OTHER;
    return PROBLEM_NONE;
}

static enum problem check_session(struct page *page, enum need need)
{
    enum problem problem = find_session(page);

    if (problem)
        return problem;
    if (need != NEED_SESSION && need != NEED_CERTIFICATE)
        return check_person(page, need);
    if (page->session.id)
        return PROBLEM_NONE;
    return is_post(page) ? PROBLEM_SESSION_OVER : begin_session(page);
}

/* --- where it comes from --- */

/* A browser says with every POST which page it came from; where it says nothing, and nothing of
 * the site either, it is none that keeps people's pages apart. */
static int is_from_here(const struct page *page)
{
    const struct request *request = page->request;
    char own[64];

    snprintf(own, sizeof(own),
             request->port == 443 ? "https://%s.localhost" : "https://%s.localhost:%u",
             request->host == HOST_ENTRY ? "entry" : "login", (unsigned)request->port);
    if (request->fetch_site && strcmp(request->fetch_site, "same-origin") != 0)
        return 0;
    return request->origin ? strcmp(request->origin, own) == 0 : request->fetch_site != NULL;
}

static int csrf_is_right(const struct page *page)
{
    const char *token = form_text(&page->form, "csrf");
    size_t length = strlen(page->session.csrf);

    return length > 0 && strlen(token) == length &&
           CRYPTO_memcmp(token, page->session.csrf, length) == 0;
}

static enum problem check_form(struct page *page)
{
    enum problem problem = form_read(&page->form, page->request);

    if (problem)
        return problem;
    return csrf_is_right(page) ? PROBLEM_NONE : PROBLEM_FOREIGN_REQUEST;
}

/* --- answering --- */

static enum problem admit(struct page *page, enum need need)
{
    enum problem problem = PROBLEM_NONE;

    if (is_post(page) && !is_from_here(page))
        return PROBLEM_FOREIGN_REQUEST;
    if (need == NEED_NOTHING)
        return PROBLEM_NONE;
    if (page->request->host == HOST_LOGIN) {
        peer_judge(&page->peer, page->request->ra, page->request->session);
        problem = logon_certificate_problem(&page->peer);
    }
    if (!problem)
        problem = check_session(page, need);
    if (!problem && is_post(page))
        problem = check_form(page);
    return problem;
}

static void refuse(struct page *page, enum problem problem)
{
    if (page->request->host == HOST_LOGIN && problem >= PROBLEM_CERTIFICATE_NONE &&
        problem <= PROBLEM_CERTIFICATE_REVOKED)
        logon_refuse(page, problem);
    else
        page_refuse(page, problem);
}

static void run(struct page *page, const struct route *route)
{
    enum problem problem = admit(page, route->need);

    if (problem)
        refuse(page, problem);
    else if (is_post(page))
        route->take(page);
    else
        route->show(page);
}

static void answer(struct page *page, const struct route *route)
{
    const char *method = page->request->method;

    page->path = route->shown ? route->shown : route->path;
    if (strcmp(method, "GET") == 0 && !route->show) {
        page_go(page, route->shown);
    } else if (strcmp(method, "GET") == 0 || (strcmp(method, "POST") == 0 && route->take)) {
        run(page, route);
    } else {
        reply_add_header(page->reply, "Allow", route->take ? "GET, HEAD, POST" : "GET, HEAD");
        page_refuse(page, PROBLEM_METHOD);
    }
}

void pages_answer(struct reply *reply, const struct request *request)
{
    struct page page = { .request = request, .reply = reply, .body = &reply->body, .path = "/" };
    const struct route *route = find(request);

    if (assets_answer(reply, request))
        return;
    page.language = language_choose(reply, request);
    if (!route)
        page_refuse(&page, PROBLEM_NOT_FOUND);
    else if (request->too_large)
        page_refuse(&page, PROBLEM_TOO_LARGE);
    else
        answer(&page, route);
    form_clear(&page.form);
    peer_clear(&page.peer);
}
