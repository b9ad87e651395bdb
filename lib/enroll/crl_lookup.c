/* SPDX-License-Identifier: Apache-2.0 */
/* Lists of revoked certificates, fetched or given, and what they say of one. */
#include "base/message.h"
#include "base/option_struct.h"
#include "base/platform.h"
#include "enroll/issuers.h"
#include "protocol/answer.h"
#include "protocol/url.h"
#include "x509/certs.h"
#include "x509/crl.h"

#include <certenroll/openssl.h>

#include <stdlib.h>
#include <string.h>

struct certenroll_crl {
    X509_CRL *list;
    certenroll_error *failure; /* where there is none */
};

/* --- having one --- */

/* Either is the answer, but for want of memory. Takes both over. */
static int keep(certenroll_crl **out, X509_CRL *list, certenroll_error *failure,
                certenroll_error **error)
{
    *out =
        certenroll_error_status(failure) == CERTENROLL_E_MEMORY ? NULL : calloc(1, sizeof(**out));
    if (!*out) {
        X509_CRL_free(list);
        certenroll_error_free(failure);
        return certenroll_error_set_memory(error);
    }
    **out = (certenroll_crl){ list, failure };
    return CERTENROLL_OK;
}

int certenroll_crl_new(certenroll_crl **out, const void *data, size_t length,
                       certenroll_error **error)
{
    certenroll_error *failure = NULL;
    X509_CRL *list = NULL;

    *out = NULL;
    if (!data)
        return certenroll_error_set(error, CERTENROLL_E_ARGUMENT,
                                    _("no revocation list was given"));
    (void)ce_crl_parse(&list, data, length, &failure);
    return keep(out, list, failure, error);
}

static int fetch(X509_CRL **out, const struct ca_endpoint *endpoint, certenroll_error **error)
{
    const struct http_request request = {
        .url = endpoint->url,
        .accept = "application/pkix-crl", /* RFC 5280 §4.2.1.13 */
        .body_max = CE_CRL_MAX_BYTES,
        .stay = 1,
    };
    struct http_response response = { 0 };
    int status = http_exchange(&response, endpoint, &request, error);

    if (status == CERTENROLL_OK && response.status == 200) {
        status = ce_crl_parse(out, response.body.data, response.body.length, error);
    } else if (status == CERTENROLL_OK) {
        status = certenroll_error_set(error, CERTENROLL_E_SERVER,
                                      _("the server sends no revocation list"));
        answer_quote(&response, error);
    }
    http_response_clear(&response);
    return status;
}

int certenroll_crl_fetch(certenroll_crl **out, certenroll_context *context, const char *url,
                         const certenroll_anchors *tls_anchors, certenroll_error **error)
{
    struct ca_endpoint endpoint = { .context = context, .url = url, .tls_anchors = tls_anchors };
    certenroll_error *failure = NULL;
    X509_CRL *list = NULL;
    int status;

    *out = NULL;
    if (!tls_anchors)
        return certenroll_error_set(error, CERTENROLL_E_ARGUMENT, _("no trust anchor was given"));
    status = url_check_https(url, error);
    if (status == CERTENROLL_E_ARGUMENT)
        return status;
    certenroll_error_clear(error); /* libcurl is missing: fetch() says so again */
    (void)fetch(&list, &endpoint, &failure);
    return keep(out, list, failure, error);
}

void certenroll_crl_free(certenroll_crl *crl)
{
    if (!crl)
        return;
    X509_CRL_free(crl->list);
    certenroll_error_free(crl->failure);
    free(crl);
}

/* --- asking it --- */

static void tell_failure(certenroll_revocation *out, const certenroll_error *failure)
{
    const char *why = certenroll_error_why(failure), *words = certenroll_error_ra_words(failure);

    if (words[0])
        ce_crl_unknown(out, _("%s: %s; the server says: \"%s\""), certenroll_error_what(failure),
                       why, words);
    else
        ce_crl_unknown(out, "%s%s%s", certenroll_error_what(failure), why[0] ? ": " : "", why);
}

static int take_certificate(X509 **out, const certenroll_crl_check_options *options,
                            certenroll_error **error)
{
    *out = NULL;
    if (!options->issuers)
        return certenroll_error_set(error, CERTENROLL_E_ARGUMENT, _("no issuers were given"));
    return options->entry ? certenroll_entry_x509(out, options->entry, error)
                          : ce_x509_parse(out, options->der, options->der_length, error);
}

/* The RA is not asked for CA certificates where there is no list to hold anything against. */
static int look_up(certenroll_revocation *out, const certenroll_crl *crl, X509 *certificate,
                   const certenroll_crl_check_options *options, certenroll_error **error)
{
    certenroll_error *failure = NULL;
    struct ce_path path;
    int ending, status;

    if (!crl->list) {
        tell_failure(out, crl->failure);
        return CERTENROLL_OK;
    }
    status = ce_issuers_find_path(&path, &ending, options->issuers, certificate, &failure);
    if (status == CERTENROLL_OK)
        ce_crl_check(out, crl->list, certificate, &path, options->now ? options->now : ce_now());
    else
        tell_failure(out, failure);
    certenroll_error_free(failure);
    return status == CERTENROLL_E_MEMORY ? certenroll_error_set_memory(error) : CERTENROLL_OK;
}

int certenroll_crl_check(certenroll_revocation *out, const certenroll_crl *crl,
                         const certenroll_crl_check_options *options, certenroll_error **error)
{
    certenroll_crl_check_options own = CERTENROLL_CRL_CHECK_OPTIONS_INIT;
    certenroll_revocation answer = CERTENROLL_REVOCATION_INIT;
    X509 *certificate = NULL;
    int status = ce_options_take(&answer, sizeof(answer), out, error);

    if (status < 0)
        return status;
    ce_crl_unknown(&answer, "%s", "");
    status = ce_options_take(&own, sizeof(own), options, error);
    if (status == CERTENROLL_OK)
        status = take_certificate(&certificate, &own, error);
    if (status == CERTENROLL_OK)
        status = look_up(&answer, crl, certificate, &own, error);
    memcpy(out, &answer, answer.size);
    X509_free(certificate);
    return status;
}
