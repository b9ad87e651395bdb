/* SPDX-License-Identifier: Apache-2.0 */
#include "test_ca.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/pkcs7.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REQUIRE(condition) require((condition), #condition, __LINE__)

static void require(int condition, const char *text, int line)
{
    if (condition)
        return;
    fprintf(stderr, "%s:%d: %s\n", __FILE__, line, text);
    ERR_print_errors_fp(stderr);
    abort();
}

EVP_PKEY *test_key_new(const char *type)
{
    EVP_PKEY *key;

    if (strncmp(type, "RSA:", 4) == 0)
        key = EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)strtoul(type + 4, NULL, 10));
    else if (strncmp(type, "P-", 2) == 0)
        key = EVP_PKEY_Q_keygen(NULL, NULL, "EC", type);
    else
        key = EVP_PKEY_Q_keygen(NULL, NULL, type);
    REQUIRE(key != NULL);
    return key;
}

/* "CN=a,O=b" from the left; each part goes to the front, for DER has it the other way round. */
static X509_NAME *read_name(const char *text)
{
    X509_NAME *name = X509_NAME_new();
    char *copy = strdup(text), *rest = copy, *part;

    REQUIRE(name != NULL && copy != NULL);
    while ((part = strtok_r(rest, ",", &rest)) != NULL) {
        char *value = strchr(part, '=');

        REQUIRE(value != NULL);
        *value++ = '\0';
        REQUIRE(X509_NAME_add_entry_by_txt(name, part, MBSTRING_UTF8, (unsigned char *)value, -1, 0,
                                           0) == 1);
    }
    free(copy);
    return name;
}

static void add_extension(X509 *certificate, X509 *issuer, int nid, const char *value)
{
    X509V3_CTX context;
    X509_EXTENSION *extension;

    if (!value)
        return;
    X509V3_set_ctx(&context, issuer, certificate, NULL, NULL, 0);
    extension = X509V3_EXT_nconf_nid(NULL, &context, nid, value);
    REQUIRE(extension != NULL && X509_add_ext(certificate, extension, -1) == 1);
    X509_EXTENSION_free(extension);
}

static void set_serial(X509 *certificate)
{
    BIGNUM *number = BN_new();

    REQUIRE(number && BN_rand(number, 120, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY) == 1);
    REQUIRE(BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate)) != NULL);
    BN_free(number);
}

static X509 *issue(X509 *issuer, EVP_PKEY *issuer_key, const struct test_certificate *details)
{
    X509 *certificate = X509_new();
    X509_NAME *subject = read_name(details->subject);
    EVP_MD *digest = details->digest ? EVP_MD_fetch(NULL, details->digest, NULL) : NULL;

    REQUIRE(certificate != NULL && (digest != NULL || !details->digest));
    if (!issuer)
        issuer = certificate;
    REQUIRE(X509_set_version(certificate, X509_VERSION_3) == 1);
    set_serial(certificate);
    REQUIRE(X509_set_subject_name(certificate, subject) == 1);
    REQUIRE(X509_set_issuer_name(certificate, X509_get_subject_name(issuer)) == 1);
    REQUIRE(X509_set_pubkey(certificate, details->key) == 1);
    REQUIRE(X509_gmtime_adj(X509_getm_notBefore(certificate), details->not_before) != NULL);
    REQUIRE(X509_gmtime_adj(X509_getm_notAfter(certificate), details->not_after) != NULL);
    add_extension(certificate, issuer, NID_basic_constraints,
                  details->is_ca ? "critical,CA:TRUE" : "CA:FALSE");
    add_extension(certificate, issuer, NID_key_usage, details->key_usage);
    add_extension(certificate, issuer, NID_ext_key_usage, details->ext_key_usage);
    add_extension(certificate, issuer, NID_subject_alt_name, details->alt_names);
    add_extension(certificate, issuer, NID_subject_key_identifier, "hash");
    REQUIRE(X509_sign(certificate, issuer_key, digest) > 0);
    EVP_MD_free(digest);
    X509_NAME_free(subject);
    return certificate;
}

void test_ca_new_from(struct test_ca *ca, const struct test_certificate *details,
                      const struct test_ca *issuer)
{
    REQUIRE(EVP_PKEY_up_ref(details->key) == 1);
    ca->key = details->key;
    ca->certificate =
        issue(issuer ? issuer->certificate : NULL, issuer ? issuer->key : ca->key, details);
}

void test_ca_new(struct test_ca *ca, const char *subject, const struct test_ca *issuer)
{
    struct test_certificate details = TEST_CERTIFICATE_INIT;

    details.key = test_key_new("P-256");
    details.subject = subject;
    details.key_usage = "critical,keyCertSign,cRLSign";
    details.ext_key_usage = NULL;
    details.is_ca = 1;
    test_ca_new_from(ca, &details, issuer);
    EVP_PKEY_free(details.key);
}

