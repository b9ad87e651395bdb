/* SPDX-License-Identifier: Apache-2.0 */
#include "protocol/answer.h"

#include "base/message.h"
#include "base/text.h"
#include "protocol/curl.h"

#include <string.h>

/* As much of a server's own words as a person will read, in bytes: a sentence in each of two
 * languages. */
#define WORDS_MAX 500

static size_t length_of_ending(const char *words, size_t length, const char *ending)
{
    size_t size = strlen(ending);

    return length >= size && memcmp(words + length - size, ending, size) == 0 ? size : 0;
}

/* A full stop of ours follows the words. */
static void strip_full_stops(char *words)
{
    size_t length = strlen(words);
    size_t less;

    do {
        less = length_of_ending(words, length, ".") + length_of_ending(words, length, "。") +
               length_of_ending(words, length, " ");
        length -= less;
    } while (less > 0);
    words[length] = '\0';
}

/* The server's explanation: plain text, also where it names no type (RFC 7030 §4.2.3). A page of
 * HTML is not quoted: its first characters say nothing. */
static void words_of(char *out, size_t size, const struct http_response *response)
{
    const struct libcurl *curl = libcurl_load(NULL);
    const char *type = response->content_type;
    int plain = curl && (type[0] == '\0' || curl->strnequal(type, "text/", 5));

    out[0] = '\0';
    if (plain && !curl->strnequal(type, "text/html", 9) && response->body.length > 0)
        ce_text_clean(out, size, (const char *)response->body.data, response->body.length);
    strip_full_stops(out);
}

void answer_quote(const struct http_response *response, certenroll_error **error)
{
    char words[WORDS_MAX + 1];

    words_of(words, sizeof(words), response);
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
    if (http == 404)
        certenroll_error_advise(error, _("Check the EST address, or ask the RA's operator."));
    return status;
}
