/* SPDX-License-Identifier: Apache-2.0 */
/* The states of an enrolment and the step that leads out of each. A step first looks whether its
 * effect is there already, acts, and only then moves the state; the journal is written before and
 * after it. Whoever goes on, in this process after a failure or in another after a crash, finds
 * what was done. */
#include "base/message.h"
#include "base/platform.h"
#include "enroll/enrolment.h"
#include "enroll/settle.h"
#include "journal/command_advice.h"

/* --- the journal --- */

int ce_enrolment_write(certenroll_enrolment *e, certenroll_error **error)
{
    int status = ce_journal_write(e->journal, &e->record, error);

    e->is_journaled = status == CERTENROLL_OK;
    return status;
}

/* Before anything is written down: a run that is repeated finds the key by it. */
static int choose_id(certenroll_enrolment *e, certenroll_error **error)
{
    struct ce_record *record = &e->record;
    int status;

    if (record->id.length > 0)
        return CERTENROLL_OK;
    status = ce_choose_id(e->token, &record->id, error);
    record->id_is_random = status == CERTENROLL_OK && record->id.length == CE_RANDOM_ID_LENGTH;
    record->key_is_ours = record->id_is_random;
    e->id_is_new = record->id_is_random;
    return status;
}

/* What there is to find out without anything being made. The PIN is asked for here: the journal is
 * begun when the key is about to be made, so that one in state NEW says that it may be there. */
static int look_first(certenroll_enrolment *e, certenroll_error **error)
{
    if (e->record.operation != CERTENROLL_ENROLL)
        return e->present ? CERTENROLL_OK : ce_find_present(e, error);
    return e->record.another ? CERTENROLL_OK : ce_refuse_existing_pair(e, error);
}

int ce_enrolment_begin(certenroll_enrolment *e, certenroll_error **error)
{
    int is_new = !e->journal;
    int status = ce_enrolment_hold(e, error);
    size_t removed;

    if (status == CERTENROLL_OK && e->record.state == CERTENROLL_STATE_NEW &&
        e->record.operation != CERTENROLL_RENEW)
        status = ce_look_at_ra(e, error);
    if (status == CERTENROLL_OK) {
        (void)ce_holds_clear(e->journal_directory);
        status = ce_settle_token(&removed, e->token, e->journal_directory, error);
    }
    if (status == CERTENROLL_OK)
        status = ce_enrolment_hold_promised(e, error);
    if (status == CERTENROLL_OK && e->record.state == CERTENROLL_STATE_NEW)
        status = look_first(e, error);
    if (status == CERTENROLL_OK && is_new)
        status = choose_id(e, error);
    if (status == CERTENROLL_OK && is_new)
        status = ce_enrolment_hold(e, error);
    if (status == CERTENROLL_OK && is_new)
        status = ce_journal_create(&e->journal, e->journal_directory, e->record.name, error);
    if (status < 0 && is_new)
        ce_enrolment_let_go(e, 1);
    if (status == CERTENROLL_OK && !e->record.begun_at)
        e->record.begun_at = ce_now();
    return status;
}

/* A journal that cannot be removed is no failure of the enrolment: who finds it sees that it is
 * finished. */
void ce_enrolment_end(certenroll_enrolment *e)
{
    if (e->journal && !e->record.keep_journal && ce_journal_delete(e->journal, NULL) < 0)
        ce_log(ce_token_context(e->token), CERTENROLL_LOG_WARNING,
               "the journal %s of a finished enrolment cannot be removed", e->record.name);
    ce_journal_close(e->journal);
    e->journal = NULL;
    ce_enrolment_let_go(e, 1);
}

/* --- short steps --- */

/* KEY_READY -> CSR_SIGNED */
static int sign_request(certenroll_enrolment *e, certenroll_error **error)
{
    struct ce_record *record = &e->record;
    int status = CERTENROLL_OK;

    if (record->operation != CERTENROLL_ENROLL)
        status = ce_need_present(e, error);
    if (status == CERTENROLL_OK)
        status = ce_need_key(e, error);
    if (status == CERTENROLL_OK && !record->request.data)
        status = ce_request_sign(&record->request, e->profile, e->pkey, error);
    if (status == CERTENROLL_OK)
        record->state = CERTENROLL_STATE_CSR_SIGNED;
    return status;
}

/* CSR_SIGNED -> SUBMITTED, before the request leaves, not after: from here on the CA may have it,
 * whatever we hear. */
static int submit(certenroll_enrolment *e, certenroll_error **error)
{
    (void)error;
    e->record.state = CERTENROLL_STATE_SUBMITTED;
    return CERTENROLL_OK;
}

/* --- the table --- */

struct step {
    const char *name;
    int (*run)(certenroll_enrolment *e, certenroll_error **error);
};

