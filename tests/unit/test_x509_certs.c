/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base64.h"
#include "check.h"
#include "scratch.h"
#include "test_ca.h"
#include "x509/anchors.h"
#include "x509/certs.h"

#include <openssl/cms.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>

#include <stdio.h>
#include <stdlib.h>

/* A root, an intermediate and a leaf, shared by the tests, which do not change them. */
struct fixture {
    struct test_ca root, intermediate;
    EVP_PKEY *key;
    X509 *leaf;
    X509 *all[3]; /* leaf, intermediate, root */
};

static int set_up(void **state)
{
    static struct fixture fixture;
    struct test_certificate details = TEST_CERTIFICATE_INIT;

    test_ca_new(&fixture.root, "CN=Root,O=Test", NULL);
    test_ca_new(&fixture.intermediate, "CN=Intermediate,O=Test", &fixture.root);
    fixture.key = details.key = test_key_new("P-256");
    fixture.leaf = test_ca_issue(&fixture.intermediate, &details);
    fixture.all[0] = fixture.leaf;
    fixture.all[1] = fixture.intermediate.certificate;
    fixture.all[2] = fixture.root.certificate;
    *state = &fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;

    X509_free(fixture->leaf);
    EVP_PKEY_free(fixture->key);
    test_ca_clear(&fixture->intermediate);
    test_ca_clear(&fixture->root);
    return 0;
}

/* --- what parses --- */

static void assert_parses(const void *data, size_t length, X509 *const *expected, int count)
{
    certenroll_error *error = NULL;
    STACK_OF(X509) *certs = NULL;

    assert_ok(ce_certs_parse(&certs, data, length, &error), error);
    assert_int_equal(sk_X509_num(certs), count);
    for (int i = 0; i < count; i++) {
        int found = 0;

        /* PKCS#7 holds a set: any order. */
        for (int j = 0; j < count; j++)
            found |= X509_cmp(sk_X509_value(certs, i), expected[j]) == 0;
        assert_true(found);
    }
    sk_X509_pop_free(certs, X509_free);
    assert_int_equal(ERR_peek_error(), 0);
}

static void parses_der(void **state)
{
    struct fixture *fixture = *state;
    size_t length;
    unsigned char *der = test_der(&length, fixture->leaf);

    assert_parses(der, length, fixture->all, 1);
    free(der);
}

static void parses_pkcs7(void **state)
{
    struct fixture *fixture = *state;
    size_t length;
    unsigned char *der = test_pkcs7(&length, fixture->all, 3);

    assert_parses(der, length, fixture->all, 3);
    free(der);
}

/* `text` with "before" in front, "after" behind. */
static char *surround(const char *before, const char *text, const char *after)
{
    size_t size = strlen(before) + strlen(text) + strlen(after) + 1;
    char *joined = malloc(size);

    assert_non_null(joined);
    snprintf(joined, size, "%s%s%s", before, text, after);
    return joined;
}

static void parses_pem(void **state)
{
    struct fixture *fixture = *state;
    size_t length;
    char *pem = test_pem(&length, fixture->all, 3);
    char *text = surround("0 s:CN = Leaf\n30\xc3\xa9\n", pem, "\n-- the end --\n");

    assert_parses(pem, length, fixture->all, 3);
    assert_parses(text, strlen(text), fixture->all, 3);
    free(text);
    free(pem);
}

/* DER as a PEM block of any label. */
static char *block(const char *label, const unsigned char *der, size_t length)
{
    BIO *bio = BIO_new(BIO_s_mem());
    char *data = NULL, *text;

    assert_true(bio && PEM_write_bio(bio, label, "", der, (long)length) > 0);
    BIO_write(bio, "", 1);
    assert_true(BIO_get_mem_data(bio, &data) > 0);
    text = strdup(data);
    BIO_free(bio);
    assert_non_null(text);
    return text;
}

static void parses_every_label(void **state)
{
    static const char *const labels[] = { "PKCS7", "PKCS #7 SIGNED DATA", "CMS", "CERTIFICATE" };
    struct fixture *fixture = *state;
    size_t length;
    unsigned char *pkcs7 = test_pkcs7(&length, fixture->all, 2);
    unsigned char *der;
    char *text;

    for (size_t i = 0; i < sizeof(labels) / sizeof(labels[0]); i++) {
        text = block(labels[i], pkcs7, length);
        assert_parses(text, strlen(text), fixture->all, 2);
        free(text);
    }
    free(pkcs7);
    der = test_der(&length, fixture->leaf);
    text = block("X509 CERTIFICATE", der, length);
    assert_parses(text, strlen(text), fixture->all, 1);
    free(text);
    free(der);
}

