/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"
#include "hostile.h"

#include <openssl/cms.h>
#include <openssl/pkcs7.h>

#include <stdlib.h>

#define MAKE(name)                                                                                 \
    static void name(struct https_answer *answer, const struct honest_ra *ra, EVP_PKEY *key)
#define PKCS7_TYPE "Content-Type: application/pkcs7-mime\r\n"

static void send_body(struct https_answer *answer, const void *body, size_t length)
{
    https_answer_whole(answer, "200 OK", PKCS7_TYPE, body, length);
}

static char *base64_of(const unsigned char *bytes, size_t length)
{
    char *text = malloc(length * 2 + 8);

    check(text != NULL, "out of memory");
    EVP_EncodeBlock((unsigned char *)text, bytes, (int)length);
    return text;
}

static void send_der(struct https_answer *answer, const unsigned char *der, size_t length)
{
    char *base64 = base64_of(der, length);

    send_body(answer, base64, strlen(base64));
    free(base64);
}

/* The certificate that would have been right. */
static X509 *right_leaf(const struct honest_ra *ra, EVP_PKEY *key)
{
    struct test_certificate details = hostile_fitting(key);

    return test_ca_issue(&ra->issuing, &details);
}

/* What would have been the right answer, with room for more behind it. */
static unsigned char *right_pkcs7(size_t *length, const struct honest_ra *ra, EVP_PKEY *key)
{
    X509 *certificates[] = { right_leaf(ra, key), ra->issuing.certificate };
    unsigned char *der = test_pkcs7(length, certificates, 2);

    X509_free(certificates[0]);
    der = realloc(der, *length + 64);
    check(der != NULL, "out of memory");
    memset(der + *length, 0, 64);
    return der;
}

/* --- base64 --- */

static void send_base64(struct https_answer *answer, const struct honest_ra *ra, EVP_PKEY *key,
                        size_t cut, char in_the_middle)
{
    size_t length;
    unsigned char *der = right_pkcs7(&length, ra, key);
    char *base64 = base64_of(der, length);
    size_t size = strlen(base64) - cut;

    if (in_the_middle != 'A')
        base64[size / 2] = in_the_middle;
    send_body(answer, base64, size);
    free(base64);
    free(der);
}

MAKE(a_nul_in_base64)
{
    send_base64(answer, ra, key, 0, '\0');
}

MAKE(a_pad_in_the_middle)
{
    send_base64(answer, ra, key, 0, '=');
}

MAKE(base64_cut_short)
{
    send_base64(answer, ra, key, 1, 'A');
}

MAKE(base64_cut_by_groups)
{
    send_base64(answer, ra, key, 400, 'A');
}

MAKE(der_without_base64)
{
    size_t length;
    unsigned char *der = right_pkcs7(&length, ra, key);

    send_body(answer, der, length);
    free(der);
}

/* --- PKCS#7 --- */

/* DER of a CMS structure, sent; frees it. */
static void send_cms(struct https_answer *answer, CMS_ContentInfo *cms)
{
    unsigned char *der = NULL;
    int length;

    check(cms != NULL, "cannot make the CMS");
    length = i2d_CMS_ContentInfo(cms, &der);
    check(length > 0, "cannot encode the CMS");
    send_der(answer, der, (size_t)length);
    OPENSSL_free(der);
    CMS_ContentInfo_free(cms);
}

static BIO *words(void)
{
    BIO *bio = BIO_new_mem_buf("hello", 5);

    check(bio != NULL, "out of memory");
    return bio;
}

/* The right certificate, inside a message signed by the CA. */
MAKE(a_signed_message)
{
    STACK_OF(X509) *certificates = sk_X509_new_null();
    X509 *leaf = right_leaf(ra, key);
    BIO *content = words();

    check(certificates != NULL && sk_X509_push(certificates, leaf) > 0, "out of memory");
    send_cms(answer,
             CMS_sign(ra->issuing.certificate, ra->issuing.key, certificates, content, CMS_BINARY));
    BIO_free(content);
    sk_X509_free(certificates);
    X509_free(leaf);
}

MAKE(an_enveloped_message)
{
    STACK_OF(X509) *recipients = sk_X509_new_null();
    X509 *leaf = right_leaf(ra, key);
    BIO *content = words();

    check(recipients != NULL && sk_X509_push(recipients, leaf) > 0, "out of memory");
    send_cms(answer, CMS_encrypt(recipients, content, EVP_aes_128_cbc(), CMS_BINARY));
    BIO_free(content);
    sk_X509_free(recipients);
    X509_free(leaf);
}

MAKE(bare_data)
{
    BIO *content = words();

    (void)ra;
    (void)key;
    send_cms(answer, CMS_data_create(content, 0));
    BIO_free(content);
}

MAKE(no_certificates)
{
    size_t length;
    unsigned char *der = test_pkcs7(&length, NULL, 0);

    (void)ra;
    (void)key;
    send_der(answer, der, length);
    free(der);
}

MAKE(too_many_certificates)
{
    X509 *certificates[40];
    size_t count = sizeof(certificates) / sizeof(certificates[0]);

    for (size_t i = 0; i < count; i++)
        certificates[i] = right_leaf(ra, key);
    honest_ra_answer_with(answer, certificates, count);
    for (size_t i = 0; i < count; i++)
        X509_free(certificates[i]);
}

/* --- DER --- */

