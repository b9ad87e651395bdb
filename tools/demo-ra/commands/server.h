/* SPDX-License-Identifier: Apache-2.0 */
/* One HTTPS port for three host names, and which of them answers. Only here is it known what the
 * HTTP library is. */
#ifndef DEMO_RA_SERVER_H
#define DEMO_RA_SERVER_H

#include "rules/ra.h"

#include <stdint.h>

struct server;

/* Starts to listen on 127.0.0.1; `port` 0: any free one. */
int server_start(struct server **out, struct ra *ra, uint16_t port, const char *directory,
                 certenroll_error **error);
uint16_t server_port(const struct server *server);
/* Ends the threads after the request each is at, then closes. An answer that is lost by this is in
 * the books: a client that asks again gets it. */
void server_stop(struct server *server);

#endif
