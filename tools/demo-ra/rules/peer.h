/* SPDX-License-Identifier: Apache-2.0 */
/* Who is at the other end of a TLS connection, by client certificate. */
#ifndef DEMO_RA_PEER_H
#define DEMO_RA_PEER_H

#include "rules/ra.h"

#include <gnutls/gnutls.h>

/* Before the handshake: have the certificate asked for only where the host wants one. */
void peer_prepare(gnutls_session_t session);

enum logon {
    LOGON_OK,
    LOGON_NONE,          /* no certificate came */
    LOGON_FOREIGN,       /* not from our CA */
    LOGON_EXPIRED,       /* ours, and over */
    LOGON_NOT_YET_VALID, /* ours, and to come */
    LOGON_UNKNOWN,       /* ours, but not in the books, or its account is gone */
    LOGON_REVOKED,
    LOGON_FAILED, /* the database failed */
};

struct peer {
    enum logon logon;
    X509 *certificate;                /* NULL when none came */
    struct certificate_record record; /* filled when it is in the books */
};

/* The verdict. The handshake verified nothing but that the client holds the key. */
void peer_judge(struct peer *out, const struct ra *ra, gnutls_session_t session);
void peer_clear(struct peer *peer);

#endif
