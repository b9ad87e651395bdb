/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CE_BASE_OPENSSL_ERROR_H
#define CE_BASE_OPENSSL_ERROR_H

#include "base/error.h"

/* An OpenSSL call failed: takes the first reason of this thread's error queue as the why and
 * empties the queue. A failed allocation becomes CERTENROLL_E_MEMORY. Returns the status set. */
int ce_fail_openssl(certenroll_error **error, int status, const char *what, ...) CE_PRINTF(3, 4);

#endif
