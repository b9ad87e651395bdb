/* SPDX-License-Identifier: Apache-2.0 */
/* A new key and certificate in the place of the present pair, which authenticates the request and
 * goes when the new one is proven. No password. */
#include "common/tool_message.h"
#include "holding.h"
#include "results.h"

#include <stdio.h>

static int begin_renewal(certenroll_enrolment **out, struct bank *bank, const char *name,
                         certenroll_error **error)
{
    certenroll_enrolment_options options = CERTENROLL_ENROLMENT_OPTIONS_INIT;
    certenroll_key_options key = CERTENROLL_KEY_OPTIONS_INIT;
    const certenroll_ra_collection what = bank_collection(bank);
    certenroll_ra_leftover leftover = CERTENROLL_RA_LEFT_NOTHING;
    struct holding holding;
    int status = certenroll_ra_leftover_find(&leftover, &what, error);

    /* The bank renews what it has been told the arrival of. */
    if (status == CERTENROLL_OK && leftover == CERTENROLL_RA_LEFT_UNCONFIRMED) {
        status =
            certenroll_error_set(error, CERTENROLL_E_STATE,
                                 _("the certificate of \"%s\" cannot be renewed yet"), bank->name);
        certenroll_error_because(error, _("its collection was interrupted"));
        certenroll_error_advise(error, _("Have it finished first: %s get"), bank->program->name);
    }
    if (status == CERTENROLL_OK)
        status = bank_key_type(bank, &key.type, error);
    if (status == CERTENROLL_OK)
        status = holding_need_pair(&holding, bank, error);
    if (status < 0)
        return status;
    key.label = bank->name;
    options.key = bank->options.key_type ? &key : NULL; /* else as the present one */
    options.est_url = certenroll_ra_est(bank->ra);
    options.anchors = certenroll_ra_anchors(bank->ra);
    options.operation = CERTENROLL_REKEY;
    options.present_id = certenroll_entry_id(holding.best, &options.present_id_length);
    options.journal_directory = bank->options.journal;
    options.journal_name = name;
    options.progress = bank_progress;
    return certenroll_enrolment_new(out, bank->token, &options, error);
}

/* A certificate that came and does not fit is no better by another run; one that is judged by a
 * clock or an issuer may be. */
static int is_unfit(int status)
{
    return certenroll_status_class(status) == CERTENROLL_CLASS_CERTIFICATE &&
           status != CERTENROLL_E_CERT_DATES && status != CERTENROLL_E_CERT_ISSUER;
}

/* It is over where the bank no longer takes the pair that it is to replace, or that pair is gone:
 * each further run would end the same. As long as no certificate has come, there is nothing of it
 * but a key, which is taken back; where that fails, the journal stays for the next run. */
static int run_renewal(struct bank *bank, certenroll_enrolment *enrolment, int *is_over,
                       certenroll_error **error)
{
    certenroll_abandon_options abandon = CERTENROLL_ABANDON_OPTIONS_INIT;
    char again[128];
    int status = certenroll_enrolment_run(enrolment, error);
    certenroll_state state = certenroll_enrolment_state(enrolment);

    *is_over = certenroll_ra_is_final(status) &&
               (state < CERTENROLL_STATE_ISSUED || state == CERTENROLL_STATE_REJECTED) &&
               certenroll_enrolment_abandon(enrolment, NULL, NULL) == CERTENROLL_OK;
    if (state == CERTENROLL_STATE_RECEIVED && is_unfit(status)) {
        abandon.revoke = 1;
        *is_over = certenroll_enrolment_abandon(enrolment, &abandon, NULL) == CERTENROLL_OK;
    }
    snprintf(again, sizeof(again), "%s renew", bank->program->name);
    if (*is_over && is_unfit(status))
        certenroll_error_advise(error,
                                _("The present pair is untouched, and the new certificate is "
                                  "revoked. Tell the bank."));
    else if (*is_over)
        certenroll_error_advise(error,
                                _("The present pair is untouched. If the bank no longer takes it, "
                                  "have a new one ordered, then: %s get"),
                                bank->program->name);
    else if (status < 0)
        certenroll_error_advise(
            error, _("The present pair is untouched unless the new one works. To go on: %s"),
            again);
    else if (status == CERTENROLL_PENDING)
        fprintf(stderr, _("the RA has not decided yet. To go on: %s\n"), again);
    return status;
}

static int show_renewed(struct bank *bank, certenroll_error **error)
{
    struct holding holding;
    json_t *object;
    int status = holding_look(&holding, bank, LOOK_PAIRS, error);

    if (status == CERTENROLL_OK)
        status = holding_require(&holding, bank, error);
    if (status < 0)
        return status;
    if (bank->options.json) {
        object = entry_json(holding.best);
        if (object)
            json_object_set_new(object, "name", json_string(bank->name));
        return print_json(object, error);
    }
    printf(_("renewed: the certificate of \"%s\", with a new key\n"), bank->name);
    print_entry(holding.best);
    printf(_("To log on: %s logon\n"), bank->program->name);
    return CERTENROLL_OK;
}

int command_renew(struct bank *bank, certenroll_error **error)
{
    certenroll_resume_options options = CERTENROLL_RESUME_OPTIONS_INIT;
    certenroll_enrolment *enrolment = NULL;
    certenroll_ra_collection what;
    char name[CERTENROLL_RA_JOURNAL_NAME_SIZE];
    int is_over, status = bank_start(bank, error);

    if (status < 0)
        return status;
    what = bank_collection(bank);
    status = certenroll_ra_journal_name(name, "renew", &what, error);
    if (status < 0)
        return status;
    options.journal_directory = bank->options.journal;
    options.progress = bank_progress;
    status = certenroll_enrolment_resume(&enrolment, bank->token, name, &options, error);
    is_over = status == CERTENROLL_E_OBJECT_NOT_FOUND; /* there is none to go on with */
    if (status == CERTENROLL_OK) {
        fprintf(stderr, "%s\n", _("- an interrupted renewal goes on"));
        status = run_renewal(bank, enrolment, &is_over, error);
        if (is_over)
            fprintf(stderr, "%s\n", _("- nothing can come of it: what it had made is removed"));
    }
    /* One that is over makes room for a new one: since it was begun, another pair may have come. */
    if (is_over) {
        certenroll_error_clear(error);
        certenroll_enrolment_free(enrolment);
        enrolment = NULL;
        status = begin_renewal(&enrolment, bank, name, error);
        if (status == CERTENROLL_OK)
            status = run_renewal(bank, enrolment, &is_over, error);
    }
    certenroll_enrolment_free(enrolment);
    return status == CERTENROLL_OK ? show_renewed(bank, error) : status;
}
