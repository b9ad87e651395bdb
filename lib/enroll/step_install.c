/* SPDX-License-Identifier: Apache-2.0 */
/* ISSUED -> INSTALLED -> CONFIRMED: what fits goes onto the token, and is proven to work. */
#include "base/message.h"
#include "enroll/enrolment.h"
#include "enroll/settle.h"
#include "enroll/write_back.h"
#include "x509/certs.h"

/* Back to what came: the certificate first, then its chain. */
static int return_to_received(struct ce_record *record, certenroll_error **error)
{
    int status = ce_blobs_add(&record->received, record->issued.data, record->issued.length, error);

    for (size_t i = 0; status == CERTENROLL_OK && i < record->chain.count; i++)
        status = ce_blobs_add(&record->received, record->chain.list[i].data,
                              record->chain.list[i].length, error);
    if (status < 0) {
        ce_blobs_clear(&record->received);
        return status;
    }
    ce_buffer_clear(&record->issued);
    ce_blobs_clear(&record->chain);
    record->state = CERTENROLL_STATE_RECEIVED;
    return CERTENROLL_OK;
}

/* A certificate out of the journal passes the gates again: a file is not to be believed. */
static int judge_again(certenroll_enrolment *e, certenroll_error **error)
{
    struct ce_record *record = &e->record;
    STACK_OF(X509) *certs = NULL;
    X509 *issued = NULL;
    int status = CERTENROLL_OK;

    if (record->operation != CERTENROLL_ENROLL)
        status = ce_need_present(e, error);
    if (status == CERTENROLL_OK)
        status = ce_blobs_to_certs(&certs, &record->chain, error);
    if (status == CERTENROLL_OK)
        status = ce_blob_to_cert(&issued, &record->issued, error);
    if (status == CERTENROLL_OK && sk_X509_push(certs, issued) <= 0) {
        X509_free(issued);
        status = certenroll_error_set_memory(error);
    }
    if (status == CERTENROLL_OK)
        status = ce_judge(e, certs, error);
    sk_X509_pop_free(certs, X509_free);
    if (certenroll_status_class(status) != CERTENROLL_CLASS_CERTIFICATE)
        return status;
    /* Time has passed since the certificate came, or the anchors are others: it fits no longer. It
     * is taken off the token, if it got there, and kept as it was when it came. */
    ce_log(ce_token_context(e->token), CERTENROLL_LOG_INFO,
           "the certificate in the journal fits no longer (%s)", certenroll_status_name(status));
    certenroll_error_clear(error);
    status = ce_take_off_issued(e, error);
    return status < 0 ? status : return_to_received(record, error);
}

int ce_step_install(certenroll_enrolment *e, certenroll_error **error)
{
    enum ce_beside beside = e->key_is_new ? CE_BESIDE_NOTHING : CE_BESIDE_UNKNOWN;
    int status = CERTENROLL_OK;

    if (!e->issued)
        status = judge_again(e, error);
    if (status < 0 || e->record.state != CERTENROLL_STATE_ISSUED)
        return status;
    e->key_is_new = 0;
    status = ce_write_back(e->key, e->issued, e->chain, e->record.label, beside, error);
    if (status == CERTENROLL_OK)
        e->record.state = CERTENROLL_STATE_INSTALLED;
    return status;
}

/* What is about to lose its predecessor must work with the CA's own server, not on paper alone. */
static int prove_to_ca(certenroll_enrolment *e, certenroll_error **error)
{
    struct ca_endpoint endpoint = ce_endpoint_of(e);
    int status;

    if (e->record.operation == CERTENROLL_ENROLL || !e->protocol->prove)
        return CERTENROLL_OK;
    endpoint.client_key = e->pkey;
    endpoint.client_certificate = e->issued;
    endpoint.client_chain = e->chain;
    status = e->protocol->prove(&endpoint, error);
    if (status == 0)
        ce_log(
            endpoint.context, CERTENROLL_LOG_WARNING,
            "the RA's server made no use of the new certificate: it is proven by the token alone");
    return status < 0 ? status : CERTENROLL_OK;
}

int ce_step_confirm(certenroll_enrolment *e, certenroll_error **error)
{
    struct ce_record *record = &e->record;
    int status = ce_prove_pair(e->pkey, e->issued, error);

    if (status == CERTENROLL_OK)
        status = prove_to_ca(e, error);
    if (status == CERTENROLL_OK)
        status = ce_settle_promise(record, error);
    if (status < 0)
        return status;
    /* While the journal still knows them: it may go as soon as it says CONFIRMED. */
    ce_settle_ids(e->token, &record->former_ids, e->journal_directory);
    record->state = CERTENROLL_STATE_CONFIRMED;
    if (ce_record_has_to_retire(record) && record->retirement == CERTENROLL_RETIRE_AT_EXPIRY)
        record->retire_at = ce_certs_time(X509_get0_notAfter(e->present));
    return CERTENROLL_OK;
}
