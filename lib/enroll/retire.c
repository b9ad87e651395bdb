/* SPDX-License-Identifier: Apache-2.0 */
/* CONFIRMED -> RETIRED: what a renewal or re-key takes the place of goes, once the new one is
 * proven. */
#include "base/message.h"
#include "base/platform.h"
#include "enroll/enrolment.h"
#include "enroll/inventory.h"
#include "enroll/key_certificates.h"
#include "journal/command_advice.h"
#include "x509/certs.h"

/* --- is there something in its place? --- */

/* In the inventory: 1 or 0. It is taken over. */
static int has_successor(const certenroll_enrolment *e, certenroll_inventory *inventory, int status)
{
    if (status == CERTENROLL_OK)
        status = ce_inventory_has_successor(inventory, e->present,
                                            e->record.operation == CERTENROLL_REKEY);
    certenroll_inventory_free(inventory);
    return status;
}

/* Time has passed since the new pair was proven, and somebody may have removed or replaced it: it
 * is looked for first, and then whatever may be in its place. */
static int check_successor(certenroll_enrolment *e, certenroll_error **error)
{
    const struct ce_buffer *id = &e->record.id;
    certenroll_inventory *inventory = NULL;
    char *forget;
    int status = ce_inventory_new_of(&inventory, e->token, id->data, id->length, error);

    status = has_successor(e, inventory, status);
    if (status == 0) {
        status = certenroll_inventory_new(&inventory, e->token, NULL, error);
        status = has_successor(e, inventory, status);
    }
    if (status != 0)
        return status < 0 ? status : CERTENROLL_OK;
    certenroll_error_set(error, CERTENROLL_E_OBJECT_NOT_FOUND,
                         _("no valid pair is in the place of the one that is to be retired"));
    forget = ce_journal_command("clean", "--forget", e->journal_directory, e->record.name);
    if (forget)
        certenroll_error_advise(error,
                                _("Enrol again first. Or keep the old one, and remove the journal "
                                  "of this enrolment alone: %s"),
                                forget);
    free(forget);
    return CERTENROLL_E_OBJECT_NOT_FOUND;
}

/* --- what else the key is for --- */

/* Somebody renewed the old pair while it was kept, or has a certificate of another CA for it. */
static int is_in_use(const struct ce_key_certificates *all, const X509 *present)
{
    int64_t now = ce_now();

    for (size_t i = 0; i < all->count; i++) {
        const X509 *other = all->certificates[i];

        if (other && ce_certs_time(X509_get0_notBefore(other)) <= now &&
            now <= ce_certs_time(X509_get0_notAfter(other)) &&
            (X509_NAME_cmp(X509_get_subject_name(other), X509_get_subject_name(present)) != 0 ||
             X509_NAME_cmp(X509_get_issuer_name(other), X509_get_issuer_name(present)) != 0 ||
             ASN1_TIME_compare(X509_get0_notAfter(other), X509_get0_notAfter(present)) > 0))
            return 1;
    }
    return 0;
}

/* --- removing --- */

/* A key that cannot be told from another stays, and so do its certificates. */
static int check_key(certenroll_enrolment *e, certenroll_error **error)
{
    const struct ce_buffer *id = &e->record.present_id;
    certenroll_key *key = NULL;
    int status = certenroll_key_find(&key, e->token, id->data, id->length, error);

    certenroll_key_free(key);
    if (status != CERTENROLL_E_OBJECT_NOT_FOUND)
        return status;
    certenroll_error_clear(error); /* an earlier run got that far */
    return CERTENROLL_OK;
}

static int retire_pair(certenroll_enrolment *e, certenroll_error **error)
{
    struct ce_key_certificates all = { 0 };
    int in_use, status;

    status = ce_key_certificates_read(&all, e->token, X509_get0_pubkey(e->present), error);
    in_use = status == CERTENROLL_OK && is_in_use(&all, e->present);
    if (status == CERTENROLL_OK && !in_use)
        status = check_key(e, error);
    if (status == CERTENROLL_OK && !in_use)
        status = ce_pair_remove(e->token, &e->record.present_id, &all, error);
    if (status == CERTENROLL_OK) /* by its value, whatever came of recognising it */
        status = ce_certificate_remove(e->token, &e->record.present, error);
    ce_key_certificates_clear(&all);
    return status;
}

int ce_step_retire(certenroll_enrolment *e, certenroll_error **error)
{
    struct ce_record *record = &e->record;
    int status = ce_need_present(e, error);

    if (status == CERTENROLL_OK && !e->issued) /* not proven in this run */
        status = check_successor(e, error);
    if (status < 0)
        return status;
    status = record->operation == CERTENROLL_RENEW
                 ? ce_certificate_remove(e->token, &record->present, error)
                 : retire_pair(e, error);
    if (status < 0)
        return status;
    record->retire_at = 0;
    record->state = CERTENROLL_STATE_RETIRED;
    return CERTENROLL_OK;
}
