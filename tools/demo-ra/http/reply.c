/* SPDX-License-Identifier: Apache-2.0 */
#include "http/reply.h"

#include <stdio.h>

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
    text_clear(&reply->body);
    reply->body.failed = 1;
}

void reply_redirect(struct reply *reply, const char *location)
{
    reply->status = 303;
    reply_add_header(reply, "Location", location);
}
