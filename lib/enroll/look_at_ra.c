/* SPDX-License-Identifier: Apache-2.0 */
/* What there is to find out about the RA without a key and without a PIN. */
#include "base/message.h"
#include "base/platform.h"
#include "enroll/enrolment.h"

void ce_forget_cacerts(certenroll_enrolment *e)
{
    sk_X509_pop_free(e->cacerts, X509_free);
    e->cacerts = NULL;
    certenroll_error_clear(&e->cacerts_failure);
}

/* /cacerts is there for everybody (RFC 7030 §4.1.1): no account, and no certificate, which may
 * want a PIN. */
int ce_need_cacerts(certenroll_enrolment *e)
{
    struct ca_endpoint endpoint = ce_endpoint_of(e);
    struct ca_answer answer = { 0 };

    if (e->cacerts || e->cacerts_failure)
        return e->cacerts ? CERTENROLL_OK : certenroll_error_status(e->cacerts_failure);
    endpoint.username = NULL;
    endpoint.client_key = NULL;
    endpoint.client_certificate = NULL;
    endpoint.client_chain = NULL;
    if (e->protocol->cacerts(&answer, &endpoint, &e->cacerts_failure) == CERTENROLL_OK) {
        e->cacerts = answer.certs;
        answer.certs = NULL;
    }
    if (answer.skew)
        e->skew = answer.skew;
    ca_answer_clear(&answer);
    return e->cacerts ? CERTENROLL_OK : certenroll_error_status(e->cacerts_failure);
}

int ce_look_at_ra(certenroll_enrolment *e, certenroll_error **error)
{
    int status = ce_anchors_check_dates(e->anchors, ce_now(), error);

    if (status < 0 || !e->record.url)
        return status;
    status = ce_need_cacerts(e);
    if (status == CERTENROLL_OK || certenroll_status_class(status) == CERTENROLL_CLASS_RA ||
        certenroll_status_class(status) == CERTENROLL_CLASS_CERTIFICATE) {
        if (status < 0)
            ce_log(ce_token_context(e->token), CERTENROLL_LOG_DEBUG,
                   "the RA's CA certificates did not come: %s",
                   certenroll_error_message(e->cacerts_failure));
        return CERTENROLL_OK;
    }
    if (error) {
        certenroll_error_free(*error);
        *error = e->cacerts_failure;
        e->cacerts_failure = NULL;
    }
    ce_forget_cacerts(e); /* another run looks again */
    return status;
}
