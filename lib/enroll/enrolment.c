/* SPDX-License-Identifier: Apache-2.0 */
/* Setting up an enrolment from its options, and looking at it; what it does is in the steps. */
#include "enroll/enrolment.h"

#include "base/message.h"
#include "base/option_struct.h"
#include "base/platform.h"
#include "base/text.h"
#include "enroll/inventory.h"
#include "enroll/unfinished.h"
#include "x509/certs.h"

#include <stdlib.h>
#include <string.h>

/* --- what is asked for --- */

static int take_id(struct ce_buffer *out, const unsigned char *id, size_t id_length,
                   certenroll_error **error)
{
    int status = ce_id_check(id, id_length, error);

    return status < 0 ? status : ce_buffer_set(out, id, id_length, error);
}

/* Without an ID of the caller's one is chosen as the journal is begun (steps.c). */
static int take_key(struct ce_record *record, const certenroll_key_options *key,
                    certenroll_error **error)
{
    int status = ce_string_copy(&record->label, key->label, error);

    record->key_type = key->type;
    if (status == CERTENROLL_OK && key->id)
        status = take_id(&record->id, key->id, key->id_length, error);
    return status;
}

static int take_request(certenroll_enrolment *e, const certenroll_enrolment_options *options,
                        certenroll_error **error)
{
    certenroll_request_options request = CERTENROLL_REQUEST_OPTIONS_INIT;
    struct ce_record *record = &e->record;
    int status = ce_options_take(&request, sizeof(request), options->request, error);

    if (status == CERTENROLL_OK)
        status = ce_profile_new(&e->profile, &request, error);
    if (status == CERTENROLL_OK)
        status = ce_string_copy(&record->subject, request.subject, error);
    if (status == CERTENROLL_OK)
        status = ce_string_copy(&record->extended_key_usage, request.extended_key_usage, error);
    for (size_t i = 0; status == CERTENROLL_OK && i < request.alt_names_count; i++)
        status = ce_texts_add(&record->alt_names, request.alt_names[i], error);
    record->key_usage = request.key_usage;
    return status;
}

/* --- what is done --- */

static int take_operation(certenroll_enrolment *e, const certenroll_enrolment_options *options,
                          certenroll_error **error)
{
    certenroll_key_options key = CERTENROLL_KEY_OPTIONS_INIT;
    struct ce_record *record = &e->record;
    int status = CERTENROLL_OK;

    record->operation = options->operation;
    record->retirement = options->retirement;
    record->ca_names = !!options->ca_names;
    if (options->retirement < CERTENROLL_RETIRE_DELETE ||
        options->retirement > CERTENROLL_RETIRE_KEEP)
        return certenroll_error_set(error, CERTENROLL_E_ARGUMENT, _("no such way to retire: %d"),
                                    (int)options->retirement);
    if (options->operation != CERTENROLL_ENROLL)
        status =
            take_id(&record->present_id, options->present_id, options->present_id_length, error);
    if (status < 0)
        return status;
    switch (options->operation) {
    case CERTENROLL_ENROLL:
        status = ce_options_take(&key, sizeof(key), options->key, error);
        if (status == CERTENROLL_OK && options->present_id)
            status = certenroll_error_set(error, CERTENROLL_E_ARGUMENT,
                                          _("a first enrolment takes the place of no certificate"));
        if (status == CERTENROLL_OK)
            status = take_request(e, options, error);
        return status == CERTENROLL_OK ? take_key(record, &key, error) : status;
    case CERTENROLL_RENEW:
        return ce_buffer_set(&record->id, options->present_id, options->present_id_length, error);
    case CERTENROLL_REKEY:
        status = ce_options_take(&key, sizeof(key), options->key, error);
        if (!options->key)
            key.type = 0; /* as the present one */
        if (status == CERTENROLL_OK)
            status = take_key(record, &key, error);
        if (status == CERTENROLL_OK && ce_buffer_equal(&record->id, &record->present_id))
            status =
                certenroll_error_set(error, CERTENROLL_E_ARGUMENT,
                                     _("the new key needs another CKA_ID than the present one"));
        return status;
    default:
        return certenroll_error_set(error, CERTENROLL_E_ARGUMENT, _("there is no operation %d"),
                                    (int)options->operation);
    }
}

/* --- with whom, and where it is written down --- */

static int take_ca(certenroll_enrolment *e, const certenroll_enrolment_options *options,
                   certenroll_error **error)
{
    struct ce_record *record = &e->record;
    int status;

    if (!options->anchors)
        return certenroll_error_set(error, CERTENROLL_E_ARGUMENT, _("no trust anchor was given"));
    e->anchors = ce_anchors_ref(options->anchors);
    e->tls_anchors = ce_anchors_ref(options->tls_anchors);
    e->protocol = options->est_url ? &ca_protocol_est : &ca_protocol_offline;
    e->secret = (struct ce_secret_source){ options->secret, options->secret_user };
    status = e->protocol->check(options->est_url, error);
    if (status == CERTENROLL_OK)
        status = ce_string_copy(&record->url, options->est_url, error);
    if (status == CERTENROLL_OK)
        status = ce_string_copy(&record->username, options->username, error);
    if (status == CERTENROLL_OK)
        status = ce_blobs_take_certs(&record->anchors, ce_anchors_certificates(e->anchors), error);
    if (status == CERTENROLL_OK && e->tls_anchors)
        status = ce_blobs_take_certs(&record->tls_anchors, ce_anchors_certificates(e->tls_anchors),
                                     error);
    return status;
}

