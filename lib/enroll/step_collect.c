/* SPDX-License-Identifier: Apache-2.0 */
/* SUBMITTED, PENDING, REJECTED -> ISSUED: the CA is asked, and what it returns judged. */
#include "base/message.h"
#include "base/platform.h"
#include "enroll/enrolment.h"
#include "provider/provider.h"
#include "x509/certs.h"

int ce_judge(certenroll_enrolment *e, STACK_OF(X509) *certs, certenroll_error **error)
{
    EVP_PKEY *public_key = NULL;
    X509 *leaf = NULL;
    struct ce_fit fit = { .anchors = e->anchors,
                          .profile = e->profile,
                          .ca_names = e->record.ca_names,
                          .now = ce_now() };
    int status = ce_need_key(e, error);

    if (status == CERTENROLL_OK)
        status = ce_provider_public_key(&public_key, e->key, error);
    fit.key = public_key;
    sk_X509_pop_free(e->chain, X509_free);
    e->chain = NULL;
    if (status == CERTENROLL_OK)
        status = ce_fit_find(&leaf, &fit, certs, error);
    if (status == CERTENROLL_OK)
        status = ce_fit_chain(&e->chain, &fit, leaf, certs, error);
    EVP_PKEY_free(public_key);
    if (status < 0)
        return status;
    ce_buffer_clear(&e->record.issued);
    status = ce_blobs_take_certs(&e->record.chain, e->chain, error);
    if (status == CERTENROLL_OK)
        status = ce_certs_der(&e->record.issued, leaf, error);
    if (status < 0)
        return status;
    X509_up_ref(leaf);
    X509_free(e->issued);
    e->issued = leaf;
    return CERTENROLL_OK;
}

/* An EST answer may be the certificate alone (RFC 7030 §4.2.3); what leads from it to the anchor is
 * then to be had as /cacerts. That makes nobody trusted: the anchors stay what they are. */
static int judge_with_cacerts(certenroll_enrolment *e, STACK_OF(X509) *certs,
                              certenroll_error **error)
{
    struct ca_endpoint endpoint = ce_endpoint_of(e);
    STACK_OF(X509) *cacerts = NULL;
    int status = ce_judge(e, certs, error);

    if (status != CERTENROLL_E_CERT_ISSUER ||
        e->protocol->cacerts(&cacerts, &endpoint, NULL) != CERTENROLL_OK)
        return status;
    if (X509_add_certs(certs, cacerts, X509_ADD_FLAG_UP_REF | X509_ADD_FLAG_NO_DUP) == 1 &&
        ce_judge(e, certs, NULL) == CERTENROLL_OK) {
        certenroll_error_clear(error);
        status = CERTENROLL_OK;
    }
    sk_X509_pop_free(cacerts, X509_free);
    return status;
}

static int ask_and_judge(certenroll_enrolment *e, certenroll_error **error)
{
    struct ca_answer answer = { 0 };
    int status = ce_ask_ca(&answer, e, error);

    if (status == CERTENROLL_OK)
        status = judge_with_cacerts(e, answer.certs, error);
    if (status == CERTENROLL_PENDING) {
        e->record.retry_at = answer.retry_at;
        e->record.state = CERTENROLL_STATE_PENDING;
    }
    if (status == CERTENROLL_E_REJECTED)
        e->record.state = CERTENROLL_STATE_REJECTED;
    ca_answer_clear(&answer);
    return status;
}

int ce_step_collect(certenroll_enrolment *e, certenroll_error **error)
{
    struct ce_record *record = &e->record;
    int64_t now;
    int status = CERTENROLL_OK;

    if (record->operation != CERTENROLL_ENROLL)
        status = ce_need_present(e, error);
    if (status < 0)
        return status;
    now = ce_now();
    /* A clock that was set back since the CA named the time says nothing about it any more. */
    if (!e->supplied && record->state == CERTENROLL_STATE_PENDING && now < record->retry_at &&
        now >= record->updated_at)
        return CERTENROLL_PENDING;
    status = e->supplied ? ce_judge(e, e->supplied, error) : ask_and_judge(e, error);
    if (status != CERTENROLL_OK)
        return status;
    if (!record->key_is_ours) /* under a key that we made nothing was before */
        status = ce_certificate_present(e->token, &record->issued, NULL, error);
    if (status < 0)
        return status;
    record->issued_was_there = status;
    record->retry_at = 0;
    record->state = CERTENROLL_STATE_ISSUED;
    return CERTENROLL_OK;
}
