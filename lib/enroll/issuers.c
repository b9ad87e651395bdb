/* SPDX-License-Identifier: Apache-2.0 */
#include "enroll/issuers.h"

#include "base/message.h"
#include "base/option_struct.h"
#include "base/platform.h"
#include "enroll/inventory.h"
#include "protocol/protocol.h"
#include "x509/certs.h"

#include <openssl/err.h>

#include <stdlib.h>

struct certenroll_issuers {
    certenroll_anchors *anchors;
    STACK_OF(X509) *given; /* of the inventory and the caller */
    certenroll_anchors *tls_anchors;
    char *est_url; /* NULL: nobody is asked */
    struct ca_endpoint endpoint;
    ce_mutex *mutex; /* for what is below */
    /* One of the two once the RA has been asked; they do not change after that. */
    STACK_OF(X509) *all; /* `given` and the RA's */
    certenroll_error *failure;
};

/* --- what is given --- */

/* Takes `certs` over. */
static int add_all(STACK_OF(X509) *to, STACK_OF(X509) *certs, certenroll_error **error)
{
    int added = X509_add_certs(to, certs, X509_ADD_FLAG_UP_REF);

    sk_X509_pop_free(certs, X509_free);
    return added == 1 ? CERTENROLL_OK : certenroll_error_set_memory(error);
}

static int add_given(certenroll_issuers *issuers, const certenroll_issuers_options *options,
                     certenroll_error **error)
{
    STACK_OF(X509) *certs = NULL;
    size_t count = options->inventory ? certenroll_inventory_count(options->inventory) : 0;
    int status;

    for (size_t i = 0; i < count; i++) {
        const certenroll_entry *entry = certenroll_inventory_at(options->inventory, i);

        if (certenroll_entry_is_ca(entry) &&
            X509_add_cert(issuers->given, entry->certificate, X509_ADD_FLAG_UP_REF) != 1)
            return certenroll_error_set_memory(error);
    }
    if (!options->certificates)
        return CERTENROLL_OK;
    status = ce_certs_parse(&certs, options->certificates, options->certificates_length, error);
    return status < 0 ? status : add_all(issuers->given, certs, error);
}

static int check_options(const certenroll_context *context,
                         const certenroll_issuers_options *options, certenroll_error **error)
{
    if (!context)
        return certenroll_error_set(error, CERTENROLL_E_ARGUMENT, _("no context was given"));
    if (!options->anchors || (options->est_url && !options->tls_anchors))
        return certenroll_error_set(error, CERTENROLL_E_ARGUMENT, _("no trust anchor was given"));
    return options->est_url ? ca_protocol_est.check(options->est_url, error) : CERTENROLL_OK;
}

static int fill(certenroll_issuers *issuers, certenroll_context *context,
                const certenroll_issuers_options *options, certenroll_error **error)
{
    int status = ce_string_copy(&issuers->est_url, options->est_url, error);

    issuers->anchors = ce_anchors_ref(options->anchors);
    issuers->tls_anchors = ce_anchors_ref(options->tls_anchors);
    issuers->endpoint = (struct ca_endpoint){ .context = ce_context_ref(context),
                                              .url = issuers->est_url,
                                              .tls_anchors = issuers->tls_anchors };
    issuers->given = sk_X509_new_null();
    issuers->mutex = ce_mutex_new();
    if (status < 0 || !issuers->given || !issuers->mutex)
        return certenroll_error_set_memory(error);
    return add_given(issuers, options, error);
}

int certenroll_issuers_new(certenroll_issuers **out, certenroll_context *context,
                           const certenroll_issuers_options *options, certenroll_error **error)
{
    certenroll_issuers_options own = CERTENROLL_ISSUERS_OPTIONS_INIT;
    int status = ce_options_take(&own, sizeof(own), options, error);

    *out = NULL;
    if (status == CERTENROLL_OK)
        status = check_options(context, &own, error);
    if (status < 0)
        return status;
    *out = calloc(1, sizeof(**out));
    if (!*out)
        return certenroll_error_set_memory(error);
    status = fill(*out, context, &own, error);
    if (status < 0) {
        certenroll_issuers_free(*out);
        *out = NULL;
    }
    return status;
}

void certenroll_issuers_free(certenroll_issuers *issuers)
{
    if (!issuers)
        return;
    certenroll_anchors_free(issuers->anchors);
    certenroll_anchors_free(issuers->tls_anchors);
    certenroll_context_free(issuers->endpoint.context);
    sk_X509_pop_free(issuers->given, X509_free);
    sk_X509_pop_free(issuers->all, X509_free);
    certenroll_error_free(issuers->failure);
    certenroll_buffer_free(issuers->est_url);
    ce_mutex_free(issuers->mutex);
    free(issuers);
}

/* --- what the RA adds --- */

static int fetch(certenroll_issuers *issuers, certenroll_error **error)
{
    struct ca_answer answer = { 0 };
    STACK_OF(X509) *all;
    int status = ca_protocol_est.cacerts(&answer, &issuers->endpoint, error);

    if (status < 0)
        return status;
    all = X509_chain_up_ref(issuers->given);
    status = add_all(all, answer.certs, error);
    if (status < 0)
        sk_X509_pop_free(all, X509_free);
    else
        issuers->all = all;
    return status;
}

/* Once, for better or worse: there may be many certificates to look at, and nobody waits for a
 * server that is down once for each. Who needs no more than what is given does not wait either. */
static int ask(STACK_OF(X509) **certs, certenroll_issuers *issuers, certenroll_error **error)
{
    ce_mutex_lock(issuers->mutex);
    if (!issuers->all && !issuers->failure)
        (void)fetch(issuers, &issuers->failure);
    ce_mutex_unlock(issuers->mutex);
    if (issuers->all) {
        *certs = issuers->all;
        return CERTENROLL_OK;
    }
    if (error) {
        certenroll_error_free(*error);
        *error = certenroll_error_copy(issuers->failure);
    }
    return certenroll_error_status(issuers->failure);
}

int ce_issuers_find_path(struct ce_path *path, int *ending, certenroll_issuers *issuers,
                         X509 *certificate, certenroll_error **error)
{
    int status = CERTENROLL_OK;

    *path = (struct ce_path){ issuers->given, issuers->anchors };
    *ending = ce_path_verify(NULL, certificate, path, NULL);
    if (ce_path_lacks_issuer(*ending) && issuers->est_url) {
        status = ask(&path->certs, issuers, error);
        if (status == CERTENROLL_OK)
            *ending = ce_path_verify(NULL, certificate, path, NULL);
    }
    return *ending == X509_V_ERR_OUT_OF_MEM ? certenroll_error_set_memory(error) : status;
}

int certenroll_issuers_check(certenroll_issued *out, certenroll_issuers *issuers,
                             const unsigned char *der, size_t length, certenroll_error **error)
{
    struct ce_path path;
    X509 *certificate = NULL;
    int ending, status = ce_x509_parse(&certificate, der, length, error);

    *out = CERTENROLL_ISSUED_BY_UNKNOWN;
    if (status == CERTENROLL_OK)
        status = ce_issuers_find_path(&path, &ending, issuers, certificate, error);
    if (status == CERTENROLL_OK && !ce_path_lacks_issuer(ending))
        *out = ending == X509_V_OK ? CERTENROLL_ISSUED : CERTENROLL_ISSUED_BY_OTHERS;
    X509_free(certificate);
    return status;
}
