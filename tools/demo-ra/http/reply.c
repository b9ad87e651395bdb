/* SPDX-License-Identifier: Apache-2.0 */
#include "http/reply.h"

#include <stdio.h>
#include <string.h>

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