/* What web pages show for copying. */
static void parses_base64_without_header(void **state)
{
    struct fixture *fixture = *state;
    size_t length, pkcs7_length;
    unsigned char *der = test_der(&length, fixture->leaf);
    unsigned char *pkcs7 = test_pkcs7(&pkcs7_length, fixture->all, 3);
    struct ce_buffer text;

    assert_int_equal(ce_base64_encode(&text, &(struct ce_buffer){ der, length }, NULL), 0);
    assert_parses(text.data, text.length, fixture->all, 1);
    ce_buffer_clear(&text);
    assert_int_equal(ce_base64_encode(&text, &(struct ce_buffer){ pkcs7, pkcs7_length }, NULL), 0);
    assert_parses(text.data, text.length, fixture->all, 3);
    ce_buffer_clear(&text);
    free(pkcs7);
    free(der);
}

/* --- what does not --- */

static void assert_malformed(const void *data, size_t length, const char *clause)
{
    certenroll_error *error = NULL;
    STACK_OF(X509) *certs = NULL;

    if (ce_certs_parse(&certs, data, length, &error) != CERTENROLL_E_CERT_MALFORMED ||
        !strstr(certenroll_error_message(error), clause))
        fail_msg("\"%s\" where \"%s\" was expected", certenroll_error_message(error), clause);
    assert_null(certs);
    certenroll_error_free(error);
}

static void refuses_what_is_not_certificates(void **state)
{
    static const char html[] = "<html>-----BEGIN the log on page</html>";
    static const char page[] = "\xef\xbb\xbf \r\n<!DOCTYPE html>";

    (void)state;
    assert_malformed("", 0, "there is no data. Give the certificate itself");
    assert_malformed(" \r\n", 3, "there is no data. Give the certificate itself");
    assert_malformed("Z2FyYmFnZQ==", 12, "neither PEM nor DER");
    assert_malformed("0", 1, "neither PEM nor DER");
    assert_malformed("\x30\x00", 2, "a certificate cannot be read");
    assert_malformed("<html></html>", 13, "a page of HTML or XML");
    assert_malformed(html, sizeof(html) - 1, "a page of HTML or XML");
    assert_malformed(page, sizeof(page) - 1, "a page of HTML or XML");
    assert_malformed("<- here", 7, "neither PEM nor DER");
    assert_malformed("-----BEGIN nothing", 18, "no certificate in the data");
    assert_malformed("PK\3\4", 4, "a ZIP archive");
    assert_malformed("\xff\xfe-\0-\0-\0", 8, "text in UTF-16");
}

/* Told what it is in DER, in base64 without a header and in PEM. */
static void assert_told(unsigned char *der, int length, const char *label, const char *clause)
{
    const struct ce_buffer buffer = { der, (size_t)length };
    struct ce_buffer base64;
    char *text;

    assert_true(length > 0);
    assert_malformed(der, (size_t)length, clause);
    assert_int_equal(ce_base64_encode(&base64, &buffer, NULL), 0);
    assert_malformed(base64.data, base64.length, clause);
    ce_buffer_clear(&base64);
    text = block(label ? label : "CERTIFICATE", der, (size_t)length);
    assert_malformed(text, strlen(text), clause);
    free(text);
    OPENSSL_free(der);
    assert_int_equal(ERR_peek_error(), 0);
}

