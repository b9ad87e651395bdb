/* SPDX-License-Identifier: Apache-2.0 */
/* Having a certificate revoked: who asks is a pair on the token, or an account. */
#include "base/message.h"
#include "base/options.h"
#include "enroll/client_pair.h"
#include "protocol/protocol.h"
#include "x509/certs.h"

#include <certenroll/revocation.h>

/* --- what was asked --- */

static int check_identity(const certenroll_token *token, const certenroll_revoke_options *options,
                          certenroll_error **error)
{
    if (options->id && !token)
        return certenroll_error_set(error, CERTENROLL_E_ARGUMENT,
                                    _("a CKA_ID was given, and no token that has it"));
    if (options->id && (options->id_length == 0 || options->id_length > CERTENROLL_ID_MAX))
        return certenroll_error_set(error, CERTENROLL_E_ARGUMENT,
                                    _("a CKA_ID has 1 to %d bytes, not %zu"), CERTENROLL_ID_MAX,
                                    options->id_length);
    if (options->id || (options->username && options->username[0]))
        return CERTENROLL_OK;
    certenroll_error_set(error, CERTENROLL_E_ARGUMENT,
                         _("nothing says who asks for the revocation"));
    certenroll_error_advise(
        error, _("Give the CKA_ID of a key pair with a certificate, or an account's name."));
    return CERTENROLL_E_ARGUMENT;
}

static int check_options(const certenroll_token *token, const certenroll_revoke_options *options,
                         certenroll_error **error)
{
    if (!options->est_url)
        return certenroll_error_set(error, CERTENROLL_E_ARGUMENT, _("no EST server was given"));
    if (!options->tls_anchors)
        return certenroll_error_set(error, CERTENROLL_E_ARGUMENT, _("no trust anchor was given"));
    if (!certenroll_revocation_reason_name(options->reason))
        return certenroll_error_set(error, CERTENROLL_E_ARGUMENT,
                                    _("%d is no reason for a revocation"), (int)options->reason);
    return check_identity(token, options, error);
}

/* The RA would say so too, but only after the PIN was asked for. */
static int take_certificate(struct ce_buffer *out, const unsigned char *der, size_t length,
                            certenroll_error **error)
{
    X509 *certificate = NULL;
    int status = ce_x509_parse(&certificate, der, length, error);

    X509_free(certificate);
    return status == CERTENROLL_OK ? ce_buffer_set(out, der, length, error) : status;
}

/* --- asking --- */

static int ask(const struct ca_endpoint *endpoint, const struct ce_buffer *certificate,
               const certenroll_revoke_options *options, certenroll_error **error)
{
    return ca_protocol_est.revoke(endpoint, certificate, options->reason, error);
}

/* As the pair on the token. */
static int ask_as_pair(struct ca_endpoint endpoint, certenroll_token *token,
                       const struct ce_buffer *certificate,
                       const certenroll_revoke_options *options, certenroll_error **error)
{
    struct ce_client_pair pair;
    int status = ce_client_pair_open(&pair, token, options->id, options->id_length, error);

    if (status == CERTENROLL_OK) {
        ce_client_pair_use(&pair, &endpoint);
        status = ask(&endpoint, certificate, options, error);
    }
    ce_client_pair_clear(&pair);
    return status;
}

int certenroll_certificate_revoke(certenroll_context *context, certenroll_token *token,
                                  const unsigned char *der, size_t length,
                                  const certenroll_revoke_options *options,
                                  certenroll_error **error)
{
    certenroll_revoke_options own = CERTENROLL_REVOKE_OPTIONS_INIT;
    struct ca_endpoint endpoint = { .context = context };
    struct ce_buffer certificate = { 0 };
    int status = ce_options_take(&own, sizeof(own), options, error);

    if (status == CERTENROLL_OK)
        status = check_options(token, &own, error);
    if (status == CERTENROLL_OK)
        status = ca_protocol_est.check(own.est_url, error);
    if (status == CERTENROLL_OK)
        status = take_certificate(&certificate, der, length, error);
    endpoint.url = own.est_url;
    endpoint.tls_anchors = own.tls_anchors;
    endpoint.username = own.username;
    endpoint.secret = (struct ce_secret_source){ own.secret, own.secret_user };
    if (status == CERTENROLL_OK)
        status = own.id ? ask_as_pair(endpoint, token, &certificate, &own, error)
                        : ask(&endpoint, &certificate, &own, error);
    ce_buffer_clear(&certificate);
    return status;
}
