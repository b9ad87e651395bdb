/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"
#include "hostile.h"

#include <openssl/x509v3.h>

#include <stdlib.h>

#define MAKE(name)                                                                                 \
    static void name(struct https_answer *answer, const struct honest_ra *ra, EVP_PKEY *key)

struct test_certificate hostile_fitting(EVP_PKEY *key)
{
    struct test_certificate details = TEST_CERTIFICATE_INIT;

    details.key = key;
    details.subject = HONEST_RA_SUBJECT;
    details.alt_names = HONEST_RA_ALT_NAMES;
    return details;
}

static void send_under(struct https_answer *answer, const struct test_ca *issuing,
                       const struct test_certificate *details)
{
    X509 *certificates[] = { test_ca_issue(issuing, details), issuing->certificate };

    honest_ra_answer_with(answer, certificates, 2);
    X509_free(certificates[0]);
}

/* Signs anew after something was changed by hand. */
static void send_altered(struct https_answer *answer, const struct honest_ra *ra, X509 *leaf,
                         const EVP_MD *digest)
{
    X509 *certificates[] = { leaf, ra->issuing.certificate };

    check(X509_sign(leaf, ra->issuing.key, digest) > 0, "cannot sign");
    honest_ra_answer_with(answer, certificates, 2);
    X509_free(leaf);
}

static X509 *fitting_leaf(const struct honest_ra *ra, EVP_PKEY *key)
{
    struct test_certificate details = hostile_fitting(key);

    return test_ca_issue(&ra->issuing, &details);
}

/* --- for whom, by whom --- */

MAKE(another_key)
{
    struct test_certificate details = hostile_fitting(key);

    details.key = test_key_new("P-256");
    send_under(answer, &ra->issuing, &details);
    EVP_PKEY_free(details.key);
}

static void send_by_stranger(struct https_answer *answer, EVP_PKEY *key, const char *name)
{
    struct test_certificate details = hostile_fitting(key);
    struct test_ca stranger;

    test_ca_new(&stranger, name, NULL);
    send_under(answer, &stranger, &details);
    test_ca_clear(&stranger);
}

MAKE(foreign_root)
{
    (void)ra;
    send_by_stranger(answer, key, "CN=Stranger,O=Test");
}

MAKE(impostor_of_the_root)
{
    (void)ra;
    send_by_stranger(answer, key, "CN=TLS root,O=Test");
}

MAKE(self_issued)
{
    struct test_certificate details = hostile_fitting(key);
    struct test_ca itself;
    X509 *leaf;

    (void)ra;
    test_ca_new(&itself, HONEST_RA_SUBJECT, NULL);
    leaf = test_ca_issue(&itself, &details);
    honest_ra_answer_with(answer, &leaf, 1);
    X509_free(leaf);
    test_ca_clear(&itself);
}

MAKE(unlisted_intermediate)
{
    struct test_certificate details = hostile_fitting(key);
    struct test_ca unlisted;
    X509 *leaf;

    test_ca_new(&unlisted, "CN=Unlisted,O=Test", &ra->issuing);
    leaf = test_ca_issue(&unlisted, &details);
    honest_ra_answer_with(answer, &leaf, 1);
    X509_free(leaf);
    test_ca_clear(&unlisted);
}

MAKE(issued_by_no_ca)
{
    struct test_certificate details = hostile_fitting(key);
    struct test_certificate colleague = TEST_CERTIFICATE_INIT;
    struct test_ca impostor = { NULL, test_key_new("P-256") };
    X509 *certificates[3] = { NULL, NULL, ra->issuing.certificate };

    colleague.key = impostor.key;
    colleague.subject = "CN=Colleague,O=Test";
    certificates[1] = impostor.certificate = test_ca_issue(&ra->issuing, &colleague);
    certificates[0] = test_ca_issue(&impostor, &details);
    honest_ra_answer_with(answer, certificates, 3);
    X509_free(certificates[0]);
    test_ca_clear(&impostor);
}

