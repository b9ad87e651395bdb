/* SPDX-License-Identifier: Apache-2.0 */
/* RECEIVED -> ISSUED: what the CA returned is held against what was asked for. What does not pass
 * stays with the journal, and the reason with it: the CA is not asked for another one by which
 * nothing would be different. Who corrects what was asked for, the anchors or the clock has it
 * judged again by that; who gives the enrolment up has it revoked. */
#include "base/message.h"
#include "base/platform.h"
#include "base/time.h"
#include "enroll/enrolment.h"
#include "journal/command_advice.h"
#include "provider/provider.h"
#include "x509/certs.h"

#include <stdlib.h>

/* A clock that is wrong by more is to be set right, not waited for. */
#define LONGEST_WAIT 600

/* Below that a Date, which has whole seconds and was some time on its way, says nothing. */
#define LEAST_SKEW 5

/* --- the gates --- */

/* The one of `certs` that passes at the time `now`, borrowed, and its chain (may be NULL), owned.
 */
static int find_fitting(X509 **leaf, STACK_OF(X509) **chain, certenroll_enrolment *e,
                        STACK_OF(X509) *certs, int64_t now, certenroll_error **error)
{
    EVP_PKEY *public_key = NULL;
    struct ce_fit fit = {
        .anchors = e->anchors, .profile = e->profile, .ca_names = e->record.ca_names, .now = now
    };
    int status = ce_need_key(e, error);

    if (status == CERTENROLL_OK)
        status = ce_provider_public_key(&public_key, e->key, error);
    fit.key = public_key;
    if (status == CERTENROLL_OK)
        status = ce_fit_find(leaf, &fit, certs, error);
    if (status == CERTENROLL_OK && chain)
        status = ce_fit_chain(chain, &fit, *leaf, certs, error);
    EVP_PKEY_free(public_key);
    return status;
}