MAKE(pkcs7_with_more_behind)
{
    size_t length;
    unsigned char *der = right_pkcs7(&length, ra, key);

    send_der(answer, der, length + 3);
    free(der);
}

MAKE(pkcs7_cut_short)
{
    size_t length;
    unsigned char *der = right_pkcs7(&length, ra, key);

    send_der(answer, der, length - 30);
    free(der);
}

/* The outer SEQUENCE's length is that of the whole, but what is inside is wrong. */
MAKE(pkcs7_with_a_hole)
{
    size_t length;
    unsigned char *der = right_pkcs7(&length, ra, key);

    memset(der + 16, 0xff, 8);
    send_der(answer, der, length);
    free(der);
}

static void send_certificate(struct https_answer *answer, const struct honest_ra *ra, EVP_PKEY *key,
                             int more)
{
    X509 *leaf = right_leaf(ra, key);
    size_t length;
    unsigned char *der = test_der(&length, leaf);

    der = realloc(der, length + 16);
    check(der != NULL, "out of memory");
    memset(der + length, 0, 16);
    send_der(answer, der, (size_t)((long)length + more));
    free(der);
    X509_free(leaf);
}

MAKE(certificate_with_more_behind)
{
    send_certificate(answer, ra, key, 5);
}

MAKE(certificate_cut_short)
{
    send_certificate(answer, ra, key, -5);
}

MAKE(a_huge_length)
{
    static const unsigned char der[] = { 0x30, 0x84, 0x7f, 0xff, 0xff, 0xff, 0x06, 0x09, 0x2a,
                                         0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02 };

    (void)ra;
    (void)key;
    send_der(answer, der, sizeof(der));
}

MAKE(a_length_beyond_numbers)
{
    static const unsigned char der[] = { 0x30, 0x88, 0xff, 0xff, 0xff, 0xff, 0xff,
                                         0xff, 0xff, 0xff, 0x06, 0x01, 0x00 };

    (void)ra;
    (void)key;
    send_der(answer, der, sizeof(der));
}

/* Indefinite length (BER), which never ends. */
MAKE(no_end_of_contents)
{
    static const unsigned char head[] = { 0x30, 0x80, 0x06, 0x09, 0x2a, 0x86, 0x48,
                                          0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02, 0xa0,
                                          0x80, 0x30, 0x80, 0x02, 0x01, 0x01 };

    (void)ra;
    (void)key;
    send_der(answer, head, sizeof(head));
}

/* Constructed OCTET STRINGs of indefinite length, one in the other. */
MAKE(a_deep_nest)
{
    static const unsigned char oid[] = { 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86,
                                         0xf7, 0x0d, 0x01, 0x07, 0x02 };
    unsigned char der[20000];

    (void)ra;
    (void)key;
    for (size_t i = 0; i < sizeof(der); i += 2) {
        der[i] = i < 200 ? 0x30 : 0x24;
        der[i + 1] = 0x80;
    }
    memcpy(der + 2, oid, sizeof(oid));
    send_der(answer, der, sizeof(der));
}

#define ROW(name, says, make)                                                                      \
    {                                                                                              \
        name, CERTENROLL_E_CERT_MALFORMED, says, make, NULL, NULL, NULL                            \
    }
#define BODY(name, says, body)                                                                     \
    {                                                                                              \
        name, CERTENROLL_E_CERT_MALFORMED, says, NULL, "200 OK", PKCS7_TYPE, body                  \
    }

const struct hostile_row hostile_encodings[] = {
    BODY("no base64", "not base64", "%%% no base64 %%%"),
    BODY("a page", "not base64", "<html>Welcome</html>"),
    BODY("PEM", "not base64", "-----BEGIN PKCS7-----\nMAA=\n-----END PKCS7-----\n"),
    ROW("base64 with a NUL", "not base64", a_nul_in_base64),
    ROW("base64 with a pad in the middle", "not base64", a_pad_in_the_middle),
    ROW("base64 cut short", "not base64", base64_cut_short),
    ROW("DER without base64", "not base64", der_without_base64),
    ROW("base64 cut by whole groups", "cut short", base64_cut_by_groups),
    BODY("base64 of garbage", "neither PEM nor DER", "Z2FyYmFnZQ=="),
    ROW("a signed message", "a signed message", a_signed_message),
    ROW("an enveloped message", "no SignedData", an_enveloped_message),
    ROW("bare data", "no SignedData", bare_data),
    ROW("no certificate at all", "no certificate in the data", no_certificates),
    ROW("forty certificates", "more than", too_many_certificates),
    ROW("PKCS#7 with more behind it", "follows the end of the PKCS#7", pkcs7_with_more_behind),
    ROW("PKCS#7 cut short", "cut short", pkcs7_cut_short),
    ROW("PKCS#7 with a hole", "PKCS#7 cannot be read", pkcs7_with_a_hole),
    ROW("a certificate with more behind it", "follows the end of a certificate",
        certificate_with_more_behind),
    ROW("a certificate cut short", "cut short", certificate_cut_short),
    ROW("a length of 2 GiB", "cut short", a_huge_length),
    ROW("a length beyond numbers", "neither PEM nor DER", a_length_beyond_numbers),
    ROW("BER without an end", "PKCS#7 cannot be read", no_end_of_contents),
    ROW("a deep nest", "PKCS#7 cannot be read", a_deep_nest),
    { 0 },
};
