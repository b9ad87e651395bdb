/* SPDX-License-Identifier: Apache-2.0 */
/* What an enrolment holds against others: its subject or the pair that it renews or replaces, the
 * CKA_ID of its own key, and the pairs whose certificates it is to have revoked; from before it
 * looks at them until its journal ends. */
#include "enroll/enrolment.h"
#include "x509/name.h"

static int take(struct ce_hold **out, const certenroll_enrolment *e, enum ce_held_kind kind,
                const struct ce_buffer *what, certenroll_error **error)
{
    const struct ce_record *record = &e->record;
    const struct ce_held held = { kind, record->token_label, record->token_serial, what };
    const struct ce_holder holder = { certenroll_operation_name(record->operation),
                                      e->journal_directory, record->name };

    return *out ? CERTENROLL_OK : ce_hold_take(out, &held, &holder, error);
}

static int take_subject(certenroll_enrolment *e, certenroll_error **error)
{
    struct ce_buffer subject = { 0 };
    int status = ce_name_der(&subject, e->profile->subject, error);

    if (status == CERTENROLL_OK)
        status = take(&e->held_subject, e, CE_HELD_SUBJECT, &subject, error);
    ce_buffer_clear(&subject);
    return status;
}

int ce_enrolment_hold(certenroll_enrolment *e, certenroll_error **error)
{
    const struct ce_record *record = &e->record;
    int status = CERTENROLL_OK;

    if (record->operation != CERTENROLL_ENROLL)
        status = take(&e->held_present, e, CE_HELD_PAIR, &record->present_id, error);
    else if (record->another != CERTENROLL_ANOTHER_ENROLMENT)
        status = take_subject(e, error);
    if (status == CERTENROLL_OK && record->id.length > 0 &&
        !ce_buffer_equal(&record->id, &record->present_id))
        status = take(&e->held_id, e, CE_HELD_PAIR, &record->id, error);
    return status;
}

/* The pairs on the token that have this certificate: one, or none. */
static int take_pair_of(struct ce_hold **out, certenroll_enrolment *e,
                        const struct ce_buffer *certificate, certenroll_error **error)
{
    const struct ce_certificate_search search = { .value = certificate };
    struct ce_certificate_object *objects = NULL;
    size_t count = 0;
    int status = ce_certificates_read(&objects, &count, e->token, &search, error);

    for (size_t i = 0; status == CERTENROLL_OK && i < count; i++)
        if (objects[i].id.length > 0 && ce_buffer_equal(&objects[i].value, certificate) &&
            !ce_buffer_equal(&objects[i].id, &e->record.present_id) &&
            !ce_buffer_equal(&objects[i].id, &e->record.id))
            status = take(out, e, CE_HELD_PAIR, &objects[i].id, error);
    ce_certificate_objects_free(objects, count);
    return status;
}

int ce_enrolment_hold_promised(certenroll_enrolment *e, certenroll_error **error)
{
    const struct ce_blobs *promised = &e->record.revoke;
    int status = CERTENROLL_OK;

    for (size_t i = 0; status == CERTENROLL_OK && i < promised->count; i++)
        if (!e->held_promised[i])
            status = take_pair_of(&e->held_promised[i], e, &promised->list[i], error);
    return status;
}

int ce_enrolment_hold_other_id(certenroll_enrolment *e, certenroll_error **error)
{
    ce_hold_end(e->held_id);
    e->held_id = NULL;
    return ce_enrolment_hold(e, error);
}

void ce_enrolment_let_go(certenroll_enrolment *e, int is_over)
{
    struct ce_hold **holds[] = { &e->held_subject, &e->held_present, &e->held_id };

    for (size_t i = 0; i < sizeof(holds) / sizeof(holds[0]); i++) {
        (is_over ? ce_hold_end : ce_hold_leave)(*holds[i]);
        *holds[i] = NULL;
    }
    for (size_t i = 0; i < CE_RECORD_REVOKE_MAX; i++) {
        (is_over ? ce_hold_end : ce_hold_leave)(e->held_promised[i]);
        e->held_promised[i] = NULL;
    }
}