static void what_else_was_given_is_told(void **state)
{
    struct fixture *fixture = *state;
    PKCS12 *bundle =
        PKCS12_create("secret", "name", fixture->key, fixture->leaf, NULL, 0, 0, 0, 0, 0);
    PKCS8_PRIV_KEY_INFO *plain = EVP_PKEY2PKCS8(fixture->key);
    X509_SIG *encrypted = PKCS8_encrypt(-1, EVP_aes_256_cbc(), "secret", 6, NULL, 0, 1, plain);
    X509_REQ *request = X509_REQ_new();
    X509_CRL *list = X509_CRL_new();
    ASN1_TIME *now = X509_gmtime_adj(NULL, 0);
    unsigned char *der = NULL;
    int length;

    assert_true(X509_REQ_set_pubkey(request, fixture->key) == 1 &&
                X509_REQ_sign(request, fixture->key, EVP_sha256()) > 0);
    assert_true(X509_CRL_set1_lastUpdate(list, now) == 1 &&
                X509_CRL_sign(list, fixture->key, EVP_sha256()) > 0);
    length = i2d_PKCS12(bundle, &der);
    assert_told(der, length, NULL, "it is a PKCS#12 file");
    der = NULL;
    length = i2d_PKCS8_PRIV_KEY_INFO(plain, &der);
    assert_told(der, length, "PRIVATE KEY", "it is a private key");
    der = NULL;
    length = i2d_X509_SIG(encrypted, &der);
    assert_told(der, length, "ENCRYPTED PRIVATE KEY", "it is a private key");
    der = NULL;
    length = i2d_PrivateKey(fixture->key, &der);
    assert_told(der, length, "EC PRIVATE KEY", "it is a private key");
    der = NULL;
    length = i2d_PUBKEY(fixture->key, &der);
    assert_told(der, length, "PUBLIC KEY", "it is a public key");
    der = NULL;
    length = i2d_X509_REQ(request, &der);
    assert_told(der, length, "NEW CERTIFICATE REQUEST", "it is a certification request");
    der = NULL;
    length = i2d_X509_CRL(list, &der);
    assert_told(der, length, "X509 CRL", "it is a revocation list");
    PKCS12_free(bundle);
    PKCS8_PRIV_KEY_INFO_free(plain);
    X509_SIG_free(encrypted);
    X509_REQ_free(request);
    X509_CRL_free(list);
    ASN1_TIME_free(now);
}

static void refuses_damaged_der(void **state)
{
    struct fixture *fixture = *state;
    size_t length, pkcs7_length;
    unsigned char *der = test_der(&length, fixture->leaf);
    unsigned char *pkcs7 = test_pkcs7(&pkcs7_length, fixture->all, 3);

    assert_malformed(der, length - 1, "cut short");
    assert_malformed(pkcs7, pkcs7_length - 1, "cut short");
    /* test_der and test_pkcs7 put a NUL behind. */
    assert_malformed(der, length + 1, "follows the end of a certificate");
    assert_malformed(pkcs7, pkcs7_length + 1, "follows the end of the PKCS#7");
    memset(der + 4, 0x30, length - 4);
    assert_malformed(der, length, "a certificate cannot be read");
    free(der);
    free(pkcs7);
}

static void refuses_damaged_pem(void **state)
{
    struct fixture *fixture = *state;
    size_t length;
    char *pem = test_pem(&length, fixture->all, 1);

    assert_malformed(pem, length - 10, "PEM");
    assert_malformed(pem, length / 2, "PEM");
    pem[100] = '!';
    assert_malformed(pem, length, "PEM");
    free(pem);
}

static void refuses_other_blocks(void **state)
{
    struct fixture *fixture = *state;
    size_t length, der_length;
    char *pem = test_pem(&length, fixture->all, 1);
    unsigned char *der = test_der(&der_length, fixture->leaf);
    char *other = block("PRIVATE KEY", der, der_length);
    char *both = surround(pem, other, "");
    char *trailing = block("CERTIFICATE", der, der_length + 1);

    assert_malformed(both, strlen(both), "a PEM block \"PRIVATE KEY\"");
    assert_malformed(trailing, strlen(trailing), "follows the end of a certificate");
    free(trailing);
    free(both);
    free(other);
    free(der);
    free(pem);
}

static void assert_cms_refused(CMS_ContentInfo *cms, const char *clause)
{
    unsigned char *der = NULL;
    int length;

    assert_non_null(cms);
    length = i2d_CMS_ContentInfo(cms, &der);
    assert_true(length > 0);
    assert_malformed(der, (size_t)length, clause);
    OPENSSL_free(der);
    CMS_ContentInfo_free(cms);
}

static void refuses_other_pkcs7(void **state)
{
    static char filling[200];
    struct fixture *fixture = *state;
    BIO *content = BIO_new_mem_buf(filling, sizeof(filling));
    size_t length;
    unsigned char *empty = test_pkcs7(&length, fixture->all, 0);

    assert_cms_refused(CMS_sign(fixture->leaf, fixture->key, NULL, content, CMS_BINARY),
                       "signed message");
    BIO_free(content);
    content = BIO_new_mem_buf(filling, sizeof(filling));
    assert_cms_refused(CMS_data_create(content, CMS_BINARY), "no SignedData");
    BIO_free(content);
    assert_malformed(empty, length, "no certificate in the data");
    free(empty);
}

