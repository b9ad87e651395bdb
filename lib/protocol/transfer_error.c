/* SPDX-License-Identifier: Apache-2.0 */
#include "base/message.h"
#include "base/platform.h"
#include "base/text.h"
#include "base/time.h"
#include "protocol/tls.h"
#include "protocol/transfer.h"
#include "protocol/url.h"

#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

#include <string.h>

struct code_row {
    CURLcode code;
    int status;
    const char *what; /* follows the server's "host:port" and a colon */
};

static const struct code_row rows[] = {
    { CURLE_COULDNT_RESOLVE_HOST, CERTENROLL_E_NETWORK, N_("there is no server of this name") },
    { CURLE_COULDNT_RESOLVE_PROXY, CERTENROLL_E_NETWORK, N_("the proxy was not found") },
    { CURLE_COULDNT_CONNECT, CERTENROLL_E_NETWORK, N_("cannot connect") },
    { CURLE_PROXY, CERTENROLL_E_NETWORK, N_("the proxy does not connect to it") },
    { CURLE_OPERATION_TIMEDOUT, CERTENROLL_E_NETWORK, N_("no answer came in time") },
    { CURLE_GOT_NOTHING, CERTENROLL_E_NETWORK, N_("the connection ended before the answer did") },
    { CURLE_PARTIAL_FILE, CERTENROLL_E_NETWORK, N_("the connection ended before the answer did") },
    { CURLE_SEND_ERROR, CERTENROLL_E_NETWORK, N_("the connection broke") },
    { CURLE_RECV_ERROR, CERTENROLL_E_NETWORK, N_("the connection broke") },

    { CURLE_PEER_FAILED_VERIFICATION, CERTENROLL_E_TLS,
      N_("the server could not be authenticated") },
    { CURLE_SSL_CONNECT_ERROR, CERTENROLL_E_TLS, N_("no TLS connection could be made") },
    { CURLE_SSL_CIPHER, CERTENROLL_E_TLS, N_("no TLS connection could be made") },
    { CURLE_SSL_CERTPROBLEM, CERTENROLL_E_TLS, N_("no TLS connection could be made") },

    { CURLE_UNSUPPORTED_PROTOCOL, CERTENROLL_E_SERVER, N_("the answer is not HTTP") },
    { CURLE_WEIRD_SERVER_REPLY, CERTENROLL_E_SERVER, N_("the answer is not HTTP") },
    { CURLE_BAD_CONTENT_ENCODING, CERTENROLL_E_SERVER, N_("the answer cannot be decoded") },
#if LIBCURL_VERSION_NUM >= 0x080600
    { CURLE_TOO_LARGE, CERTENROLL_E_SERVER, N_("the head of the answer is too long") },
#endif
    { CURLE_URL_MALFORMAT, CERTENROLL_E_ARGUMENT, N_("the address cannot be used") },

    { CURLE_OK, CERTENROLL_E_INTERNAL, N_("libcurl failed") }, /* all others */
};

static int fail_refused(const struct transfer *transfer, const char *place,
                        certenroll_error **error)
{
    if (transfer->endpoint->client_certificate)
        certenroll_error_set(error, CERTENROLL_E_AUTHENTICATION, _("%s refuses our certificate"),
                             place);
    else
        certenroll_error_set(error, CERTENROLL_E_AUTHENTICATION,
                             _("%s wants a certificate from us"), place);
    certenroll_error_because(error, _("TLS alert %d (%s)"), transfer->alert,
                             SSL_alert_desc_string_long(transfer->alert));
    certenroll_error_advise(error, _("Ask the RA's operator about this certificate."));
    return CERTENROLL_E_AUTHENTICATION;
}

/* libcurl before 8.6 has only CURLE_OUT_OF_MEMORY for a header field beyond its own limit. An
 * answer that has begun, but whose head is not through, tells the two apart well enough. */
static int head_is_too_long(const struct transfer *transfer)
{
    curl_off_t begun = 0;

    transfer->curl->easy_getinfo(transfer->handle, CURLINFO_STARTTRANSFER_TIME_T, &begun);
    return begun > 0 && !transfer->head_complete;
}

/* Certificates are judged by this computer's clock: one that is wrong is the likelier cause than a
 * server whose certificate ran out. */
static void name_clock(const struct transfer *transfer, certenroll_error **error)
{
    char now[CE_TIME_LOCAL_SIZE];
    long failure = X509_V_OK;

    transfer->curl->easy_getinfo(transfer->handle, CURLINFO_SSL_VERIFYRESULT, &failure);
    if (failure != X509_V_ERR_CERT_HAS_EXPIRED && failure != X509_V_ERR_CERT_NOT_YET_VALID)
        return;
    ce_time_local(now, ce_now());
    certenroll_error_advise(
        error,
        _("By this computer's clock it is %s: set it right if that is wrong. If "
          "it is right, tell the RA's operator, or give the CA's present "
          "certificate as trust anchor."),
        now);
}

int transfer_fail(struct transfer *transfer, CURLcode code, const char *url,
                  certenroll_error **error)
{
    const struct code_row *row = rows;
    const char *reason =
        transfer->reason[0] ? transfer->reason : transfer->curl->easy_strerror(code);
    char place[300], clean[CURL_ERROR_SIZE];

    if (transfer->status < 0)
        return transfer->status;
    url_place(place, sizeof(place), url);
    if (code == CURLE_OUT_OF_MEMORY && head_is_too_long(transfer))
        return certenroll_error_set(error, CERTENROLL_E_SERVER,
                                    _("%s: the head of the answer is too long"), place);
    if (code == CURLE_OUT_OF_MEMORY)
        return certenroll_error_set_memory(error);
    if (tls_alert_is_refusal(transfer->alert))
        return fail_refused(transfer, place, error);
    /* A handshake that fails for what stands in it ends with an alert (RFC 8446 §6.2): where none
     * went either way, the connection broke. */
    if (code == CURLE_SSL_CONNECT_ERROR && transfer->is_silent)
        code = CURLE_RECV_ERROR;
    while (row->code != code && row->code != CURLE_OK)
        row++;
    certenroll_error_set(error, row->status, "%s: %s", place, _(row->what));
    /* libcurl's text names OpenSSL's reason, and may quote the server's certificate or header. */
    ce_text_clean(clean, sizeof(clean), reason, strlen(reason));
    certenroll_error_because(error, "%s", clean);
    if (row->status == CERTENROLL_E_TLS)
        name_clock(transfer, error);
    return row->status;
}
