/* SPDX-License-Identifier: Apache-2.0 */
#include "revocation/ask_for_revocation.h"

#include "common/tool_message.h"
#include "enrolment/run_enrolment.h"
#include "library_options.h"

#include <openssl/err.h>
#include <openssl/pem.h>

int check_ra_options(const struct options *options, certenroll_error **error)
{
    int status = require(options->url, "--url", error);

    return status == CERTENROLL_OK && !options->tls_anchor
               ? require(options->trust_anchor, "--tls-anchor", error)
               : status;
}

int revoke_certificate(struct tool *tool, X509 *certificate, certenroll_revocation_reason reason,
                       const struct asker *asker, certenroll_error **error)
{
    const struct options *options = &tool->options;
    certenroll_revoke_options revoke = CERTENROLL_REVOKE_OPTIONS_INIT;
    certenroll_anchors *anchors = NULL;
    unsigned char *der = NULL;
    int length, status = check_ra_options(options, error);

    if (status == CERTENROLL_OK)
        status = load_anchors(
            &anchors, options->tls_anchor ? options->tls_anchor : options->trust_anchor, error);
    if (status < 0)
        return status;
    revoke.est_url = options->url;
    revoke.tls_anchors = anchors;
    revoke.reason = reason;
    revoke.username = options->user;
    revoke.secret = tool->secret;
    revoke.secret_user = tool->secret_user;
    if (!options->user) {
        revoke.id = asker->id;
        revoke.id_length = asker->id_length;
    }
    length = i2d_X509(certificate, &der);
    status = length > 0
                 ? certenroll_certificate_revoke(tool->context, revoke.id ? asker->token : NULL,
                                                 der, (size_t)length, &revoke, error)
                 : certenroll_error_set_memory(error);
    OPENSSL_free(der);
    certenroll_anchors_free(anchors);
    return status;
}

int read_certificate(X509 **out, const char *path, certenroll_error **error)
{
    struct ce_buffer file = { 0 };
    int status = read_answer(&file, path, error);
    const unsigned char *next = file.data;
    BIO *bio;

    *out = NULL;
    if (status < 0)
        return status;
    *out = d2i_X509(NULL, &next, (long)file.length);
    bio = *out ? NULL : BIO_new_mem_buf(file.data, (int)file.length);
    if (bio)
        *out = PEM_read_bio_X509(bio, NULL, NULL, NULL);
    BIO_free(bio);
    ERR_clear_error();
    ce_buffer_clear(&file);
    if (*out)
        return CERTENROLL_OK;
    certenroll_error_set(error, CERTENROLL_E_CERT_MALFORMED, _("%s holds no certificate"), path);
    certenroll_error_advise(error, _("Give a certificate in PEM or DER."));
    return CERTENROLL_E_CERT_MALFORMED;
}

X509 *certificate_of(const certenroll_entry *entry)
{
    size_t length = 0;
    const unsigned char *der = certenroll_entry_certificate(entry, &length);
    X509 *certificate = der ? d2i_X509(NULL, &der, (long)length) : NULL;

    ERR_clear_error();
    return certificate;
}

json_t *describe_x509(X509 *certificate)
{
    unsigned char *der = NULL;
    int length = i2d_X509(certificate, &der);
    json_t *object = length > 0 ? describe_certificate(der, (size_t)length) : NULL;

    OPENSSL_free(der);
    json_object_del(object, "pem");
    return object;
}
