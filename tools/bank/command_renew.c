/* SPDX-License-Identifier: Apache-2.0 */
/* A new key and certificate in the place of the present pair, which authenticates the request and
 * goes when the new one is proven. No password. */
#include "common/message.h"
#include "holding.h"
#include "progress.h"
#include "show.h"

#include <stdio.h>
#include <string.h>

/* Non-zero when an earlier run was interrupted. */
static int has_journal(struct bank *bank, const char *name)
{
    certenroll_journal_list *list = NULL;
    int found = 0;

    if (certenroll_journal_list_new(&list, bank->context, bank->options.journal, NULL) < 0)
        return 0;
    for (size_t i = 0; i < certenroll_journal_list_count(list) && !found; i++)
        found = strcmp(certenroll_journal_name(certenroll_journal_list_at(list, i)), name) == 0;
    certenroll_journal_list_free(list);
    return found;
}

static int resume(struct bank *bank, certenroll_enrolment **out, const char *name)
{
    certenroll_resume_options options = CERTENROLL_RESUME_OPTIONS_INIT;
    certenroll_error *error = NULL;

    options.journal_directory = bank->options.journal;
    options.progress = progress_show;
    fprintf(stderr, "%s\n", _("- an interrupted renewal goes on"));
    if (certenroll_enrolment_resume(out, bank->token, name, &options, &error) < 0)
        return bank_take(bank, error);
    return CERTENROLL_OK;
}

/* --key-type, else as the present one. */
static int new_key(struct bank *bank, certenroll_key_options *key,
                   certenroll_enrolment_options *options)
{
    const char *name = bank->options.key_type;
    int type = name ? certenroll_key_type_from_name(name) : 0;

    if (!name)
        return CERTENROLL_OK;
    if (!type)
        return failure_set(&bank->failure, CERTENROLL_E_ARGUMENT, _("there is no key type \"%s\""),
                           name);
    key->type = (certenroll_key_type)type;
    key->label = bank->name;
    options->key = key;
    return CERTENROLL_OK;
}

static int begin(struct bank *bank, certenroll_enrolment **out, const char *name)
{
    certenroll_enrolment_options options = CERTENROLL_ENROLMENT_OPTIONS_INIT;
    certenroll_key_options key = CERTENROLL_KEY_OPTIONS_INIT;
    struct holding holding = { 0 };
    certenroll_error *error = NULL;
    int status = new_key(bank, &key, &options);

    if (status == CERTENROLL_OK)
        status = holding_need_pair(&holding, bank);
    options.est_url = bank->place->est;
    options.anchors = bank->place->anchors;
    options.operation = CERTENROLL_REKEY;
    options.journal_directory = bank->options.journal;
    options.journal_name = name;
    options.progress = progress_show;
    if (status == CERTENROLL_OK) {
        options.present_id = certenroll_entry_id(holding.best, &options.present_id_length);
        if (certenroll_enrolment_new(out, bank->token, &options, &error) < 0)
            status = bank_take(bank, error);
    }
    holding_clear(&holding);
    return status;
}

/* --- to its end --- */

/* Non-zero where nothing can come of it any more: the bank no longer takes the pair that it is to
 * replace, or that pair is gone. Each further run would end the same. As long as no certificate has
 * come, there is nothing of it but a key. */
static int is_over(const certenroll_enrolment *enrolment, int status)
{
    certenroll_state state = certenroll_enrolment_state(enrolment);

    return ra_is_final(status) &&
           (state < CERTENROLL_STATE_ISSUED || state == CERTENROLL_STATE_REJECTED);
}

/* Where that fails the journal stays, for the next run. */
static int take_back(certenroll_enrolment *enrolment)
{
    certenroll_error *error = NULL;
    int status = certenroll_enrolment_abandon(enrolment, &error);

    if (status < 0)
        certenroll_error_free(error);
    return status == CERTENROLL_OK;
}

