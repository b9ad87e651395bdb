/* SPDX-License-Identifier: Apache-2.0 */
#include "revoking.h"

#include "common/message.h"

#include <openssl/err.h>
#include <openssl/pem.h>

#include <stdlib.h>

static int ask_ra(struct tool *tool, const unsigned char *der, size_t length,
                  certenroll_revocation_reason reason, const struct asker *asker,
                  const certenroll_anchors *anchors)
{
    certenroll_revoke_options options = CERTENROLL_REVOKE_OPTIONS_INIT;
    certenroll_error *error = NULL;

    options.est_url = tool->options.url;
    options.tls_anchors = anchors;
    options.reason = reason;
    options.username = tool->options.user;
    options.secret = secrets_answer;
    options.secret_user = &tool->secrets;
    if (!tool->options.user) {
        options.id = asker->id;
        options.id_length = asker->id_length;
    }
    if (certenroll_certificate_revoke(tool->context, options.id ? asker->token : NULL, der, length,
                                      &options, &error) < 0)
        return take_failure(tool, &tool->failure, error);
    return CERTENROLL_OK;
}

int revoke_certificate(struct tool *tool, const X509 *certificate,
                       certenroll_revocation_reason reason, const struct asker *asker)
{
    const struct options *options = &tool->options;
    certenroll_anchors *anchors = NULL;
    unsigned char *der = NULL;
    int length, status = require(tool, options->url, "--url");

    if (status == CERTENROLL_OK && !options->tls_anchor)
        status = require(tool, options->trust_anchor, "--tls-anchor");
    if (status == CERTENROLL_OK)
        status = load_anchors(tool, &anchors,
                              options->tls_anchor ? options->tls_anchor : options->trust_anchor);
    if (status < 0)
        return status;
    length = i2d_X509(certificate, &der);
    status = length > 0 ? ask_ra(tool, der, (size_t)length, reason, asker, anchors)
                        : failure_memory(&tool->failure);
    OPENSSL_free(der);
    certenroll_anchors_free(anchors);
    return status;
}

/* --- from a file --- */

static X509 *decode(const unsigned char *data, size_t length)
{
    const unsigned char *next = data;
    X509 *certificate = d2i_X509(NULL, &next, (long)length);
    BIO *bio = certificate ? NULL : BIO_new_mem_buf(data, (int)length);

    if (bio)
        certificate = PEM_read_bio_X509(bio, NULL, NULL, NULL);
    BIO_free(bio);
    ERR_clear_error();
    return certificate;
}

int read_certificate(struct tool *tool, X509 **out, const char *path)
{
    unsigned char *data = NULL;
    size_t length = 0;
    int status = read_answer(&data, &length, path, &tool->failure);

    *out = status == CERTENROLL_OK ? decode(data, length) : NULL;
    if (status == CERTENROLL_OK && !*out) {
        status = failure_set(&tool->failure, CERTENROLL_E_CERT_MALFORMED,
                             _("%s holds no certificate"), path);
        failure_advise(&tool->failure, "%s", _("Give a certificate in PEM or DER."));
    }
    free(data);
    return status;
}
