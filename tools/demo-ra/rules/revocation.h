/* SPDX-License-Identifier: Apache-2.0 */
/* What is written down about a revocation, whoever asked for it. */
#ifndef DEMO_RA_REVOCATION_H
#define DEMO_RA_REVOCATION_H

#include "store/store.h"

/* Revokes and adds to the audit log, in a transaction of the caller's. `account_name` NULL: the
 * operator did it. STORE_NONE: there is no such certificate that is not revoked yet. */
enum store_result revocation_record(struct store *store, const char *account_name,
                                    const char *serial, const char *reason);

#endif
