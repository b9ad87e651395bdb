/* SPDX-License-Identifier: Apache-2.0 */
/* The record come alive: what a step needs is there from the step before it, or, in a process that
 * took the enrolment up from its journal, is looked up on the token now. */
#include "base/message.h"
#include "base/openssl_error.h"
#include "enroll/enrolment.h"
#include "journal/command_advice.h"
#include "provider/provider.h"

#include <certenroll/openssl.h>

#include <openssl/err.h>

#include <string.h>

int ce_check_found_key(const certenroll_key *key, int64_t type, certenroll_error **error)
{
    certenroll_key_type found = certenroll_key_get_type(key);

    if (found != (certenroll_key_type)type)
        return certenroll_error_set(
            error, CERTENROLL_E_ID_IN_USE, _("the key with this CKA_ID is of the type %s, not %s"),
            certenroll_key_type_name(found), certenroll_key_type_name((certenroll_key_type)type));
    if (!ce_key_is_safe(key))
        return certenroll_error_set(error, CERTENROLL_E_KEY_UNSAFE,
                                    _("the key with this CKA_ID can be taken out of the token"));
    return CERTENROLL_OK;
}

/* The key stays the one that it was, by its SubjectPublicKeyInfo, whatever bears its ID by now. */
static int check_identity(certenroll_enrolment *e, certenroll_error **error)
{
    struct ce_buffer *known = &e->record.public_key;
    EVP_PKEY *public_key = NULL;
    unsigned char *der = NULL;
    int length, status = ce_provider_public_key(&public_key, e->key, error);

    if (status < 0)
        return status;
    length = i2d_PUBKEY(public_key, &der);
    EVP_PKEY_free(public_key);
    if (length <= 0)
        return ce_fail_openssl(error, CERTENROLL_E_INTERNAL, _("cannot encode a public key"));
    if (!known->data)
        status = ce_buffer_set(known, der, (size_t)length, error);
    else if (known->length != (size_t)length || memcmp(known->data, der, known->length) != 0)
        status = certenroll_error_set(
            error, CERTENROLL_E_OBJECT_NOT_FOUND,
            _("the key that bears this enrolment's CKA_ID now is another one"));
    OPENSSL_free(der);
    return status;
}

int ce_known_key(EVP_PKEY **out, const struct ce_record *record, certenroll_error **error)
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

/* A re-key whose new key is the old one would remove it as replaced. */
static int check_other(certenroll_enrolment *e, certenroll_error **error)
{
    EVP_PKEY *public_key = NULL;
    int is_same, status = ce_need_present(e, error);

    if (status == CERTENROLL_OK)
        status = ce_provider_public_key(&public_key, e->key, error);
    if (status < 0)
        return status;
    is_same = EVP_PKEY_eq(public_key, X509_get0_pubkey(e->present)) == 1;
    EVP_PKEY_free(public_key);
    if (!is_same)
        return CERTENROLL_OK;
    certenroll_error_set(error, CERTENROLL_E_TOKEN,
                         _("the token gives the present key for the new one"));
    certenroll_error_advise(error,
                            _("Nothing was removed. Have the token and its PKCS#11 module looked "
                              "at, or use another token."));
    return CERTENROLL_E_TOKEN;
}

static int find_key(certenroll_enrolment *e, certenroll_error **error)
{
    const struct ce_buffer *id = &e->record.id;
    int status = certenroll_key_find(&e->key, e->token, id->data, id->length, error);

    if (status == CERTENROLL_OK && e->record.operation == CERTENROLL_REKEY)
        status = check_other(e, error);
    /* A renewal takes the key that has the certificate, as it is. */
    if (status == CERTENROLL_OK && e->record.operation != CERTENROLL_RENEW)
        status = ce_check_found_key(e->key, e->record.key_type, error);
    if (status == CERTENROLL_OK)
        status = check_identity(e, error);
    if (status == CERTENROLL_E_OBJECT_NOT_FOUND)
        ce_advise_giving_up(error, e->journal_directory, e->record.name);
    if (status < 0) {
        certenroll_key_free(e->key);
        e->key = NULL;
    }
    return status;
}

int ce_need_key(certenroll_enrolment *e, certenroll_error **error)
{
    int status = e->key ? CERTENROLL_OK : find_key(e, error);

    if (status == CERTENROLL_OK && !e->record.public_key.data)
        status = check_identity(e, error);
    if (status == CERTENROLL_OK && !e->pkey)
        status = certenroll_key_evp_pkey(&e->pkey, e->key, error);
    return status;
}

int ce_need_present(certenroll_enrolment *e, certenroll_error **error)
{
    int status = CERTENROLL_OK;

    if (!e->present)
        status = ce_blob_to_cert(&e->present, &e->record.present, error);
    if (status == CERTENROLL_OK && !e->present_chain)
        status = ce_blobs_to_certs(&e->present_chain, &e->record.present_chain, error);
    if (status == CERTENROLL_OK && !e->profile)
        status = ce_profile_from_certificate(&e->profile, e->present, error);
    return status;
}

int ce_need_present_key(certenroll_enrolment *e, certenroll_error **error)
{
    const struct ce_buffer *id = &e->record.present_id;
    certenroll_key *key = NULL;
    int status = ce_need_present(e, error);

    if (status < 0 || e->present_pkey)
        return status;
    if (e->record.operation == CERTENROLL_RENEW) {
        status = ce_need_key(e, error);
        if (status == CERTENROLL_OK) {
            EVP_PKEY_up_ref(e->pkey);
            e->present_pkey = e->pkey;
        }
        return status;
    }
    status = certenroll_key_find(&key, e->token, id->data, id->length, error);
    if (status == CERTENROLL_E_OBJECT_NOT_FOUND)
        ce_advise_giving_up(error, e->journal_directory, e->record.name);
    if (status == CERTENROLL_OK)
        status = certenroll_key_evp_pkey(&e->present_pkey, key, error);
    certenroll_key_free(key);
    return status;
}

struct ca_endpoint ce_endpoint_of(const certenroll_enrolment *e)
{
    struct ca_endpoint endpoint = {
        .context = ce_token_context(e->token),
        .url = e->record.url,
        .tls_anchors = e->tls_anchors ? e->tls_anchors : e->anchors,
        .username = e->record.username,
        .secret = e->secret,
    };

    if (e->record.operation != CERTENROLL_ENROLL) {
        endpoint.client_key = e->present_pkey;
        endpoint.client_certificate = e->present;
        endpoint.client_chain = e->present_chain;
    }
    return endpoint;
}

int ce_ask_ca(struct ca_answer *answer, certenroll_enrolment *e, certenroll_error **error)
{
    int is_first = e->record.operation == CERTENROLL_ENROLL;
    int status = is_first ? CERTENROLL_OK : ce_need_present_key(e, error);
    struct ca_endpoint endpoint;

    if (status < 0)
        return status;
    endpoint = ce_endpoint_of(e);
    return (is_first ? e->protocol->enroll : e->protocol->reenroll)(answer, &endpoint,
                                                                    &e->record.request, error);
}
