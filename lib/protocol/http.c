/* SPDX-License-Identifier: Apache-2.0 */
#include "protocol/http.h"

#include "base/message.h"
#include "base/text.h"
#include "context/stop.h"
#include "protocol/challenge.h"
#include "protocol/transfer.h"
#include "protocol/url.h"

#include <string.h>

#define REDIRECTS_MAX 5

struct exchange {
    struct transfer transfer;
    const struct http_request *request;
    struct http_response *response;
    char *url; /* after a redirect; NULL: the request's */
    int redirects;
};

void http_response_clear(struct http_response *response)
{
    ce_buffer_clear(&response->body);
    *response = (struct http_response){ 0 };
}

static const char *url_now(const struct exchange *exchange)
{
    return exchange->url ? exchange->url : exchange->request->url;
}

static void log_answer(const struct exchange *exchange)
{
    const char *url = url_now(exchange);
    char clean[256];

    ce_text_clean(clean, sizeof(clean), url, strlen(url));
    ce_log(exchange->transfer.endpoint->context, CERTENROLL_LOG_TRACE, "%s %s: HTTP %ld, %zu bytes",
           exchange->request->content_type ? "POST" : "GET", clean, exchange->response->status,
           exchange->response->body.length);
}

/* --- HTTP Basic --- */

/* No credentials are sent unasked: the first request goes without, which costs a round trip but
 * asks no person for a password that the server does not want (RFC 7030 §3.2.3). */
static int wants_password(const struct exchange *exchange)
{
    return exchange->response->status == 401 && exchange->request->authenticate &&
           exchange->transfer.endpoint->username && !exchange->transfer.auth &&
           challenge_offers(exchange->response->schemes, "Basic");
}

/* The answer that asked for it came over TLS, so the server is authorised by now. */
static int ask_password(struct exchange *exchange, certenroll_error **error)
{
    const struct ca_endpoint *endpoint = exchange->transfer.endpoint;
    char place[300];

    url_place(place, sizeof(place), url_now(exchange));
    return authorization_ask_basic(&exchange->transfer.auth, &endpoint->secret, endpoint->username,
                                   place, error);
}

/* --- redirects (RFC 7030 §3.2.1) --- */

static int is_redirect(long status)
{
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

static int refuse_redirect(const struct exchange *exchange, const char *target, const char *why,
                           certenroll_error **error)
{
    long status = exchange->response->status;
    char clean[256];

    ce_text_clean(clean, sizeof(clean), target, strlen(target));
    certenroll_error_set(error, CERTENROLL_E_SERVER,
                         _("the server redirects to %s, which is not followed"), clean);
    certenroll_error_because(error, "HTTP %ld: %s", status, why);
    certenroll_error_set_http_status(error, status);
    return CERTENROLL_E_SERVER;
}

static int follow(struct exchange *exchange, certenroll_error **error)
{
    long status = exchange->response->status;
    char *target = NULL;
    char *copy;
    int result;

    exchange->transfer.curl->easy_getinfo(exchange->transfer.handle, CURLINFO_REDIRECT_URL,
                                          &target);
    if (!target)
        return refuse_redirect(exchange, "?", _("it names no place"), error);
    if (!url_same_origin(exchange->request->url, target))
        return refuse_redirect(exchange, target, _("it is another server"), error);
    /* 301 to 303 may turn a POST into a GET (RFC 9110 §15.4): the request would be lost. */
    if (exchange->request->content_type && status != 307 && status != 308)
        return refuse_redirect(exchange, target, _("the request would be lost on the way"), error);
    if (exchange->redirects++ == REDIRECTS_MAX)
        return refuse_redirect(exchange, target, _("there were too many"), error);
    result = ce_string_copy(&copy, target, error);
    if (result == CERTENROLL_OK) {
        certenroll_buffer_free(exchange->url);
        exchange->url = copy;
    }
    return result;
}

/* --- the whole --- */

static int converse(struct exchange *exchange, certenroll_error **error)
{
    for (;;) {
        int status =
            transfer_perform(&exchange->transfer, url_now(exchange), exchange->response, error);

        if (status != CERTENROLL_OK)
            return status;
        log_answer(exchange);
        if (wants_password(exchange))
            status = ask_password(exchange, error);
        else if (is_redirect(exchange->response->status) && !exchange->request->stay)
            status = follow(exchange, error);
        else
            return CERTENROLL_OK;
        if (status != CERTENROLL_OK)
            return status;
    }
}

int http_exchange(struct http_response *response, const struct ca_endpoint *endpoint,
                  const struct http_request *request, certenroll_error **error)
{
    struct exchange exchange = { .request = request, .response = response };
    struct certenroll_stop stop = { 0 };
    int status;

    *response = (struct http_response){ 0 };
    ce_stop_enter(&stop, endpoint->context);
    status = transfer_open(&exchange.transfer, endpoint, request, error);
    if (status == CERTENROLL_OK)
        status = converse(&exchange, error);
    transfer_close(&exchange.transfer);
    ce_stop_leave(&stop);
    certenroll_buffer_free(exchange.url);
    if (status != CERTENROLL_OK)
        http_response_clear(response);
    return status;
}
