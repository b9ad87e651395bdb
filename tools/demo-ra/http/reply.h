/* SPDX-License-Identifier: Apache-2.0 */
/* What is answered over HTTP. */
#ifndef DEMO_RA_REPLY_H
#define DEMO_RA_REPLY_H

#include "ground/page_text.h"
#include "http/http_request.h"

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
void reply_add_date(struct reply *reply, const char *name, int64_t when);
/* 303 (RFC 9110 §15.4.4): the browser gets `location` next. */
void reply_redirect(struct reply *reply, const char *location);

/* A line of text. */
void reply_plain(struct reply *reply, unsigned status, const char *text);

/* --- the two cookies: the session's and the language's --- */

/* The prefix __Host- has browsers take them from this very host alone, over TLS (RFC 6265bis
 * §4.1.3). */
#define COOKIE_SESSION "__Host-session"
#define COOKIE_LANGUAGE "__Host-lang"

/* Copies the value; -1 where there is none, more than one, or one that does not fit. */
int cookie_read(char *out, size_t size, const struct request *request, const char *name);
/* Until the browser is closed; `value` NULL: gone at once. */
void cookie_set(struct reply *reply, const char *name, const char *value);

#endif
