/* SPDX-License-Identifier: Apache-2.0 */
#include "enroll/write_back.h"

#include "base/message.h"
#include "base/openssl_error.h"
#include "base/platform.h"
#include "context/stop.h"
#include "journal/hold.h"
#include "x509/certs.h"
#include "x509/name.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <stdlib.h>
#include <string.h>

#define CA_WAIT_MS 30000
#define CA_PAUSE_MS 20

/* --- certificate objects --- */

static int take_serial(struct ce_buffer *out, const X509 *certificate, certenroll_error **error)
{
    unsigned char *der = NULL;
    int length = i2d_ASN1_INTEGER(X509_get0_serialNumber(certificate), &der), status;

    if (length <= 0)
        return ce_fail_openssl(error, CERTENROLL_E_INTERNAL, _("cannot encode a name or number"));
    status = ce_buffer_set(out, der, (size_t)length, error);
    OPENSSL_free(der);
    return status;
}

/* All but CKA_ID. `label` NULL: the common name. */
static int fill_object(struct ce_certificate_object *object, X509 *certificate, const char *label,
                       certenroll_error **error)
{
    char *common_name = NULL;
    int status = ce_certs_der(&object->value, certificate, error);

    if (status < 0)
        return status;
    status = ce_name_der(&object->subject, X509_get_subject_name(certificate), error);
    if (status == CERTENROLL_OK)
        status = ce_name_der(&object->issuer, X509_get_issuer_name(certificate), error);
    if (status == CERTENROLL_OK)
        status = take_serial(&object->serial, certificate, error);
    if (status == CERTENROLL_OK && !label)
        status = ce_name_common_name(&common_name, X509_get_subject_name(certificate), error);
    if (!label)
        label = common_name;
    if (status == CERTENROLL_OK)
        status = ce_buffer_set(&object->label, label, strlen(label), error);
    free(common_name);
    return status;
}

/* --- writing --- */

/* Others may be about to write the same one: one after the other, each finds what was written
 * before. Whoever hangs there does not keep the rest of us waiting for ever. */
static int hold_ca(struct ce_hold **out, const certenroll_token *token, const struct ce_buffer *ca,
                   certenroll_error **error)
{
    const certenroll_token_info *info = certenroll_token_get_info(token);
    const struct ce_held held = { CE_HELD_CA, certenroll_token_info_label(info),
                                  certenroll_token_info_serial(info), ca };
    const struct ce_holder holder = { .operation = "install" };
    int64_t until = ce_uptime_ms() + CA_WAIT_MS;
    int status;

    while ((status = ce_hold_take(out, &held, &holder, error)) == CERTENROLL_E_BUSY &&
           ce_uptime_ms() < until) {
        certenroll_error_clear(error);
        status = ce_stop_sleep(CA_PAUSE_MS, error);
        if (status < 0)
            break;
    }
    return status;
}

static int write_ca(certenroll_token *token, X509 *ca, certenroll_error **error)
{
    const ASN1_OCTET_STRING *identifier = X509_get0_subject_key_id(ca);
    struct ce_hold *hold = NULL;
    struct ce_certificate_object object = { .is_ca = 1 };
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned digest_length = 0;
    int status = fill_object(&object, ca, NULL, error);

    /* CKA_ID: its subject key identifier, as NSS and OpenSC have it, so that the same CA gets the
     * same ID from whichever software writes it. */
    if (status == CERTENROLL_OK) {
        if (identifier && ASN1_STRING_length(identifier) <= CERTENROLL_ID_MAX)
            status = ce_buffer_set(&object.id, ASN1_STRING_get0_data(identifier),
                                   (size_t)ASN1_STRING_length(identifier), error);
        else if (X509_pubkey_digest(ca, EVP_sha1(), digest, &digest_length) == 1)
            status = ce_buffer_set(&object.id, digest, digest_length, error);
        else
            status = ce_fail_openssl(error, CERTENROLL_E_INTERNAL, _("cannot hash a public key"));
    }
    if (status == CERTENROLL_OK)
        status = hold_ca(&hold, token, &object.value, error);
    if (status == CERTENROLL_OK)
        status = ce_certificate_present(token, &object.value, NULL, error);
    if (status == 0)
        status = ce_certificate_write(token, &object, error);
    ce_hold_end(hold);
    ce_certificate_object_clear(&object);
    return status < 0 ? status : CERTENROLL_OK;
}

int ce_write_back(certenroll_key *key, X509 *leaf, STACK_OF(X509) *chain, const char *label,
                  enum ce_beside beside, certenroll_error **error)
{
    certenroll_token *token = ce_key_token(key);
    struct ce_certificate_object object = { 0 };
    size_t id_length;
    const unsigned char *id = certenroll_key_get_id(key, &id_length);
    int status = fill_object(&object, leaf, label, error);

    if (status == CERTENROLL_OK)
        status = ce_buffer_set(&object.id, id, id_length, error);
    if (status == CERTENROLL_OK && beside == CE_BESIDE_UNKNOWN)
        status = ce_certificate_present(token, &object.value, &object.id, error);
    if (status == 0)
        status = ce_certificate_write(token, &object, error);
    ce_certificate_object_clear(&object);
    if (status < 0)
        return status;
    if (ce_token_has_slots(token)) /* and no room for others */
        return CERTENROLL_OK;
    status = CERTENROLL_OK;
    for (int i = 0; status == CERTENROLL_OK && i < sk_X509_num(chain); i++)
        status = write_ca(token, sk_X509_value(chain, i), error);
    return status;
}

/* --- proof --- */

int ce_prove_pair(EVP_PKEY *key, X509 *certificate, certenroll_error **error)
{
    EVP_PKEY *public_key = X509_get0_pubkey(certificate);
    unsigned char challenge[32], signature[1024]; /* as long as RSA-8192's */
    size_t length = sizeof(signature);
    const char *digest = "SHA256";
    char default_digest[32];
    EVP_MD_CTX *context;
    int good;

    /* The key's default; NULL where the algorithm has its own (Ed25519). */
    if (EVP_PKEY_get_default_digest_name(key, default_digest, sizeof(default_digest)) > 0)
        digest = strcmp(default_digest, "UNDEF") == 0 ? NULL : default_digest;
    ERR_clear_error(); /* the reason must be this proof's, not an older one's */
    if (ce_random(challenge, sizeof(challenge)) < 0)
        return certenroll_error_set_errno(error, _("no random numbers"));
    context = EVP_MD_CTX_new();
    good = context && EVP_DigestSignInit_ex(context, NULL, digest, NULL, NULL, key, NULL) == 1 &&
           EVP_DigestSign(context, signature, &length, challenge, sizeof(challenge)) == 1;
    EVP_MD_CTX_free(context);
    if (!good)
        return ce_fail_openssl(error, CERTENROLL_E_TOKEN, _("the new key does not sign"));
    context = EVP_MD_CTX_new();
    good = context &&
           EVP_DigestVerifyInit_ex(context, NULL, digest, NULL, NULL, public_key, NULL) == 1 &&
           EVP_DigestVerify(context, signature, length, challenge, sizeof(challenge)) == 1;
    EVP_MD_CTX_free(context);
    if (!good)
        return ce_fail_openssl(error, CERTENROLL_E_TOKEN,
                               _("the token's signature does not verify under the certificate"));
    return CERTENROLL_OK;
}
