/* SPDX-License-Identifier: Apache-2.0 */
/* The way back: what an enrolment made goes, and nothing that was there before. */
#include "base/message.h"
#include "enroll/enrolment.h"

/* By its value alone: some tokens keep it under an ID of their own. */
int ce_take_off_issued(certenroll_enrolment *e, certenroll_error **error)
{
    const struct ce_record *record = &e->record;

    if (record->issued.length == 0 || record->issued_was_there)
        return CERTENROLL_OK;
    return ce_certificate_destroy(e->token, &record->issued, NULL, error);
}

static int take_back(certenroll_enrolment *e, certenroll_error **error)
{
    int status = ce_take_off_issued(e, error);

    if (status == CERTENROLL_OK && e->record.key_is_ours)
        status = ce_key_destroy(e->token, &e->record.id, NULL, error);
    return status;
}

int certenroll_enrolment_abandon(certenroll_enrolment *e, certenroll_error **error)
{
    struct ce_record *record = &e->record;
    int status = CERTENROLL_OK;

    if (record->state == CERTENROLL_STATE_CONFIRMED || record->state == CERTENROLL_STATE_RETIRED)
        return ce_fail(error, CERTENROLL_E_STATE, _("the enrolment is %s: what it made is in use"),
                       certenroll_state_name(record->state));
    if (!e->journal)
        return CERTENROLL_OK; /* nothing was done, or it is taken back already */
    record->state = CERTENROLL_STATE_ABANDONED;
    status = ce_enrolment_write(e, error);
    if (status == CERTENROLL_OK)
        status = take_back(e, error);
    if (status == CERTENROLL_OK)
        status = ce_journal_delete(e->journal, error);
    if (status == CERTENROLL_OK) {
        ce_journal_close(e->journal);
        e->journal = NULL;
    }
    return status;
}
