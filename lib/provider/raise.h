/* SPDX-License-Identifier: Apache-2.0 */
/* Our errors on OpenSSL's error queue, where the callers of EVP_DigestSign and of TLS look. */
#ifndef CE_PROVIDER_RAISE_H
#define CE_PROVIDER_RAISE_H

#include "base/openssl_error.h"

/* The provider's name, for property queries; its library's name in the queue is the same
 * (base/openssl_error.h). */
#define CE_PROVIDER_NAME CE_OPENSSL_LIBRARY

/* Puts `error` on the queue and frees it. Returns 0, what a provider function returns on failure.
 */
int ce_provider_raise(certenroll_error *error);

/* The same for a refusal of the provider itself: `what` is a clause as for certenroll_error_set. */
int ce_provider_refuse(int status, const char *what, ...) CERTENROLL_PRINTF(2, 3);
int ce_provider_refuse_memory(void);

#endif
