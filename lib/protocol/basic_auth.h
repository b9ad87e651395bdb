/* SPDX-License-Identifier: Apache-2.0 */
/* HTTP Basic (RFC 7617). */
#ifndef CE_PROTOCOL_BASIC_AUTH_H
#define CE_PROTOCOL_BASIC_AUTH_H

#include "base/secret.h"
#include "protocol/curl.h"

/* The Authorization field, as the first node of a list of header fields. libcurl neither copies
 * nor frees such lists, so that the password stays in this locked memory. What remains beyond our
 * reach is libcurl's send buffer, which it frees without wiping. */
struct basic_auth;

/* Asks for the password of `username` at `place` and prepares the field.
 * Errors: CERTENROLL_E_ARGUMENT (a user name that cannot be sent), those of ce_secret_ask. */
int basic_auth_ask(struct basic_auth **out, const struct ce_secret_source *source,
                   const char *username, const char *place, certenroll_error **error);

/* The field followed by `rest`, which is borrowed; valid until basic_auth_free. */
struct curl_slist *basic_auth_fields(struct basic_auth *auth, struct curl_slist *rest);

void basic_auth_free(struct basic_auth *auth); /* wipes */

#endif
