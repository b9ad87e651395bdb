/* SPDX-License-Identifier: Apache-2.0 */
/* The certificate of the same name that the token may hold already. */
#ifndef CE_RA_PRESENT_H
#define CE_RA_PRESENT_H

#include <certenroll/ra.h>

struct present {
    int is_there; /* a pair whose certificate is for CN=`name` alone and valid now */
    certenroll_revocation_state state;
    int64_t not_after;
};

/* Looks for it, and asks the RA's CRL (entry's /crl) about it. Logs in. */
int present_find(struct present *out, const certenroll_ra_collection *what,
                 certenroll_error **error);

#endif
