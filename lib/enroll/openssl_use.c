/* SPDX-License-Identifier: Apache-2.0 */
/* A token's key, certificate and CA certificates into an application's SSL_CTX. */
#include "base/message.h"
#include "base/openssl_error.h"
#include "enroll/client_pair.h"

#include <certenroll/openssl.h>

#include <openssl/err.h>

int certenroll_ssl_ctx_use(SSL_CTX *ssl_ctx, certenroll_token *token, const unsigned char *id,
                           size_t id_length, certenroll_error **error)
{
    struct ce_client_pair pair;
    int status = ce_client_pair_open(&pair, token, id, id_length, error);

    ERR_clear_error(); /* the reason must be this call's, not an older one's */
    if (status == CERTENROLL_OK &&
        SSL_CTX_use_cert_and_key(ssl_ctx, pair.certificate, pair.key, pair.chain, 1) != 1)
        status = ce_fail_openssl(error, CERTENROLL_E_INTERNAL,
                                 _("OpenSSL does not take the token's key and certificate"));
    ce_client_pair_clear(&pair);
    return status;
}
