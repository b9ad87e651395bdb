/* SPDX-License-Identifier: Apache-2.0 */
#include "raw_token.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rand.h>

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LENGTH_OF(array) (sizeof(array) / sizeof((array)[0]))

static void need(int condition, const char *what)
{
    if (condition)
        return;
    fprintf(stderr, "bench: %s failed\n", what);
    exit(1);
}

static void need_ok(CK_RV rv, const char *what)
{
    if (rv == CKR_OK)
        return;
    fprintf(stderr, "bench: %s: CKR 0x%08lx\n", what, (unsigned long)rv);
    exit(1);
}

static CK_SLOT_ID find_slot(CK_FUNCTION_LIST *calls, const char *label)
{
    CK_SLOT_ID slots[64];
    CK_ULONG count = LENGTH_OF(slots);
    size_t length = strlen(label);

    need_ok(calls->C_GetSlotList(CK_TRUE, slots, &count), "C_GetSlotList");
    for (CK_ULONG i = 0; i < count; i++) {
        CK_TOKEN_INFO info;

        need_ok(calls->C_GetTokenInfo(slots[i], &info), "C_GetTokenInfo");
        if (memcmp(info.label, label, length) == 0 &&
            (length == sizeof(info.label) || info.label[length] == ' '))
            return slots[i];
    }
    need(0, "finding the token");
    return 0;
}

void raw_open(struct raw_token *token, const char *module, const char *label, const char *pin)
{
    CK_C_INITIALIZE_ARGS arguments = { .flags = CKF_OS_LOCKING_OK };
    CK_C_GetFunctionList get_list;

    token->library = dlopen(module, RTLD_NOW | RTLD_LOCAL);
    need(token->library != NULL, "dlopen");
    *(void **)&get_list = dlsym(token->library, "C_GetFunctionList");
    need(get_list != NULL, "dlsym");
    need_ok(get_list(&token->calls), "C_GetFunctionList");
    need_ok(token->calls->C_Initialize(&arguments), "C_Initialize");
    token->slot = find_slot(token->calls, label);
    need_ok(token->calls->C_OpenSession(token->slot, CKF_SERIAL_SESSION | CKF_RW_SESSION, NULL,
                                        NULL, &token->session),
            "C_OpenSession");
    need_ok(
        token->calls->C_Login(token->session, CKU_USER, (CK_UTF8CHAR *)pin, (CK_ULONG)strlen(pin)),
        "C_Login");
}

void raw_close(struct raw_token *token)
{
    need_ok(token->calls->C_CloseSession(token->session), "C_CloseSession");
    need_ok(token->calls->C_Finalize(NULL), "C_Finalize");
    dlclose(token->library);
}

void raw_generate(struct raw_key *key, const struct raw_token *token, const char *label)
{
    static CK_BYTE p256[] = { 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07 };
    CK_BBOOL yes = CK_TRUE, no = CK_FALSE;
    CK_MECHANISM mechanism = { CKM_EC_KEY_PAIR_GEN, NULL, 0 };
    CK_OBJECT_HANDLE public_key;
    CK_BYTE point[67]; /* OCTET STRING { 0x04|X|Y } */
    CK_ATTRIBUTE read[] = { { CKA_EC_POINT, point, sizeof(point) } };
    CK_ATTRIBUTE public_template[] = {
        { CKA_TOKEN, &yes, sizeof(yes) },
        { CKA_VERIFY, &yes, sizeof(yes) },
        { CKA_EC_PARAMS, p256, sizeof(p256) },
        { CKA_ID, key->id, sizeof(key->id) },
        { CKA_LABEL, (void *)label, (CK_ULONG)strlen(label) },
    };
    CK_ATTRIBUTE private_template[] = {
        { CKA_TOKEN, &yes, sizeof(yes) },
        { CKA_PRIVATE, &yes, sizeof(yes) },
        { CKA_SENSITIVE, &yes, sizeof(yes) },
        { CKA_EXTRACTABLE, &no, sizeof(no) },
        { CKA_SIGN, &yes, sizeof(yes) },
        { CKA_ID, key->id, sizeof(key->id) },
        { CKA_LABEL, (void *)label, (CK_ULONG)strlen(label) },
    };

    need(RAND_bytes(key->id, sizeof(key->id)) == 1, "RAND_bytes");
    need_ok(token->calls->C_GenerateKeyPair(
                token->session, &mechanism, public_template, LENGTH_OF(public_template),
                private_template, LENGTH_OF(private_template), &public_key, &key->private_key),
            "C_GenerateKeyPair");
    need_ok(token->calls->C_GetAttributeValue(token->session, public_key, read, 1),
            "C_GetAttributeValue");
    memcpy(key->point, point + 2, sizeof(key->point));
}

