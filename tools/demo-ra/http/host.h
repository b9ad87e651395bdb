/* SPDX-License-Identifier: Apache-2.0 */
/* The names that the one port answers to. */
#ifndef DEMO_RA_HOST_H
#define DEMO_RA_HOST_H

#include <gnutls/gnutls.h>

#include <stddef.h>

enum host {
    HOST_UNKNOWN,
    HOST_ENTRY, /* no certificate is asked for */
    HOST_LOGIN, /* asked for in the first handshake */
    HOST_EST,   /* the same, for re-enrolment */
};

/* "entry.localhost" and so on, with or without ":port". */
enum host host_from_name(const char *name, size_t length);
/* "entry.localhost" and so on, "" for HOST_UNKNOWN. */
const char *host_name(enum host host);
/* By the server name the client sent in its hello (RFC 6066 §3). */
enum host host_from_session(gnutls_session_t session);

#endif
