/* SPDX-License-Identifier: Apache-2.0 */
/* The primitive "install a certificate beside its key", which finds the key by itself. */
#include "base/message.h"
#include "base/option_struct.h"
#include "base/platform.h"
#include "enroll/write_back.h"
#include "provider/provider.h"
#include "x509/certs.h"
#include "x509/fit.h"

#include <certenroll/openssl.h>

/* The token's key that one of the certificates is for, owned by the caller. */
static int find_key(certenroll_key **key, certenroll_token *token, STACK_OF(X509) *certs,
                    certenroll_error **error)
{
    certenroll_key **keys = NULL;
    size_t count = 0;
    int status = ce_keys_read(&keys, &count, token, NULL, error);

    *key = NULL;
    for (size_t i = 0; status == CERTENROLL_OK && !*key && i < count; i++) {
        EVP_PKEY *public_key = NULL;
        X509 *leaf = NULL;

        status = ce_provider_public_key(&public_key, keys[i], error);
        if (status == CERTENROLL_E_UNSUPPORTED) { /* a kind of key that no certificate is for */
            certenroll_error_clear(error);
            status = CERTENROLL_OK;
        } else if (status == CERTENROLL_OK &&
                   ce_certs_find_leaf(&leaf, certs, public_key, NULL) == CERTENROLL_OK) {
            *key = ce_key_ref(keys[i]);
        }
        EVP_PKEY_free(public_key);
    }
    ce_keys_free(keys, count);
    if (status == CERTENROLL_OK && !*key)
        status = certenroll_error_set(
            error, CERTENROLL_E_CERT_KEY,
            _("none of the keys on the token \"%s\" belongs to this certificate"),
            certenroll_token_info_label(certenroll_token_get_info(token)));
    return status;
}

static int check_and_write(certenroll_key *key, STACK_OF(X509) *certs,
                           const certenroll_install_options *options, certenroll_error **error)
{
    EVP_PKEY *public_key = NULL, *pkey = NULL;
    struct ce_profile *profile = NULL;
    struct ce_fit fit = { .anchors = options->anchors, .now = ce_now() };
    STACK_OF(X509) *chain = NULL;
    X509 *leaf = NULL;
    int status = ce_provider_public_key(&public_key, key, error);

    if (status == CERTENROLL_OK && options->request)
        status = ce_profile_new(&profile, options->request, error);
    fit.key = public_key;
    fit.profile = profile;
    fit.ca_names = !profile;
    if (status == CERTENROLL_OK)
        status = ce_fit_find(&leaf, &fit, certs, error);
    if (status == CERTENROLL_OK)
        status = ce_fit_chain(&chain, &fit, leaf, certs, error);
    /* The pair is proven first: a token with two keys under one CKA_ID may show the one's public
     * half and sign with the other. */
    if (status == CERTENROLL_OK)
        status = certenroll_key_evp_pkey(&pkey, key, error);
    if (status == CERTENROLL_OK)
        status = ce_prove_pair(pkey, leaf, error);
    if (status == CERTENROLL_OK)
        status = ce_write_back(key, leaf, chain, options->label, CE_BESIDE_UNKNOWN, error);
    EVP_PKEY_free(pkey);
    sk_X509_pop_free(chain, X509_free);
    ce_profile_free(profile);
    EVP_PKEY_free(public_key);
    return status;
}

int certenroll_certificate_install(certenroll_key **key, certenroll_token *token, const void *data,
                                   size_t length, const certenroll_install_options *options,
                                   certenroll_error **error)
{
    certenroll_install_options own = CERTENROLL_INSTALL_OPTIONS_INIT;
    certenroll_key *found = NULL;
    STACK_OF(X509) *certs = NULL;
    int status = ce_options_take(&own, sizeof(own), options, error);

    if (key)
        *key = NULL;
    if (status == CERTENROLL_OK && !own.anchors)
        status = certenroll_error_set(error, CERTENROLL_E_ARGUMENT, _("no trust anchor was given"));
    if (status == CERTENROLL_OK)
        status = ce_certs_parse(&certs, data, length, error);
    if (status == CERTENROLL_OK)
        status = find_key(&found, token, certs, error);
    if (status == CERTENROLL_OK)
        status = check_and_write(found, certs, &own, error);
    sk_X509_pop_free(certs, X509_free);
    if (status == CERTENROLL_OK && key)
        *key = found;
    else
        certenroll_key_free(found);
    return status;
}
