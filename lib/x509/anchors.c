/* SPDX-License-Identifier: Apache-2.0 */
#include "x509/anchors.h"

#include "base/message.h"
#include "base/openssl_error.h"
#include "base/platform.h"
#include "base/whole_file.h"
#include "x509/certs.h"
#include "x509/show.h"

#include <stdio.h>
#include <stdlib.h>

/* A file of anchors for TLS servers may be a whole system's list. */
#define MAX_ANCHORS 1024

struct certenroll_anchors {
    ce_refcount references;
    STACK_OF(X509) *certificates;
    X509_STORE *store;
};

static int fill_store(X509_STORE *store, STACK_OF(X509) *certificates, certenroll_error **error)
{
    /* An intermediate CA that is given as an anchor is one (RFC 5280 §6.1.1 (d)). */
    if (X509_STORE_set_flags(store, X509_V_FLAG_PARTIAL_CHAIN) != 1)
        return ce_fail_openssl(error, CERTENROLL_E_INTERNAL,
                               _("the trust anchors cannot be set up"));
    for (int i = 0; i < sk_X509_num(certificates); i++)
        if (X509_STORE_add_cert(store, sk_X509_value(certificates, i)) != 1)
            return ce_fail_openssl(error, CERTENROLL_E_INTERNAL,
                                   _("a certificate cannot be made a trust anchor"));
    return CERTENROLL_OK;
}

/* Takes `certificates` over, also on failure. */
static int anchors_of(certenroll_anchors **out, STACK_OF(X509) *certificates,
                      certenroll_error **error)
{
    certenroll_anchors *anchors = calloc(1, sizeof(*anchors));
    int status;

    *out = NULL;
    if (!anchors) {
        sk_X509_pop_free(certificates, X509_free);
        return certenroll_error_set_memory(error);
    }
    ce_refcount_init(&anchors->references);
    anchors->certificates = certificates;
    anchors->store = X509_STORE_new();
    status = anchors->store ? fill_store(anchors->store, certificates, error)
                            : certenroll_error_set_memory(error);
    if (status < 0)
        certenroll_anchors_free(anchors);
    else
        *out = anchors;
    return status;
}

int certenroll_anchors_new(certenroll_anchors **out, const void *pem, size_t length,
                           certenroll_error **error)
{
    STACK_OF(X509) *certificates = NULL;
    int status = ce_certs_parse_up_to(&certificates, MAX_ANCHORS, pem, length, error);

    *out = NULL;
    if (status == CERTENROLL_E_CERT_MALFORMED)
        certenroll_error_advise(
            error, _("Give the CA's certificate as its operator published it, in PEM."));
    return status < 0 ? status : anchors_of(out, certificates, error);
}

int ce_anchors_new(certenroll_anchors **out, STACK_OF(X509) *certificates, certenroll_error **error)
{
    STACK_OF(X509) *copy = X509_chain_up_ref(certificates);

    *out = NULL;
    return copy ? anchors_of(out, copy, error) : certenroll_error_set_memory(error);
}

/* Puts the file's name before what is wrong with its contents. */
static int name_file(int status, const char *path, certenroll_error **error)
{
    char reason[768];

    if (status != CERTENROLL_E_CERT_MALFORMED || !error)
        return status;
    snprintf(reason, sizeof(reason), "%s%s%s", certenroll_error_what(*error),
             certenroll_error_why(*error)[0] ? ": " : "", certenroll_error_why(*error));
    certenroll_error_set(error, status, _("%s does not hold trust anchors"), path);
    certenroll_error_because(error, "%s", reason);
    certenroll_error_advise(error,
                            _("Give the CA's certificate as its operator published it, in PEM."));
    return status;
}

int certenroll_anchors_load(certenroll_anchors **out, const char *path, certenroll_error **error)
{
    struct ce_buffer contents = { NULL, 0 };
    int status = ce_file_read(&contents, path, CE_TRUST_ANY, CE_CERTS_MAX_BYTES, error);

    *out = NULL;
    if (status < 0)
        return status;
    status = certenroll_anchors_new(out, contents.data, contents.length, error);
    ce_buffer_clear(&contents);
    return name_file(status, path, error);
}

void certenroll_anchors_free(certenroll_anchors *anchors)
{
    if (!anchors || !ce_refcount_down(&anchors->references))
        return;
    sk_X509_pop_free(anchors->certificates, X509_free);
    X509_STORE_free(anchors->store);
    free(anchors);
}

certenroll_anchors *ce_anchors_ref(const certenroll_anchors *anchors)
{
    certenroll_anchors *shared = (certenroll_anchors *)anchors;

    if (shared)
        ce_refcount_up(&shared->references);
    return shared;
}

int ce_anchors_check_dates(const certenroll_anchors *anchors, int64_t now, certenroll_error **error)
{
    const X509 *anchor = NULL;
    struct shown name;

    for (int i = sk_X509_num(anchors->certificates); i-- > 0;) {
        anchor = sk_X509_value(anchors->certificates, i);
        if (ce_certs_time(X509_get0_notBefore(anchor)) <= now &&
            now <= ce_certs_time(X509_get0_notAfter(anchor)))
            return CERTENROLL_OK;
    }
    if (!anchor)
        return CERTENROLL_OK;
    name = show_name(X509_get_subject_name(anchor));
    certenroll_error_set(error, CERTENROLL_E_CERT_DATES,
                         _("no trust anchor is valid by this computer's clock"));
    certenroll_error_because(error, _("\"%.120s\" is valid from %s to %s; it is now %s"), name.text,
                             show_asn1_time(X509_get0_notBefore(anchor)).text,
                             show_asn1_time(X509_get0_notAfter(anchor)).text, show_time(now).text);
    certenroll_error_advise(error,
                            _("Set this computer's clock right if that is wrong. If it is right, "
                              "give the CA's present certificate as trust anchor."));
    return CERTENROLL_E_CERT_DATES;
}

X509_STORE *ce_anchors_store(const certenroll_anchors *anchors)
{
    return anchors->store;
}

STACK_OF(X509) *ce_anchors_certificates(const certenroll_anchors *anchors)
{
    return anchors->certificates;
}
