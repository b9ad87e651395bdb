/* SPDX-License-Identifier: Apache-2.0 */
/* Base64 as EST carries it (RFC 7030 §4, RFC 8951 §3.2). */
#ifndef CE_PROTOCOL_BASE64_H
#define CE_PROTOCOL_BASE64_H

#include "base/buffer.h"

/* Lines of 64 characters: the form that every peer reads (RFC 2045 §6.8 allows 76). */
int base64_encode(struct ce_buffer *out, const struct ce_buffer *bytes, certenroll_error **error);

/* White space may stand anywhere, for servers wrap their lines as they like, or not at all; all
 * else is strict RFC 4648. Returns the status, CERTENROLL_E_CERT_MALFORMED when it is not base64.
 */
int base64_decode(struct ce_buffer *out, const struct ce_buffer *text);

#endif
