/* SPDX-License-Identifier: Apache-2.0 */
#include "protocol/answer.h"

#include "base/message.h"
#include "protocol/challenge.h"
#include "protocol/curl.h"
#include "protocol/reason.h"

#include <string.h>

/* As much of a server's own words as a person will read, in bytes: a sentence in each of two
 * languages. */
#define WORDS_MAX 700

#define LONGEST_WAIT (INT64_C(366) * 24 * 60 * 60)

void answer_quote(const struct http_response *response, certenroll_error **error)
{
    char words[WORDS_MAX + 1];

    reason_read(words, sizeof(words), response);
    certenroll_error_because(error, "HTTP %ld", response->status);
    certenroll_error_set_http_status(error, response->status);
    certenroll_error_set_ra_words(error, words);
}

/* --- who asks: 401 and 403 (RFC 9110 §15.5) --- */

static int offers_basic(const struct http_response *response)
{
    return response->status == 401 && challenge_offers(response->schemes, "Basic");
}

static void say_what(const struct http_response *response, const struct ca_endpoint *endpoint,
                     certenroll_error **error)
{
    const int status = CERTENROLL_E_AUTHENTICATION;

    if (response->account_sent && endpoint->username && response->status == 401)
        certenroll_error_set(error, status, _("the RA refuses the account \"%s\""),
                             endpoint->username);
    else if (response->account_sent && endpoint->username)
        certenroll_error_set(error, status, _("the RA forbids this to the account \"%s\""),
                             endpoint->username);
    else if (response->client_proven)
        certenroll_error_set(error, status, _("the RA refuses our certificate"));
    else if (offers_basic(response))
        certenroll_error_set(error, status, _("the RA wants an account and password"));
    else if (response->status == 401 && response->schemes[0])
        certenroll_error_set(error, status,
                             _("the RA wants to be told who asks in a way that is not known here"));
    else if (response->status == 401)
        certenroll_error_set(error, status,
                             _("the RA wants to be told who asks, and does not say how"));
    else
        certenroll_error_set(error, status, _("the RA forbids the request"));
}

/* What of the account, and what of the certificate, went to the RA. */
static const char *account_sent(const struct http_response *response,
                                const struct ca_endpoint *endpoint)
{
    if (!endpoint->username)
        return _("no account was given");
    return response->account_sent ? _("the account's password was sent")
                                  : _("no password was sent");
}

static const char *certificate_sent(const struct http_response *response,
                                    const struct ca_endpoint *endpoint)
{
    if (response->client_proven)
        return _("our certificate was sent");
    if (!endpoint->client_certificate)
        return response->certificate_asked ? _("it asked for a certificate, and there is none")
                                           : _("there is no certificate to send");
    return response->certificate_asked ? _("our certificate is none of those that it asked for")
                                       : _("it asked for no certificate, so none was sent");
}

static void say_why(const struct http_response *response, const struct ca_endpoint *endpoint,
                    certenroll_error **error)
{
    const char *account = account_sent(response, endpoint);
    const char *certificate = certificate_sent(response, endpoint);

    if (response->status != 401)
        certenroll_error_because(error, _("HTTP %ld: %s; %s"), response->status, account,
                                 certificate);
    else if (response->schemes[0])
        /* TRANSLATORS: the names are HTTP's: "Digest, Bearer". */
        certenroll_error_because(error, _("HTTP %ld: it offers %s; %s; %s"), response->status,
                                 response->schemes, account, certificate);
    else
        certenroll_error_because(error,
                                 _("HTTP %ld: it offers nothing (no WWW-Authenticate); %s; %s"),
                                 response->status, account, certificate);
}

static void say_what_next(const struct http_response *response, const struct ca_endpoint *endpoint,
                          certenroll_error **error)
{
    const int may_give_account = offers_basic(response) && !endpoint->username;

    if (response->account_sent && endpoint->username && response->status == 401)
        return; /* the status's own: check them */
    if (response->account_sent && endpoint->username)
        certenroll_error_advise(error, _("Ask the RA's operator what this account may do."));
    else if (response->client_proven && !may_give_account)
        certenroll_error_advise(error, _("Ask the RA's operator about this certificate."));
    else if (may_give_account)
        certenroll_error_advise(
            error, _("Give the account that the RA's operator has made for you (--user)."));
    else if (offers_basic(response)) /* a password goes with what asks for a certificate alone */
        certenroll_error_advise(error, _("Ask the RA's operator to give out the CA certificates "
                                         "without a password (RFC 7030 §4.1.1)."));
    else if (endpoint->username || endpoint->client_certificate)
        certenroll_error_advise(error, _("Ask the RA's operator to ask for the account by HTTP "
                                         "Basic (RFC 7617), or for the certificate by TLS."));
    else
        certenroll_error_advise(error, _("Ask the RA's operator for an account by HTTP Basic "
                                         "(RFC 7617), and give it (--user)."));
}

static int fail_authentication(const struct http_response *response,
                               const struct ca_endpoint *endpoint, certenroll_error **error)
{
    say_what(response, endpoint, error);
    answer_quote(response, error);
    say_why(response, endpoint, error);
    say_what_next(response, endpoint, error);
    return CERTENROLL_E_AUTHENTICATION;
}

int answer_is_busy(const struct http_response *response)
{
    return (response->status == 429 || response->status == 503) && response->retry_at != 0;
}

int answer_refused(const struct http_response *response, const struct ca_endpoint *endpoint,
                   certenroll_error **error)
{
    long http = response->status;
    int status;

    if (http == 401 || http == 403)
        return fail_authentication(response, endpoint, error);
    if (http >= 400 && http < 500)
        status =
            certenroll_error_set(error, CERTENROLL_E_REJECTED, _("the RA refuses the request"));
    else if (http >= 500)
        status = certenroll_error_set(error, CERTENROLL_E_SERVER, _("the RA failed"));
    else
        status = certenroll_error_set(error, CERTENROLL_E_SERVER,
                                      _("the RA's answer is not one of EST"));
    answer_quote(response, error);
    if (http == 404)
        certenroll_error_advise(error, _("Check the EST address, or ask the RA's operator."));
    else if (status == CERTENROLL_E_REJECTED &&
             !certenroll_error_ra_words(error ? *error : NULL)[0])
        certenroll_error_advise(error, _("Ask the RA's operator why: the RA gives no reason."));
    if (answer_is_busy(response)) /* whatever else could be advised */
        certenroll_error_set_retry_at(error, response->retry_at);
    return status;
}

static int64_t date_moment(const char *field)
{
    const struct libcurl *curl = libcurl_load(NULL);

    return curl ? (int64_t)curl->getdate(field, NULL) : -1;
}

int64_t date_skew(const char *field, int64_t now)
{
    int64_t moment = date_moment(field);

    return moment < 0 ? 0 : moment - now;
}

int64_t retry_after_moment(const char *field, int64_t now, int64_t skew)
{
    int64_t moment = 0;

    if (field[0] == '\0')
        return 0;
    /* libcurl's CURLINFO_RETRY_AFTER is no substitute: newer releases cut it to six hours, and an
     * RA whose officer approves by hand means days. */
    if (field[strspn(field, "0123456789")] == '\0') {
        for (; *field && moment < LONGEST_WAIT; field++)
            moment = moment * 10 + (*field - '0');
        return now + (moment < LONGEST_WAIT ? moment : LONGEST_WAIT);
    }
    moment = date_moment(field);
    if (moment < 0)
        return 0;
    moment -= skew;
    if (moment < now)
        return now;
    return moment - now < LONGEST_WAIT ? moment : now + LONGEST_WAIT;
}
