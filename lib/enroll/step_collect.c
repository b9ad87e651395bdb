/* SPDX-License-Identifier: Apache-2.0 */
/* SUBMITTED, PENDING, REJECTED -> RECEIVED: the CA is asked, and what it returns kept. */
#include "base/message.h"
#include "base/platform.h"
#include "enroll/enrolment.h"
#include "x509/certs.h"

/* Whatever is for our key is in force from now on, be it what was asked for or not: it is written
 * down before it is judged. What an earlier answer brought stays beside it, for that is in force,
 * too. Nothing is kept of an answer that has nothing for our key: it is somebody else's. */
static int receive(certenroll_enrolment *e, STACK_OF(X509) *certs, certenroll_error **error)
{
    struct ce_record *record = &e->record;
    STACK_OF(X509) *before = NULL;
    EVP_PKEY *key = NULL;
    X509 *leaf = NULL;
    int status = ce_known_key(&key, record, error);

    if (status == CERTENROLL_OK)
        status = ce_certs_find_leaf(&leaf, certs, key, error);
    EVP_PKEY_free(key);
    if (status == CERTENROLL_OK)
        status = ce_blobs_to_certs(&before, &record->received, error);
    if (status == CERTENROLL_OK &&
        sk_X509_num(certs) + sk_X509_num(before) <= CE_RECORD_CHAIN_MAX &&
        X509_add_certs(certs, before, X509_ADD_FLAG_UP_REF | X509_ADD_FLAG_NO_DUP) != 1)
        status = certenroll_error_set_memory(error);
    sk_X509_pop_free(before, X509_free);
    if (status == CERTENROLL_OK && sk_X509_unshift(certs, sk_X509_delete_ptr(certs, leaf)) <= 0)
        status = certenroll_error_set_memory(error);
    if (status == CERTENROLL_OK)
        status = ce_blobs_take_certs(&record->received, certs, error);
    if (status < 0)
        return status;
    ce_note_refusal(record, NULL);
    record->retry_at = 0;
    record->state = CERTENROLL_STATE_RECEIVED;
    e->is_fresh = 1;
    return CERTENROLL_OK;
}

static int ask(certenroll_enrolment *e, certenroll_error **error)
{
    struct ca_answer answer = { 0 };
    int status = ce_ask_ca(&answer, e, error);

    if (answer.skew)
        e->skew = answer.skew;
    if (status == CERTENROLL_OK)
        status = receive(e, answer.certs, error);
    if (status == CERTENROLL_PENDING) {
        e->is_ra_busy = answer.is_busy;
        e->record.retry_at = answer.retry_at;
        e->record.state = CERTENROLL_STATE_PENDING;
    }
    if (status == CERTENROLL_E_REJECTED)
        e->record.state = CERTENROLL_STATE_REJECTED;
    ca_answer_clear(&answer);
    return status;
}

static int take_supplied(certenroll_enrolment *e, certenroll_error **error)
{
    int status = receive(e, e->supplied, error);

    sk_X509_pop_free(e->supplied, X509_free);
    e->supplied = NULL;
    return status;
}

int ce_step_collect(certenroll_enrolment *e, certenroll_error **error)
{
    const struct ce_record *record = &e->record;
    int64_t now = ce_now();
    int status = CERTENROLL_OK;

    if (record->operation != CERTENROLL_ENROLL)
        status = ce_need_present(e, error);
    if (status < 0)
        return status;
    /* A clock that was set back since the CA named the time says nothing about it any more. */
    if (!e->supplied && record->state == CERTENROLL_STATE_PENDING && now < record->retry_at &&
        now >= record->updated_at)
        return CERTENROLL_PENDING;
    /* Nothing is asked for a key that is gone. */
    status = ce_need_key(e, error);
    if (status < 0)
        return status;
    return e->supplied ? take_supplied(e, error) : ask(e, error);
}
