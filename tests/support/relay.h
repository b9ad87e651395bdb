/* SPDX-License-Identifier: Apache-2.0 */
/* A TCP relay on the loopback, in a thread of the test program, which cuts a connection after so
 * many bytes. Whatever fails in setting it up is a fault of the test: it aborts. */
#ifndef CE_TESTS_RELAY_H
#define CE_TESTS_RELAY_H

#include <stddef.h>

enum relay_direction { RELAY_OUT, RELAY_BACK }; /* from the client, to the client */

enum relay_cut {
    RELAY_NEVER,
    RELAY_REFUSE, /* nobody listens */
    RELAY_FIN,    /* the connection ends in order */
    RELAY_RST     /* it is reset */
};

struct relay;
/* Leads to 127.0.0.1:port. */
struct relay *relay_start(unsigned port);
void relay_stop(struct relay *relay);

/* Where it listens. A port that it does not listen on (RELAY_REFUSE) stays its own. */
unsigned relay_port(const struct relay *relay);

/* Cuts once, when `after` bytes in all have gone in this direction since this call; what comes
 * after that is carried. The client has closed its connections. */
void relay_set(struct relay *relay, enum relay_cut cut, enum relay_direction direction,
               size_t after);
/* Bytes in this direction since relay_set(). */
size_t relay_count(struct relay *relay, enum relay_direction direction);

#endif
