/* SPDX-License-Identifier: Apache-2.0 */
/* SUBMITTED, PENDING, REJECTED -> ISSUED: the CA is asked, and what it returns judged. */
#include "base/message.h"
#include "base/platform.h"
#include "enroll/enrolment.h"
#include "provider/provider.h"
#include "x509/certs.h"

static int keep_issued(certenroll_enrolment *e, X509 *leaf, certenroll_error **error)
{
    int status;

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
    if (status == CERTENROLL_OK)
        status = keep_issued(e, leaf, error);
    EVP_PKEY_free(public_key);
    return status;
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

static int ask_ca(struct ca_answer *answer, certenroll_enrolment *e, certenroll_error **error)
{
    struct ca_endpoint endpoint;
    int status = CERTENROLL_OK;

    if (e->record.operation == CERTENROLL_ENROLL) {
        endpoint = ce_endpoint_of(e);
        return e->protocol->enroll(answer, &endpoint, &e->record.request, error);
    }
    status = ce_need_present_key(e, error);
    if (status < 0)
        return status;
    endpoint = ce_endpoint_of(e);
    return e->protocol->reenroll(answer, &endpoint, &e->record.request, error);
}

static int ask_and_judge(certenroll_enrolment *e, certenroll_error **error)
{
    struct ca_answer answer = { 0 };
    int status = ask_ca(&answer, e, error);

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

/* Under a key that we made nothing was before. */
static int note_issued(certenroll_enrolment *e, certenroll_error **error)
{
    int present = 0;

    if (!e->record.key_is_ours)
        present = ce_certificate_present(e->token, &e->record.issued, NULL, error);
    if (present < 0)
        return present;
    e->record.issued_was_there = present;
    e->record.retry_at = 0;
    e->record.state = CERTENROLL_STATE_ISSUED;
    return CERTENROLL_OK;
}

/* A clock that was set back since the CA named the time says nothing about it any more. */
static int is_early(const struct ce_record *record)
{
    int64_t now = ce_now();

    return now < record->retry_at && now >= record->updated_at;
}

int ce_step_collect(certenroll_enrolment *e, certenroll_error **error)
{
    int status;

    if (e->record.operation != CERTENROLL_ENROLL) {
        status = ce_need_present(e, error);
        if (status < 0)
            return status;
    }
    if (!e->supplied && e->record.state == CERTENROLL_STATE_PENDING && is_early(&e->record))
        return CERTENROLL_PENDING;
    status = e->supplied ? ce_judge(e, e->supplied, error) : ask_and_judge(e, error);
    return status == CERTENROLL_OK ? note_issued(e, error) : status;
}
