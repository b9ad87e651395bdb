/* SPDX-License-Identifier: Apache-2.0 */
#include "token_reader.h"

#include "check.h"
#include "softhsm.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>
#include <p11-kit/pkcs11.h>

#include <dlfcn.h>
#include <stdlib.h>

#define LENGTH_OF(array) (sizeof(array) / sizeof((array)[0]))

/* SHA-256 of nothing in particular, and the DigestInfo before it (RFC 8017 §9.2). */
static const unsigned char hash[] = "thirty-two bytes that are signed";
#define HASH_LENGTH 32
static const unsigned char digest_info[] = { 0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60,
                                             0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02,
                                             0x01, 0x05, 0x00, 0x04, 0x20 };

struct session {
    CK_FUNCTION_LIST *calls;
    CK_SESSION_HANDLE handle;
};

/* --- the module --- */

static CK_FUNCTION_LIST *load(void)
{
    static CK_FUNCTION_LIST *calls;
    CK_C_GetFunctionList get_list = NULL;
    void *library, *symbol;

    if (calls != NULL)
        return calls;
    library = dlopen(softhsm_module(), RTLD_NOW | RTLD_LOCAL);
    check(library != NULL, "cannot load %s: %s", softhsm_module(), dlerror());
    symbol = dlsym(library, "C_GetFunctionList");
    memcpy(&get_list, &symbol, sizeof(get_list));
    check(get_list != NULL && get_list(&calls) == CKR_OK, "C_GetFunctionList");
    return calls;
}

static CK_SLOT_ID find_slot(CK_FUNCTION_LIST *calls, const char *label)
{
    CK_SLOT_ID slots[16];
    CK_ULONG count = LENGTH_OF(slots);
    size_t length = strlen(label);

    check(calls->C_GetSlotList(CK_TRUE, slots, &count) == CKR_OK, "C_GetSlotList");
    for (CK_ULONG i = 0; i < count; i++) {
        CK_TOKEN_INFO info;

        check(calls->C_GetTokenInfo(slots[i], &info) == CKR_OK, "C_GetTokenInfo");
        if (memcmp(info.label, label, length) == 0 && info.label[length] == ' ')
            return slots[i];
    }
    check(0, "there is no token \"%s\" any more", label);
    return 0;
}

static void open_session(struct session *session, const char *label)
{
    CK_FUNCTION_LIST *calls = session->calls = load();
    unsigned char pin[] = SOFTHSM_PIN;

    check(calls->C_Initialize(NULL) == CKR_OK, "C_Initialize");
    check(calls->C_OpenSession(find_slot(calls, label), CKF_SERIAL_SESSION, NULL, NULL,
                               &session->handle) == CKR_OK,
          "C_OpenSession");
    check(calls->C_Login(session->handle, CKU_USER, pin, sizeof(pin) - 1) == CKR_OK, "C_Login");
}

/* An attribute's value, at most `room` bytes; its length, 0 when it is not there. */
static size_t attribute(const struct session *session, CK_OBJECT_HANDLE object,
                        CK_ATTRIBUTE_TYPE type, void *out, size_t room)
{
    CK_ATTRIBUTE read = { type, out, (CK_ULONG)room };
    CK_RV rv = session->calls->C_GetAttributeValue(session->handle, object, &read, 1);

    check(rv == CKR_OK || rv == CKR_ATTRIBUTE_TYPE_INVALID || rv == CKR_ATTRIBUTE_SENSITIVE,
          "C_GetAttributeValue: 0x%lx", (unsigned long)rv);
    return rv == CKR_OK ? (size_t)read.ulValueLen : 0;
}

/* --- keys and certificates --- */

static EVP_PKEY *build_key(const char *type, OSSL_PARAM *parameters)
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
    EVP_PKEY *key = NULL;

    check(ctx != NULL && EVP_PKEY_fromdata_init(ctx) == 1 &&
              EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_PUBLIC_KEY, parameters) == 1,
          "a public key on the token is not understood");
    EVP_PKEY_CTX_free(ctx);
    return key;
}

static EVP_PKEY *read_rsa(const struct session *session, CK_OBJECT_HANDLE object)
{
    unsigned char n[512], e[8];
    size_t n_length = attribute(session, object, CKA_MODULUS, n, sizeof(n));
    size_t e_length = attribute(session, object, CKA_PUBLIC_EXPONENT, e, sizeof(e));

    /* OSSL_PARAM has integers in the machine's order. */
    for (size_t i = 0; i < n_length / 2; i++) {
        unsigned char byte = n[i];

        n[i] = n[n_length - 1 - i];
        n[n_length - 1 - i] = byte;
    }
    for (size_t i = 0; i < e_length / 2; i++) {
        unsigned char byte = e[i];

        e[i] = e[e_length - 1 - i];
        e[e_length - 1 - i] = byte;
    }
    return build_key("RSA",
                     (OSSL_PARAM[]){ OSSL_PARAM_construct_BN(OSSL_PKEY_PARAM_RSA_N, n, n_length),
                                     OSSL_PARAM_construct_BN(OSSL_PKEY_PARAM_RSA_E, e, e_length),
                                     OSSL_PARAM_construct_end() });
}