static int run(struct bank *bank, certenroll_enrolment *enrolment, int *is_taken_back)
{
    certenroll_error *error = NULL;
    char again[128];
    int status = certenroll_enrolment_run(enrolment, &error);

    *is_taken_back = is_over(enrolment, status) && take_back(enrolment);
    snprintf(again, sizeof(again), "%s renew", bank->program->name);
    if (*is_taken_back) {
        status = bank_take(bank, error);
        failure_advise(&bank->failure,
                       _("The present pair is untouched. If the bank no longer takes it, have a "
                         "new one ordered, then: %s get"),
                       bank->program->name);
    } else if (status < 0) {
        status = bank_take(bank, error);
        failure_advise(&bank->failure,
                       _("The present pair is untouched unless the new one works. To go on: %s"),
                       again);
    } else if (status == CERTENROLL_PENDING) {
        fprintf(stderr, _("the RA has not decided yet. To go on: %s\n"), again);
    }
    return status;
}

static int show(struct bank *bank)
{
    struct holding holding = { 0 };
    int status = holding_look(&holding, bank, bank->name, LOOK_PAIRS);

    if (status == CERTENROLL_OK)
        status = holding_require(&holding, bank);
    if (status == CERTENROLL_OK && bank->options.json) {
        json_t *object = show_entry_json(holding.best);

        if (object)
            json_object_set_new(object, "name", json_string(bank->name));
        status = show_json(bank, object);
    } else if (status == CERTENROLL_OK) {
        printf(_("renewed: the certificate of \"%s\", with a new key\n"), bank->name);
        show_entry(holding.best);
        printf(_("To log on: %s logon\n"), bank->program->name);
    }
    holding_clear(&holding);
    return status;
}

/* The bank renews what it has been told the arrival of. */
static int check_collected(struct bank *bank)
{
    enum ra_leftover leftover = RA_LEFT_NOTHING;
    int status = bank_find_leftover(bank, &leftover);

    if (status < 0 || leftover != RA_LEFT_UNCONFIRMED)
        return status;
    status = failure_set(&bank->failure, CERTENROLL_E_STATE,
                         _("the certificate of \"%s\" cannot be renewed yet"), bank->name);
    failure_because(&bank->failure, "%s", _("its collection was interrupted"));
    failure_advise(&bank->failure, _("Have it finished first: %s get"), bank->program->name);
    return status;
}

static int begin_and_run(struct bank *bank, const char *name)
{
    certenroll_enrolment *enrolment = NULL;
    int is_taken_back, status = check_collected(bank);

    if (status == CERTENROLL_OK)
        status = begin(bank, &enrolment, name);
    if (status == CERTENROLL_OK)
        status = run(bank, enrolment, &is_taken_back);
    certenroll_enrolment_free(enrolment);
    return status;
}

/* One that is over makes room for a new one: since it was begun, another pair may have come. */
static int resume_and_run(struct bank *bank, const char *name)
{
    certenroll_enrolment *enrolment = NULL;
    int is_taken_back = 0, status = resume(bank, &enrolment, name);

    if (status == CERTENROLL_OK)
        status = run(bank, enrolment, &is_taken_back);
    certenroll_enrolment_free(enrolment);
    if (!is_taken_back)
        return status;
    fprintf(stderr, "%s\n", _("- nothing can come of it: what it had made is removed"));
    memset(&bank->failure, 0, sizeof(bank->failure));
    return begin_and_run(bank, name);
}

int command_renew(struct bank *bank)
{
    char name[RA_JOURNAL_NAME_SIZE];
    int status = bank_start(bank);

    if (status == CERTENROLL_OK)
        status =
            ra_journal_name(name, "renew", bank->place, bank->token, bank->name, &bank->failure);
    if (status == CERTENROLL_OK)
        status = has_journal(bank, name) ? resume_and_run(bank, name) : begin_and_run(bank, name);
    return status == CERTENROLL_OK ? show(bank) : status;
}
