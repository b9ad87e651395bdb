/* SPDX-License-Identifier: Apache-2.0 */
/* The pages for people, in Japanese and English. */
#ifndef DEMO_RA_PAGES_H
#define DEMO_RA_PAGES_H

#include "server.h"

enum language { LANGUAGE_EN, LANGUAGE_JA, LANGUAGE_COUNT };

/* A text in each language, by enum language. */
typedef const char *const words[LANGUAGE_COUNT];

/* By "?lang=", else by Accept-Language (RFC 9110 §12.5.4), else the operator's. */
enum language page_language(const struct request *request);

/* Head and heading; the status and headers are set too. The caller adds the rest of <main>. */
void page_open(struct reply *reply, enum language language, unsigned status, words title);
void page_close(struct reply *reply, enum language language);

/* Answers requests to the hosts "entry" and "login". */
void pages_answer(struct reply *reply, const struct request *request);

#endif
