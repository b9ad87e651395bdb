/* SPDX-License-Identifier: Apache-2.0 */
/* The certificate of the same name that the token may hold already. */
#ifndef CE_RA_PRESENT_H
#define CE_RA_PRESENT_H

#include <certenroll/ra.h>

enum standing {
    STANDING_NONE, /* no pair of that name is valid now */
    STANDING_VALID,
    STANDING_ON_HOLD, /* by the RA's CRL, as the next */
    STANDING_REVOKED,
    STANDING_UNKNOWN, /* by its dates it is valid; no CRL says more */
};

struct present {
    enum standing standing;
    int64_t not_after;
};

/* Looks for a pair whose certificate is for CN=`name` alone and valid now, and asks the RA's CRL
 * about it. What cannot be found out there is STANDING_UNKNOWN, no failure. Logs in. */
int present_find(struct present *out, const certenroll_ra_collection *what,
                 certenroll_error **error);

#endif
