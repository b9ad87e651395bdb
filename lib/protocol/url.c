/* SPDX-License-Identifier: Apache-2.0 */
#include "protocol/url.h"

#include "base/buffer.h"
#include "base/message.h"
#include "base/text.h"
#include "protocol/curl.h"

#include <stdio.h>
#include <string.h>

static CURLU *parse_url(const struct libcurl *curl, const char *url)
{
    CURLU *parsed = curl->url();

    if (parsed && curl->url_set(parsed, CURLUPART_URL, url, 0) != CURLUE_OK) {
        curl->url_cleanup(parsed);
        return NULL;
    }
    return parsed;
}

/* Freed by curl->free; NULL where there is none. */
static char *part_of(const struct libcurl *curl, CURLU *url, CURLUPart which)
{
    char *part = NULL;

    return curl->url_get(url, which, &part, CURLU_DEFAULT_PORT) == CURLUE_OK ? part : NULL;
}

static int has_part(const struct libcurl *curl, CURLU *url, CURLUPart which)
{
    char *part = part_of(curl, url, which);
    int has = part != NULL;

    curl->free(part);
    return has;
}

static int same_part(const struct libcurl *curl, CURLU *left, CURLU *right, CURLUPart which)
{
    char *one = part_of(curl, left, which);
    char *other = part_of(curl, right, which);
    int same = one && other && curl->strequal(one, other);

    curl->free(one);
    curl->free(other);
    return same;
}

static int has_credentials(const struct libcurl *curl, CURLU *url)
{
    return has_part(curl, url, CURLUPART_USER) || has_part(curl, url, CURLUPART_PASSWORD);
}

int url_same_origin(const char *url, const char *other)
{
    const struct libcurl *curl = libcurl_load(NULL);
    CURLU *left, *right;
    int same;

    if (!curl)
        return 0;
    left = parse_url(curl, url);
    right = parse_url(curl, other);
    same = left && right && same_part(curl, left, right, CURLUPART_SCHEME) &&
           same_part(curl, left, right, CURLUPART_HOST) &&
           same_part(curl, left, right, CURLUPART_PORT) && !has_credentials(curl, right);
    curl->url_cleanup(left);
    curl->url_cleanup(right);
    return same;
}

void url_place(char *out, size_t size, const char *url)
{
    const struct libcurl *curl = libcurl_load(NULL);
    CURLU *parsed = curl ? parse_url(curl, url) : NULL;
    char *host = parsed ? part_of(curl, parsed, CURLUPART_HOST) : NULL;
    char *port = parsed ? part_of(curl, parsed, CURLUPART_PORT) : NULL;
    char place[300];

    snprintf(place, sizeof(place), "%s:%s", host ? host : "?", port ? port : "?");
    ce_text_clean(out, size, place, strlen(place));
    if (!curl)
        return;
    curl->free(host);
    curl->free(port);
    curl->url_cleanup(parsed);
}

/* `directory` NULL: the path of the address, which wins over EST's own. */
static int set_path(const struct libcurl *curl, CURLU *url, const char *directory, const char *name,
                    certenroll_error **error)
{
    char *given = directory ? NULL : part_of(curl, url, CURLUPART_PATH);
    size_t length = given ? strlen(given) : 0;
    char path[1024];
    int needed;

    while (length > 0 && given[length - 1] == '/')
        given[--length] = '\0';
    if (!directory)
        directory = length > 0 ? given : "/.well-known/est";
    needed = snprintf(path, sizeof(path), "%s/%s", directory, name);
    curl->free(given);
    if (needed < 0 || (size_t)needed >= sizeof(path))
        return certenroll_error_set(error, CERTENROLL_E_ARGUMENT, _("the EST address is too long"));
    if (curl->url_set(url, CURLUPART_PATH, path, 0) != CURLUE_OK)
        return certenroll_error_set_memory(error);
    return CERTENROLL_OK;
}

static int is_https(const struct libcurl *curl, CURLU *url)
{
    char *scheme = part_of(curl, url, CURLUPART_SCHEME);
    int https = scheme && curl->strequal(scheme, "https");

    curl->free(scheme);
    return https;
}

/* The address is not shown: it may hold credentials. */
int url_check_https(const char *url, certenroll_error **error)
{
    const struct libcurl *curl = libcurl_load(error);
    CURLU *parsed = curl && url ? parse_url(curl, url) : NULL;
    int good = parsed && is_https(curl, parsed) && !has_credentials(curl, parsed) &&
               !has_part(curl, parsed, CURLUPART_FRAGMENT);

    if (!curl)
        return CERTENROLL_E_SYSTEM;
    curl->url_cleanup(parsed);
    if (good)
        return CERTENROLL_OK;
    return certenroll_error_set(error, CERTENROLL_E_ARGUMENT,
                                _("the address is not of the form https://HOST[:PORT]/PATH"));
}

/* `base` is shown only once it is known to hold no credentials. */
static int check_base(const struct libcurl *curl, CURLU *url, const char *base,
                      certenroll_error **error)
{
    if (has_credentials(curl, url)) {
        certenroll_error_set(error, CERTENROLL_E_ARGUMENT,
                             _("the EST address holds a user name or password"));
        certenroll_error_advise(error, _("Give the account by itself; the password is asked for."));
        return CERTENROLL_E_ARGUMENT;
    }
    if (!is_https(curl, url)) {
        certenroll_error_set(error, CERTENROLL_E_ARGUMENT, _("the EST address %s is not https"),
                             base);
        certenroll_error_because(error, _("EST is never used without TLS (RFC 7030 §3.3)"));
        return CERTENROLL_E_ARGUMENT;
    }
    if (strpbrk(base, "?#"))
        return certenroll_error_set(error, CERTENROLL_E_ARGUMENT,
                                    _("the EST address %s holds a query or fragment"), base);
    return CERTENROLL_OK;
}

static int resolve(char **out, const char *base, const char *directory, const char *name,
                   certenroll_error **error)
{
    const struct libcurl *curl;
    char *whole = NULL;
    CURLU *url;
    int status;

    *out = NULL;
    if (!base)
        return certenroll_error_set(error, CERTENROLL_E_ARGUMENT, _("no EST address was given"));
    curl = libcurl_load(error);
    if (!curl)
        return CERTENROLL_E_SYSTEM;
    url = parse_url(curl, base);
    if (!url)
        return certenroll_error_set(
            error, CERTENROLL_E_ARGUMENT,
            _("the EST address cannot be read as https://HOST[:PORT][/PATH]"));
    status = check_base(curl, url, base, error);
    if (status == CERTENROLL_OK)
        status = set_path(curl, url, directory, name, error);
    if (status == CERTENROLL_OK && curl->url_get(url, CURLUPART_URL, &whole, 0) != CURLUE_OK)
        status = certenroll_error_set_memory(error);
    if (status == CERTENROLL_OK)
        status = ce_string_copy(out, whole, error);
    curl->free(whole);
    curl->url_cleanup(url);
    return status;
}

int url_of_operation(char **out, const char *base, const char *operation, certenroll_error **error)
{
    return resolve(out, base, NULL, operation, error);
}

int url_of_well_known(char **out, const char *base, const char *name, certenroll_error **error)
{
    return resolve(out, base, "/.well-known", name, error);
}