/* CKA_EC_POINT is an OCTET STRING with the uncompressed point of P-256 in it. */
static EVP_PKEY *read_p256(const struct session *session, CK_OBJECT_HANDLE object)
{
    char group[] = "prime256v1";
    unsigned char point[128];
    size_t length = attribute(session, object, CKA_EC_POINT, point, sizeof(point));

    check(length == 67 && point[0] == 0x04 && point[1] == 65, "not a P-256 key");
    return build_key(
        "EC", (OSSL_PARAM[]){
                  OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group, 0),
                  OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point + 2, length - 2),
                  OSSL_PARAM_construct_end() });
}

static int is_rsa(const struct session *session, CK_OBJECT_HANDLE object)
{
    CK_KEY_TYPE type = 0;

    return attribute(session, object, CKA_KEY_TYPE, &type, sizeof(type)) == sizeof(type) &&
           type == CKK_RSA;
}

static void read_private_key(struct token_object *out, const struct session *session,
                             CK_OBJECT_HANDLE object)
{
    const int rsa = is_rsa(session, object);
    CK_MECHANISM mechanism = { rsa ? CKM_RSA_PKCS : CKM_ECDSA, NULL, 0 };
    CK_ULONG length = sizeof(out->signature);
    unsigned char data[sizeof(digest_info) + HASH_LENGTH];

    memcpy(data, digest_info, sizeof(digest_info));
    memcpy(data + sizeof(digest_info), hash, HASH_LENGTH);
    if (session->calls->C_SignInit(session->handle, &mechanism, object) == CKR_OK &&
        session->calls->C_Sign(session->handle, rsa ? data : data + sizeof(digest_info),
                               rsa ? sizeof(data) : HASH_LENGTH, out->signature, &length) == CKR_OK)
        out->signature_length = length;
}

static void read_certificate(struct token_object *out, const struct session *session,
                             CK_OBJECT_HANDLE object)
{
    unsigned char der[8192];
    const unsigned char *cursor = der;
    size_t length = attribute(session, object, CKA_VALUE, der, sizeof(der));

    out->certificate = d2i_X509(NULL, &cursor, (long)length);
    check(out->certificate != NULL, "a certificate on the token is none");
    out->kind = X509_check_ca(out->certificate) == 1 ? TOKEN_CA_CERTIFICATE : TOKEN_CERTIFICATE;
}

static void read_object(struct token_object *out, const struct session *session,
                        CK_OBJECT_HANDLE object)
{
    CK_OBJECT_CLASS class = 0;

    check(attribute(session, object, CKA_CLASS, &class, sizeof(class)) == sizeof(class),
          "an object has no class");
    out->id_length = attribute(session, object, CKA_ID, out->id, sizeof(out->id));
    out->kind = TOKEN_OTHER_OBJECT;
    if (class == CKO_PRIVATE_KEY) {
        out->kind = TOKEN_PRIVATE_KEY;
        read_private_key(out, session, object);
    } else if (class == CKO_PUBLIC_KEY) {
        out->kind = TOKEN_PUBLIC_KEY;
        out->public_key =
            is_rsa(session, object) ? read_rsa(session, object) : read_p256(session, object);
    } else if (class == CKO_CERTIFICATE) {
        read_certificate(out, session, object);
    }
}

void token_read(struct token_contents *out, const char *label)
{
    struct session session;
    CK_OBJECT_HANDLE objects[LENGTH_OF(out->objects) + 1];
    CK_ULONG count = 0;

    memset(out, 0, sizeof(*out));
    open_session(&session, label);
    check(session.calls->C_FindObjectsInit(session.handle, NULL, 0) == CKR_OK &&
              session.calls->C_FindObjects(session.handle, objects, LENGTH_OF(objects), &count) ==
                  CKR_OK &&
              session.calls->C_FindObjectsFinal(session.handle) == CKR_OK,
          "C_FindObjects");
    check(count <= LENGTH_OF(out->objects), "too many objects on the token");
    for (CK_ULONG i = 0; i < count; i++)
        read_object(&out->objects[out->count++], &session, objects[i]);
    check(session.calls->C_Finalize(NULL) == CKR_OK, "C_Finalize");
}

void token_contents_clear(struct token_contents *contents)
{
    for (size_t i = 0; i < contents->count; i++) {
        EVP_PKEY_free(contents->objects[i].public_key);
        X509_free(contents->objects[i].certificate);
    }
    contents->count = 0;
}

/* --- judging --- */

size_t token_count(const struct token_contents *contents, enum token_object_kind kind)
{
    size_t count = 0;

    for (size_t i = 0; i < contents->count; i++)
        count += contents->objects[i].kind == kind;
    return count;
}

const struct token_object *token_first(const struct token_contents *contents,
                                       enum token_object_kind kind)
{
    for (size_t i = 0; i < contents->count; i++) {
        if (contents->objects[i].kind == kind)
            return &contents->objects[i];
    }
    return NULL;
}

