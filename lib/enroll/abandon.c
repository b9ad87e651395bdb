/* SPDX-License-Identifier: Apache-2.0 */
/* The way back: what an enrolment made goes, and nothing that was there before, or that somebody
 * has come to rely on since. */
#include "base/message.h"
#include "base/openssl_error.h"
#include "base/option_struct.h"
#include "enroll/enrolment.h"
#include "enroll/key_certificates.h"
#include "enroll/settle.h"
#include "provider/provider.h"
#include "x509/certs.h"

#include <openssl/err.h>
#include <openssl/x509.h>

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

/* 1 when the certificate that was issued is this enrolment's alone, 0 when it is somebody's who
 * relies on it, or there is none. */
static int is_issued_ours(certenroll_enrolment *e, certenroll_error **error)
{
    const struct ce_record *record = &e->record;
    EVP_PKEY *key = NULL;
    int status;

    if (record->issued.length == 0 || record->issued_was_there)
        return 0;
    status = ce_known_key(&key, record, error);
    if (status == CERTENROLL_OK)
        status = record->key_is_ours || !key ? 1 : has_others(e, key, error);
    EVP_PKEY_free(key);
    return status;
}

int ce_take_off_issued(certenroll_enrolment *e, certenroll_error **error)
{
    int status = is_issued_ours(e, error);

    return status == 1 ? ce_certificate_remove(e->token, &e->record.issued, error) : status;
}

/* The key under an ID of our own choice, where nobody had looked at it yet; NULL: none that can be
 * told. */
static int learn_key(EVP_PKEY **out, certenroll_enrolment *e, certenroll_error **error)
{
    const struct ce_buffer *id = &e->record.id;
    certenroll_key *key = NULL;
    int status = certenroll_key_find(&key, e->token, id->data, id->length, error);

    if (status == CERTENROLL_OK)
        status = ce_provider_public_key(out, key, error);
    certenroll_key_free(key);
    if (status != CERTENROLL_E_OBJECT_NOT_FOUND && status != CERTENROLL_E_ID_IN_USE)
        return status;
    certenroll_error_clear(error);
    return CERTENROLL_OK;
}

/* The pair by its public value; all that bears an ID of our own choice where that is not to be
 * learnt. */