int ce_judge(certenroll_enrolment *e, STACK_OF(X509) *certs, certenroll_error **error)
{
    X509 *leaf = NULL;
    int status;

    sk_X509_pop_free(e->chain, X509_free);
    e->chain = NULL;
    status = find_fitting(&leaf, &e->chain, e, certs, ce_now(), error);
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

/* --- what completes the path --- */

/* Puts the reason why /cacerts brought nothing to the reason why the path is not complete. */
static void tell_cacerts_failure(const certenroll_enrolment *e, certenroll_error **error)
{
    const certenroll_error *failure = e->cacerts_failure;

    if (certenroll_error_why(failure)[0] == '\0')
        certenroll_error_because(error,
                                 _("%s; and the RA's list of CA certificates did not come: %s"),
                                 certenroll_error_why(*error), certenroll_error_what(failure));
    else
        certenroll_error_because(error,
                                 _("%s; and the RA's list of CA certificates did not come: %s: %s"),
                                 certenroll_error_why(*error), certenroll_error_what(failure),
                                 certenroll_error_why(failure));
}

/* An EST answer may be the certificate alone (RFC 7030 §4.2.3); what leads from it to the anchor is
 * then to be had as /cacerts. That makes nobody trusted: the anchors stay what they are. `certs`
 * grows by it. */
static int judge_with_cacerts(certenroll_enrolment *e, STACK_OF(X509) *certs,
                              certenroll_error **error)
{
    certenroll_error *second = NULL;
    int status = ce_judge(e, certs, error);

    if (status != CERTENROLL_E_CERT_ISSUER || !e->record.url)
        return status;
    if (ce_need_cacerts(e) < 0) {
        tell_cacerts_failure(e, error);
        return status;
    }
    if (X509_add_certs(certs, e->cacerts, X509_ADD_FLAG_UP_REF | X509_ADD_FLAG_NO_DUP) != 1)
        return certenroll_error_set_memory(error);
    status = ce_judge(e, certs, &second);
    if (status == CERTENROLL_E_CERT_ISSUER) {
        certenroll_error_free(second);
        return status;
    }
    certenroll_error_free(*error); /* it was complete with them */
    *error = second;
    return status;
}

/* --- what does not pass --- */

void ce_note_refusal(struct ce_record *record, const certenroll_error *error)
{
    const char *why = certenroll_error_why(error);

    free(record->refused_why);
    record->refused_why = NULL;
    record->refused = -(int64_t)certenroll_error_status(error);
    if (error) /* without memory the status alone is noted */
        (void)ce_string_copy(&record->refused_why, why[0] ? why : certenroll_error_what(error),
                             NULL);
}

static X509 *find_kept(STACK_OF(X509) *certs, const struct ce_record *record)
{
    EVP_PKEY *key = NULL;
    X509 *leaf = NULL;

    if (ce_known_key(&key, record, NULL) == CERTENROLL_OK && key &&
        ce_certs_find_leaf(&leaf, certs, key, NULL) < 0)
        leaf = NULL;
    EVP_PKEY_free(key);
    return leaf;
}

static int has_expired(STACK_OF(X509) *certs, const struct ce_record *record)
{
    const X509 *leaf = find_kept(certs, record);

    return leaf && ce_certs_time(X509_get0_notAfter(leaf)) < ce_now();
}

/* When all that is in the way is that the certificate, or a CA's, begins in a moment: the moment;
 * else 0. */
static int64_t time_to_wait_for(certenroll_enrolment *e, STACK_OF(X509) *certs)
{
    int64_t now = ce_now(), moment = 0;
    X509 *leaf;

    for (int i = 0; i < sk_X509_num(certs); i++) {
        int64_t from = ce_certs_time(X509_get0_notBefore(sk_X509_value(certs, i)));

        if (from > now && from <= now + LONGEST_WAIT && from > moment)
            moment = from;
    }
    return moment && find_fitting(&leaf, NULL, e, certs, moment, NULL) == CERTENROLL_OK ? moment
                                                                                        : 0;
}

static void name_skew(int64_t skew, certenroll_error **error)
{
    char span[CE_TIME_SPAN_SIZE];

    if (skew < LEAST_SKEW && skew > -LEAST_SKEW)
        return;
    ce_time_span(span, skew < 0 ? -skew : skew);
    if (skew > 0)
        certenroll_error_because(error, _("%s; this computer's clock is %s behind the RA's"),
                                 certenroll_error_why(*error), span);
    else
        certenroll_error_because(error, _("%s; this computer's clock is %s ahead of the RA's"),
                                 certenroll_error_why(*error), span);
}

/* What changes the outcome: the certificate is here, and will not be another one. The names and
 * usages of a renewal or re-key are the present certificate's, and only the CA's to change. */
static void advise(const certenroll_enrolment *e, int status, certenroll_error **error)
{
    const struct ce_record *record = &e->record;
    char *on = ce_journal_command("resume", "--name", e->journal_directory, record->name);
    char *back = ce_journal_command("clean", "--name", e->journal_directory, record->name);
    const char *revoke = record->url ? " --revoke" : ""; /* by hand nobody is asked */

    if (!on || !back)
        ; /* the status's own */
    else if (status == CERTENROLL_E_CERT_ISSUER)
        certenroll_error_advise(error,
                                _("The certificate is kept. Check with the CA's operator which "
                                  "trust anchor is right; with that one: %s --trust-anchor FILE"),
                                on);
    else if (status == CERTENROLL_E_CERT_DATES)
        certenroll_error_advise(error,
                                _("The certificate is kept. Set this computer's clock right; if "
                                  "it is right, tell the CA's operator. To go on: %s"),
                                on);
    else if (status == CERTENROLL_E_CERT_NAME)
        certenroll_error_advise(error,
                                _("The certificate is kept. Where the CA decides on the names, "
                                  "accept them: %s --ca-names. Else have it revoked and give it "
                                  "up: %s%s"),
                                on, back, revoke);
    else if (status == CERTENROLL_E_CERT_USAGE && record->operation == CERTENROLL_ENROLL)
        certenroll_error_advise(error,
                                _("The certificate is kept. Where its usages are the right ones, "
                                  "say them by --eku or --key-usage: %s. Else have it revoked and "
                                  "give it up: %s%s"),
                                on, back, revoke);
    else
        certenroll_error_advise(error,
                                _("The certificate is kept. Tell the CA's operator; have it "
                                  "revoked and give it up: %s%s"),
                                back, revoke);
    free(on);
    free(back);
}

static int refuse(certenroll_enrolment *e, STACK_OF(X509) *certs, int status,
                  certenroll_error **error)
{
    struct ce_record *record = &e->record;
    int64_t moment = 0;

    if (!e->is_fresh && (status == CERTENROLL_E_CERT_KEY || has_expired(certs, record))) {
        ce_log(ce_token_context(e->token), CERTENROLL_LOG_INFO,
               "what was kept has expired, or is for another key: the CA is asked again");
        certenroll_error_clear(error);
        ce_blobs_clear(&record->received);
        ce_note_refusal(record, NULL);
        ce_buffer_clear(&record->request); /* what is asked for may be other by now */
        record->state = CERTENROLL_STATE_KEY_READY;
        return CERTENROLL_OK;
    }
    if (status == CERTENROLL_E_CERT_DATES)
        moment = time_to_wait_for(e, certs);
    if (moment) {
        certenroll_error_clear(error);
        record->retry_at = moment;
        return CERTENROLL_PENDING;
    }
    if (status == CERTENROLL_E_CERT_DATES)
        name_skew(e->skew, error);
    advise(e, status, error);
    ce_note_refusal(record, *error);
    record->retry_at = 0;
    /* With what completes its path, so that nobody is asked when it is judged again. */
    return sk_X509_num(certs) <= CE_RECORD_CHAIN_MAX &&
                   ce_blobs_take_certs(&record->received, certs, NULL) < 0
               ? certenroll_error_set_memory(error)
               : status;
}

static int take(certenroll_enrolment *e, certenroll_error **error)
{
    struct ce_record *record = &e->record;
    int status = CERTENROLL_OK;

    if (!record->key_is_ours) /* under a key that we made nothing was before */
        status = ce_certificate_present(e->token, &record->issued, NULL, error);
    if (status < 0)
        return status;
    record->issued_was_there = status;
    record->retry_at = 0;
    ce_note_refusal(record, NULL);
    ce_blobs_clear(&record->received);
    record->state = CERTENROLL_STATE_ISSUED;
    return CERTENROLL_OK;
}

int ce_step_judge(certenroll_enrolment *e, certenroll_error **error)
{
    STACK_OF(X509) *certs = NULL;
    certenroll_error *own = NULL; /* the reason is noted, whether the caller wants it or not */
    int status = CERTENROLL_OK;

    if (!error)
        error = &own;
    if (e->record.operation != CERTENROLL_ENROLL)
        status = ce_need_present(e, error);
    if (status == CERTENROLL_OK)
        status = ce_blobs_to_certs(&certs, &e->record.received, error);
    if (status == CERTENROLL_OK)
        status = judge_with_cacerts(e, certs, error);
    if (status == CERTENROLL_OK)
        status = take(e, error);
    else if (certenroll_status_class(status) == CERTENROLL_CLASS_CERTIFICATE)
        status = refuse(e, certs, status, error);
    sk_X509_pop_free(certs, X509_free);
    certenroll_error_free(own);
    return status;
}
