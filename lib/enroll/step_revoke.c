/* SPDX-License-Identifier: Apache-2.0 */
/* What is to be revoked beside an enrolment: of one that is CONFIRMED what was promised, of one
 * that is given up what the CA has issued for it. A certificate leaves the record as the RA has
 * revoked it, and the journal is written after each: whoever goes on asks at most once more for
 * one, which is no failure. */
#include "base/message.h"
#include "base/text.h"
#include "enroll/enrolment.h"
#include "x509/certs.h"
#include "x509/name.h"

#include <stdlib.h>

/* A serial number has up to 20 octets (RFC 5280 §4.1.2.2); some CAs take more. */
#define SERIAL_SIZE (2 * 64 + 1)

/* --- what is promised --- */

int ce_settle_promise(struct ce_record *record, certenroll_error **error)
{
    int status = record->revoke_replaced ? ce_record_promise(record, &record->present, error)
                                         : CERTENROLL_OK;

    if (status < 0)
        return status;
    record->revoke_replaced = 0;
    for (size_t i = record->revoke.count; i-- > 0;)
        if (ce_buffer_equal(&record->revoke.list[i], &record->issued))
            ce_blobs_remove(&record->revoke, i);
    return CERTENROLL_OK;
}

int certenroll_enrolment_drop_revocation(certenroll_enrolment *e, certenroll_error **error)
{
    ce_blobs_clear(&e->record.revoke);
    e->record.revoke_replaced = 0;
    return e->journal ? ce_enrolment_write(e, error) : CERTENROLL_OK;
}

/* --- asking --- */

/* Whoever has to see to it needs to know which one: the RA's answer does not say it. */
static void name_certificate(certenroll_error **error, const struct ce_buffer *der)
{
    char serial[SERIAL_SIZE], *issuer = NULL, *advice = NULL;
    const ASN1_INTEGER *number;
    X509 *certificate = NULL;

    if (!error || ce_blob_to_cert(&certificate, der, NULL) < 0)
        return;
    number = X509_get0_serialNumber(certificate);
    ce_hex(serial, sizeof(serial), ASN1_STRING_get0_data(number),
           (size_t)ASN1_STRING_length(number));
    if (ce_name_format(&issuer, X509_get_issuer_name(certificate), NULL) < 0)
        issuer = NULL;
    else if (certenroll_error_status(*error) == CERTENROLL_E_UNSUPPORTED)
        certenroll_error_advise(error,
                                _("Tell the RA's operator that the certificate with the serial "
                                  "number %s, issued by %s, is to be revoked."),
                                serial, issuer);
    else if (ce_string_copy(&advice, certenroll_error_advice(*error), NULL) == CERTENROLL_OK)
        certenroll_error_advise(error,
                                _("The certificate with the serial number %s, issued by %s, is "
                                  "still to be revoked. %s"),
                                serial, issuer, advice);
    free(advice);
    free(issuer);
    X509_free(certificate);
}

static int revoke_at(certenroll_enrolment *e, size_t index, const struct ca_endpoint *endpoint,
                     certenroll_error **error)
{
    struct ce_record *record = &e->record;
    const struct ce_buffer *certificate = &record->revoke.list[index];
    int status;

    status = e->protocol->revoke
                 ? e->protocol->revoke(endpoint, certificate,
                                       (certenroll_revocation_reason)record->revoke_reason, error)
                 : certenroll_error_set(error, CERTENROLL_E_UNSUPPORTED,
                                        _("nobody can be asked to revoke anything offline"));
    if (status < 0) {
        name_certificate(error, certificate);
        return status;
    }
    ce_blobs_remove(&record->revoke, index);
    return ce_enrolment_write(e, error);
}

/* It says nothing about the next certificate; what is wrong with the account, the RA or the way to
 * it does. */
static int is_of_this_one(const certenroll_error *failure)
{
    return certenroll_error_status(failure) == CERTENROLL_E_REJECTED ||
           certenroll_error_http_status(failure) == 403;
}

int ce_revoke_noted(certenroll_enrolment *e, const struct ce_client_pair *pair,
                    certenroll_error **error)
{
    struct ca_endpoint endpoint = ce_endpoint_of(e);
    certenroll_error *first = NULL, *failure = NULL;
    int status = CERTENROLL_OK;

    ce_client_pair_use(pair, &endpoint);
    for (size_t i = 0; i < e->record.revoke.count && (!failure || is_of_this_one(failure));) {
        certenroll_error_clear(&failure);
        if (revoke_at(e, i, &endpoint, &failure) == CERTENROLL_OK)
            continue;
        i++;
        if (!first)
            first = certenroll_error_copy(failure);
    }
    certenroll_error_free(failure);
    status = certenroll_error_status(first);
    if (error && first)
        *error = first;
    else
        certenroll_error_free(first);
    return status;
}

int ce_new_pair(struct ce_client_pair *pair, certenroll_enrolment *e, certenroll_error **error)
{
    int status = ce_need_key(e, error);

    *pair = (struct ce_client_pair){ 0 };
    if (status == CERTENROLL_OK)
        status = ce_blob_to_cert(&pair->certificate, &e->record.issued, error);
    if (status == CERTENROLL_OK)
        status = ce_blobs_to_certs(&pair->chain, &e->record.chain, error);
    if (status == CERTENROLL_OK) {
        EVP_PKEY_up_ref(e->pkey);
        pair->key = e->pkey;
    }
    return status;
}

/* An account is asked for by name; without one the new pair speaks for itself, for its predecessor
 * may be on a token that is lost. */
int ce_step_revoke(certenroll_enrolment *e, certenroll_error **error)
{
    struct ce_client_pair pair = { 0 };
    int status = e->record.username ? CERTENROLL_OK : ce_new_pair(&pair, e, error);

    if (status == CERTENROLL_OK)
        status = ce_revoke_noted(e, &pair, error);
    ce_client_pair_clear(&pair);
    return status;
}
