/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CE_BASE_OPENSSL_ERROR_H
#define CE_BASE_OPENSSL_ERROR_H

#include <certenroll/error.h>

/* How an error of ours travels through OpenSSL and back. The provider (provider/raise.h) puts it on
 * the queue as one entry under this library name: its reason is the status without its sign, its
 * data the "what: why". A second entry with CE_OPENSSL_CK_RV as its reason has the CK_RV as data.
 */
#define CE_OPENSSL_LIBRARY "certenroll"
#define CE_OPENSSL_CK_RV 100

/* An OpenSSL call failed: takes the first reason of this thread's error queue as the why and
 * empties the queue. A failed allocation becomes CERTENROLL_E_MEMORY, and an error of ours keeps
 * its own status: a wrong PIN stays a wrong PIN. Returns the status set. */
int ce_fail_openssl(certenroll_error **error, int status, const char *what, ...)
    CERTENROLL_PRINTF(3, 4);

#endif
