/* SPDX-License-Identifier: Apache-2.0 */
/* A second pair for one subject is seldom what a person wants: the one that is there is told of
 * before a key is made. */
#include "base/message.h"
#include "base/platform.h"
#include "base/text.h"
#include "base/time.h"
#include "enroll/enrolment.h"
#include "provider/provider.h"
#include "x509/certs.h"
#include "x509/name.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <stdlib.h>

static int is_valid_for(X509 *certificate, const X509_NAME *subject)
{
    int64_t now = ce_now();

    return X509_NAME_cmp(X509_get_subject_name(certificate), subject) == 0 &&
           X509_check_ca(certificate) == 0 &&
           ce_certs_time(X509_get0_notBefore(certificate)) <= now &&
           now <= ce_certs_time(X509_get0_notAfter(certificate));
}

/* 1: the token has the certificate's key, under the certificate's ID. */
static int has_key(certenroll_token *token, const struct ce_buffer *id, X509 *certificate,
                   certenroll_error **error)
{
    EVP_PKEY *public_key = NULL;
    certenroll_key *key = NULL;
    int status = certenroll_key_find(&key, token, id->data, id->length, error);

    /* Of several keys under the ID one may be the certificate's: told as if it were. */
    if (status == CERTENROLL_E_OBJECT_NOT_FOUND || status == CERTENROLL_E_ID_IN_USE) {
        certenroll_error_clear(error);
        return status == CERTENROLL_E_ID_IN_USE;
    }
    if (status == CERTENROLL_OK)
        status = ce_provider_public_key(&public_key, key, error);
    if (status == CERTENROLL_OK)
        status = EVP_PKEY_eq(public_key, X509_get0_pubkey(certificate)) == 1;
    EVP_PKEY_free(public_key);
    certenroll_key_free(key);
    return status;
}

static int refuse(const char *subject, const struct ce_buffer *id, const X509 *certificate,
                  certenroll_error **error)
{
    char hex[2 * CERTENROLL_ID_MAX + 1], until[CE_TIME_SIZE];

    ce_hex(hex, sizeof(hex), id->data, id->length);
    ce_time_format(until, ce_certs_time(X509_get0_notAfter(certificate)));
    certenroll_error_set(error, CERTENROLL_E_EXISTS,
                         _("a valid key pair for \"%s\" is on the token already"), subject);
    certenroll_error_because(error, _("its CKA_ID is %s, its certificate is valid until %s"), hex,
                             until);
    certenroll_error_advise(error,
                            _("Use it. Or have another beside it: --another. Or renew it: "
                              "certenroll renew --id %s --url URL --trust-anchor FILE"),
                            hex);
    return CERTENROLL_E_EXISTS;
}

int ce_refuse_existing_pair(certenroll_enrolment *e, certenroll_error **error)
{
    struct ce_certificate_object *objects = NULL;
    struct ce_buffer subject = { 0 };
    const struct ce_certificate_search search = { .subject = &subject };
    size_t count = 0;
    int status = ce_name_der(&subject, e->profile->subject, error);

    /* By the name as we would write it: a CA that encodes it otherwise hides its certificates here.
     */
    if (status == CERTENROLL_OK)
        status = ce_certificates_read(&objects, &count, e->token, &search, error);
    ce_buffer_clear(&subject);

    for (size_t i = 0; status == CERTENROLL_OK && i < count; i++) {
        const unsigned char *der = objects[i].value.data;
        X509 *certificate;

        if (objects[i].id.length == 0)
            continue;
        ERR_set_mark();
        certificate = ce_x509_decode(&der, objects[i].value.length);
        ERR_pop_to_mark();
        if (certificate && is_valid_for(certificate, e->profile->subject))
            status = has_key(e->token, &objects[i].id, certificate, error);
        if (status == 1)
            status = refuse(e->record.subject, &objects[i].id, certificate, error);
        X509_free(certificate);
    }
    ce_certificate_objects_free(objects, count);
    return status;
}