static void keeps_bounds(void **state)
{
    struct fixture *fixture = *state;
    X509 *many[CE_CERTS_MAX_COUNT + 1];
    size_t length;
    char *pem, *big;
    unsigned char *pkcs7;

    for (size_t i = 0; i < CE_CERTS_MAX_COUNT + 1; i++)
        many[i] = fixture->leaf;
    pem = test_pem(&length, many, CE_CERTS_MAX_COUNT);
    assert_parses(pem, length, many, CE_CERTS_MAX_COUNT);
    free(pem);
    pem = test_pem(&length, many, CE_CERTS_MAX_COUNT + 1);
    assert_malformed(pem, length, "more than 32");
    free(pem);
    pkcs7 = test_pkcs7(&length, many, CE_CERTS_MAX_COUNT + 1);
    assert_malformed(pkcs7, length, "more than 32");
    free(pkcs7);
    big = calloc(1, CE_CERTS_MAX_BYTES + 1);
    assert_non_null(big);
    assert_malformed(big, CE_CERTS_MAX_BYTES + 1, "longer than 1 MiB");
    free(big);
}

/* In memory of exactly this length, so that the sanitizer sees a read beyond it. */
static void parse_exactly(const unsigned char *data, size_t length, int may_parse)
{
    certenroll_error *error = NULL;
    STACK_OF(X509) *certs = NULL;
    unsigned char *copy = malloc(length ? length : 1);
    int status;

    assert_non_null(copy);
    memcpy(copy, data, length);
    status = ce_certs_parse(&certs, copy, length, &error);
    assert_true(status == CERTENROLL_E_CERT_MALFORMED || (may_parse && status == CERTENROLL_OK));
    assert_true((status == CERTENROLL_OK) == (certs != NULL));
    assert_true((status == CERTENROLL_OK) == (error == NULL));
    sk_X509_pop_free(certs, X509_free);
    certenroll_error_free(error);
    free(copy);
}

static void survives_every_truncation(void **state)
{
    struct fixture *fixture = *state;
    size_t length;
    unsigned char *pkcs7 = test_pkcs7(&length, fixture->all, 2);

    for (size_t i = 0; i < length; i++)
        parse_exactly(pkcs7, i, 0);
    free(pkcs7);
}

static void survives_every_changed_byte(void **state)
{
    static const unsigned char changes[] = { 0x01, 0x80, 0xff };
    struct fixture *fixture = *state;
    size_t length;
    unsigned char *pkcs7 = test_pkcs7(&length, fixture->all, 2);

    for (size_t i = 0; i < length; i++) {
        for (size_t j = 0; j < sizeof(changes); j++) {
            pkcs7[i] ^= changes[j];
            parse_exactly(pkcs7, length, 1);
            pkcs7[i] ^= changes[j];
        }
    }
    free(pkcs7);
}

/* --- looking at them --- */

static void finds_the_leaf(void **state)
{
    struct fixture *fixture = *state;
    EVP_PKEY *other = test_key_new("ED25519");
    struct test_certificate details = TEST_CERTIFICATE_INIT;
    STACK_OF(X509) *certs = sk_X509_new_null();
    certenroll_error *error = NULL;
    X509 *longer, *leaf = NULL;

    details.key = fixture->key;
    details.not_after = 2 * 86400L;
    longer = test_ca_issue(&fixture->root, &details);
    assert_fails(ce_certs_find_leaf(&leaf, certs, fixture->key, &error),
                 CERTENROLL_E_CERT_MALFORMED, error);
    sk_X509_push(certs, fixture->root.certificate);
    sk_X509_push(certs, fixture->leaf);
    assert_ok(ce_certs_find_leaf(&leaf, certs, fixture->key, &error), error);
    assert_ptr_equal(leaf, fixture->leaf);
    sk_X509_push(certs, longer);
    sk_X509_push(certs, fixture->leaf);
    assert_ok(ce_certs_find_leaf(&leaf, certs, fixture->key, &error), error);
    assert_ptr_equal(leaf, longer);
    assert_fails(ce_certs_find_leaf(&leaf, certs, other, &error), CERTENROLL_E_CERT_KEY, error);
    assert_null(leaf);
    assert_int_equal(ERR_peek_error(), 0);
    sk_X509_free(certs);
    X509_free(longer);
    EVP_PKEY_free(other);
}

