/* SPDX-License-Identifier: Apache-2.0 */
/* Setting up an enrolment from its journal. */
#include "base/message.h"
#include "base/option_struct.h"
#include "enroll/enrolment.h"

static int check_token(const certenroll_token *token, const struct ce_record *record,
                       certenroll_error **error)
{
    const char *label = record->token_label ? record->token_label : "";
    const char *serial = record->token_serial ? record->token_serial : "";

    if (ce_token_is(token, label, serial))
        return CERTENROLL_OK;
    certenroll_error_set(error, CERTENROLL_E_TOKEN_NOT_FOUND,
                         _("the enrolment is one of the token \"%s\" (serial number %s)"), label,
                         serial);
    certenroll_error_because(error, _("this one is \"%s\""),
                             certenroll_token_info_label(certenroll_token_get_info(token)));
    certenroll_error_advise(error, _("Insert the token that the enrolment was begun on."));
    return CERTENROLL_E_TOKEN_NOT_FOUND;
}

static int load_anchors(certenroll_anchors **out, const struct ce_blobs *blobs,
                        certenroll_error **error)
{
    STACK_OF(X509) *certs = NULL;
    int status = ce_blobs_to_certs(&certs, blobs, error);

    if (status == CERTENROLL_OK)
        status = ce_anchors_new(out, certs, error);
    sk_X509_pop_free(certs, X509_free);
    return status;
}

static int load_journal(certenroll_enrolment *e, const char *name,
                        const certenroll_resume_options *options, certenroll_error **error)
{
    certenroll_request_options request = CERTENROLL_REQUEST_OPTIONS_INIT;
    struct ce_record *record = &e->record;
    int status = ce_journal_directory(&e->journal_directory, options->journal_directory, error);

    if (status == CERTENROLL_OK)
        status = ce_journal_open(&e->journal, record, e->journal_directory, name, error);
    if (status == CERTENROLL_OK)
        status = check_token(e->token, record, error);
    e->protocol = record->url ? &ca_protocol_est : &ca_protocol_offline;
    if (status == CERTENROLL_OK)
        status = e->protocol->check(record->url, error);
    if (status == CERTENROLL_OK)
        status = load_anchors(&e->anchors, &record->anchors, error);
    if (status == CERTENROLL_OK && record->tls_anchors.count > 0)
        status = load_anchors(&e->tls_anchors, &record->tls_anchors, error);
    request.subject = record->subject;
    request.alt_names = (const char *const *)record->alt_names.list;
    request.alt_names_count = record->alt_names.count;
    request.key_usage = (uint32_t)record->key_usage;
    request.extended_key_usage = record->extended_key_usage;
    /* That of a renewal or re-key is in the present certificate. */
    if (status == CERTENROLL_OK && record->operation == CERTENROLL_ENROLL)
        status = ce_profile_new(&e->profile, &request, error);
    /* What is on the token is looked at anew, whatever the journal says was written to it. */
    if (record->state == CERTENROLL_STATE_INSTALLED)
        record->state = CERTENROLL_STATE_ISSUED;
    e->is_journaled = 1;
    e->secret = (struct ce_secret_source){ options->secret, options->secret_user };
    e->progress = options->progress;
    e->progress_user = options->progress_user;
    e->cancel = ce_cancel_ref(options->cancel);
    e->run_limit_ms = options->run_limit_ms;
    e->exchange_limit_ms = options->exchange_limit_ms;
    return status;
}

int certenroll_enrolment_resume(certenroll_enrolment **out, certenroll_token *token,
                                const char *name, const certenroll_resume_options *options,
                                certenroll_error **error)
{
    certenroll_resume_options own = CERTENROLL_RESUME_OPTIONS_INIT;
    certenroll_enrolment *enrolment = NULL;
    int status = ce_options_take(&own, sizeof(own), options, error);

    *out = NULL;
    if (status == CERTENROLL_OK && (!name || !ce_journal_name_is_valid(name)))
        status = certenroll_error_set(error, CERTENROLL_E_OBJECT_NOT_FOUND,
                                      _("there is no such journal"));
    if (status == CERTENROLL_OK)
        status = ce_enrolment_alloc(&enrolment, token, error);
    if (status == CERTENROLL_OK)
        status = load_journal(enrolment, name, &own, error);
    if (status < 0)
        certenroll_enrolment_free(enrolment);
    else
        *out = enrolment;
    return status;
}
