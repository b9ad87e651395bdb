/* SPDX-License-Identifier: Apache-2.0 */
#include "protocol/tls.h"

#include "base/message.h"
#include "base/openssl_error.h"

#include <openssl/err.h>

#include <string.h>

/* The store for verification alone: the context's own is libcurl's, who may yet fill it with the
 * certificates of its build, and sets flags on it, while ours is shared with other threads. */
static int trust(SSL_CTX *context, const certenroll_anchors *anchors, certenroll_error **error)
{
    X509_STORE *store;

    if (!anchors)
        return certenroll_error_set(error, CERTENROLL_E_ARGUMENT, _("no trust anchor was given"));
    store = ce_anchors_store(anchors);
    /* The second builds the client's chain where none was given. */
    if (SSL_CTX_set1_verify_cert_store(context, store) == 1 &&
        SSL_CTX_set1_chain_cert_store(context, store) == 1)
        return CERTENROLL_OK;
    return ce_fail_openssl(error, CERTENROLL_E_INTERNAL, _("the trust anchors cannot be set up"));
}

static int fail_key(certenroll_error **error)
{
    return ce_fail_openssl(error, CERTENROLL_E_TLS,
                           _("cannot use the certificate and its key for TLS"));
}

static int identify(SSL_CTX *context, const struct ca_endpoint *endpoint, certenroll_error **error)
{
    int status;

    if (!endpoint->client_key || !endpoint->client_certificate)
        return CERTENROLL_OK;
    if (SSL_CTX_use_certificate(context, endpoint->client_certificate) &&
        SSL_CTX_use_PrivateKey(context, endpoint->client_key) &&
        (!endpoint->client_chain || SSL_CTX_set1_chain(context, endpoint->client_chain)))
        return CERTENROLL_OK;
    status = fail_key(error);
    if (status == CERTENROLL_E_TLS)
        certenroll_error_advise(error,
                                _("Check that the key and the certificate belong together."));
    return status;
}

static void watch(int sent, int version, int content_type, const void *bytes, size_t length,
                  SSL *ssl, void *user)
{
    const unsigned char *record = bytes;
    struct transfer *transfer = user;

    (void)version;
    (void)ssl;
    /* A CertificateVerify of ours (RFC 8446 §4.4.3, RFC 5246 §7.4.8) goes out only where the server
     * asked for a certificate, and the one we have suits it. */
    if (content_type == SSL3_RT_HANDSHAKE && sent && length > 0) {
        if (record[0] == SSL3_MT_CLIENT_HELLO) {
            transfer->certificate_asked = transfer->client_proven = 0;
            transfer->is_silent = 1;
        }
        if (record[0] == SSL3_MT_CERTIFICATE_VERIFY)
            transfer->client_proven = 1;
    }
    if (content_type == SSL3_RT_HANDSHAKE && !sent && length > 0 &&
        record[0] == SSL3_MT_CERTIFICATE_REQUEST)
        transfer->certificate_asked = 1;
    /* OpenSSL has no alert for what speaks another protocol, plain HTTP for example: its "records"
     * have not TLS's version (RFC 8446 §5.1). */
    if (content_type == SSL3_RT_HEADER && !sent && length > 1 && record[1] != SSL3_VERSION_MAJOR)
        transfer->is_silent = 0;
    if (content_type != SSL3_RT_ALERT || length != 2 || record[0] != SSL3_AL_FATAL)
        return;
    if (sent) {
        /* Our alert tells of an error of our key while the reason is still in the queue; libcurl
         * takes the reason off, and keeps a text of it that has lost the status. */
        const char *library = ERR_lib_error_string(ERR_peek_error());

        /* Where libcurl tells it of the connection's end, OpenSSL 3 meets that with an alert too.
         */
        if (ERR_GET_LIB(ERR_peek_last_error()) != ERR_LIB_SSL ||
            ERR_GET_REASON(ERR_peek_last_error()) != SSL_R_UNEXPECTED_EOF_WHILE_READING)
            transfer->is_silent = 0;
        if (library && strcmp(library, CE_OPENSSL_LIBRARY) == 0)
            transfer->status = fail_key(transfer->error);
    } else {
        /* libcurl reports an alert that comes after its side of a TLS 1.3 handshake as a broken
         * connection. Seen here, a refused certificate can be told from that. */
        transfer->alert = record[1];
        transfer->is_silent = 0;
    }
}

int tls_set_up(SSL_CTX *context, struct transfer *transfer)
{
    const struct ca_endpoint *endpoint = transfer->endpoint;

    transfer->status = trust(context, endpoint->tls_anchors, transfer->error);
    /* SSLKEYLOGFILE makes libcurl write the session's keys to a file: with them a recording of the
     * connection shows the password. */
    SSL_CTX_set_keylog_callback(context, NULL);
    if (transfer->status != CERTENROLL_OK ||
        SSL_CTX_get_max_proto_version(context) == TLS1_2_VERSION) /* it is for a proxy */
        return transfer->status;
    transfer->status = identify(context, endpoint, transfer->error);
    SSL_CTX_set_msg_callback(context, watch);
    SSL_CTX_set_msg_callback_arg(context, transfer);
    return transfer->status;
}

int tls_alert_is_refusal(int alert)
{
    switch (alert) {
    case SSL_AD_BAD_CERTIFICATE:
    case SSL_AD_UNSUPPORTED_CERTIFICATE:
    case SSL_AD_CERTIFICATE_REVOKED:
    case SSL_AD_CERTIFICATE_EXPIRED:
    case SSL_AD_CERTIFICATE_UNKNOWN:
    case SSL_AD_UNKNOWN_CA:
    case SSL_AD_ACCESS_DENIED:
    case SSL_AD_CERTIFICATE_REQUIRED:
        return 1;
    default:
        return 0;
    }
}
