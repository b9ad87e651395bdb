/* SPDX-License-Identifier: Apache-2.0 */
/* What is answered over HTTP. */
#ifndef DEMO_RA_REPLY_H
#define DEMO_RA_REPLY_H

#include "base/page_text.h"

#define REPLY_HEADERS_MAX 8
#define REPLY_HEADER_SIZE 256

struct reply {
    unsigned status;
    const char *content_type;
    struct text body;
    struct {
        const char *name;
        char value[REPLY_HEADER_SIZE];
    } headers[REPLY_HEADERS_MAX];
};

/* `name` is static, `value` is copied. What does not fit spoils the reply: none is sent. */
void reply_add_header(struct reply *reply, const char *name, const char *value);
/* 303 (RFC 9110 §15.4.4): the browser gets `location` next. */
void reply_redirect(struct reply *reply, const char *location);

#endif
