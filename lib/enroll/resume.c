/* SPDX-License-Identifier: Apache-2.0 */
/* Setting up an enrolment from its journal. */
#include "base/message.h"
#include "base/option_struct.h"
#include "enroll/corrections.h"
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

/* --- what is said anew --- */

static int asks_otherwise(const certenroll_resume_options *options)
{
    return options->subject || options->alt_names || options->key_usage ||
           options->extended_key_usage;
}

static int says_anew(const certenroll_resume_options *options)
{
    return options->est_url || options->username || options->anchors || options->tls_anchors ||
           options->ca_names || asks_otherwise(options);
}

static int check_corrections(const struct ce_record *record,
                             const certenroll_resume_options *options, certenroll_error **error)
{
    if (!asks_otherwise(options))
        return CERTENROLL_OK;
    if (record->operation != CERTENROLL_ENROLL)
        return certenroll_error_set(
            error, CERTENROLL_E_ARGUMENT,
            _("what a renewal or re-key asks for is in the present certificate"));
    if (record->state == CERTENROLL_STATE_CONFIRMED || record->state == CERTENROLL_STATE_RETIRED ||
        record->state == CERTENROLL_STATE_ABANDONED)
        return certenroll_error_set(error, CERTENROLL_E_ARGUMENT,
                                    _("the enrolment %s asks for nothing any more, it is %s"),
                                    record->name, certenroll_state_name(record->state));
    return CERTENROLL_OK;
}

/* What is said, "" for nothing, or else what the journal says. */
static int choose_text(char **out, const char *said, const char *written, certenroll_error **error)
{
    return ce_string_copy(out, said && !said[0] ? NULL : said ? said : written, error);
}

static int choose_alt_names(struct ce_texts *out, const certenroll_resume_options *options,
                            const struct ce_texts *written, certenroll_error **error)
{
    const char *const *list =
        options->alt_names ? options->alt_names : (const char *const *)written->list;
    size_t count = options->alt_names ? options->alt_names_count : written->count;
    int status = CERTENROLL_OK;

    for (size_t i = 0; status == CERTENROLL_OK && i < count; i++)
        status = ce_texts_add(out, list[i], error);
    return status;
}

static int choose_anchors(struct ce_blobs *out, const certenroll_anchors *said,
                          const struct ce_blobs *written, certenroll_error **error)
{
    int status = CERTENROLL_OK;

    if (said)
        return ce_blobs_take_certs(out, ce_anchors_certificates(said), error);
    for (size_t i = 0; status == CERTENROLL_OK && i < written->count; i++)
        status = ce_blobs_add(out, written->list[i].data, written->list[i].length, error);
    return status;
}

static int correct(struct ce_record *record, const certenroll_resume_options *options,
                   certenroll_error **error)
{
    struct ce_record asked = { 0 };
    int status = check_corrections(record, options, error);

    asked.key_usage = options->key_usage ? *options->key_usage : record->key_usage;
    asked.ca_names = options->ca_names || record->ca_names;
    if (status == CERTENROLL_OK)
        status =
            ce_string_copy(&asked.url, options->est_url ? options->est_url : record->url, error);
    if (status == CERTENROLL_OK)
        status = choose_text(&asked.username, options->username, record->username, error);
    if (status == CERTENROLL_OK)
        status = choose_anchors(&asked.anchors, options->anchors, &record->anchors, error);
    if (status == CERTENROLL_OK)
        status =
            choose_anchors(&asked.tls_anchors, options->tls_anchors, &record->tls_anchors, error);
    if (status == CERTENROLL_OK)
        status = ce_string_copy(&asked.subject,
                                options->subject ? options->subject : record->subject, error);
    if (status == CERTENROLL_OK)
        status = choose_alt_names(&asked.alt_names, options, &record->alt_names, error);
    if (status == CERTENROLL_OK)
        status = choose_text(&asked.extended_key_usage, options->extended_key_usage,
                             record->extended_key_usage, error);
    if (status == CERTENROLL_OK)
        status = ce_correct(record, &asked, error);
    ce_record_clear(&asked);
    return status;
}

/* --- the journal --- */

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
    if (status == CERTENROLL_OK && says_anew(options))
        status = correct(record, options, error);
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
    e->is_journaled = !says_anew(options);
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
