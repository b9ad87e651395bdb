/* SPDX-License-Identifier: Apache-2.0 */
#include "base/message.h"
#include "enroll/enrolment.h"
#include "x509/certs.h"

#include <openssl/err.h>

int ce_blobs_take_certs(struct ce_blobs *blobs, STACK_OF(X509) *certs, certenroll_error **error)
{
    struct ce_blobs taken = { 0 };
    int status = CERTENROLL_OK;

    for (int i = 0; status == CERTENROLL_OK && i < sk_X509_num(certs); i++) {
        struct ce_buffer der = { 0 };

        status = ce_certs_der(&der, sk_X509_value(certs, i), error);
        if (status == CERTENROLL_OK)
            status = ce_blobs_add(&taken, der.data, der.length, error);
        ce_buffer_clear(&der);
    }
    if (status < 0) { /* what they were stays */
        ce_blobs_clear(&taken);
        return status;
    }
    ce_blobs_clear(blobs);
    *blobs = taken;
    return CERTENROLL_OK;
}

int ce_blob_to_cert(X509 **out, const struct ce_buffer *der, certenroll_error **error)
{
    const unsigned char *next = der->data;

    *out = next ? ce_x509_decode(&next, der->length) : NULL;
    if (*out && next == der->data + der->length)
        return CERTENROLL_OK;
    ERR_clear_error();
    X509_free(*out);
    *out = NULL;
    return certenroll_error_set(error, CERTENROLL_E_JOURNAL,
                                _("a certificate in the journal cannot be read"));
}

int ce_blobs_to_certs(STACK_OF(X509) **out, const struct ce_blobs *blobs, certenroll_error **error)
{
    int status = CERTENROLL_OK;

    *out = sk_X509_new_null();
    if (!*out)
        return certenroll_error_set_memory(error);
    for (size_t i = 0; status == CERTENROLL_OK && i < blobs->count; i++) {
        X509 *certificate = NULL;

        status = ce_blob_to_cert(&certificate, &blobs->list[i], error);
        if (status == CERTENROLL_OK && sk_X509_push(*out, certificate) <= 0) {
            X509_free(certificate);
            status = certenroll_error_set_memory(error);
        }
    }
    if (status < 0) {
        sk_X509_pop_free(*out, X509_free);
        *out = NULL;
    }
    return status;
}
