/* SPDX-License-Identifier: Apache-2.0 */
/* The way back: what an enrolment made goes, and nothing that was there before, or that somebody
 * has come to rely on since. */
#include "base/message.h"
#include "base/openssl_error.h"
#include "enroll/enrolment.h"
#include "enroll/key_certificates.h"
#include "enroll/settle.h"
#include "provider/provider.h"

#include <openssl/err.h>
#include <openssl/x509.h>

/* The enrolment's key as it is known since it was ready; NULL: not yet. */
static int known_key(EVP_PKEY **out, const struct ce_record *record, certenroll_error **error)
{
    const unsigned char *der = record->public_key.data;

    *out = NULL;
    if (!der)
        return CERTENROLL_OK;
    ERR_clear_error();
    *out = d2i_PUBKEY(NULL, &der, (long)record->public_key.length);
    return *out ? CERTENROLL_OK
                : ce_fail_openssl(error, CERTENROLL_E_JOURNAL,
                                  _("the public key in the journal cannot be read"));
}

/* Has the key a certificate that is not the one that this enrolment got? Of a key that was there
 * before, the only certificate stays: another enrolment may have installed it, too. */
static int has_others(certenroll_enrolment *e, EVP_PKEY *key, certenroll_error **error)
{
    struct ce_key_certificates all = { 0 };
    int status = ce_key_certificates_read(&all, e->token, key, error);

    for (size_t i = 0; status == CERTENROLL_OK && i < all.count; i++)
        if (all.certificates[i] && !ce_buffer_equal(&all.objects[i].value, &e->record.issued))
            status = 1;
    ce_key_certificates_clear(&all);
    return status;
}

int ce_take_off_issued(certenroll_enrolment *e, certenroll_error **error)
{
    const struct ce_record *record = &e->record;
    EVP_PKEY *key = NULL;
    int status;

    if (record->issued.length == 0 || record->issued_was_there)
        return CERTENROLL_OK;
    status = known_key(&key, record, error);
    if (status == CERTENROLL_OK)
        status = record->key_is_ours || !key ? 1 : has_others(e, key, error);
    EVP_PKEY_free(key);
    return status == 1 ? ce_certificate_remove(e->token, &record->issued, error) : status;
}

/* The pair by its public value where that is known; all that bears an ID of our own choice where it
 * is not. */
static int take_back_key(certenroll_enrolment *e, certenroll_error **error)
{
    struct ce_public_value value = { 0 };
    EVP_PKEY *key = NULL;
    int status;

    if (!e->record.key_is_ours)
        return CERTENROLL_OK;
    status = known_key(&key, &e->record, error);
    if (status == CERTENROLL_OK && key)
        status = has_others(e, key, error);
    if (status == 1)
        ce_log(ce_token_context(e->token), CERTENROLL_LOG_WARNING,
               "the key of enrolment %s has another certificate by now: it stays", e->record.name);
    if (status == CERTENROLL_OK && key)
        status = ce_provider_public_value(&value, key, error);
    if (status == CERTENROLL_OK && (key || e->record.id_is_random))
        status = ce_key_destroy(e->token, &e->record.id, key ? &value : NULL, error);
    ce_public_value_clear(&value);
    EVP_PKEY_free(key);
    return status < 0 ? status : CERTENROLL_OK;
}

/* A key that nobody saw may still be on its way: whoever ends an enrolment looks once more, and
 * leaves word of what did not come. */
static int look_for_unseen(certenroll_enrolment *e, certenroll_error **error)
{
    struct ce_record *record = &e->record;
    int status = CERTENROLL_OK;

    if (record->key_is_ours && !record->public_key.data && !ce_token_has_slots(e->token))
        status = ce_blobs_add(&record->former_ids, record->id.data, record->id.length, error);
    if (status == CERTENROLL_OK)
        ce_settle_ids(e->token, &record->former_ids, e->journal_directory);
    return status;
}

/* What has taken another pair's place is all that is left. A first enrolment stands on its own:
 * whoever keeps its journal, and took it up by that, may have more to see to before it is in use.
 */
static int is_in_use(const certenroll_enrolment *e)
{
    const struct ce_record *record = &e->record;

    if (record->state == CERTENROLL_STATE_RETIRED)
        return 1;
    return record->state == CERTENROLL_STATE_CONFIRMED &&
           !(record->operation == CERTENROLL_ENROLL && record->keep_journal && e->journal);
}

int certenroll_enrolment_abandon(certenroll_enrolment *e, certenroll_error **error)
{
    struct ce_record *record = &e->record;
    int status = CERTENROLL_OK;

    if (is_in_use(e))
        return certenroll_error_set(error, CERTENROLL_E_STATE,
                                    _("the enrolment is %s: what it made is in use"),
                                    certenroll_state_name(record->state));
    if (!e->journal)
        return CERTENROLL_OK; /* nothing was done, or it is taken back already */
    status = ce_enrolment_hold(e, error);
    if (status < 0)
        return status;
    record->state = CERTENROLL_STATE_ABANDONED;
    status = ce_enrolment_write(e, error);
    if (status == CERTENROLL_OK)
        status = ce_take_off_issued(e, error);
    if (status == CERTENROLL_OK)
        status = take_back_key(e, error);
    if (status == CERTENROLL_OK)
        status = look_for_unseen(e, error);
    if (status == CERTENROLL_OK)
        status = ce_journal_delete(e->journal, error);
    if (status == CERTENROLL_OK) {
        ce_journal_close(e->journal);
        e->journal = NULL;
        ce_enrolment_let_go(e, 1);
    }
    return status;
}