/* --- when --- */

MAKE(expired)
{
    struct test_certificate details = hostile_fitting(key);

    details.not_before = -7200;
    details.not_after = -3600;
    send_under(answer, &ra->issuing, &details);
}

MAKE(not_yet_valid)
{
    struct test_certificate details = hostile_fitting(key);

    details.not_before = 3600;
    details.not_after = 7200;
    send_under(answer, &ra->issuing, &details);
}

/* The leaf under an issuing CA of these details, which fills in key and subject. */
static void send_under_ca(struct https_answer *answer, const struct honest_ra *ra, EVP_PKEY *key,
                          struct test_certificate ca, const char *key_type)
{
    struct test_certificate details = hostile_fitting(key);
    struct test_ca issuing;

    ca.key = test_key_new(key_type);
    ca.subject = "CN=Odd issuing,O=Test";
    ca.is_ca = 1;
    ca.ext_key_usage = NULL;
    ca.key_usage = "critical,keyCertSign";
    test_ca_new_from(&issuing, &ca, &ra->endpoint.ca);
    send_under(answer, &issuing, &details);
    test_ca_clear(&issuing);
    EVP_PKEY_free(ca.key);
}

MAKE(expired_intermediate)
{
    struct test_certificate ca = TEST_CERTIFICATE_INIT;

    ca.not_before = -7200;
    ca.not_after = -3600;
    send_under_ca(answer, ra, key, ca, "P-256");
}

/* --- names --- */

static void send_named(struct https_answer *answer, const struct honest_ra *ra, EVP_PKEY *key,
                       const char *subject, const char *alt_names)
{
    struct test_certificate details = hostile_fitting(key);

    details.subject = subject;
    details.alt_names = alt_names;
    send_under(answer, &ra->issuing, &details);
}

MAKE(other_subject)
{
    send_named(answer, ra, key, "CN=0258366660020 user01,O=Test", HONEST_RA_ALT_NAMES);
}

MAKE(subject_with_more)
{
    send_named(answer, ra, key, "CN=0258366660019 user01,OU=Administrators,O=Test",
               HONEST_RA_ALT_NAMES);
}

MAKE(no_alt_names)
{
    send_named(answer, ra, key, HONEST_RA_SUBJECT, NULL);
}

MAKE(alt_name_added)
{
    send_named(answer, ra, key, HONEST_RA_SUBJECT, HONEST_RA_ALT_NAMES ",DNS:extra.example.jp");
}

MAKE(alt_name_changed)
{
    send_named(answer, ra, key, HONEST_RA_SUBJECT, "DNS:pc2.example.jp,email:user@example.jp");
}

/* --- what for --- */

MAKE(makes_a_ca)
{
    struct test_certificate details = hostile_fitting(key);

    details.is_ca = 1;
    send_under(answer, &ra->issuing, &details);
}

static void send_for(struct https_answer *answer, const struct honest_ra *ra, EVP_PKEY *key,
                     const char *key_usage, const char *ext_key_usage)
{
    struct test_certificate details = hostile_fitting(key);

    details.key_usage = key_usage;
    details.ext_key_usage = ext_key_usage;
    send_under(answer, &ra->issuing, &details);
}

MAKE(no_digital_signature)
{
    send_for(answer, ra, key, "critical,keyAgreement", "clientAuth");
}

MAKE(may_sign_certificates)
{
    send_for(answer, ra, key, "critical,digitalSignature,keyCertSign", "clientAuth");
}

MAKE(for_servers_only)
{
    send_for(answer, ra, key, "critical,digitalSignature", "serverAuth");
}

MAKE(for_anything)
{
    send_for(answer, ra, key, "critical,digitalSignature", "anyExtendedKeyUsage");
}

MAKE(for_nothing_named)
{
    send_for(answer, ra, key, "critical,digitalSignature", NULL);
}

