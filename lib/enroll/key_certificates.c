/* SPDX-License-Identifier: Apache-2.0 */
#include "enroll/key_certificates.h"

#include "x509/certs.h"

#include <openssl/err.h>

#include <stdlib.h>

int ce_key_certificates_read(struct ce_key_certificates *out, certenroll_token *token,
                             EVP_PKEY *key, certenroll_error **error)
{
    int status = ce_certificates_read(&out->objects, &out->count, token, NULL, error);

    if (status < 0)
        return status;
    EVP_PKEY_up_ref(key);
    out->key = key;
    out->certificates = calloc(out->count + 1, sizeof(X509 *));
    if (!out->certificates)
        return certenroll_error_set_memory(error);
    for (size_t i = 0; i < out->count; i++) {
        const unsigned char *der = out->objects[i].value.data;
        X509 *certificate;

        /* What is no certificate, or has a key that OpenSSL does not know, is not of this key. */
        ERR_set_mark();
        certificate = ce_x509_decode(&der, out->objects[i].value.length);
        if (certificate && EVP_PKEY_eq(X509_get0_pubkey(certificate), key) == 1)
            out->certificates[i] = certificate;
        else
            X509_free(certificate);
        ERR_pop_to_mark();
    }
    return CERTENROLL_OK;
}

void ce_key_certificates_clear(struct ce_key_certificates *all)
{
    for (size_t i = 0; all->certificates && i < all->count; i++)
        X509_free(all->certificates[i]);
    free(all->certificates);
    ce_certificate_objects_free(all->objects, all->count);
    EVP_PKEY_free(all->key);
    *all = (struct ce_key_certificates){ NULL, NULL, NULL, 0 };
}

int ce_certificate_remove(certenroll_token *token, const struct ce_buffer *value,
                          certenroll_error **error)
{
    return ce_certificate_destroy(token, value, NULL, error);
}