/* What is promised beyond the new certificate. */
static int take_duties(struct ce_record *record, const certenroll_enrolment_options *options,
                       certenroll_error **error)
{
    int status = CERTENROLL_OK;

    if (!certenroll_revocation_reason_name(options->revoke_reason))
        return certenroll_error_set(error, CERTENROLL_E_ARGUMENT,
                                    _("%d is no reason for a revocation"),
                                    (int)options->revoke_reason);
    if (options->revoke_count + !!options->revoke_replaced > CE_RECORD_REVOKE_MAX)
        return certenroll_error_set(error, CERTENROLL_E_ARGUMENT,
                                    _("at most %d certificates are revoked for one"),
                                    CE_RECORD_REVOKE_MAX);
    if (!options->est_url && (options->revoke_replaced || options->revoke_count > 0))
        return certenroll_error_set(error, CERTENROLL_E_ARGUMENT,
                                    _("nobody can be asked to revoke anything offline"));
    if (options->another < CERTENROLL_ANOTHER_NONE ||
        options->another > CERTENROLL_ANOTHER_ENROLMENT)
        return certenroll_error_set(error, CERTENROLL_E_ARGUMENT,
                                    _("there is no such thing to be beside: %d"),
                                    (int)options->another);
    record->another = options->another;
    record->revoke_reason = options->revoke_reason;
    record->revoke_replaced = options->revoke_replaced && options->operation != CERTENROLL_ENROLL;
    for (size_t i = 0; status == CERTENROLL_OK && i < options->revoke_count; i++) {
        const certenroll_der *der = &options->revoke[i];
        X509 *certificate = NULL;

        status = ce_x509_parse(&certificate, der->data, der->length, error);
        X509_free(certificate);
        if (status == CERTENROLL_OK)
            status = ce_blobs_add(&record->revoke, der->data, der->length, error);
    }
    return status;
}

static int take_token(struct ce_record *record, const certenroll_token *token,
                      certenroll_error **error)
{
    const certenroll_token_info *info = certenroll_token_get_info(token);
    int status = ce_string_copy(&record->token_uri, certenroll_token_info_uri(info), error);

    if (status == CERTENROLL_OK)
        status = ce_string_copy(&record->token_label, certenroll_token_info_label(info), error);
    if (status == CERTENROLL_OK)
        status = ce_string_copy(&record->token_serial, certenroll_token_info_serial(info), error);
    if (status == CERTENROLL_OK)
        status = ce_string_copy(&record->module, ce_token_module_path(token), error);
    return status;
}

static int take_name(struct ce_record *record, const char *name, certenroll_error **error)
{
    unsigned char random[16];

    if (name && !ce_journal_name_is_valid(name))
        return certenroll_error_set(error, CERTENROLL_E_ARGUMENT,
                                    _("a journal's name has 1 to %d of a-z, 0-9 and \"-\""),
                                    CE_JOURNAL_NAME_MAX);
    if (name) {
        memcpy(record->name, name, strlen(name) + 1);
        return CERTENROLL_OK;
    }
    if (ce_random(random, sizeof(random)) < 0)
        return certenroll_error_set_errno(error, _("no random numbers"));
    ce_hex(record->name, sizeof(record->name), random, sizeof(random));
    return CERTENROLL_OK;
}

/* --- the object --- */

int ce_enrolment_alloc(certenroll_enrolment **out, certenroll_token *token,
                       certenroll_error **error)
{
    *out = calloc(1, sizeof(**out));
    if (!*out)
        return certenroll_error_set_memory(error);
    (*out)->token = ce_token_ref(token);
    return CERTENROLL_OK;
}

int certenroll_enrolment_new(certenroll_enrolment **out, certenroll_token *token,
                             const certenroll_enrolment_options *options, certenroll_error **error)
{
    certenroll_enrolment_options own = CERTENROLL_ENROLMENT_OPTIONS_INIT;
    certenroll_enrolment *e;
    int status = ce_options_take(&own, sizeof(own), options, error);

    *out = NULL;
    if (status == CERTENROLL_OK)
        status = ce_enrolment_alloc(&e, token, error);
    if (status < 0)
        return status;
    e->record.keep_journal = !!own.keep_journal;
    e->progress = own.progress;
    e->progress_user = own.progress_user;
    e->cancel = ce_cancel_ref(own.cancel);
    e->run_limit_ms = own.run_limit_ms;
    e->exchange_limit_ms = own.exchange_limit_ms;
    status = take_ca(e, &own, error);
    if (status == CERTENROLL_OK)
        status = take_operation(e, &own, error);
    if (status == CERTENROLL_OK)
        status = take_duties(&e->record, &own, error);
    if (status == CERTENROLL_OK)
        status = take_token(&e->record, e->token, error);
    if (status == CERTENROLL_OK)
        status = take_name(&e->record, own.journal_name, error);
    if (status == CERTENROLL_OK)
        status = ce_journal_directory(&e->journal_directory, own.journal_directory, error);
    if (status == CERTENROLL_OK && own.another != CERTENROLL_ANOTHER_ENROLMENT)
        status = ce_unfinished_take_up(e, own.journal_name != NULL, error);
    if (status < 0)
        certenroll_enrolment_free(e);
    else
        *out = e;
    return status;
}

