/* SPDX-License-Identifier: Apache-2.0 */
/* The two cookies: the session's and the language's. The prefix __Host- has browsers take them from
 * this very host alone, over TLS (RFC 6265bis §4.1.3). */
#ifndef DEMO_RA_COOKIE_H
#define DEMO_RA_COOKIE_H

#include "http/reply.h"
#include "http/request.h"

#define COOKIE_SESSION "__Host-session"
#define COOKIE_LANGUAGE "__Host-lang"

/* Copies the value; -1 where there is none, more than one, or one that does not fit. */
int cookie_read(char *out, size_t size, const struct request *request, const char *name);
/* Until the browser is closed; `value` NULL: gone at once. */
void cookie_set(struct reply *reply, const char *name, const char *value);

#endif
