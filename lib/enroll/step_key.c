/* SPDX-License-Identifier: Apache-2.0 */
/* NEW -> KEY_READY: the pair that is to be certified, made or found; and before that, of a renewal
 * or re-key, the pair that it takes the place of. */
#include "base/message.h"
#include "enroll/enrolment.h"
#include "enroll/inventory.h"
#include "enroll/settle.h"
#include "provider/provider.h"
#include "x509/certs.h"
#include "x509/name.h"

#include <stdlib.h>

/* --- the present pair --- */

static int note_present(certenroll_enrolment *e, const certenroll_inventory *inventory,
                        const certenroll_entry *entry, certenroll_error **error)
{
    struct ce_record *record = &e->record;
    STACK_OF(X509) *chain = NULL;
    int status = ce_inventory_chain(&chain, inventory, entry->certificate, error);

    ce_buffer_clear(&record->present);
    free(record->subject);
    record->subject = NULL;
    if (status == CERTENROLL_OK)
        status = ce_blobs_take_certs(&record->present_chain, chain, error);
    if (status == CERTENROLL_OK)
        status = ce_name_format(&record->subject, X509_get_subject_name(entry->certificate), error);
    if (status == CERTENROLL_OK && !record->label)
        status = ce_string_copy(&record->label, certenroll_entry_label(entry), error);
    if (status == CERTENROLL_OK)
        status = ce_certs_der(&record->present, entry->certificate, error);
    if (!record->key_type)
        record->key_type = certenroll_entry_key_type(entry);
    sk_X509_pop_free(chain, X509_free);
    return status;
}

/* The same contents are asked for again, under the certificate that is there now. */
int ce_find_present(certenroll_enrolment *e, certenroll_error **error)
{
    const struct ce_buffer *id = &e->record.present_id;
    certenroll_inventory *inventory = NULL;
    const certenroll_entry *entry = NULL;
    int status = ce_inventory_new_of(&inventory, e->token, id->data, id->length, error);

    if (status == CERTENROLL_OK)
        status = ce_inventory_find_pair(&entry, inventory, id->data, id->length, error);
    if (status == CERTENROLL_OK)
        status = note_present(e, inventory, entry, error);
    if (status == CERTENROLL_OK && e->record.operation == CERTENROLL_RENEW && !e->key)
        e->key = ce_key_ref(entry->key);
    certenroll_inventory_free(inventory);
    return status == CERTENROLL_OK ? ce_need_present(e, error) : status;
}

/* --- the new pair --- */

static int generate_key(certenroll_enrolment *e, certenroll_error **error)
{
    certenroll_key_options options = CERTENROLL_KEY_OPTIONS_INIT;
    struct ce_public_value present = { 0 };
    const struct ce_key_novelty novelty = { e->id_is_new, e->present ? &present : NULL };
    char *common_name = NULL;
    int status = CERTENROLL_OK;

    if (e->present)
        status = ce_provider_public_value(&present, X509_get0_pubkey(e->present), error);
    if (status == CERTENROLL_OK && !e->record.label)
        status = ce_name_common_name(&common_name, e->profile->subject, error);
    options.type = (certenroll_key_type)e->record.key_type;
    options.label = e->record.label ? e->record.label : common_name;
    options.id = e->record.id.data;
    options.id_length = e->record.id.length;
    e->id_is_new = 0; /* whatever comes of it, something may bear the ID from now on */
    if (status == CERTENROLL_OK)
        status = ce_key_generate(&e->key, e->token, &options, &novelty, error);
    ce_public_value_clear(&present);
    free(common_name);
    if (status == CERTENROLL_OK)
        e->key_is_new = 1;
    return status;
}

/* What an earlier run began under the ID may still be under way: a token can work on after its
 * client has died. Nothing is made under that ID any more; what comes to bear it is looked for in
 * the end. */
static int take_fresh_id(certenroll_enrolment *e, certenroll_error **error)
{
    struct ce_record *record = &e->record;
    int status;

    if (record->former_ids.count >= CE_RECORD_FORMER_MAX)
        ce_settle_ids(e->token, &record->former_ids, e->journal_directory);
    status = ce_blobs_add(&record->former_ids, record->id.data, record->id.length, error);
    if (status < 0)
        return status;
    ce_buffer_clear(&record->id);
    status = ce_choose_id(e->token, &record->id, error);
    record->id_is_random = 1;
    e->id_is_new = status == CERTENROLL_OK;
    if (status == CERTENROLL_OK)
        status = ce_enrolment_hold_other_id(e, error);
    return status == CERTENROLL_OK ? ce_enrolment_write(e, error) : status;
}

/* A key that is whole and safe under our CKA_ID is the one of an earlier run: it is used. Without
 * it another is made, under another ID; where the token imposes the IDs, in the place of what was
 * left there: a card does one thing after the other, and has answered since. */
static int make_again(certenroll_enrolment *e, certenroll_error **error)
{
    int status = ce_need_key(e, error);

    if ((status != CERTENROLL_E_OBJECT_NOT_FOUND && status != CERTENROLL_E_KEY_UNSAFE) ||
        !e->record.key_is_ours || e->record.public_key.data)
        return status;
    certenroll_error_clear(error);
    status = ce_token_has_slots(e->token) ? ce_key_destroy(e->token, &e->record.id, NULL, error)
                                          : take_fresh_id(e, error);
    return status == CERTENROLL_OK ? generate_key(e, error) : status;
}

/* Under an ID of the caller's only what nobody had there before is ours; and that is on disk before
 * it is made. */
static int claim_id(certenroll_enrolment *e, certenroll_error **error)
{
    int in_use = ce_id_in_use(e->token, &e->record.id, error);

    if (in_use < 0)
        return in_use;
    e->record.key_is_ours = !in_use;
    return in_use ? CERTENROLL_OK : ce_enrolment_write(e, error);
}

static int make_key(certenroll_enrolment *e, certenroll_error **error)
{
    int status;

    if (e->id_is_new)
        return generate_key(e, error);
    if (e->record.key_is_ours)
        return make_again(e, error);
    status = claim_id(e, error);
    if (status == CERTENROLL_OK && !e->record.key_is_ours)
        return ce_need_key(e, error);
    if (status == CERTENROLL_OK)
        status = generate_key(e, error);
    if (status != CERTENROLL_E_ID_IN_USE)
        return status;
    e->record.key_is_ours = 0; /* somebody was faster */
    certenroll_error_clear(error);
    return ce_need_key(e, error);
}

int ce_step_ready_key(certenroll_enrolment *e, certenroll_error **error)
{
    int status = CERTENROLL_OK;

    if (e->record.operation != CERTENROLL_ENROLL && !e->present)
        status = ce_find_present(e, error);
    if (status == CERTENROLL_OK && e->record.operation != CERTENROLL_RENEW && !e->key)
        status = make_key(e, error);
    if (status == CERTENROLL_OK)
        status = ce_need_key(e, error);
    if (status == CERTENROLL_OK)
        e->record.state = CERTENROLL_STATE_KEY_READY;
    return status;
}
