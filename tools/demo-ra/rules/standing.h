/* SPDX-License-Identifier: Apache-2.0 */
/* Whether somebody who is known may still ask for something. Each returns NULL, or why not. */
#ifndef DEMO_RA_STANDING_H
#define DEMO_RA_STANDING_H

#include "ca/policy.h"
#include "rules/peer.h"

/* The job is over, unknown, or not so far. */
extern const struct refusal refusal_job_over;

/* Of one who is at the other end with a client certificate. */
const struct refusal *standing_of_peer(const struct peer *peer);

/* For use in a transaction: either may have changed since the requester was let in. */
const struct refusal *standing_of_account(struct ra *ra, int64_t account_id);
const struct refusal *standing_of_certificate(struct ra *ra, int64_t certificate_id);
/* Of a certificate that is to be renewed: what its job may yet take back has no successor, which
 * would outlive it. */
const struct refusal *standing_as_confirmed(struct ra *ra, int64_t certificate_id);
/* Of a key for which an account of this name wants a certificate. */
const struct refusal *standing_of_key(struct ra *ra, EVP_PKEY *key, const char *account_name);

#endif