void raw_sign(const struct raw_token *token, CK_SESSION_HANDLE session, CK_OBJECT_HANDLE key,
              const unsigned char *hash, unsigned char *signature)
{
    CK_MECHANISM mechanism = { CKM_ECDSA, NULL, 0 };
    CK_ULONG length = 64;

    need_ok(token->calls->C_SignInit(session, &mechanism, key), "C_SignInit");
    need_ok(token->calls->C_Sign(session, (CK_BYTE *)hash, 32, signature, &length), "C_Sign");
}

static EVP_PKEY *public_key_of(const struct raw_key *key)
{
    char group[] = "prime256v1";
    OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group, 0),
        OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, (void *)key->point,
                                          sizeof(key->point)),
        OSSL_PARAM_construct_end(),
    };
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
    EVP_PKEY *result = NULL;

    need(context && EVP_PKEY_fromdata_init(context) == 1 &&
             EVP_PKEY_fromdata(context, &result, EVP_PKEY_PUBLIC_KEY, parameters) == 1,
         "EVP_PKEY_fromdata");
    EVP_PKEY_CTX_free(context);
    return result;
}

/* r|s as the DER of Ecdsa-Sig-Value (RFC 3279 §2.2.3). */
static ASN1_BIT_STRING *signature_value(const unsigned char *raw)
{
    ECDSA_SIG *signature = ECDSA_SIG_new();
    ASN1_BIT_STRING *value = ASN1_BIT_STRING_new();
    unsigned char *der = NULL;
    int length;

    need(signature && value &&
             ECDSA_SIG_set0(signature, BN_bin2bn(raw, 32, NULL), BN_bin2bn(raw + 32, 32, NULL)),
         "ECDSA_SIG_set0");
    length = i2d_ECDSA_SIG(signature, &der);
    need(length > 0, "i2d_ECDSA_SIG");
    ASN1_STRING_set0(value, der, length);
    value->flags = (value->flags & ~0x0fL) | ASN1_STRING_FLAG_BITS_LEFT;
    ECDSA_SIG_free(signature);
    return value;
}

X509_REQ *raw_request(const struct raw_token *token, const struct raw_key *key,
                      const char *common_name)
{
    X509_REQ *request = X509_REQ_new();
    EVP_PKEY *public_key = public_key_of(key);
    X509_ALGOR *algorithm = X509_ALGOR_new();
    unsigned char hash[32], signature[64], *tbs = NULL;
    int length;

    need(request && algorithm && X509_REQ_set_pubkey(request, public_key) == 1 &&
             X509_NAME_add_entry_by_NID(X509_REQ_get_subject_name(request), NID_commonName,
                                        MBSTRING_UTF8, (const unsigned char *)common_name, -1, -1,
                                        0) == 1 &&
             X509_ALGOR_set0(algorithm, OBJ_nid2obj(NID_ecdsa_with_SHA256), V_ASN1_UNDEF, NULL),
         "building the request");
    X509_REQ_set1_signature_algo(request, algorithm);
    length = i2d_re_X509_REQ_tbs(request, &tbs);
    need(length > 0 && EVP_Digest(tbs, (size_t)length, hash, NULL, EVP_sha256(), NULL) == 1,
         "hashing the request");
    raw_sign(token, token->session, key->private_key, hash, signature);
    X509_REQ_set0_signature(request, signature_value(signature));
    X509_ALGOR_free(algorithm);
    EVP_PKEY_free(public_key);
    OPENSSL_free(tbs);
    return request;
}

void raw_write_certificate(const struct raw_token *token, const struct raw_key *key,
                           const char *label, const unsigned char *der, size_t length)
{
    CK_BBOOL yes = CK_TRUE;
    CK_OBJECT_CLASS class = CKO_CERTIFICATE;
    CK_CERTIFICATE_TYPE type = CKC_X_509;
    const unsigned char *cursor = der;
    X509 *certificate = d2i_X509(NULL, &cursor, (long)length);
    unsigned char *subject = NULL;
    int subject_length = i2d_X509_NAME(X509_get_subject_name(certificate), &subject);
    CK_ATTRIBUTE template[] = {
        { CKA_CLASS, &class, sizeof(class) },
        { CKA_CERTIFICATE_TYPE, &type, sizeof(type) },
        { CKA_TOKEN, &yes, sizeof(yes) },
        { CKA_ID, (void *)key->id, sizeof(key->id) },
        { CKA_LABEL, (void *)label, (CK_ULONG)strlen(label) },
        { CKA_SUBJECT, subject, (CK_ULONG)subject_length },
        { CKA_VALUE, (void *)der, (CK_ULONG)length },
    };
    CK_OBJECT_HANDLE object;

    need_ok(token->calls->C_CreateObject(token->session, template, LENGTH_OF(template), &object),
            "C_CreateObject");
    OPENSSL_free(subject);
    X509_free(certificate);
}