MAKE(for_code_too)
{
    send_for(answer, ra, key, "critical,digitalSignature", "clientAuth,codeSigning");
}

/* --- how --- */

MAKE(by_sha1)
{
    send_altered(answer, ra, fitting_leaf(ra, key), EVP_sha1());
}

/* The ECDSA that the CA's own key would make has no form with MD5. */
MAKE(by_md5)
{
    struct test_certificate details = hostile_fitting(key);
    struct test_certificate ca = TEST_CERTIFICATE_INIT;
    struct test_ca issuing;

    ca.key = test_key_new("RSA:2048");
    ca.subject = "CN=RSA issuing,O=Test";
    ca.is_ca = 1;
    ca.key_usage = "critical,keyCertSign";
    ca.ext_key_usage = NULL;
    test_ca_new_from(&issuing, &ca, &ra->endpoint.ca);
    details.digest = "MD5";
    send_under(answer, &issuing, &details);
    test_ca_clear(&issuing);
    EVP_PKEY_free(ca.key);
}

MAKE(under_a_weak_ca)
{
    struct test_certificate ca = TEST_CERTIFICATE_INIT;

    send_under_ca(answer, ra, key, ca, "RSA:1024");
}

/* --- extensions --- */

static void add_extension(X509 *certificate, const char *oid, int critical, const char *hex)
{
    ASN1_OBJECT *object = OBJ_txt2obj(oid, 1);
    ASN1_OCTET_STRING *value = ASN1_OCTET_STRING_new();
    X509_EXTENSION *extension;
    long length = 0;
    unsigned char *bytes = OPENSSL_hexstr2buf(hex, &length);

    check(object != NULL && value != NULL && bytes != NULL &&
              ASN1_OCTET_STRING_set(value, bytes, (int)length) == 1,
          "cannot make an extension");
    extension = X509_EXTENSION_create_by_OBJ(NULL, object, critical, value);
    check(extension != NULL && X509_add_ext(certificate, extension, -1) == 1,
          "cannot add an extension");
    X509_EXTENSION_free(extension);
    ASN1_OCTET_STRING_free(value);
    ASN1_OBJECT_free(object);
    OPENSSL_free(bytes);
}

MAKE(unknown_and_critical)
{
    X509 *leaf = fitting_leaf(ra, key);

    add_extension(leaf, "1.2.3.4.5.6.7", 1, "0500");
    send_altered(answer, ra, leaf, EVP_sha256());
}

MAKE(one_extension_twice)
{
    X509 *leaf = fitting_leaf(ra, key);

    add_extension(leaf, "2.5.29.37", 0, "300A06082B06010505070303"); /* codeSigning */
    send_altered(answer, ra, leaf, EVP_sha256());
}

MAKE(unreadable_extension)
{
    X509 *leaf = fitting_leaf(ra, key);

    X509_EXTENSION_free(X509_delete_ext(leaf, X509_get_ext_by_NID(leaf, NID_key_usage, -1)));
    add_extension(leaf, "2.5.29.15", 1, "0404DEADBEEF"); /* an OCTET STRING where bits are due */
    send_altered(answer, ra, leaf, EVP_sha256());
}

MAKE(names_not_permitted)
{
    struct test_certificate details = hostile_fitting(key);
    struct test_ca issuing;

    test_ca_new(&issuing, "CN=Constrained,O=Test", &ra->endpoint.ca);
    /* permittedSubtrees { dNSName other.example } */
    add_extension(issuing.certificate, "2.5.29.30", 1,
                  "3013A011300F820D6F746865722E6578616D706C65");
    check(X509_sign(issuing.certificate, ra->endpoint.ca.key, EVP_sha256()) > 0, "cannot sign");
    send_under(answer, &issuing, &details);
    test_ca_clear(&issuing);
}

/* --- more than one, and none --- */

