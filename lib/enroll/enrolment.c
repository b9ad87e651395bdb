/* SPDX-License-Identifier: Apache-2.0 */
/* Setting up an enrolment from its options, and looking at it; what it does is in steps.c. */
#include "enroll/enrolment.h"

#include "base/message.h"
#include "base/options.h"
#include "base/platform.h"
#include "x509/certs.h"

#include <stdlib.h>
#include <string.h>

/* --- options --- */

static int take_id(certenroll_enrolment *e, const unsigned char *id, size_t id_length,
                   certenroll_error **error)
{
    if (id_length < 1 || id_length > sizeof(e->id))
        return ce_fail(error, CERTENROLL_E_ARGUMENT, _("a CKA_ID has 1 to %d bytes, not %zu"),
                       CERTENROLL_ID_MAX, id_length);
    memcpy(e->id, id, id_length);
    e->id_length = id_length;
    return CERTENROLL_OK;
}

/* A first enrolment knows its CKA_ID before the key exists: a run that is repeated finds it. */
static int choose_id(certenroll_enrolment *e, const certenroll_key_options *key,
                     certenroll_error **error)
{
    if (key->id)
        return take_id(e, key->id, key->id_length, error);
    e->id_length = CE_RANDOM_ID_LENGTH;
    if (ce_random(e->id, e->id_length) < 0)
        return ce_fail_errno(error, _("no random numbers"));
    return CERTENROLL_OK;
}

static int take_strings(certenroll_enrolment *e, const certenroll_enrolment_options *options,
                        certenroll_error **error)
{
    int status = ce_string_copy(&e->url, options->est_url, error);

    if (status == CERTENROLL_OK)
        status = ce_string_copy(&e->username, options->username, error);
    return status;
}

static int take_first_enrolment(certenroll_enrolment *e,
                                const certenroll_enrolment_options *options,
                                certenroll_error **error)
{
    certenroll_key_options key = CERTENROLL_KEY_OPTIONS_INIT;
    int status = ce_options_take(&key, sizeof(key), options->key, error);

    if (status == CERTENROLL_OK)
        status = ce_profile_new(&e->profile, options->request, error);
    if (status == CERTENROLL_OK)
        status = ce_string_copy(&e->label, key.label, error);
    if (status == CERTENROLL_OK)
        status = choose_id(e, &key, error);
    e->key_type = key.type;
    e->ca_names = options->ca_names;
    return status;
}

static int take_renewal(certenroll_enrolment *e, const certenroll_enrolment_options *options,
                        certenroll_error **error)
{
    e->renewal = 1;
    return take_id(e, options->renew_id, options->renew_id_length, error);
}

static int take_options(certenroll_enrolment *e, const certenroll_enrolment_options *options,
                        certenroll_error **error)
{
    int status;

    if (!options->anchors)
        return ce_fail(error, CERTENROLL_E_ARGUMENT, _("no trust anchor was given"));
    e->anchors = ce_anchors_ref(options->anchors);
    e->tls_anchors = ce_anchors_ref(options->tls_anchors);
    e->protocol = options->est_url ? &ca_protocol_est : &ca_protocol_offline;
    e->secret = (struct ce_secret_source){ options->secret, options->secret_user };
    e->progress = options->progress;
    e->progress_user = options->progress_user;
    status = e->protocol->check(options->est_url, error);
    if (status == CERTENROLL_OK)
        status = take_strings(e, options, error);
    if (status == CERTENROLL_OK && options->renew_id)
        return take_renewal(e, options, error);
    if (status == CERTENROLL_OK)
        return take_first_enrolment(e, options, error);
    return status;
}

