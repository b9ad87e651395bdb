/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CE_PROTOCOL_REASON_H
#define CE_PROTOCOL_REASON_H

#include "protocol/http.h"

/* What the server says in an answer that brings nothing of what was asked for: text, also where it
 * names no type (RFC 7030 §4.2.3), and JSON, RFC 9457's or another's. UTF-8 in `out` (`size` bytes
 * with the NUL), clean as ce_text_clean makes it; "" when it says nothing. */
void reason_read(char *out, size_t size, const struct http_response *response);

#endif
