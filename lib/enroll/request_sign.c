/* SPDX-License-Identifier: Apache-2.0 */
/* The primitive "sign a certification request with a token's key". */
#include "base/message.h"
#include "base/openssl_error.h"
#include "base/option_struct.h"
#include "x509/request.h"

#include <certenroll/openssl.h>

#include <openssl/pem.h>

static int to_pem(struct ce_buffer *buffer, certenroll_error **error)
{
    BIO *bio = BIO_new(BIO_s_mem());
    char *text = NULL;
    long length = 0;
    int status;

    if (bio && PEM_write_bio(bio, PEM_STRING_X509_REQ, "", buffer->data, (long)buffer->length) > 0)
        length = BIO_get_mem_data(bio, &text);
    ce_buffer_clear(buffer);
    if (length > 0)
        status = ce_buffer_set(buffer, text, (size_t)length, error);
    else
        status = ce_fail_openssl(error, CERTENROLL_E_INTERNAL, _("cannot write PEM"));
    BIO_free(bio);
    return status;
}

int certenroll_request_check(const certenroll_request_options *options, certenroll_error **error)
{
    struct ce_profile *profile = NULL;
    int status = ce_profile_new(&profile, options, error);

    ce_profile_free(profile);
    return status;
}

int certenroll_request_sign(unsigned char **out, size_t *length, certenroll_encoding encoding,
                            certenroll_key *key, const certenroll_request_options *options,
                            certenroll_error **error)
{
    certenroll_request_options own = CERTENROLL_REQUEST_OPTIONS_INIT;
    struct ce_profile *profile = NULL;
    struct ce_buffer request = { 0 };
    EVP_PKEY *pkey = NULL;
    int status;

    *out = NULL;
    *length = 0;
    if (encoding != CERTENROLL_DER && encoding != CERTENROLL_PEM)
        return certenroll_error_set(error, CERTENROLL_E_ARGUMENT, _("no such encoding: %d"),
                                    (int)encoding);
    status = ce_options_take(&own, sizeof(own), options, error);
    if (status == CERTENROLL_OK)
        status = ce_profile_new(&profile, &own, error);
    if (status == CERTENROLL_OK)
        status = certenroll_key_evp_pkey(&pkey, key, error);
    if (status == CERTENROLL_OK)
        status = ce_request_sign(&request, profile, pkey, error);
    if (status == CERTENROLL_OK && encoding == CERTENROLL_PEM)
        status = to_pem(&request, error);
    EVP_PKEY_free(pkey);
    ce_profile_free(profile);
    if (status < 0) {
        ce_buffer_clear(&request);
        return status;
    }
    *out = request.data;
    *length = request.length;
    return CERTENROLL_OK;
}
