/* SPDX-License-Identifier: Apache-2.0 */
/* CONFIRMED -> RETIRED: what a renewal or re-key takes the place of goes, once the new one is
 * proven. */
#include "base/message.h"
#include "enroll/enrolment.h"
#include "provider/provider.h"

#include <openssl/err.h>

static int is_for(const struct ce_certificate_object *object, const EVP_PKEY *key)
{
    X509 *certificate = NULL;
    int same;

    if (ce_blob_to_cert(&certificate, &object->value, NULL) < 0)
        return 0;
    same = EVP_PKEY_eq(X509_get0_pubkey(certificate), key) == 1;
    ERR_clear_error();
    X509_free(certificate);
    return same;
}

/* What is on the token of the key that is being retired. */
struct retired {
    EVP_PKEY *key;
    struct ce_certificate_object *objects; /* all certificates of the token */
    size_t count;
};

static int ends_later(const struct ce_certificate_object *object, X509 *present)
{
    X509 *certificate = NULL;
    int later;

    if (ce_blob_to_cert(&certificate, &object->value, NULL) < 0)
        return 0;
    later = ASN1_TIME_compare(X509_get0_notAfter(certificate), X509_get0_notAfter(present)) > 0;
    X509_free(certificate);
    return later;
}

/* Somebody renewed the old pair while it was kept: it has a life of its own now. */
static int is_outlived(const struct retired *retired, X509 *present)
{
    for (size_t i = 0; i < retired->count; i++)
        if (is_for(&retired->objects[i], retired->key) && ends_later(&retired->objects[i], present))
            return 1;
    return 0;
}

/* All certificates of the key: without it they are of no use, earlier ones that were kept too. */
static int remove_certificates(certenroll_enrolment *e, const struct retired *retired,
                               certenroll_error **error)
{
    int status = CERTENROLL_OK;

    for (size_t i = 0; status == CERTENROLL_OK && i < retired->count; i++)
        if (is_for(&retired->objects[i], retired->key))
            status = ce_certificate_destroy(e->token, &retired->objects[i].value, NULL, error);
    return status;
}

/* A key that cannot be told from another stays, and so do its certificates. */
static int check_key(certenroll_enrolment *e, certenroll_error **error)
{
    const struct ce_buffer *id = &e->record.present_id;
    certenroll_key *key = NULL;
    int status = certenroll_key_find(&key, e->token, id->data, id->length, error);

    certenroll_key_free(key);
    if (status != CERTENROLL_E_OBJECT_NOT_FOUND)
        return status;
    ce_error_clear(error); /* an earlier run got that far */
    return CERTENROLL_OK;
}

/* The certificates first: whoever looks meanwhile finds none that lacks its key. */
static int remove_pair(certenroll_enrolment *e, const struct retired *retired,
                       certenroll_error **error)
{
    struct ce_public_value value = { 0 };
    int status = check_key(e, error);

    if (status == CERTENROLL_OK)
        status = ce_provider_public_value(&value, retired->key, error);
    if (status == CERTENROLL_OK)
        status = remove_certificates(e, retired, error);
    if (status == CERTENROLL_OK)
        status = ce_key_destroy(e->token, &e->record.present_id, &value, error);
    ce_public_value_clear(&value);
    return status;
}

/* By its value alone: some tokens keep it under an ID of their own. */
static int remove_present(certenroll_enrolment *e, certenroll_error **error)
{
    return ce_certificate_destroy(e->token, &e->record.present, NULL, error);
}

static int retire_pair(certenroll_enrolment *e, certenroll_error **error)
{
    struct retired retired = { 0 };
    int status = ce_need_present(e, error);

    if (status < 0)
        return status;
    retired.key = X509_get0_pubkey(e->present);
    status = ce_certificates_read(&retired.objects, &retired.count, e->token, NULL, error);
    if (status == CERTENROLL_OK)
        status = is_outlived(&retired, e->present) ? remove_present(e, error)
                                                   : remove_pair(e, &retired, error);
    ce_certificate_objects_free(retired.objects, retired.count);
    return status;
}

int ce_step_retire(certenroll_enrolment *e, certenroll_error **error)
{
    struct ce_record *record = &e->record;
    int status =
        record->operation == CERTENROLL_RENEW ? remove_present(e, error) : retire_pair(e, error);

    if (status < 0)
        return status;
    record->retire_at = 0;
    record->state = CERTENROLL_STATE_RETIRED;
    return CERTENROLL_OK;
}
