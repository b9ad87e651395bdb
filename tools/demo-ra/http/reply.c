/* SPDX-License-Identifier: Apache-2.0 */
#include "http/reply.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

void reply_add_header(struct reply *reply, const char *name, const char *value)
{
    for (size_t i = 0; i < REPLY_HEADERS_MAX; i++) {
        int length;

        if (reply->headers[i].name)
            continue;
        length = snprintf(reply->headers[i].value, REPLY_HEADER_SIZE, "%s", value);
        if (length < 0 || length >= REPLY_HEADER_SIZE)
            break;
        reply->headers[i].name = name;
        return;
    }
    text_spoil(&reply->body);
}

/* RFC 9110 §5.6.7; strftime would name day and month in the operator's language. */
void reply_add_date(struct reply *reply, const char *name, int64_t when)
{
    static const char days[][4] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" };
    static const char months[][4] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
    time_t seconds = (time_t)when;
    char value[REPLY_HEADER_SIZE];
    struct tm utc;

    gmtime_r(&seconds, &utc);
    snprintf(value, sizeof(value), "%s, %02d %s %d %02d:%02d:%02d GMT", days[utc.tm_wday],
             utc.tm_mday, months[utc.tm_mon], utc.tm_year + 1900, utc.tm_hour, utc.tm_min,
             utc.tm_sec);
    reply_add_header(reply, name, value);
}

void reply_redirect(struct reply *reply, const char *location)
{
    reply->status = 303;
    reply_add_header(reply, "Location", location);
}

void reply_plain(struct reply *reply, unsigned status, const char *text)
{
    reply->status = status;
    reply->content_type = "text/plain; charset=utf-8";
    text_add(&reply->body, text);
}

/* --- cookies --- */

int cookie_read(char *out, size_t size, const struct request *request, const char *name)
{
    const char *rest = request->cookie;
    size_t name_length = strlen(name);
    int found = 0;

    while (rest && *rest) {
        size_t length;

        rest += strspn(rest, "; ");
        length = strcspn(rest, ";");
        if (length > name_length && strncmp(rest, name, name_length) == 0 &&
            rest[name_length] == '=') {
            size_t value = length - name_length - 1;

            if (found++ || value >= size)
                return -1;
            memcpy(out, rest + name_length + 1, value);
            out[value] = '\0';
        }
        rest += length;
    }
    return found ? 0 : -1;
}

void cookie_set(struct reply *reply, const char *name, const char *value)
{
    char field[REPLY_HEADER_SIZE];

    snprintf(field, sizeof(field), "%s=%s; Path=/; Secure; HttpOnly; SameSite=Strict%s", name,
             value ? value : "", value ? "" : "; Max-Age=0");
    reply_add_header(reply, "Set-Cookie", field);
}