static void writes_der(void **state)
{
    struct fixture *fixture = *state;
    struct ce_buffer buffer;
    certenroll_error *error = NULL;
    size_t length;
    unsigned char *der = test_der(&length, fixture->leaf);

    assert_ok(ce_certs_der(&buffer, fixture->leaf, &error), error);
    assert_int_equal(buffer.length, length);
    assert_memory_equal(buffer.data, der, length);
    ce_buffer_clear(&buffer);
    free(der);
}

static void counts_seconds(void **state)
{
    static const struct {
        const char *text;
        int64_t seconds;
    } times[] = {
        { "19700101000000Z", 0 },
        { "19691231235959Z", -1 },
        { "20000229123456Z", 951827696 },
        { "20261122161500Z", 1795364100 },
        { "20380119031408Z", 2147483648 },
        { "21000301000000Z", 4107542400 },
        { "99991231235959Z", 253402300799 },
        { "16010101000000Z", -11644473600 },
    };
    ASN1_TIME *time = ASN1_TIME_new();

    (void)state;
    for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
        assert_int_equal(ASN1_TIME_set_string(time, times[i].text), 1);
        assert_true(ce_certs_time(time) == times[i].seconds);
    }
    assert_int_equal(ASN1_STRING_set(time, "soon", 4), 1);
    assert_true(ce_certs_time(time) == INT64_MIN);
    ASN1_TIME_free(time);
}

/* --- anchors --- */

static int count_anchors(const certenroll_anchors *anchors)
{
    return sk_X509_OBJECT_num(X509_STORE_get0_objects(ce_anchors_store(anchors)));
}

static void anchors_hold_certificates(void **state)
{
    struct fixture *fixture = *state;
    certenroll_anchors *anchors = NULL, *second;
    certenroll_error *error = NULL;
    size_t length;
    X509 *pair[2] = { fixture->root.certificate, fixture->root.certificate };
    char *pem = test_pem(&length, pair, 2);

    assert_ok(certenroll_anchors_new(&anchors, pem, length, &error), error);
    second = ce_anchors_ref(anchors);
    certenroll_anchors_free(anchors);
    assert_int_equal(count_anchors(second), 1);
    certenroll_anchors_free(second);
    certenroll_anchors_free(NULL);
    assert_null(ce_anchors_ref(NULL));
    assert_fails(certenroll_anchors_new(&anchors, "x", 1, &error), CERTENROLL_E_CERT_MALFORMED,
                 error);
    assert_null(anchors);
    free(pem);
}

static void anchors_load_from_a_file(void **state)
{
    struct fixture *fixture = *state;
    certenroll_anchors *anchors = NULL;
    certenroll_error *error = NULL;
    size_t length;
    char *pem = test_pem(&length, &fixture->all[2], 1);
    char *directory = scratch_new();
    char path[512];
    FILE *file;

    snprintf(path, sizeof(path), "%s/anchor.pem", directory);
    assert_fails(certenroll_anchors_load(&anchors, path, &error), CERTENROLL_E_SYSTEM, error);
    file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(pem, 1, length, file), length);
    assert_int_equal(fclose(file), 0);
    assert_ok(certenroll_anchors_load(&anchors, path, &error), error);
    assert_int_equal(count_anchors(anchors), 1);
    certenroll_anchors_free(anchors);

    file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(certenroll_anchors_load(&anchors, path, &error), CERTENROLL_E_CERT_MALFORMED);
    assert_non_null(strstr(certenroll_error_what(error), path));
    assert_non_null(strstr(certenroll_error_why(error), "no data"));
    certenroll_error_free(error);
    scratch_remove(directory);
    free(pem);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parses_der),
        cmocka_unit_test(parses_pkcs7),
        cmocka_unit_test(parses_pem),
        cmocka_unit_test(parses_every_label),
        cmocka_unit_test(parses_base64_without_header),
        cmocka_unit_test(refuses_what_is_not_certificates),
        cmocka_unit_test(what_else_was_given_is_told),
        cmocka_unit_test(refuses_damaged_der),
        cmocka_unit_test(refuses_damaged_pem),
        cmocka_unit_test(refuses_other_blocks),
        cmocka_unit_test(refuses_other_pkcs7),
        cmocka_unit_test(keeps_bounds),
        cmocka_unit_test(survives_every_truncation),
        cmocka_unit_test(survives_every_changed_byte),
        cmocka_unit_test(finds_the_leaf),
        cmocka_unit_test(writes_der),
        cmocka_unit_test(counts_seconds),
        cmocka_unit_test(anchors_hold_certificates),
        cmocka_unit_test(anchors_load_from_a_file),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
