/* SPDX-License-Identifier: Apache-2.0 */
#include "pages/pages.h"

#include "base/platform.h"
#include "http/language.h"
#include "pages/page_handlers.h"
#include "rules/logon.h"

#include <openssl/crypto.h>

#include <string.h>

#define VALUE_MAX 1024 /* of a field, in octets */

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

/* --- style sheet, script and icon, which the build has put into the program --- */

/* Written by embed.cmake. */
extern const unsigned char asset_style[], asset_script[], asset_icon[];
extern const size_t asset_style_length, asset_script_length, asset_icon_length;

static const struct asset {
    const char *path;
    const char *content_type;
    const unsigned char *bytes;
    const size_t *length;
} assets[] = {
    { "/style.css", "text/css; charset=utf-8", asset_style, &asset_style_length },
    { "/script.js", "text/javascript; charset=utf-8", asset_script, &asset_script_length },
    { "/icon.svg", "image/svg+xml", asset_icon, &asset_icon_length },
};

/* Answers a GET of one of them, on either host, and returns whether it was. */
static int answer_asset(struct reply *reply, const struct request *request)
{
    if (strcmp(request->method, "GET") != 0)
        return 0;
    for (size_t i = 0; i < sizeof(assets) / sizeof(assets[0]); i++) {
        if (strcmp(assets[i].path, request->path) != 0)
            continue;
        reply->status = 200;
        reply->content_type = assets[i].content_type;
        text_add_bytes(&reply->body, assets[i].bytes, *assets[i].length);
        return 1;
    }
    return 0;
}

/* --- who asks --- */

static enum problem find_session(struct page *page)
{
    struct ra *ra = page->request->ra;
    char token[SESSION_TOKEN_SIZE];
    int there = cookie_read(token, sizeof(token), page->request, COOKIE_SESSION) == 0;
    enum store_result found = session_find(&page->session, ra, there ? token : NULL,
                                           page->request->host, page->peer.record.id);

    ce_wipe(token, sizeof(token));
    if (found == STORE_OK && page->session.account_id)
        found = store_account_by_id(ra->store, &page->account, page->session.account_id);
    if (found == STORE_NONE) /* none, or its account has been removed since */
        page->session = (struct session){ 0 };
    return ra_problem(found, PROBLEM_NONE);
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

static enum problem check_session(struct page *page, enum need need)
{
    enum problem problem = find_session(page);

    if (problem)
        return problem;
    if (need == NEED_SESSION || need == NEED_CERTIFICATE) {
        if (page->session.id)
            return PROBLEM_NONE;
        return is_post(page) ? PROBLEM_SESSION_OVER : begin_session(page);
    }
    if (!page->account.id)
        return PROBLEM_SESSION_OVER;
    return need == (account_is_corporation(&page->account) ? NEED_USER : NEED_CORPORATION)
               ? PROBLEM_CERTIFICATE_OTHER
               : PROBLEM_NONE;
}

/* --- where it comes from --- */

/* A browser says with every POST which page it came from; where it says nothing, and nothing of
 * the site either, it is none that keeps people's pages apart. */
static int is_from_here(const struct request *request)
{
    return (request->origin || request->fetch_site) && !request_is_foreign(request);
}

static enum problem check_form(struct page *page)
{
    enum problem problem = form_read(&page->form, page->request, FORM_BODY_MAX, VALUE_MAX);
    const char *token = form_text(&page->form, "csrf");
    size_t length = strlen(page->session.csrf);

    if (!problem && (length == 0 || strlen(token) != length ||
                     CRYPTO_memcmp(token, page->session.csrf, length) != 0))
        problem = PROBLEM_FOREIGN_REQUEST;
    return problem;
}

/* --- answering --- */

static enum problem admit(struct page *page, enum need need)
{
    enum problem problem = PROBLEM_NONE;

    if (is_post(page) && !is_from_here(page->request))
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

static void answer_at(struct page *page, const struct route *route)
{
    int is_get = strcmp(page->request->method, "GET") == 0;
    enum problem problem;

    page->path = route->shown ? route->shown : route->path;
    if (is_get && !route->show) {
        page_go(page, route->shown);
        return;
    }
    if (!is_get && !(is_post(page) && route->take)) {
        reply_add_header(page->reply, "Allow", route->take ? "GET, HEAD, POST" : "GET, HEAD");
        page_refuse(page, PROBLEM_METHOD);
        return;
    }
    problem = admit(page, route->need);
    if (problem && page->request->host == HOST_LOGIN && problem >= PROBLEM_CERTIFICATE_NONE &&
        problem <= PROBLEM_CERTIFICATE_REVOKED)
        logon_refuse(page, problem);
    else if (problem)
        page_refuse(page, problem);
    else if (is_get)
        route->show(page);
    else
        route->take(page);
}

void pages_answer(struct reply *reply, const struct request *request)
{
    struct page page = { .request = request, .reply = reply, .body = &reply->body, .path = "/" };
    const struct route *route = NULL;

    if (answer_asset(reply, request))
        return;
    for (size_t i = 0; i < sizeof(routes) / sizeof(routes[0]); i++)
        if (routes[i].host == request->host && strcmp(routes[i].path, request->path) == 0)
            route = &routes[i];
    page.language = language_choose(reply, request);
    if (!route)
        page_refuse(&page, PROBLEM_NOT_FOUND);
    else if (request->too_large)
        page_refuse(&page, PROBLEM_TOO_LARGE);
    else
        answer_at(&page, route);
    form_clear(&page.form);
    peer_clear(&page.peer);
}