static int take_back_key(certenroll_enrolment *e, certenroll_error **error)
{
    struct ce_public_value value = { 0 };
    EVP_PKEY *key = NULL;
    int status;

    if (!e->record.key_is_ours)
        return CERTENROLL_OK;
    status = ce_known_key(&key, &e->record, error);
    if (status == CERTENROLL_OK && !key && e->record.id_is_random)
        status = learn_key(&key, e, error);
    if (status == CERTENROLL_OK && key)
        status = has_others(e, key, error);
    if (status == 1)
        ce_log(ce_token_context(e->token), CERTENROLL_LOG_WARNING,
               "the key of enrolment %s has another certificate by now: it stays", e->record.name);
    if (status == CERTENROLL_OK && key)
        status = ce_provider_public_value(&value, key, error);
    if (status == CERTENROLL_OK && (key || e->record.id_is_random))
        status = ce_key_destroy(e->token, &e->record.id, key ? &value : NULL, error);
    /* A key that nobody saw may still be on its way: who ends an enrolment looks once more, and
     * leaves word of what did not come. */
    if (status == CERTENROLL_OK && !key && e->record.id_is_random && !ce_token_has_slots(e->token))
        status = ce_blobs_add(&e->record.former_ids, e->record.id.data, e->record.id.length, error);
    ce_public_value_clear(&value);
    EVP_PKEY_free(key);
    return status < 0 ? status : CERTENROLL_OK;
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

/* --- what the CA has issued --- */

/* Of what the CA returns whatever is for our key, be it what was asked for or not: it is in force.
 * The rest leads from it to the CA, for a pair that asks for its own revocation. */
static int note_issued(certenroll_enrolment *e, STACK_OF(X509) *certs, certenroll_error **error)
{
    struct ce_record *record = &e->record;
    EVP_PKEY *key = NULL;
    X509 *leaf = NULL;
    int status = ce_known_key(&key, record, error);

    if (status == CERTENROLL_OK && key)
        status = ce_certs_find_leaf(&leaf, certs, key, error);
    if (status == CERTENROLL_OK && leaf)
        status = ce_certs_der(&record->issued, leaf, error);
    if (status == CERTENROLL_OK && leaf) {
        X509_free(sk_X509_delete_ptr(certs, leaf));
        status = ce_blobs_take_certs(&record->chain, certs, error);
    }
    if (status == CERTENROLL_OK && leaf)
        status = ce_certificate_present(e->token, &record->issued, NULL, error);
    EVP_PKEY_free(key);
    if (status < 0)
        return status;
    record->issued_was_there = status;
    return CERTENROLL_OK;
}

/* The CA will not tell, however often it is asked. A pair that it refuses - its certificate was
 * revoked or has expired meanwhile - cannot be corrected, as a password can. */
static int is_final(const certenroll_enrolment *e, int status)
{
    return status == CERTENROLL_E_REJECTED || status == CERTENROLL_E_CERT_KEY ||
           (status == CERTENROLL_E_AUTHENTICATION && !e->record.username);
}

/* What came and was not taken is in force as well. */
static int note_received(certenroll_enrolment *e, certenroll_error **error)
{
    STACK_OF(X509) *certs = NULL;
    int status;

    if (e->record.received.count == 0)
        return CERTENROLL_OK;
    status = ce_blobs_to_certs(&certs, &e->record.received, error);
    if (status == CERTENROLL_OK)
        status = note_issued(e, certs, error);
    sk_X509_pop_free(certs, X509_free);
    return status;
}

/* Is it one that was received for our key, beside the one noted as issued, and not on the token
 * before? 1 or 0. */
static int is_received_ours(certenroll_enrolment *e, const struct ce_buffer *der,
                            certenroll_error **error)
{
    const struct ce_record *record = &e->record;
    EVP_PKEY *key = NULL;
    X509 *certificate = NULL;
    int status = ce_known_key(&key, record, error);

    if (status == CERTENROLL_OK)
        status = ce_blob_to_cert(&certificate, der, error);
    if (status == CERTENROLL_OK)
        status = key && !ce_buffer_equal(der, &record->issued) &&
                 EVP_PKEY_eq(X509_get0_pubkey(certificate), key) == 1;
    if (status == 1 && !record->key_is_ours) {
        status = ce_certificate_present(e->token, der, NULL, error);
        status = status < 0 ? status : !status;
    }
    X509_free(certificate);
    EVP_PKEY_free(key);
    return status;
}

/* The CA may have issued what nobody saw: it is asked by the same request, for which a proper RA
 * returns what it issued before. That it still says nothing, or no, is no failure, and tells
 * nothing about an answer that was lost. */
static int ask_for_issued(certenroll_enrolment *e, certenroll_error **error)
{
    struct ca_answer answer = { 0 };
    int status = ce_ask_ca(&answer, e, error);

    if (status == CERTENROLL_E_OBJECT_NOT_FOUND) { /* who would have to ask is gone */
        certenroll_error_clear(error);
        status = CERTENROLL_PENDING;
    }
    if (status == CERTENROLL_OK)
        status = note_issued(e, answer.certs, error);
    ca_answer_clear(&answer);
    if (status == CERTENROLL_OK || status == CERTENROLL_PENDING)
        return CERTENROLL_OK;
    if (!is_final(e, status))
        return status;
    certenroll_error_clear(error);
    return CERTENROLL_OK;
}

/* From here on the journal notes what is in force and of use to nobody, and nothing else: what was
 * to be revoked once the new one is proven stays in use. */
static int give_up(certenroll_enrolment *e, certenroll_error **error)
{
    struct ce_record *record = &e->record;
    int status;

    if (!ce_record_is_unanswered(record) && record->former_urls.count == 0)
        ce_buffer_clear(&record->request);
    ce_blobs_clear(&record->revoke);
    record->revoke_replaced = 0;
    status = note_received(e, error);
    if (status == CERTENROLL_OK)
        status = is_issued_ours(e, error);
    if (status == 1)
        status = ce_blobs_add(&record->revoke, record->issued.data, record->issued.length, error);
    for (size_t i = 0; status >= 0 && i < record->received.count; i++) {
        const struct ce_buffer *der = &record->received.list[i];

        status = is_received_ours(e, der, error);
        if (status == 1)
            status = ce_blobs_add(&record->revoke, der->data, der->length, error);
    }
    if (status < 0)
        return status;
    ce_blobs_clear(&record->received);
    record->state = CERTENROLL_STATE_ABANDONED;
    return ce_enrolment_write(e, error);
}

/* Whoever asked for the certificate: the account, for which the pair stays empty, or the present
 * pair; else the new one itself. */
static int asking_pair(struct ce_client_pair *pair, certenroll_enrolment *e,
                       certenroll_error **error)
{
    int status;

    *pair = (struct ce_client_pair){ 0 };
    if (e->record.username)
        return CERTENROLL_OK;
    if (e->record.operation == CERTENROLL_ENROLL)
        return ce_new_pair(pair, e, error);
    status = ce_need_present_key(e, error);
    if (status < 0)
        return status;
    EVP_PKEY_up_ref(e->present_pkey);
    X509_up_ref(e->present);
    *pair =
        (struct ce_client_pair){ e->present_pkey, e->present, X509_chain_up_ref(e->present_chain) };
    return pair->chain ? CERTENROLL_OK : certenroll_error_set_memory(error);
}

static int revoke_issued(certenroll_enrolment *e, certenroll_revocation_reason reason,
                         certenroll_error **error)
{
    struct ce_client_pair pair = { 0 };
    int status = CERTENROLL_OK;

    if (e->record.revoke.count == 0)
        return CERTENROLL_OK;
    e->record.revoke_reason = reason;
    status = asking_pair(&pair, e, error);
    if (status == CERTENROLL_OK)
        status = ce_revoke_noted(e, &pair, error);
    ce_client_pair_clear(&pair);
    return status;
}

static int take_back(certenroll_enrolment *e, const certenroll_abandon_options *options,
                     certenroll_error **error)
{
    int is_noted = e->record.state == CERTENROLL_STATE_ABANDONED;
    int status = ce_enrolment_hold(e, error);

    if (status == CERTENROLL_OK && options->revoke && e->record.url &&
        ce_record_is_unanswered(&e->record)) {
        status = ask_for_issued(e, error);
        is_noted = 0;
    }
    if (status == CERTENROLL_OK && !is_noted)
        status = give_up(e, error);
    /* While the key is there, which may have to ask. */
    if (status == CERTENROLL_OK && options->revoke)
        status = revoke_issued(e, options->reason, error);
    if (status == CERTENROLL_OK)
        status = ce_take_off_issued(e, error);
    if (status == CERTENROLL_OK)
        status = take_back_key(e, error);
    if (status == CERTENROLL_OK)
        ce_settle_ids(e->token, &e->record.former_ids, e->journal_directory);
    if (status == CERTENROLL_OK)
        status = ce_journal_delete(e->journal, error);
    if (status == CERTENROLL_OK) {
        ce_journal_close(e->journal);
        e->journal = NULL;
        ce_enrolment_let_go(e, 1);
    }
    return status;
}

int certenroll_enrolment_abandon(certenroll_enrolment *e, const certenroll_abandon_options *options,
                                 certenroll_error **error)
{
    certenroll_abandon_options own = CERTENROLL_ABANDON_OPTIONS_INIT;
    struct certenroll_stop stop;
    int status = ce_options_take(&own, sizeof(own), options, error);

    if (status == CERTENROLL_OK && !certenroll_revocation_reason_name(own.reason))
        status = certenroll_error_set(error, CERTENROLL_E_ARGUMENT,
                                      _("%d is no reason for a revocation"), (int)own.reason);
    if (status < 0)
        return status;
    if (is_in_use(e))
        return certenroll_error_set(error, CERTENROLL_E_STATE,
                                    _("the enrolment is %s: what it made is in use"),
                                    certenroll_state_name(e->record.state));
    if (!e->journal)
        return CERTENROLL_OK; /* nothing was done, or it is taken back already */
    ce_enrolment_enter(&stop, e);
    return ce_enrolment_leave(&stop, e, take_back(e, &own, error), error);
}

/* --- what of it is left in force --- */

const unsigned char *certenroll_enrolment_revoke_at(const certenroll_enrolment *enrolment,
                                                    size_t index, size_t *length)
{
    const struct ce_buffer *der = ce_record_revoke_at(&enrolment->record, index);

    *length = der ? der->length : 0;
    return der ? der->data : NULL;
}

const char *certenroll_enrolment_unanswered_at(const certenroll_enrolment *enrolment, size_t index)
{
    return ce_record_unanswered_at(&enrolment->record, index);
}
