/* SPDX-License-Identifier: Apache-2.0 */
#include "protocol/tls.h"

#include "base/message.h"
#include "base/openssl_error.h"

static int trust(SSL_CTX *context, const certenroll_anchors *anchors, certenroll_error **error)
{
    if (!anchors)
        return ce_fail(error, CERTENROLL_E_ARGUMENT, _("no trust anchor was given"));
    /* Instead of whatever libcurl was built to trust. */
    SSL_CTX_set1_cert_store(context, ce_anchors_store(anchors));
    return CERTENROLL_OK;
}

static int identify(SSL_CTX *context, const struct ca_endpoint *endpoint, certenroll_error **error)
{
    if (!endpoint->client_key || !endpoint->client_certificate)
        return CERTENROLL_OK;
    if (SSL_CTX_use_certificate(context, endpoint->client_certificate) &&
        SSL_CTX_use_PrivateKey(context, endpoint->client_key) &&
        (!endpoint->client_chain || SSL_CTX_set1_chain(context, endpoint->client_chain)))
        return CERTENROLL_OK;
    ce_fail_openssl(error, CERTENROLL_E_TLS, _("cannot use the certificate and its key for TLS"));
    ce_advise(error, _("Check that the key and the certificate belong together."));
    return CERTENROLL_E_TLS;
}

/* libcurl reports an alert that comes after its side of a TLS 1.3 handshake as a broken
 * connection. Seen here, a refused certificate can be told from that. */
static void watch_alerts(int sent, int version, int content_type, const void *bytes, size_t length,
                         SSL *ssl, void *alert)
{
    const unsigned char *record = bytes;

    (void)version;
    (void)ssl;
    if (!sent && content_type == SSL3_RT_ALERT && length == 2 && record[0] == SSL3_AL_FATAL)
        *(int *)alert = record[1];
}

int tls_set_up(SSL_CTX *context, const struct ca_endpoint *endpoint, int *alert,
               certenroll_error **error)
{
    int status = trust(context, endpoint->tls_anchors, error);

    if (status == CERTENROLL_OK)
        status = identify(context, endpoint, error);
    SSL_CTX_set_msg_callback(context, watch_alerts);
    SSL_CTX_set_msg_callback_arg(context, alert);
    /* SSLKEYLOGFILE makes libcurl write the session's keys to a file: with them a recording of the
     * connection shows the password. */
    SSL_CTX_set_keylog_callback(context, NULL);
    return status;
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
