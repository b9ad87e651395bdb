/* SPDX-License-Identifier: Apache-2.0 */
#include "enroll/write_back.h"

#include "base/message.h"
#include "base/openssl_error.h"
#include "base/platform.h"
#include "x509/certs.h"
#include "x509/name.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <stdlib.h>
#include <string.h>

/* --- certificate objects --- */

/* Takes the result of an i2d_ call: its length and what it allocated. */
static int take_der(struct ce_buffer *out, int length, unsigned char **der,
                    certenroll_error **error)
{
    int status;

    if (length <= 0)
        return ce_fail_openssl(error, CERTENROLL_E_INTERNAL, _("cannot encode a name or number"));
    status = ce_buffer_set(out, *der, (size_t)length, error);
    OPENSSL_free(*der);
    return status;
}

static int fill_names(struct ce_certificate_object *object, X509 *certificate,
                      certenroll_error **error)
{
    unsigned char *subject = NULL, *issuer = NULL, *serial = NULL;
    int length = i2d_X509_NAME(X509_get_subject_name(certificate), &subject);
    int status = take_der(&object->subject, length, &subject, error);

    if (status < 0)
        return status;
    length = i2d_X509_NAME(X509_get_issuer_name(certificate), &issuer);
    status = take_der(&object->issuer, length, &issuer, error);
    if (status < 0)
        return status;
    length = i2d_ASN1_INTEGER(X509_get0_serialNumber(certificate), &serial);
    return take_der(&object->serial, length, &serial, error);
}

static int fill_label(struct ce_certificate_object *object, X509 *certificate, const char *label,
                      certenroll_error **error)
{
    char *common_name = NULL;
    int status;

    if (label)
        return ce_buffer_set(&object->label, label, strlen(label), error);
    status = ce_name_common_name(&common_name, X509_get_subject_name(certificate), error);
    if (status == CERTENROLL_OK)
        status = ce_buffer_set(&object->label, common_name, strlen(common_name), error);
    free(common_name);
    return status;
}

static int fill_object(struct ce_certificate_object *object, X509 *certificate, const char *label,
                       certenroll_error **error)
{
    int status = ce_certs_der(&object->value, certificate, error);

    if (status == CERTENROLL_OK)
        status = fill_names(object, certificate, error);
    if (status == CERTENROLL_OK)
        status = fill_label(object, certificate, label, error);
    return status;
}

/* CKA_ID of a CA certificate: its subject key identifier, as NSS and OpenSC have it, so that the
 * same CA gets the same ID from whichever software writes it. */
static int fill_ca_id(struct ce_certificate_object *object, X509 *certificate,
                      certenroll_error **error)
{
    const ASN1_OCTET_STRING *identifier = X509_get0_subject_key_id(certificate);
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned digest_length = 0;

    if (identifier && ASN1_STRING_length(identifier) <= CERTENROLL_ID_MAX)
        return ce_buffer_set(&object->id, ASN1_STRING_get0_data(identifier),
                             (size_t)ASN1_STRING_length(identifier), error);
    if (X509_pubkey_digest(certificate, EVP_sha1(), digest, &digest_length) != 1)
        return ce_fail_openssl(error, CERTENROLL_E_INTERNAL, _("cannot hash a public key"));
    return ce_buffer_set(&object->id, digest, digest_length, error);
}

/* --- writing --- */

static int write_leaf(certenroll_key *key, X509 *leaf, const char *label, enum ce_beside beside,
                      certenroll_error **error)
{
    struct ce_certificate_object object = { 0 };
    size_t id_length;
    const unsigned char *id = certenroll_key_get_id(key, &id_length);
    int status = fill_object(&object, leaf, label, error);

    if (status == CERTENROLL_OK)
        status = ce_buffer_set(&object.id, id, id_length, error);
    if (status == CERTENROLL_OK && beside == CE_BESIDE_UNKNOWN)
        status = ce_certificate_present(ce_key_token(key), &object.value, &object.id, error);
    if (status == 0)
        status = ce_certificate_write(ce_key_token(key), &object, error);
    ce_certificate_object_clear(&object);
    return status < 0 ? status : CERTENROLL_OK;
}

