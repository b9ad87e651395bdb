/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/peer.h"

#include "http/http_request.h"

#include <string.h>
#include <strings.h>

/* Called when the client's hello has been read, before the server answers it. */
static int after_client_hello(gnutls_session_t session)
{
    enum host host = host_from_session(session);

    gnutls_certificate_server_set_request(
        session, host == HOST_LOGIN || host == HOST_EST ? GNUTLS_CERT_REQUEST : GNUTLS_CERT_IGNORE);
    return GNUTLS_E_SUCCESS;
}

void peer_prepare(gnutls_session_t session)
{
    gnutls_handshake_set_post_client_hello_function(session, after_client_hello);
}

static X509 *certificate_of(gnutls_session_t session)
{
    unsigned count = 0;
    const gnutls_datum_t *chain = NULL;
    const unsigned char *der;

    if (gnutls_certificate_type_get(session) == GNUTLS_CRT_X509)
        chain = gnutls_certificate_get_peers(session, &count);
    if (!chain || count == 0 || chain[0].size > INT32_MAX)
        return NULL;
    der = chain[0].data;
    return d2i_X509(NULL, &der, (long)chain[0].size);
}

static enum logon judge(struct certificate_record *record, const struct ra *ra, X509 *certificate)
{
    int64_t now;

    if (!issuer_signed(&ra->issuer, certificate))
        return LOGON_FOREIGN;
    switch (store_certificate_find(ra->store, record, certificate)) {
    case STORE_OK:
        break;
    case STORE_NONE:
        return LOGON_UNKNOWN;
    default:
        return LOGON_FAILED;
    }
    if (record->revoked)
        return LOGON_REVOKED;
    if (record->account_removed)
        return LOGON_UNKNOWN;
    now = ra_now(ra);
    if (now > record->not_after)
        return LOGON_EXPIRED;
    return now < record->not_before ? LOGON_NOT_YET_VALID : LOGON_OK;
}

void peer_judge(struct peer *out, const struct ra *ra, gnutls_session_t session)
{
    memset(out, 0, sizeof(*out));
    out->certificate = certificate_of(session);
    out->logon = out->certificate ? judge(&out->record, ra, out->certificate) : LOGON_NONE;
}

void peer_clear(struct peer *peer)
{
    X509_free(peer->certificate);
    peer->certificate = NULL;
}
