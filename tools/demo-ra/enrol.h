/* SPDX-License-Identifier: Apache-2.0 */
/* Which certificate an acceptable request gets: a new one, or the one it has got before. */
#ifndef DEMO_RA_ENROL_H
#define DEMO_RA_ENROL_H

#include "peer.h"
#include "policy.h"

/* A first certificate, or a further one for a further key. The same key again gets the same
 * certificate again, so that a client that lost the answer can ask once more. */
const struct refusal *enrol_first(X509 **out, struct ra *ra, const struct account *account,
                                  X509_REQ *request);

/* The successor of the certificate that `peer` logged on with (RFC 7030 §4.2.2). Asked again with
 * the same predecessor and the same key, it returns the same successor again. */
const struct refusal *enrol_again(X509 **out, struct ra *ra, const struct peer *peer,
                                  X509_REQ *request);

#endif