static int write_ca(certenroll_token *token, X509 *ca, certenroll_error **error)
{
    struct ce_certificate_object object = { .is_ca = 1 };
    int status = fill_object(&object, ca, NULL, error);

    if (status == CERTENROLL_OK)
        status = fill_ca_id(&object, ca, error);
    if (status == CERTENROLL_OK)
        status = ce_certificate_present(token, &object.value, NULL, error);
    if (status == 0)
        status = ce_certificate_write(token, &object, error);
    ce_certificate_object_clear(&object);
    return status < 0 ? status : CERTENROLL_OK;
}

int ce_write_back(certenroll_key *key, X509 *leaf, STACK_OF(X509) *chain, const char *label,
                  enum ce_beside beside, certenroll_error **error)
{
    int status = write_leaf(key, leaf, label, beside, error);

    if (ce_token_has_slots(ce_key_token(key))) /* and no room for others */
        return status;
    for (int i = 0; status == CERTENROLL_OK && i < sk_X509_num(chain); i++)
        status = write_ca(ce_key_token(key), sk_X509_value(chain, i), error);
    return status;
}

/* --- proof --- */

/* The digest to sign with: the key's default; NULL where the algorithm has its own (Ed25519). */
static const char *digest_name(EVP_PKEY *key, char *buffer, size_t size)
{
    if (EVP_PKEY_get_default_digest_name(key, buffer, size) <= 0)
        return "SHA256";
    return strcmp(buffer, "UNDEF") == 0 ? NULL : buffer;
}

static int sign_fresh(EVP_PKEY *key, const char *digest, const unsigned char *challenge,
                      size_t challenge_length, struct ce_buffer *signature,
                      certenroll_error **error)
{
    unsigned char bytes[1024]; /* an RSA-8192 signature */
    size_t length = sizeof(bytes);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    int done = context &&
               EVP_DigestSignInit_ex(context, NULL, digest, NULL, NULL, key, NULL) == 1 &&
               EVP_DigestSign(context, bytes, &length, challenge, challenge_length) == 1;

    EVP_MD_CTX_free(context);
    if (!done)
        return ce_fail_openssl(error, CERTENROLL_E_TOKEN, _("the new key does not sign"));
    return ce_buffer_set(signature, bytes, length, error);
}

static int verify(EVP_PKEY *public_key, const char *digest, const unsigned char *challenge,
                  size_t challenge_length, const struct ce_buffer *signature,
                  certenroll_error **error)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    int good = context &&
               EVP_DigestVerifyInit_ex(context, NULL, digest, NULL, NULL, public_key, NULL) == 1 &&
               EVP_DigestVerify(context, signature->data, signature->length, challenge,
                                challenge_length) == 1;

    EVP_MD_CTX_free(context);
    if (!good)
        return ce_fail_openssl(error, CERTENROLL_E_TOKEN,
                               _("the token's signature does not verify under the certificate"));
    return CERTENROLL_OK;
}

int ce_prove_pair(EVP_PKEY *key, X509 *certificate, certenroll_error **error)
{
    unsigned char challenge[32];
    struct ce_buffer signature = { 0 };
    char buffer[32];
    const char *digest = digest_name(key, buffer, sizeof(buffer));
    int status;

    ERR_clear_error(); /* the reason must be this proof's, not an older one's */
    if (ce_random(challenge, sizeof(challenge)) < 0)
        return certenroll_error_set_errno(error, _("no random numbers"));
    status = sign_fresh(key, digest, challenge, sizeof(challenge), &signature, error);
    if (status == CERTENROLL_OK)
        status = verify(X509_get0_pubkey(certificate), digest, challenge, sizeof(challenge),
                        &signature, error);
    ce_buffer_clear(&signature);
    return status;
}
