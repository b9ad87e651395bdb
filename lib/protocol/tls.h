/* SPDX-License-Identifier: Apache-2.0 */
/* What makes libcurl's TLS connection ours: the caller's trust anchors alone, and the client key.
 */
#ifndef CE_PROTOCOL_TLS_H
#define CE_PROTOCOL_TLS_H

#include "protocol/protocol.h"

#include <openssl/ssl.h>

/* Puts trust anchors, client key, certificate and chain into a context that libcurl has made.
 * `alert` is set to each fatal alert (RFC 8446 §6) that the server sends, and outlives `context`.
 */
int tls_set_up(SSL_CTX *context, const struct ca_endpoint *endpoint, int *alert,
               certenroll_error **error);

/* Non-zero for an alert by which a server refuses the client's certificate, or misses it. */
int tls_alert_is_refusal(int alert);

#endif