void test_ca_clear(struct test_ca *ca)
{
    X509_free(ca->certificate);
    EVP_PKEY_free(ca->key);
    *ca = (struct test_ca){ NULL, NULL };
}

X509 *test_ca_issue(const struct test_ca *issuer, const struct test_certificate *details)
{
    return issue(issuer->certificate, issuer->key, details);
}

static X509_EXTENSION *new_extension(const struct test_extension *details)
{
    X509_EXTENSION *extension =
        X509V3_EXT_nconf_nid(NULL, NULL, details->nid, (char *)(uintptr_t)details->value);

    REQUIRE(extension != NULL);
    return extension;
}

static void revoke(X509_CRL *crl, const struct test_crl *details)
{
    X509_REVOKED *entry = X509_REVOKED_new();
    ASN1_TIME *since = ASN1_TIME_set(NULL, details->since);

    REQUIRE(entry && since);
    REQUIRE(X509_REVOKED_set_serialNumber(entry, X509_get_serialNumber(details->revoked)) == 1);
    REQUIRE(X509_REVOKED_set_revocationDate(entry, since) == 1);
    if (details->entry.value) {
        X509_EXTENSION *extension = new_extension(&details->entry);

        REQUIRE(X509_REVOKED_add_ext(entry, extension, -1) == 1);
        X509_EXTENSION_free(extension);
    }
    REQUIRE(X509_CRL_add0_revoked(crl, entry) == 1);
    ASN1_TIME_free(since);
}

X509_CRL *test_ca_crl(const struct test_ca *issuer, const struct test_crl *details)
{
    X509_CRL *crl = X509_CRL_new();
    ASN1_TIME *from = ASN1_TIME_set(NULL, details->this_update);
    ASN1_TIME *until = ASN1_TIME_set(NULL, details->next_update);

    REQUIRE(crl && from && until && X509_CRL_set_version(crl, X509_CRL_VERSION_2) == 1);
    REQUIRE(X509_CRL_set_issuer_name(crl, X509_get_subject_name(issuer->certificate)) == 1);
    REQUIRE(X509_CRL_set1_lastUpdate(crl, from) == 1);
    REQUIRE(details->next_update == 0 || X509_CRL_set1_nextUpdate(crl, until) == 1);
    if (details->revoked)
        revoke(crl, details);
    if (details->list.value) {
        X509_EXTENSION *extension = new_extension(&details->list);

        REQUIRE(X509_CRL_add_ext(crl, extension, -1) == 1);
        X509_EXTENSION_free(extension);
    }
    REQUIRE(X509_CRL_sign(crl, issuer->key, EVP_sha256()) > 0);
    ASN1_TIME_free(from);
    ASN1_TIME_free(until);
    return crl;
}

/* Takes the contents of a memory BIO, and frees it. */
static unsigned char *take_bytes(size_t *length, BIO *bio)
{
    char *data;
    long size = BIO_get_mem_data(bio, &data);
    unsigned char *bytes = malloc((size_t)size + 1);

    REQUIRE(size > 0 && bytes != NULL);
    memcpy(bytes, data, (size_t)size);
    bytes[size] = '\0';
    *length = (size_t)size;
    BIO_free(bio);
    return bytes;
}

unsigned char *test_der(size_t *length, X509 *certificate)
{
    BIO *bio = BIO_new(BIO_s_mem());

    REQUIRE(bio && i2d_X509_bio(bio, certificate) == 1);
    return take_bytes(length, bio);
}

unsigned char *test_crl_der(size_t *length, X509_CRL *crl)
{
    BIO *bio = BIO_new(BIO_s_mem());

    REQUIRE(bio && i2d_X509_CRL_bio(bio, crl) == 1);
    return take_bytes(length, bio);
}

char *test_pem(size_t *length, X509 *const *certificates, size_t count)
{
    BIO *bio = BIO_new(BIO_s_mem());

    REQUIRE(bio != NULL);
    for (size_t i = 0; i < count; i++)
        REQUIRE(PEM_write_bio_X509(bio, certificates[i]) == 1);
    return (char *)take_bytes(length, bio);
}

unsigned char *test_pkcs7(size_t *length, X509 *const *certificates, size_t count)
{
    BIO *bio = BIO_new(BIO_s_mem());
    PKCS7 *pkcs7 = PKCS7_new();

    REQUIRE(bio && pkcs7 && PKCS7_set_type(pkcs7, NID_pkcs7_signed) == 1);
    REQUIRE(PKCS7_content_new(pkcs7, NID_pkcs7_data) == 1);
    PKCS7_set_detached(pkcs7, 1);
    for (size_t i = 0; i < count; i++)
        REQUIRE(PKCS7_add_certificate(pkcs7, certificates[i]) == 1);
    REQUIRE(i2d_PKCS7_bio(bio, pkcs7) == 1);
    PKCS7_free(pkcs7);
    return take_bytes(length, bio);
}