void certenroll_enrolment_free(certenroll_enrolment *enrolment)
{
    if (!enrolment)
        return;
    ce_enrolment_let_go(enrolment, !enrolment->journal);
    ce_journal_close(enrolment->journal);
    free(enrolment->journal_directory);
    ce_record_clear(&enrolment->record);
    certenroll_anchors_free(enrolment->anchors);
    certenroll_anchors_free(enrolment->tls_anchors);
    ce_profile_free(enrolment->profile);
    EVP_PKEY_free(enrolment->pkey);
    certenroll_key_free(enrolment->key);
    EVP_PKEY_free(enrolment->present_pkey);
    X509_free(enrolment->present);
    sk_X509_pop_free(enrolment->present_chain, X509_free);
    X509_free(enrolment->issued);
    sk_X509_pop_free(enrolment->supplied, X509_free);
    sk_X509_pop_free(enrolment->chain, X509_free);
    ce_forget_cacerts(enrolment);
    certenroll_token_free(enrolment->token);
    certenroll_cancel_free(enrolment->cancel);
    free(enrolment);
}

/* --- running --- */

void ce_enrolment_enter(struct certenroll_stop *stop, const certenroll_enrolment *e)
{
    *stop = (struct certenroll_stop){
        .cancel = e->cancel,
        .until = e->run_limit_ms ? ce_uptime_ms() + e->run_limit_ms : 0,
        .exchange_limit_ms = e->exchange_limit_ms,
    };
    ce_stop_enter(stop, ce_token_context(e->token));
}

int ce_enrolment_leave(const struct certenroll_stop *stop, const certenroll_enrolment *e,
                       int status, certenroll_error **error)
{
    if (status == CERTENROLL_E_CANCELLED && e->journal && ce_stop_is_wanted())
        certenroll_error_because(error, _("how far it came is in the journal %s"), e->record.name);
    ce_stop_leave(stop);
    return status;
}

int certenroll_enrolment_run(certenroll_enrolment *enrolment, certenroll_error **error)
{
    struct certenroll_stop stop;

    ce_enrolment_enter(&stop, enrolment);
    return ce_enrolment_leave(&stop, enrolment, ce_enrolment_steps(enrolment, error), error);
}

int certenroll_enrolment_supply(certenroll_enrolment *enrolment, const void *data, size_t length,
                                certenroll_error **error)
{
    STACK_OF(X509) *certs = NULL;
    int status;

    if (enrolment->protocol != &ca_protocol_offline ||
        (enrolment->record.state != CERTENROLL_STATE_RECEIVED &&
         enrolment->record.state != CERTENROLL_STATE_SUBMITTED &&
         enrolment->record.state != CERTENROLL_STATE_PENDING))
        return certenroll_error_set(
            error, CERTENROLL_E_STATE,
            _("the enrolment does not wait for a certificate by hand, it is %s"),
            certenroll_state_name(enrolment->record.state));
    status = ce_certs_parse(&certs, data, length, error);
    if (status < 0)
        return status;
    sk_X509_pop_free(enrolment->supplied, X509_free);
    enrolment->supplied = certs;
    return CERTENROLL_OK;
}

/* --- looking --- */

const char *certenroll_enrolment_name(const certenroll_enrolment *enrolment)
{
    return enrolment->record.name;
}

certenroll_state certenroll_enrolment_state(const certenroll_enrolment *enrolment)
{
    return enrolment->record.state;
}

int64_t certenroll_enrolment_begun_at(const certenroll_enrolment *enrolment)
{
    return enrolment->record.begun_at;
}

int64_t certenroll_enrolment_retry_at(const certenroll_enrolment *enrolment)
{
    return enrolment->record.retry_at;
}

int certenroll_enrolment_is_ra_busy(const certenroll_enrolment *enrolment)
{
    return enrolment->is_ra_busy;
}

int64_t certenroll_enrolment_retire_at(const certenroll_enrolment *enrolment)
{
    return enrolment->record.retire_at;
}

const unsigned char *certenroll_enrolment_request(const certenroll_enrolment *enrolment,
                                                  size_t *length)
{
    *length = enrolment->record.request.length;
    return enrolment->record.request.data;
}

const unsigned char *certenroll_enrolment_certificate(const certenroll_enrolment *enrolment,
                                                      size_t *length)
{
    *length = enrolment->record.issued.length;
    return enrolment->record.issued.data;
}

certenroll_key *certenroll_enrolment_key(const certenroll_enrolment *enrolment)
{
    return enrolment->key;
}