int certenroll_enrolment_new(certenroll_enrolment **out, certenroll_token *token,
                             const certenroll_enrolment_options *options, certenroll_error **error)
{
    certenroll_enrolment_options own = CERTENROLL_ENROLMENT_OPTIONS_INIT;
    certenroll_enrolment *enrolment;
    int status = ce_options_take(&own, sizeof(own), options, error);

    *out = NULL;
    if (status < 0)
        return status;
    enrolment = calloc(1, sizeof(*enrolment));
    if (!enrolment)
        return ce_fail_memory(error);
    enrolment->token = ce_token_ref(token);
    status = take_options(enrolment, &own, error);
    if (status < 0) {
        certenroll_enrolment_free(enrolment);
        return status;
    }
    *out = enrolment;
    return CERTENROLL_OK;
}

void certenroll_enrolment_free(certenroll_enrolment *enrolment)
{
    if (!enrolment)
        return;
    free(enrolment->url);
    free(enrolment->username);
    free(enrolment->label);
    certenroll_anchors_free(enrolment->anchors);
    certenroll_anchors_free(enrolment->tls_anchors);
    ce_profile_free(enrolment->profile);
    EVP_PKEY_free(enrolment->pkey);
    certenroll_key_free(enrolment->key);
    X509_free(enrolment->present);
    sk_X509_pop_free(enrolment->present_chain, X509_free);
    X509_free(enrolment->issued);
    sk_X509_pop_free(enrolment->supplied, X509_free);
    sk_X509_pop_free(enrolment->chain, X509_free);
    ce_buffer_clear(&enrolment->request);
    ce_buffer_clear(&enrolment->issued_der);
    certenroll_token_free(enrolment->token);
    free(enrolment);
}

/* --- running --- */

int certenroll_enrolment_run(certenroll_enrolment *enrolment, certenroll_error **error)
{
    return ce_enrolment_steps(enrolment, error);
}

int certenroll_enrolment_supply(certenroll_enrolment *enrolment, const void *data, size_t length,
                                certenroll_error **error)
{
    STACK_OF(X509) *certs = NULL;
    int status;

    if (enrolment->protocol != &ca_protocol_offline || enrolment->state != CERTENROLL_STATE_PENDING)
        return ce_fail(error, CERTENROLL_E_STATE,
                       _("the enrolment does not wait for a certificate by hand, it is %s"),
                       certenroll_state_name(enrolment->state));
    status = ce_certs_parse(&certs, data, length, error);
    if (status < 0)
        return status;
    sk_X509_pop_free(enrolment->supplied, X509_free);
    enrolment->supplied = certs;
    return CERTENROLL_OK;
}

/* --- looking --- */

const char *certenroll_state_name(certenroll_state state)
{
    static const char *const names[] = {
        [CERTENROLL_STATE_NEW] = "NEW",
        [CERTENROLL_STATE_KEY_READY] = "KEY_READY",
        [CERTENROLL_STATE_CSR_SIGNED] = "CSR_SIGNED",
        [CERTENROLL_STATE_SUBMITTED] = "SUBMITTED",
        [CERTENROLL_STATE_PENDING] = "PENDING",
        [CERTENROLL_STATE_ISSUED] = "ISSUED",
        [CERTENROLL_STATE_INSTALLED] = "INSTALLED",
        [CERTENROLL_STATE_CONFIRMED] = "CONFIRMED",
        [CERTENROLL_STATE_REJECTED] = "REJECTED",
    };

    return (size_t)state < sizeof(names) / sizeof(names[0]) ? names[state] : "UNKNOWN";
}

certenroll_state certenroll_enrolment_state(const certenroll_enrolment *enrolment)
{
    return enrolment->state;
}

int64_t certenroll_enrolment_retry_at(const certenroll_enrolment *enrolment)
{
    return enrolment->retry_at;
}

const unsigned char *certenroll_enrolment_request(const certenroll_enrolment *enrolment,
                                                  size_t *length)
{
    *length = enrolment->request.length;
    return enrolment->request.data;
}

const unsigned char *certenroll_enrolment_certificate(const certenroll_enrolment *enrolment,
                                                      size_t *length)
{
    *length = enrolment->issued_der.length;
    return enrolment->issued_der.data;
}

certenroll_key *certenroll_enrolment_key(const certenroll_enrolment *enrolment)
{
    return enrolment->key;
}
