/* SPDX-License-Identifier: Apache-2.0 */
#include "protocol/answer.h"

#include "base/message.h"
#include "base/text.h"
#include "base/time.h"
#include "protocol/curl.h"

#include <string.h>

/* As much of a server's own words as a person will read, in bytes: a sentence in each of two
 * languages. */
#define WORDS_MAX 700

#define LONGEST_WAIT (INT64_C(366) * 24 * 60 * 60)

static size_t length_of_ending(const char *words, size_t length, const char *ending)
{
    size_t size = strlen(ending);

    return length >= size && memcmp(words + length - size, ending, size) == 0 ? size : 0;
}

void answer_quote(const struct http_response *response, certenroll_error **error)
{
    const struct libcurl *curl = libcurl_load(NULL);
    const char *type = response->content_type;
    char words[WORDS_MAX + 1] = "";
    size_t length, less;

    /* The server's explanation: plain text, also where it names no type (RFC 7030 §4.2.3). A page
     * of HTML is not quoted: its first characters say nothing. */
    if (curl && (type[0] == '\0' || curl->strnequal(type, "text/", 5)) &&
        !curl->strnequal(type, "text/html", 9) && response->body.length > 0)
        ce_text_clean(words, sizeof(words), (const char *)response->body.data,
                      response->body.length);
    /* A full stop of ours follows the words. */
    length = strlen(words);
    do {
        less = length_of_ending(words, length, ".") + length_of_ending(words, length, "。") +
               length_of_ending(words, length, " ");
        length -= less;
    } while (less > 0);
    words[length] = '\0';
    if (words[0])
        certenroll_error_because(error, "HTTP %ld: %s", response->status, words);
    else
        certenroll_error_because(error, "HTTP %ld", response->status);
    certenroll_error_set_http_status(error, response->status);
}

static int fail_authentication(long http, const struct ca_endpoint *endpoint,
                               certenroll_error **error)
{
    if (endpoint->username)
        return certenroll_error_set(error, CERTENROLL_E_AUTHENTICATION,
                                    _("the RA refuses the account \"%s\""), endpoint->username);
    if (endpoint->client_certificate)
        return certenroll_error_set(error, CERTENROLL_E_AUTHENTICATION,
                                    _("the RA refuses our certificate"));
    if (http == 401)
        return certenroll_error_set(error, CERTENROLL_E_AUTHENTICATION,
                                    _("the RA wants an account and password"));
    return certenroll_error_set(error, CERTENROLL_E_AUTHENTICATION,
                                _("the RA forbids the request"));
}

int answer_is_busy(const struct http_response *response)
{
    return (response->status == 429 || response->status == 503) && response->retry_at != 0;
}

void answer_advise_time(int64_t retry_at, certenroll_error **error)
{
    char when[CE_TIME_LOCAL_SIZE];

    ce_time_local(when, retry_at);
    certenroll_error_set_retry_at(error, retry_at);
    certenroll_error_advise(error, _("The RA is busy: try again at %s, not before."), when);
}

int answer_refused(const struct http_response *response, const struct ca_endpoint *endpoint,
                   certenroll_error **error)
{
    long http = response->status;
    int status;

    if (http == 401 || http == 403)
        status = fail_authentication(http, endpoint, error);
    else if (http >= 400 && http < 500)
        status =
            certenroll_error_set(error, CERTENROLL_E_REJECTED, _("the RA refuses the request"));
    else if (http >= 500)
        status = certenroll_error_set(error, CERTENROLL_E_SERVER, _("the RA failed"));
    else
        status = certenroll_error_set(error, CERTENROLL_E_SERVER,
                                      _("the RA's answer is not one of EST"));
    answer_quote(response, error);
    if (answer_is_busy(response))
        answer_advise_time(response->retry_at, error);
    if (http == 404)
        certenroll_error_advise(error, _("Check the EST address, or ask the RA's operator."));
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