int token_same_id(const struct token_object *one, const struct token_object *other)
{
    return one->id_length == other->id_length && memcmp(one->id, other->id, one->id_length) == 0;
}

/* r|s as Ecdsa-Sig-Value (RFC 3279 §2.2.3); its length, 0 when it is none. */
static size_t ecdsa_der(unsigned char *out, const struct token_object *key)
{
    int half = (int)key->signature_length / 2;
    ECDSA_SIG *signature = ECDSA_SIG_new();
    BIGNUM *r = BN_bin2bn(key->signature, half, NULL);
    BIGNUM *s = BN_bin2bn(key->signature + half, half, NULL);
    int length;

    check(signature != NULL && r != NULL && s != NULL && ECDSA_SIG_set0(signature, r, s) == 1,
          "out of memory");
    length = i2d_ECDSA_SIG(signature, &out);
    ECDSA_SIG_free(signature);
    return length > 0 ? (size_t)length : 0;
}

int token_key_is(const struct token_object *key, EVP_PKEY *public_key)
{
    const int rsa = EVP_PKEY_is_a(public_key, "RSA");
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(public_key, NULL);
    unsigned char der[600];
    const unsigned char *signature = rsa ? key->signature : der;
    size_t length = rsa ? key->signature_length : 0;
    int good;

    check(ctx != NULL, "out of memory");
    if (!rsa && key->signature_length > 0 && key->signature_length <= 256)
        length = ecdsa_der(der, key);
    good = length > 0 && EVP_PKEY_verify_init(ctx) == 1 &&
           (!rsa || EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING) == 1) &&
           EVP_PKEY_CTX_set_signature_md(ctx, EVP_sha256()) == 1 &&
           EVP_PKEY_verify(ctx, signature, length, hash, HASH_LENGTH) == 1;
    EVP_PKEY_CTX_free(ctx);
    ERR_clear_error();
    return good;
}

static int is_pair(const struct token_object *key, const struct token_object *certificate)
{
    return key->kind == TOKEN_PRIVATE_KEY && certificate->kind == TOKEN_CERTIFICATE &&
           token_same_id(key, certificate) &&
           X509_cmp_current_time(X509_get0_notBefore(certificate->certificate)) < 0 &&
           X509_cmp_current_time(X509_get0_notAfter(certificate->certificate)) > 0 &&
           token_key_is(key, X509_get0_pubkey(certificate->certificate));
}

size_t token_pairs(const struct token_contents *contents)
{
    size_t pairs = 0;

    for (size_t i = 0; i < contents->count; i++)
        for (size_t j = 0; j < contents->count; j++)
            pairs += is_pair(&contents->objects[i], &contents->objects[j]) != 0;
    return pairs;
}

static int has_twins(const struct token_contents *contents)
{
    for (size_t i = 0; i < contents->count; i++) {
        const struct token_object *one = &contents->objects[i];

        for (size_t j = i + 1; j < contents->count; j++) {
            const struct token_object *other = &contents->objects[j];

            if ((one->kind == other->kind && token_same_id(one, other)) ||
                (one->certificate != NULL && other->certificate != NULL &&
                 X509_cmp(one->certificate, other->certificate) == 0))
                return 1;
        }
    }
    return 0;
}

static int lacks_ids(const struct token_contents *contents)
{
    for (size_t i = 0; i < contents->count; i++) {
        if (contents->objects[i].id_length == 0)
            return 1;
    }
    return 0;
}

static int is_issued_by_ca_on_token(const struct token_contents *contents, X509 *certificate)
{
    for (size_t i = 0; i < contents->count; i++) {
        if (contents->objects[i].kind == TOKEN_CA_CERTIFICATE &&
            X509_check_issued(contents->objects[i].certificate, certificate) == X509_V_OK)
            return 1;
    }
    return 0;
}

const char *token_flaw(const struct token_contents *contents)
{
    const struct token_object *key = token_first(contents, TOKEN_PUBLIC_KEY);
    const struct token_object *certificate = token_first(contents, TOKEN_CERTIFICATE);

    if (token_count(contents, TOKEN_PRIVATE_KEY) != 1)
        return "there is not exactly one private key";
    if (token_count(contents, TOKEN_PUBLIC_KEY) != 1)
        return "there is not exactly one public key";
    if (token_count(contents, TOKEN_CERTIFICATE) != 1)
        return "there is not exactly one certificate";
    if (token_count(contents, TOKEN_OTHER_OBJECT) != 0)
        return "there are objects of another kind";
    if (token_pairs(contents) != 1)
        return "private key and certificate do not work together";
    if (!token_same_id(key, certificate) ||
        EVP_PKEY_eq(key->public_key, X509_get0_pubkey(certificate->certificate)) != 1)
        return "public key and certificate do not belong together";
    if (lacks_ids(contents))
        return "an object has no CKA_ID";
    if (has_twins(contents))
        return "there are two of a kind under one CKA_ID, or a certificate twice";
    if (!is_issued_by_ca_on_token(contents, certificate->certificate))
        return "the CA's certificate is missing";
    return NULL;
}
