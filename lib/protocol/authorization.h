/* SPDX-License-Identifier: Apache-2.0 */
/* The Authorization field of a request: HTTP Basic (RFC 7617), or a bearer token (RFC 6750 §2.1).
 */
#ifndef CE_PROTOCOL_AUTHORIZATION_H
#define CE_PROTOCOL_AUTHORIZATION_H

#include "base/secret.h"
#include "protocol/curl.h"

/* The field, as the first node of a list of header fields. libcurl neither copies nor frees such
 * lists, so that the secret stays in this locked memory. What remains beyond our reach is libcurl's
 * send buffer, which it frees without wiping. */
struct authorization;

/* Asks for the password of `username` at `place` and prepares the field.
 * Errors: CERTENROLL_E_ARGUMENT (a user name that cannot be sent), those of ce_secret_ask. */
int authorization_ask_basic(struct authorization **out, const struct ce_secret_source *source,
                            const char *username, const char *place, certenroll_error **error);

/* Errors: CERTENROLL_E_ARGUMENT for what is no token: other characters than RFC 6750's, too long.
 */
int authorization_bearer(struct authorization **out, const char *token, certenroll_error **error);

/* The field followed by `rest`, which is borrowed; valid until authorization_free. */
struct curl_slist *authorization_fields(struct authorization *authorization,
                                        struct curl_slist *rest);

void authorization_free(struct authorization *authorization); /* wipes */

#endif
