/* SPDX-License-Identifier: Apache-2.0 */
#include "x509/path.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>

/* OpenSSL goes by the issuer's name and, where the certificate has one, by the key identifier, and
 * takes the first that fits: of two CA certificates of one name (a CA that has a new key) only the
 * signature tells which it is. One that may sign no certificates is taken, for that to be said. */
static int has_issued(X509_STORE_CTX *context, X509 *certificate, X509 *issuer)
{
    int failure = X509_check_issued(issuer, certificate);

    (void)context;
    return (failure == X509_V_OK || failure == X509_V_ERR_KEYUSAGE_NO_CERTSIGN) &&
           X509_verify(certificate, X509_get0_pubkey(issuer)) == 1;
}

static X509 *end_of(X509_STORE_CTX *context, int failure)
{
    STACK_OF(X509) *chain = X509_STORE_CTX_get0_chain(context);
    X509 *at = failure == X509_V_OK ? sk_X509_value(chain, sk_X509_num(chain) > 1)
                                    : X509_STORE_CTX_get_current_cert(context);

    if (!at)
        at = X509_STORE_CTX_get0_cert(context);
    X509_up_ref(at);
    return at;
}

int ce_path_verify(X509 **at, X509 *certificate, const struct ce_path *path, X509_CRL *crl)
{
    X509_STORE *store = X509_STORE_new();
    X509_STORE_CTX *context = X509_STORE_CTX_new();
    STACK_OF(X509_CRL) *crls = sk_X509_CRL_new_null();
    unsigned long flags = X509_V_FLAG_PARTIAL_CHAIN | X509_V_FLAG_NO_CHECK_TIME;
    int failure = X509_V_ERR_OUT_OF_MEM;

    if (store)
        X509_STORE_set_check_issued(store, has_issued);
    if (store && context && crls && (!crl || sk_X509_CRL_push(crls, crl) > 0) &&
        X509_STORE_CTX_init(context, store, certificate, path->certs) == 1) {
        X509_STORE_CTX_set0_trusted_stack(context, ce_anchors_certificates(path->anchors));
        X509_STORE_CTX_set0_crls(context, crls);
        X509_STORE_CTX_set_flags(context, crl ? flags | X509_V_FLAG_CRL_CHECK : flags);
        failure = X509_verify_cert(context) == 1 ? X509_V_OK : X509_STORE_CTX_get_error(context);
        if (at)
            *at = end_of(context, failure);
    }
    X509_STORE_CTX_free(context);
    X509_STORE_free(store);
    sk_X509_CRL_free(crls);
    ERR_clear_error();
    return failure;
}

int ce_path_lacks_issuer(int failure)
{
    return failure == X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT ||
           failure == X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY ||
           failure == X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE;
}
