/* SPDX-License-Identifier: Apache-2.0 */
/* What makes libcurl's TLS connection ours: the caller's trust anchors alone, and the client key.
 */
#ifndef CE_PROTOCOL_TLS_H
#define CE_PROTOCOL_TLS_H

#include "protocol/transfer.h"

#include <openssl/ssl.h>

/* For CURLOPT_PROXY_SSLVERSION, where the connection to the server itself has no newest version.
 * libcurl hands its contexts over without a word about the peer: by this the one for an HTTPS proxy
 * is told from the server's. */
#define TLS_PROXY_VERSIONS (CURL_SSLVERSION_TLSv1_2 | CURL_SSLVERSION_MAX_TLSv1_2)

/* Puts trust anchors, client key, certificate and chain into a context that libcurl has made; for a
 * proxy, the trust anchors alone. The server's fatal alert (RFC 8446 §6) goes to transfer->alert,
 * an error of our own key in the handshake to transfer->status and its error, and whether the key
 * has signed to transfer->client_proven. `transfer` outlives `context`. Returns the status, which
 * is transfer->status too. */
int tls_set_up(SSL_CTX *context, struct transfer *transfer);

/* Non-zero for an alert by which a server refuses the client's certificate, or misses it. */
int tls_alert_is_refusal(int alert);

#endif
