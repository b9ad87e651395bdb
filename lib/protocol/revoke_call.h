/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CE_PROTOCOL_REVOKE_CALL_H
#define CE_PROTOCOL_REVOKE_CALL_H

#include "protocol/protocol.h"

/* This project's own call beside EST (docs/decisions.md), the `revoke` of struct ca_protocol: POST
 * to /.well-known/certenroll/revoke of the endpoint's origin, a form of the fields "certificate"
 * (DER in base64url, RFC 4648 §5, without padding) and "reason" (the name in RFC 5280 §5.3.1). */
int revoke_over_https(const struct ca_endpoint *endpoint, const struct ce_buffer *certificate,
                      certenroll_revocation_reason reason, certenroll_error **error);

#endif
