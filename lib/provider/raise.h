/* SPDX-License-Identifier: Apache-2.0 */
/* Our errors on OpenSSL's error queue, where the callers of EVP_DigestSign and of TLS look. */
#ifndef CE_PROVIDER_RAISE_H
#define CE_PROVIDER_RAISE_H

#include "base/error.h"

/* The provider's name: for property queries, and of its library in the error queue. The reason code
 * of an entry is the status without its sign, the entry's data is the error's whole message. */
#define CE_PROVIDER_NAME "certenroll"

/* Puts `error` on the queue and frees it. Returns 0, what a provider function returns on failure.
 */
int ce_provider_raise(certenroll_error *error);

/* The same for a refusal of the provider itself: `what` is a clause as for ce_fail. */
int ce_provider_refuse(int status, const char *what, ...) CE_PRINTF(2, 3);

#endif
