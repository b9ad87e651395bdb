/* SPDX-License-Identifier: Apache-2.0 */
/* Base64 (RFC 4648), as EST carries it (RFC 7030 §4, RFC 8951 §3.2) and a journal keeps it. */
#ifndef CE_BASE_BASE64_H
#define CE_BASE_BASE64_H

#include "base/buffer.h"

/* Lines of 64 characters: the form that every peer reads (RFC 2045 §6.8 allows 76). */
int ce_base64_encode(struct ce_buffer *out, const struct ce_buffer *bytes,
                     certenroll_error **error);

/* The alphabet for URLs and forms, without padding (RFC 4648 §5, §3.2); a string to free(). NULL:
 * out of memory. */
char *base64url_encode(const struct ce_buffer *bytes);

/* White space may stand anywhere, for servers wrap their lines as they like, or not at all; all
 * else is strict RFC 4648. Returns the status, CERTENROLL_E_CERT_MALFORMED when it is not base64.
 */
int ce_base64_decode(struct ce_buffer *out, const struct ce_buffer *text);

#endif