MAKE(two_that_do_not_fit)
{
    struct test_certificate old = hostile_fitting(key), misnamed = hostile_fitting(key);
    X509 *certificates[3] = { NULL, NULL, ra->issuing.certificate };

    old.not_before = -7200;
    old.not_after = -3600;
    misnamed.subject = "CN=somebody else,O=Test";
    certificates[0] = test_ca_issue(&ra->issuing, &old);
    certificates[1] = test_ca_issue(&ra->issuing, &misnamed);
    honest_ra_answer_with(answer, certificates, 3);
    X509_free(certificates[0]);
    X509_free(certificates[1]);
}

MAKE(only_ca_certificates)
{
    X509 *certificates[] = { ra->issuing.certificate, ra->endpoint.ca.certificate, NULL };

    (void)key;
    honest_ra_answer_with(answer, certificates, 2);
}

#define ROW(name, status, says, make)                                                              \
    {                                                                                              \
        name, CERTENROLL_E_CERT_##status, says, make, NULL, NULL, NULL                             \
    }

const struct hostile_row hostile_certificates[] = {
    ROW("another key", KEY, "none of the 2 certificates", another_key),
    ROW("only CA certificates", KEY, "none of the 2 certificates", only_ca_certificates),
    ROW("a foreign root", ISSUER, "CA certificate \"CN=Stranger,O=Test\"", foreign_root),
    ROW("an impostor of the root", ISSUER, "certificate signature failure", impostor_of_the_root),
    ROW("self-issued", ISSUER, "self-signed certificate", self_issued),
    ROW("an intermediate that nobody sends", ISSUER, "CN=Unlisted,O=Test\", whose certificate",
        unlisted_intermediate),
    ROW("issued by no CA", ISSUER, "CN=Colleague,O=Test", issued_by_no_ca),
    ROW("expired", DATES, "the certificate has expired", expired),
    ROW("not yet valid", DATES, "the certificate is not valid yet", not_yet_valid),
    ROW("an expired intermediate", DATES,
        "the CA certificate \"CN=Odd issuing,O=Test\" has expired", expired_intermediate),
    ROW("another subject", NAME, "its subject is \"CN=0258366660020", other_subject),
    ROW("a subject with one RDN more", NAME, "OU=Administrators", subject_with_more),
    ROW("no alternative names", NAME, "it lacks \"", no_alt_names),
    ROW("an alternative name more", NAME, "it has \"", alt_name_added),
    ROW("an alternative name changed", NAME, "it lacks \"", alt_name_changed),
    ROW("CA:TRUE", USAGE, "CA:TRUE", makes_a_ca),
    ROW("no digitalSignature", USAGE, "digitalSignature was asked for", no_digital_signature),
    ROW("keyCertSign", USAGE, "keyCertSign", may_sign_certificates),
    ROW("no clientAuth", USAGE, "it has: serverAuth", for_servers_only),
    ROW("anyExtendedKeyUsage", USAGE, "it has: anyExtendedKeyUsage", for_anything),
    ROW("no extended key usage", USAGE, "it has: none", for_nothing_named),
    ROW("an extended key usage more", USAGE, "codeSigning was not asked for", for_code_too),
    ROW("SHA-1", ALGORITHM, "by sha1", by_sha1),
    ROW("MD5", ALGORITHM, "by md5", by_md5),
    ROW("an issuing CA with RSA-1024", ALGORITHM, "RSA, 1024 bits", under_a_weak_ca),
    ROW("an unknown critical extension", USAGE, "unhandled critical extension",
        unknown_and_critical),
    ROW("an extension twice", MALFORMED, "extension", one_extension_twice),
    ROW("an unreadable extension", MALFORMED, "extension", unreadable_extension),
    ROW("names that the CA may not give", NAME, "permitted subtree violation", names_not_permitted),
    ROW("two leaves, neither of which fits", NAME, "CN=somebody else", two_that_do_not_fit),
    { 0 },
};
