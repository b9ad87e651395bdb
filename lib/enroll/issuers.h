/* SPDX-License-Identifier: Apache-2.0 */
/* The CA certificates that are at hand for a path, and the RA to ask for more. */
#ifndef CE_ENROLL_ISSUERS_H
#define CE_ENROLL_ISSUERS_H

#include "x509/path.h"

/* What the path of `certificate` may lead through, borrowed, and how it ends (x509/path.h): where
 * an issuer is missing, the RA has been asked. *path is of use after a failure too: the RA did not
 * tell. */
int ce_issuers_find_path(struct ce_path *path, int *ending, certenroll_issuers *issuers,
                         X509 *certificate, certenroll_error **error);

#endif
