/* SPDX-License-Identifier: Apache-2.0 */
/* Which certificate an acceptable request gets: a new one, or the one it has got before. */
#ifndef DEMO_RA_ENROL_H
#define DEMO_RA_ENROL_H

#include "rules/peer.h"
#include "rules/ra_job.h"

struct enrolled {
    X509 *certificate; /* NULL: not yet; else the caller's */
    int64_t wait;      /* then the seconds until it is worth asking again, at least 1 */
};

/* A first certificate, or a further one for a further key. The same key again gets the same
 * certificate again, so that a client that lost the answer can ask once more. Not for accounts that
 * need an order. */
enum problem enrol_first(struct enrolled *out, struct ra *ra, const struct account *account,
                         X509_REQ *request);

/* The one certificate of a job, in the name of its account, which the request must not contradict.
 * For another key it takes the place of the one before, which nobody has confirmed. */
enum problem enrol_for_job(struct enrolled *out, struct ra *ra, const struct account *account,
                           const struct job *job, X509_REQ *request);

/* The successor of the certificate that `peer` logged on with (RFC 7030 §4.2.2). Asked again with
 * the same predecessor and the same key, it returns the same successor again. A predecessor may
 * have more than one successor, each for a key of its own: whoever lost the new key before its
 * certificate reached him has nothing but the old one to ask with. */
enum problem enrol_again(struct enrolled *out, struct ra *ra, const struct peer *peer,
                         X509_REQ *request);

#endif
