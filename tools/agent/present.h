/* SPDX-License-Identifier: Apache-2.0 */
/* The certificate of the same name that the token may hold already. */
#ifndef AGENT_PRESENT_H
#define AGENT_PRESENT_H

#include "common/ra_config.h"

#include <certenroll/context.h>

#include <stdint.h>

enum standing {
    STANDING_NONE, /* no pair of that name is valid now */
    STANDING_VALID,
    STANDING_REVOKED, /* by the RA's CRL */
    STANDING_UNKNOWN, /* by its dates it is valid; no CRL says more */
};

struct present {
    enum standing standing;
    int64_t not_after;
};

/* Looks for a pair whose certificate is for CN=`name` alone and valid now, and asks the RA's CRL
 * about it. What cannot be found out there is STANDING_UNKNOWN, no failure. Logs in. */
int present_find(struct present *out, certenroll_context *context, certenroll_token *token,
                 const struct ra_place *place, const char *name, struct failure *failure);

#endif
