/* SPDX-License-Identifier: Apache-2.0 */
/* A CA for tests, made at run time by OpenSSL alone: no code of the library takes part, so that
 * it can be held against it. Whatever fails here is a fault of the test: it aborts. */
#ifndef CE_TESTS_TEST_CA_H
#define CE_TESTS_TEST_CA_H

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <stddef.h>
#include <time.h>

/* Root or intermediate. */
struct test_ca {
    X509 *certificate;
    EVP_PKEY *key;
};

/* What a certificate is to hold. Start from TEST_CERTIFICATE_INIT, a leaf that fits. */
struct test_certificate {
    EVP_PKEY *key;             /* its public half goes in; required */
    const char *subject;       /* "CN=a,O=b": most specific first, no escapes */
    const char *alt_names;     /* as in an openssl.cnf: "DNS:a.example,email:b@c"; NULL: none */
    const char *key_usage;     /* "critical,digitalSignature"; NULL: none */
    const char *ext_key_usage; /* "clientAuth,emailProtection"; NULL: none */
    int is_ca;                 /* basicConstraints CA:TRUE */
    long not_before;           /* seconds from now */
    long not_after;            /* seconds from now */
    const char *digest;        /* NULL: the issuer's key has its own (Ed25519) */
};
#define TEST_CERTIFICATE_INIT                                                                      \
    {                                                                                              \
        NULL, "CN=Leaf,O=Test", NULL, "critical,digitalSignature", "clientAuth", 0, -3600, 86400,  \
            "SHA256"                                                                               \
    }

/* A new software key: "P-256", "P-384", "P-521", "P-224", "ED25519", "RSA:2048" ... */
EVP_PKEY *test_key_new(const char *type);

/* A CA with a P-256 key; `issuer` NULL: a self-signed root. */
void test_ca_new(struct test_ca *ca, const char *subject, const struct test_ca *issuer);
/* The same with every detail the caller's, `details->key` with its private half; it stays the
 * caller's. */
void test_ca_new_from(struct test_ca *ca, const struct test_certificate *details,
                      const struct test_ca *issuer);
void test_ca_clear(struct test_ca *ca);

/* Issues a certificate; freed with X509_free. */
X509 *test_ca_issue(const struct test_ca *issuer, const struct test_certificate *details);

/* An extension as in an openssl.cnf: "critical,DER:020101". NULL: none. */
struct test_extension {
    int nid;
    const char *value;
};

/* What a revocation list is to hold. */
struct test_crl {
    time_t this_update;
    time_t next_update; /* 0: none */
    X509 *revoked;      /* NULL: none */
    time_t since;
    struct test_extension entry; /* of what is revoked */
    struct test_extension list;
};

/* Has the CA sign a list; freed with X509_CRL_free. */
X509_CRL *test_ca_crl(const struct test_ca *issuer, const struct test_crl *details);

/* Encodings; each is freed with free(). PEM is NUL-terminated as well. */
unsigned char *test_der(size_t *length, X509 *certificate);
unsigned char *test_crl_der(size_t *length, X509_CRL *crl);
char *test_pem(size_t *length, X509 *const *certificates, size_t count);
/* Certs-only PKCS#7 in DER, by OpenSSL's PKCS7 (the library reads with CMS). */
unsigned char *test_pkcs7(size_t *length, X509 *const *certificates, size_t count);

#endif