static const struct step steps[] = {
    [CERTENROLL_STATE_NEW] = { "key", ce_step_ready_key },
    [CERTENROLL_STATE_KEY_READY] = { "request", sign_request },
    [CERTENROLL_STATE_CSR_SIGNED] = { "submit", submit },
    [CERTENROLL_STATE_SUBMITTED] = { "collect", ce_step_collect },
    [CERTENROLL_STATE_PENDING] = { "collect", ce_step_collect },
    [CERTENROLL_STATE_REJECTED] = { "collect", ce_step_collect },
    [CERTENROLL_STATE_RECEIVED] = { "judge", ce_step_judge },
    [CERTENROLL_STATE_ISSUED] = { "install", ce_step_install },
    [CERTENROLL_STATE_INSTALLED] = { "confirm", ce_step_confirm },
    [CERTENROLL_STATE_CONFIRMED] = { "retire", ce_step_retire },
};

/* What is replaced is revoked before it is retired. */
static const struct step *step_of(const certenroll_enrolment *e)
{
    static const struct step revoke = { "revoke", ce_step_revoke };
    const struct ce_record *record = &e->record;

    if (e->supplied && record->state == CERTENROLL_STATE_RECEIVED) /* beside what is kept */
        return &steps[CERTENROLL_STATE_SUBMITTED];
    return record->state == CERTENROLL_STATE_CONFIRMED && record->revoke.count > 0
               ? &revoke
               : &steps[record->state];
}

/* Nothing to do, or nothing before the time has come. */
static int is_at_rest(const struct ce_record *record)
{
    return ce_record_is_finished(record) ||
           (record->state == CERTENROLL_STATE_CONFIRMED && record->revoke.count == 0 &&
            ce_now() < record->retire_at);
}

/* Nothing was made, and nothing would be by another run: there is nothing to go on with. */
static int is_hopeless(const certenroll_enrolment *e, int status)
{
    if (e->record.state != CERTENROLL_STATE_NEW || e->key ||
        (status != CERTENROLL_E_UNSUPPORTED && status != CERTENROLL_E_ARGUMENT &&
         status != CERTENROLL_E_OBJECT_NOT_FOUND))
        return 0;
    return e->record.operation == CERTENROLL_RENEW ||
           ce_id_in_use(e->token, &e->record.id, NULL) == 0;
}

static int run_step(certenroll_enrolment *e, certenroll_error **error)
{
    const struct step *step = step_of(e);
    certenroll_state before = e->record.state;
    int status = ce_stop_check(error);
    int written = CERTENROLL_OK;

    if (status == CERTENROLL_OK)
        status = step->run(e, error);
    ce_log(ce_token_context(e->token), CERTENROLL_LOG_DEBUG, "enrolment %s: %s: %s -> %s (%s)",
           e->record.name, step->name, certenroll_state_name(before),
           certenroll_state_name(e->record.state), certenroll_status_name(status));
    if (is_hopeless(e, status)) {
        (void)ce_journal_delete(e->journal, NULL);
        ce_journal_close(e->journal);
        e->journal = NULL;
        ce_enrolment_let_go(e, 1);
        return status;
    }
    e->is_journaled = 0; /* a step that failed may have noted something, too */
    /* A certificate that is refused is noted with the reason. */
    if (status >= 0 || e->record.state != before ||
        certenroll_status_class(status) == CERTENROLL_CLASS_CERTIFICATE)
        written = ce_enrolment_write(e, status < 0 ? NULL : error);
    if (e->record.state != before && e->progress)
        e->progress(e->progress_user, e->record.state);
    return status < 0 ? status : written < 0 ? written : status;
}

int ce_enrolment_steps(certenroll_enrolment *e, certenroll_error **error)
{
    int status;

    if (ce_record_is_finished(&e->record) && !e->journal)
        return CERTENROLL_OK;
    if (e->record.state == CERTENROLL_STATE_ABANDONED) {
        certenroll_error_set(error, CERTENROLL_E_STATE, _("the enrolment was abandoned"));
        ce_advise_giving_up(error, e->journal_directory, e->record.name);
        return CERTENROLL_E_STATE;
    }
    e->is_fresh = e->is_ra_busy = 0;
    if (e->record.state == CERTENROLL_STATE_RECEIVED) /* what it lacked may be there by now */
        ce_forget_cacerts(e);
    status = ce_stop_check(error);
    if (status == CERTENROLL_OK)
        status = ce_enrolment_begin(e, error);
    if (status == CERTENROLL_OK && !e->is_journaled)
        status = ce_enrolment_write(e, error);
    while (status == CERTENROLL_OK && !is_at_rest(&e->record))
        status = run_step(e, error);
    if (status == CERTENROLL_OK && ce_record_is_finished(&e->record))
        ce_enrolment_end(e);
    else if (status == CERTENROLL_OK && ce_record_waits(&e->record))
        ce_enrolment_let_go(e, 1);
    return status;
}
