/* SPDX-License-Identifier: Apache-2.0 */
#include "protocol/url.h"

#include "base/buffer.h"
#include "base/message.h"
#include "base/text.h"

#include <curl/curl.h>

#include <stdio.h>
#include <string.h>

static CURLU *parse(const char *url)
{
    CURLU *parsed = curl_url();

    if (parsed && curl_url_set(parsed, CURLUPART_URL, url, 0) != CURLUE_OK) {
        curl_url_cleanup(parsed);
        return NULL;
    }
    return parsed;
}

/* Freed by curl_free; NULL where there is none. */
static char *part_of(CURLU *url, CURLUPart which)
{
    char *part = NULL;

    return curl_url_get(url, which, &part, CURLU_DEFAULT_PORT) == CURLUE_OK ? part : NULL;
}

static int has_part(CURLU *url, CURLUPart which)
{
    char *part = part_of(url, which);
    int has = part != NULL;

    curl_free(part);
    return has;
}

static int same_part(CURLU *left, CURLU *right, CURLUPart which)
{
    char *one = part_of(left, which);
    char *other = part_of(right, which);
    int same = one && other && curl_strequal(one, other);

    curl_free(one);
    curl_free(other);
    return same;
}

static int has_credentials(CURLU *url)
{
    return has_part(url, CURLUPART_USER) || has_part(url, CURLUPART_PASSWORD);
}

int url_same_origin(const char *url, const char *other)
{
    CURLU *left = parse(url);
    CURLU *right = parse(other);
    int same = left && right && same_part(left, right, CURLUPART_SCHEME) &&
               same_part(left, right, CURLUPART_HOST) && same_part(left, right, CURLUPART_PORT) &&
               !has_credentials(right);

    curl_url_cleanup(left);
    curl_url_cleanup(right);
    return same;
}

void url_place(char *out, size_t size, const char *url)
{
    CURLU *parsed = parse(url);
    char *host = parsed ? part_of(parsed, CURLUPART_HOST) : NULL;
    char *port = parsed ? part_of(parsed, CURLUPART_PORT) : NULL;
    char place[300];

    snprintf(place, sizeof(place), "%s:%s", host ? host : "?", port ? port : "?");
    ce_text_clean(out, size, place, strlen(place));
    curl_free(host);
    curl_free(port);
    curl_url_cleanup(parsed);
}

static int set_path(CURLU *url, const char *operation, certenroll_error **error)
{
    char *given = part_of(url, CURLUPART_PATH);
    size_t length = given ? strlen(given) : 0;
    char path[1024];
    int needed;

    while (length > 0 && given[length - 1] == '/')
        length--;
    if (length > sizeof(path))
        length = sizeof(path); /* refused below: with the operation it does not fit */
    needed = snprintf(path, sizeof(path), "%.*s/%s", length ? (int)length : 16,
                      length ? given : "/.well-known/est", operation);
    curl_free(given);
    if (needed < 0 || (size_t)needed >= sizeof(path))
        return ce_fail(error, CERTENROLL_E_ARGUMENT, _("the EST address is too long"));
    if (curl_url_set(url, CURLUPART_PATH, path, 0) != CURLUE_OK)
        return ce_fail_memory(error);
    return CERTENROLL_OK;
}

/* `base` is shown only once it is known to hold no credentials. */
static int check_base(CURLU *url, const char *base, certenroll_error **error)
{
    char *scheme = part_of(url, CURLUPART_SCHEME);
    int https = scheme && curl_strequal(scheme, "https");

    curl_free(scheme);
    if (has_credentials(url)) {
        ce_fail(error, CERTENROLL_E_ARGUMENT, _("the EST address holds a user name or password"));
        ce_advise(error, _("Give the account by itself; the password is asked for."));
        return CERTENROLL_E_ARGUMENT;
    }
    if (!https) {
        ce_fail(error, CERTENROLL_E_ARGUMENT, _("the EST address %s is not https"), base);
        ce_because(error, _("EST is never used without TLS (RFC 7030 §3.3)"));
        return CERTENROLL_E_ARGUMENT;
    }
    if (strpbrk(base, "?#"))
        return ce_fail(error, CERTENROLL_E_ARGUMENT,
                       _("the EST address %s holds a query or fragment"), base);
    return CERTENROLL_OK;
}

static int build(char **out, CURLU *url, const char *base, const char *operation,
                 certenroll_error **error)
{
    char *whole;
    int status = check_base(url, base, error);

    if (status == CERTENROLL_OK)
        status = set_path(url, operation, error);
    if (status != CERTENROLL_OK)
        return status;
    if (curl_url_get(url, CURLUPART_URL, &whole, 0) != CURLUE_OK)
        return ce_fail_memory(error);
    status = ce_string_copy(out, whole, error);
    curl_free(whole);
    return status;
}

int url_of_operation(char **out, const char *base, const char *operation, certenroll_error **error)
{
    CURLU *url = base ? parse(base) : NULL;
    int status;

    *out = NULL;
    if (!base)
        return ce_fail(error, CERTENROLL_E_ARGUMENT, _("no EST address was given"));
    if (!url)
        return ce_fail(error, CERTENROLL_E_ARGUMENT,
                       _("the EST address cannot be read as https://HOST[:PORT][/PATH]"));
    status = build(out, url, base, operation, error);
    curl_url_cleanup(url);
    return status;
}
