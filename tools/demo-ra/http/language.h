/* SPDX-License-Identifier: Apache-2.0 */
/* Which language a page is written in. */
#ifndef DEMO_RA_LANGUAGE_H
#define DEMO_RA_LANGUAGE_H

#include "http/reply.h"

/* "en", "ja": RFC 5646's tags. */
extern const char *const language_tags[LANGUAGE_COUNT];

/* By "?lang=", which a cookie remembers; else by that cookie, else by Accept-Language (RFC 9110
 * §12.5.4), else the operator's. */
enum language language_choose(struct reply *reply, const struct request *request);

#endif
