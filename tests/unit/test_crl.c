/* SPDX-License-Identifier: Apache-2.0 */
/* Each rule for a revocation list is tried with one that tells all but for one thing. */
#include "check.h"
#include "test_ca.h"
#include "x509/crl.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <stdlib.h>

/* Long after the end of every certificate here: their dates play no part. */
#define NOW ((time_t)4000000000)
#define HOUR ((time_t)3600)

#define KEY_COMPROMISE "DER:0a0101"
#define CERTIFICATE_HOLD "DER:0a0106"

struct fixture {
    struct test_ca root, intermediate;
    struct test_ca namesake; /* the intermediate's name with another key, and by the root too */
    struct test_ca stranger;
    X509 *leaf;                           /* by the intermediate */
    certenroll_anchors *root_anchor;      /* the root */
    certenroll_anchors *strange_anchor;   /* the stranger */
    certenroll_anchors *issuer_anchor;    /* the intermediate alone */
    certenroll_anchors *namesake_anchors; /* the namesake, then the intermediate */
};

/* What is asked. */
struct question {
    X509 *certificate;
    X509 *certs[3];
    const certenroll_anchors *anchors;
    const struct test_ca *signer;
    struct test_crl crl;
    int64_t now;
};

static certenroll_anchors *anchors_of(X509 *const *certificates, size_t count)
{
    certenroll_anchors *anchors = NULL;
    certenroll_error *error = NULL;
    size_t length;
    char *pem = test_pem(&length, certificates, count);

    assert_ok(certenroll_anchors_new(&anchors, pem, length, &error), error);
    free(pem);
    return anchors;
}

static X509 *issue(const struct test_ca *issuer)
{
    struct test_certificate details = TEST_CERTIFICATE_INIT;
    X509 *certificate;

    details.key = test_key_new("P-256");
    certificate = test_ca_issue(issuer, &details);
    EVP_PKEY_free(details.key);
    return certificate;
}

/* One that TEST_CERTIFICATE_INIT has no word for; takes it over. */
static void add_extension(X509 *certificate, const struct test_ca *issuer,
                          X509_EXTENSION *extension)
{
    assert_int_equal(X509_add_ext(certificate, extension, -1), 1);
    assert_true(X509_sign(certificate, issuer->key, EVP_sha256()) > 0);
    X509_EXTENSION_free(extension);
}

static int set_up(void **state)
{
    static struct fixture f;

    test_ca_new(&f.root, "CN=Root,O=Test", NULL);
    test_ca_new(&f.intermediate, "CN=Intermediate,O=Test", &f.root);
    test_ca_new(&f.namesake, "CN=Intermediate,O=Test", &f.root);
    test_ca_new(&f.stranger, "CN=Root,O=Stranger", NULL);
    f.leaf = issue(&f.intermediate);
    f.root_anchor = anchors_of(&f.root.certificate, 1);
    f.strange_anchor = anchors_of(&f.stranger.certificate, 1);
    f.issuer_anchor = anchors_of(&f.intermediate.certificate, 1);
    f.namesake_anchors =
        anchors_of((X509 *[]){ f.namesake.certificate, f.intermediate.certificate }, 2);
    *state = &f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    certenroll_anchors_free(f->namesake_anchors);
    certenroll_anchors_free(f->issuer_anchor);
    certenroll_anchors_free(f->strange_anchor);
    certenroll_anchors_free(f->root_anchor);
    X509_free(f->leaf);
    test_ca_clear(&f->stranger);
    test_ca_clear(&f->namesake);
    test_ca_clear(&f->intermediate);
    test_ca_clear(&f->root);
    return 0;
}

/* The leaf, and a good list of its issuer that has nobody. */
static struct question asked(const struct fixture *f)
{
    return (struct question){
        .certificate = f->leaf,
        .certs = { f->intermediate.certificate },
        .anchors = f->root_anchor,
        .signer = &f->intermediate,
        .crl = { .this_update = NOW - HOUR, .next_update = NOW + HOUR, .since = NOW - 2 * HOUR },
        .now = NOW,
    };
}

/* The same, but the leaf is on the list. */
static struct question revoked(const struct fixture *f)
{
    struct question question = asked(f);

    question.crl.revoked = f->leaf;
    question.crl.entry = (struct test_extension){ NID_crl_reason, KEY_COMPROMISE };
    return question;
}

/* What the list `made` says, which is freed. */
static certenroll_revocation answer_of(X509_CRL *made, const struct question *question)
{
    certenroll_revocation answer = CERTENROLL_REVOCATION_INIT;
    struct ce_path path = { sk_X509_new_null(), question->anchors };
    X509_CRL *crl = NULL;
    certenroll_error *error = NULL;
    size_t length;
    unsigned char *der = test_crl_der(&length, made);

    assert_ok(ce_crl_parse(&crl, der, length, &error), error);
    for (size_t i = 0; i < 3 && question->certs[i]; i++)
        sk_X509_push(path.certs, question->certs[i]);
    ce_crl_check(&answer, crl, question->certificate, &path, question->now);
    assert_int_equal(ERR_peek_error(), 0);
    sk_X509_free(path.certs);
    X509_CRL_free(crl);
    X509_CRL_free(made);
    free(der);
    return answer;
}

static certenroll_revocation answer_to(const struct question *question)
{
    return answer_of(test_ca_crl(question->signer, &question->crl), question);
}

static void expect(const struct question *question, certenroll_revocation_state state)
{
    certenroll_revocation answer = answer_to(question);

    if (answer.state != state)
        fail_msg("%d (%s) where %d was expected", answer.state, answer.why, state);
    if (state != CERTENROLL_REVOCATION_UNKNOWN)
        assert_string_equal(answer.why, "");
}

/* It is not known, for a reason that holds the clause. */
static void expect_unknown(const struct question *question, const char *clause)
{
    certenroll_revocation answer = answer_to(question);

    if (answer.state != CERTENROLL_REVOCATION_UNKNOWN || !strstr(answer.why, clause))
        fail_msg("%d (%s) where \"%s\" was expected", answer.state, answer.why, clause);
    assert_int_equal(answer.reason, -1);
    assert_int_equal(answer.since, 0);
}

/* --- what a list says --- */

static void tells_good_from_revoked(void **state)
{
    struct question good = asked(*state), bad = revoked(*state);
    certenroll_revocation answer = answer_to(&good);

    assert_int_equal(answer.state, CERTENROLL_REVOCATION_GOOD);
    assert_int_equal(answer.reason, -1);
    assert_int_equal(answer.since, 0);
    answer = answer_to(&bad);
    assert_int_equal(answer.state, CERTENROLL_REVOCATION_REVOKED);
    assert_int_equal(answer.reason, CRL_REASON_KEY_COMPROMISE);
    assert_int_equal(answer.since, NOW - 2 * HOUR);
}

static void another_serial_number_is_not_revoked(void **state)
{
    struct question question = revoked(*state);
    struct fixture *f = *state;
    X509 *other = issue(&f->intermediate);

    question.certificate = other;
    expect(&question, CERTENROLL_REVOCATION_GOOD);
    X509_free(other);
}

static void tells_a_hold_by_the_reason(void **state)
{
    static const struct {
        const char *value; /* NULL: no reason given */
        certenroll_revocation_state state;
        int reason;
    } reasons[] = {
        { NULL, CERTENROLL_REVOCATION_REVOKED, CRL_REASON_UNSPECIFIED },
        { "DER:0a0100", CERTENROLL_REVOCATION_REVOKED, CRL_REASON_UNSPECIFIED },
        { "DER:0a0104", CERTENROLL_REVOCATION_REVOKED, CRL_REASON_SUPERSEDED },
        { CERTIFICATE_HOLD, CERTENROLL_REVOCATION_ON_HOLD, CRL_REASON_CERTIFICATE_HOLD },
        { "DER:0a010a", CERTENROLL_REVOCATION_REVOKED, CRL_REASON_AA_COMPROMISE },
        /* removeFromCRL outside a delta */
        { "DER:0a0108", CERTENROLL_REVOCATION_GOOD, -1 },
        /* what cannot be read, or is none */
        { "DER:0a0107", CERTENROLL_REVOCATION_ON_HOLD, -1 },
        { "DER:0a010b", CERTENROLL_REVOCATION_ON_HOLD, -1 },
        { "DER:0a01ff", CERTENROLL_REVOCATION_ON_HOLD, -1 },
        { "DER:0a0901000000000000000001", CERTENROLL_REVOCATION_ON_HOLD, -1 },
        { "DER:020101", CERTENROLL_REVOCATION_ON_HOLD, -1 },
        { "DER:0a05", CERTENROLL_REVOCATION_ON_HOLD, -1 },
    };

    for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++) {
        struct question question = revoked(*state);
        certenroll_revocation answer;

        question.crl.entry.value = reasons[i].value;
        answer = answer_to(&question);
        if (answer.state != reasons[i].state || answer.reason != reasons[i].reason)
            fail_msg("%s: %d, reason %d", reasons[i].value, answer.state, answer.reason);
        assert_int_equal(answer.since,
                         answer.state == CERTENROLL_REVOCATION_GOOD ? 0 : NOW - 2 * HOUR);
    }
}

/* --- whose list it is --- */

static void an_intermediate_as_anchor_is_one(void **state)
{
    struct fixture *f = *state;
    struct question good = asked(f), bad = revoked(f);

    good.anchors = bad.anchors = f->issuer_anchor;
    good.certs[0] = bad.certs[0] = NULL;
    expect(&good, CERTENROLL_REVOCATION_GOOD);
    expect(&bad, CERTENROLL_REVOCATION_REVOKED);
    bad.crl.entry.value = CERTIFICATE_HOLD;
    expect(&bad, CERTENROLL_REVOCATION_ON_HOLD);
}

/* Without an authorityKeyIdentifier only the signatures tell the two apart. */
static void of_two_cas_of_one_name_the_signer_counts(void **state)
{
    struct fixture *f = *state;

    for (int i = 0; i < 3; i++) {
        struct question question = revoked(f);

        if (i < 2) {
            question.certs[i] = f->namesake.certificate;
            question.certs[!i] = f->intermediate.certificate;
        } else {
            question.certs[0] = NULL;
            question.anchors = f->namesake_anchors;
        }
        expect(&question, CERTENROLL_REVOCATION_REVOKED);
        question.signer = &f->namesake;
        expect_unknown(&question, "not signed with the key");
    }
}

/* The CA's new key, with a certificate by its old one: both stand in the path. */
static void a_namesake_further_up_is_not_the_issuer(void **state)
{
    struct fixture *f = *state;
    struct question question = revoked(f);
    struct test_ca renewed;
    X509V3_CTX context;
    X509 *leaf;

    test_ca_new(&renewed, "CN=Intermediate,O=Test", &f->intermediate);
    X509V3_set_ctx(&context, f->intermediate.certificate, renewed.certificate, NULL, NULL, 0);
    add_extension(renewed.certificate, &f->intermediate,
                  X509V3_EXT_nconf_nid(NULL, &context, NID_authority_key_identifier, "keyid"));
    leaf = issue(&renewed);
    question.certificate = question.crl.revoked = leaf;
    question.certs[1] = renewed.certificate;
    expect_unknown(&question, "not signed with the key");
    question.signer = &renewed;
    expect(&question, CERTENROLL_REVOCATION_REVOKED);
    X509_free(leaf);
    test_ca_clear(&renewed);
}

static void another_issuers_list_says_nothing(void **state)
{
    struct fixture *f = *state;
    struct question question = revoked(f);

    question.signer = &f->root;
    expect_unknown(&question, "is one of \"CN=Root,O=Test\"; the certificate was issued by "
                              "\"CN=Intermediate,O=Test\"");
}

static void a_foreign_signature_says_nothing(void **state)
{
    struct fixture *f = *state;
    struct question question = revoked(f);
    struct test_ca forger = { f->intermediate.certificate, f->stranger.key };

    question.signer = &forger;
    expect_unknown(&question, "not signed with the key of \"CN=Intermediate,O=Test\"");
}

static void a_signer_needs_crl_sign(void **state)
{
    struct fixture *f = *state;

    for (int i = 0; i < 2; i++) {
        struct test_certificate details = TEST_CERTIFICATE_INIT;
        struct question question = revoked(f);
        struct test_ca ca;
        X509 *leaf;

        details.subject = "CN=Issuing,O=Test";
        details.key = test_key_new("P-256");
        details.key_usage = i ? NULL : "critical,keyCertSign"; /* without keyUsage it may all */
        details.ext_key_usage = NULL;
        details.is_ca = 1;
        test_ca_new_from(&ca, &details, &f->root);
        leaf = issue(&ca);
        question.certificate = question.crl.revoked = leaf;
        question.certs[0] = ca.certificate;
        question.signer = &ca;
        if (i)
            expect(&question, CERTENROLL_REVOCATION_REVOKED);
        else
            expect_unknown(&question, "lacks cRLSign");
        X509_free(leaf);
        test_ca_clear(&ca);
        EVP_PKEY_free(details.key);
    }
}

static void a_certificate_of_others_is_not_judged(void **state)
{
    struct fixture *f = *state;
    struct question question = revoked(f);
    X509 *foreign = issue(&f->stranger);

    question.certs[0] = NULL;
    expect_unknown(&question, "\"CN=Leaf,O=Test\" was issued by \"CN=Intermediate,O=Test\", "
                              "whose certificate is missing");
    question.certs[0] = f->intermediate.certificate;
    question.anchors = f->strange_anchor;
    expect_unknown(&question, "\"CN=Intermediate,O=Test\" was issued by \"CN=Root,O=Test\", whose");
    question.anchors = f->root_anchor;
    question.certs[0] = f->stranger.certificate;
    question.certificate = foreign;
    question.signer = &f->stranger;
    expect_unknown(&question, "does not lead to a trust anchor");
    X509_free(foreign);
}

/* --- whether it is of today --- */

static void clocks_may_differ_by_two_minutes(void **state)
{
    static const int offsets[] = { 0, 1, 60, 119, 120, 121 };

    for (size_t i = 0; i < sizeof(offsets) / sizeof(offsets[0]); i++) {
        struct question early = revoked(*state), late = revoked(*state);

        early.now = NOW - HOUR - offsets[i];
        late.now = NOW + HOUR + offsets[i];
        if (offsets[i] <= 120) {
            expect(&early, CERTENROLL_REVOCATION_REVOKED);
            expect(&late, CERTENROLL_REVOCATION_REVOKED);
            early.crl.revoked = late.crl.revoked = NULL;
            expect(&early, CERTENROLL_REVOCATION_GOOD);
            expect(&late, CERTENROLL_REVOCATION_GOOD);
        } else {
            expect_unknown(&early, "not valid yet: it is of 2096-10-02 06:06:40 UTC, and by this "
                                   "computer's clock it is 2096-10-02 06:04:39 UTC");
            expect_unknown(&late, "is old: a new one was due at 2096-10-02 08:06:40 UTC, and by "
                                  "this computer's clock it is 2096-10-02 08:08:41 UTC");
        }
    }
}

static void a_list_of_no_day_says_nothing(void **state)
{
    struct question question = revoked(*state);

    question.crl.next_update = 0;
    expect_unknown(&question, "no nextUpdate");
}

/* Nor one whose dates are none. That the revocation's own date cannot be read does not matter. */
static void dates_that_cannot_be_read(void **state)
{
    struct fixture *f = *state;
    struct question question = revoked(f);

    for (int i = 0; i < 3; i++) {
        X509_CRL *crl = test_ca_crl(question.signer, &question.crl);
        X509_REVOKED *entry = sk_X509_REVOKED_value(X509_CRL_get_REVOKED(crl), 0);
        const ASN1_TIME *const dates[] = { X509_CRL_get0_lastUpdate(crl),
                                           X509_CRL_get0_nextUpdate(crl),
                                           X509_REVOKED_get0_revocationDate(entry) };
        certenroll_revocation answer;

        *(unsigned char *)(uintptr_t)ASN1_STRING_get0_data(dates[i]) = 'x';
        assert_true(X509_CRL_sign(crl, question.signer->key, EVP_sha256()) > 0);
        answer = answer_of(crl, &question);
        assert_string_equal(answer.why, i < 2 ? "the revocation list's dates cannot be read" : "");
        assert_int_equal(answer.state,
                         i < 2 ? CERTENROLL_REVOCATION_UNKNOWN : CERTENROLL_REVOCATION_REVOKED);
        assert_int_equal(answer.since, 0);
    }
}

/* --- what it is a list of --- */

static void limited_lists_say_nothing(void **state)
{
    static const struct {
        struct test_extension extension;
        const char *clause; /* NULL: the leaf is among those that it is of */
    } lists[] = {
        { { NID_crl_number, "DER:020101" }, NULL },
        { { NID_issuing_distribution_point, "critical,DER:30038101ff" }, NULL }, /* user certs */
        { { NID_issuing_distribution_point, "critical,DER:30038201ff" },
          "limited to other certificates" },
        { { NID_issuing_distribution_point, "critical,DER:30038501ff" },
          "limited to other certificates" },
        { { NID_issuing_distribution_point, "critical,DER:300483020640" }, "to some reasons" },
        { { NID_issuing_distribution_point, "critical,DER:30038401ff" },
          "limited to other certificates" },
        { { NID_issuing_distribution_point, "critical,DER:300ea00ca00a8608687474703a2f2f61" },
          "limited to other certificates" },
        { { NID_delta_crl, "critical,DER:020101" }, "is a delta" },
        { { NID_netscape_comment, "critical,DER:16026869" }, "critical extension" },
        { { NID_netscape_comment, "DER:16026869" }, NULL },
    };

    for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
        struct question question = revoked(*state);

        question.crl.list = lists[i].extension;
        if (lists[i].clause)
            expect_unknown(&question, lists[i].clause);
        else
            expect(&question, CERTENROLL_REVOCATION_REVOKED);
        question.crl.revoked = NULL;
        expect(&question,
               lists[i].clause ? CERTENROLL_REVOCATION_UNKNOWN : CERTENROLL_REVOCATION_GOOD);
    }
}

static void a_critical_extension_of_an_entry_counts_too(void **state)
{
    struct question question = revoked(*state);

    question.crl.entry = (struct test_extension){ NID_netscape_comment, "critical,DER:16026869" };
    expect_unknown(&question, "critical extension");
}

/* A CA with several lists says in the certificate which is its. */
static void the_list_of_its_distribution_point_counts(void **state)
{
    static const char *const points[] = { "URI:http://a", "URI:http://b" };
    struct fixture *f = *state;

    for (int i = 0; i < 2; i++) {
        struct question question = revoked(f);
        X509 *leaf = issue(&f->intermediate);
        X509_EXTENSION *point =
            X509V3_EXT_nconf_nid(NULL, NULL, NID_crl_distribution_points, points[i]);

        add_extension(leaf, &f->intermediate, point);
        question.certificate = question.crl.revoked = leaf;
        question.crl.list =
            (struct test_extension){ NID_issuing_distribution_point,
                                     "critical,DER:300ea00ca00a8608687474703a2f2f61" };
        if (i == 0)
            expect(&question, CERTENROLL_REVOCATION_REVOKED);
        else
            expect_unknown(&question, "limited to other certificates");
        X509_free(leaf);
    }
}

/* --- what is no list --- */

static void expect_malformed(const void *data, size_t length, const char *clause)
{
    X509_CRL *crl = NULL;
    certenroll_error *error = NULL;

    assert_int_equal(ce_crl_parse(&crl, data, length, &error), CERTENROLL_E_CERT_MALFORMED);
    assert_null(crl);
    if (!strstr(certenroll_error_message(error), clause))
        fail_msg("%s", certenroll_error_message(error));
    certenroll_error_free(error);
    assert_int_equal(ERR_peek_error(), 0);
}

static void refuses_what_is_no_list(void **state)
{
    static const char encrypted[] = "-----BEGIN X509 CRL-----\nProc-Type: 4,ENCRYPTED\n"
                                    "DEK-Info: AES-128-CBC,00\n\nMAA=\n-----END X509 CRL-----\n";
    struct fixture *f = *state;
    struct question question = asked(f);
    X509_CRL *crl = test_ca_crl(question.signer, &question.crl);
    size_t length, pem_length;
    unsigned char *der = test_crl_der(&length, crl), *large = calloc(1, CE_CRL_MAX_BYTES + 1);
    char *pem = test_pem(&pem_length, &f->root.certificate, 1);

    assert_non_null(large);
    expect_malformed("", 0, "there is no data");
    expect_malformed("garbage", 7, "neither DER nor PEM");
    expect_malformed("0", 1, "neither DER nor PEM");
    expect_malformed(pem, pem_length, "the PEM block is no revocation list");
    expect_malformed(encrypted, sizeof(encrypted) - 1, "the PEM block is no revocation list");
    expect_malformed(der, length - 1, "cannot be read");
    der[length] = 0; /* what was the NUL of test_crl_der */
    expect_malformed(der, length + 1, "something follows");
    memcpy(large, der, length);
    expect_malformed(large, CE_CRL_MAX_BYTES, "something follows");
    expect_malformed(large, CE_CRL_MAX_BYTES + 1, "longer than 10 MiB");
    free(pem);
    free(large);
    free(der);
    X509_CRL_free(crl);
}

/* OpenSSL takes them for absent, and a list of some for one of all. */
static void refuses_unreadable_extensions(void **state)
{
    static const struct test_extension unreadable[] = {
        { NID_issuing_distribution_point, "critical,DER:0400" },
        { NID_issuing_distribution_point, "critical,DER:30058201" },
        { NID_delta_crl, "critical,DER:0400" },
        { NID_authority_key_identifier, "DER:0400" },
    };

    for (size_t i = 0; i < sizeof(unreadable) / sizeof(unreadable[0]); i++) {
        struct question question = asked(*state);
        X509_CRL *crl;
        size_t length;
        unsigned char *der;

        question.crl.list = unreadable[i];
        crl = test_ca_crl(question.signer, &question.crl);
        der = test_crl_der(&length, crl);
        expect_malformed(der, length, "extensions cannot be read");
        free(der);
        X509_CRL_free(crl);
    }
}

static void reads_pem_too(void **state)
{
    struct question question = asked(*state);
    X509_CRL *crl = test_ca_crl(question.signer, &question.crl), *read = NULL;
    BIO *bio = BIO_new(BIO_s_mem());
    certenroll_error *error = NULL;
    char *pem = NULL;
    long length;

    assert_true(BIO_puts(bio, "0 is how a line of text may begin\n") > 0);
    assert_int_equal(PEM_write_bio_X509_CRL(bio, crl), 1);
    length = BIO_get_mem_data(bio, &pem);
    assert_ok(ce_crl_parse(&read, pem, (size_t)length, &error), error);
    assert_int_equal(X509_NAME_cmp(X509_CRL_get_issuer(read), X509_CRL_get_issuer(crl)), 0);
    X509_CRL_free(read);
    X509_CRL_free(crl);
    BIO_free(bio);
}

/* --- paths --- */

static int path_of(X509 *certificate, X509 *cert, const certenroll_anchors *anchors)
{
    struct ce_path path = { sk_X509_new_null(), anchors };
    int failure;

    if (cert)
        sk_X509_push(path.certs, cert);
    failure = ce_path_verify(NULL, certificate, &path, NULL);
    sk_X509_free(path.certs);
    return failure;
}

static void a_path_has_no_dates(void **state)
{
    struct test_certificate details = TEST_CERTIFICATE_INIT;
    struct fixture *f = *state;
    X509 *leaf;

    details.key = f->stranger.key;
    details.not_before = -7200;
    details.not_after = -3600;
    leaf = test_ca_issue(&f->intermediate, &details);
    assert_int_equal(path_of(leaf, f->intermediate.certificate, f->root_anchor), X509_V_OK);
    assert_int_equal(path_of(leaf, NULL, f->issuer_anchor), X509_V_OK);
    assert_true(ce_path_lacks_issuer(path_of(leaf, NULL, f->root_anchor)));
    assert_true(ce_path_lacks_issuer(path_of(leaf, f->namesake.certificate, f->root_anchor)));
    X509_free(leaf);
}

/* One that no CA certificate can mend. */
static void a_path_of_others_lacks_nothing(void **state)
{
    struct test_certificate details = TEST_CERTIFICATE_INIT;
    struct fixture *f = *state;
    X509 *foreign = issue(&f->stranger);
    struct test_ca user = { NULL, test_key_new("P-256") };
    X509 *below;
    int failure = path_of(foreign, f->stranger.certificate, f->root_anchor);

    assert_int_not_equal(failure, X509_V_OK);
    assert_false(ce_path_lacks_issuer(failure));
    X509_free(foreign);

    /* an end entity is no CA, though it has signed */
    details.key = user.key;
    details.subject = "CN=User,O=Test";
    user.certificate = test_ca_issue(&f->root, &details);
    details.subject = "CN=Below,O=Test";
    below = test_ca_issue(&user, &details);
    failure = path_of(below, user.certificate, f->root_anchor);
    assert_int_not_equal(failure, X509_V_OK);
    assert_false(ce_path_lacks_issuer(failure));
    X509_free(below);
    test_ca_clear(&user);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_good_from_revoked),
        cmocka_unit_test(another_serial_number_is_not_revoked),
        cmocka_unit_test(tells_a_hold_by_the_reason),
        cmocka_unit_test(an_intermediate_as_anchor_is_one),
        cmocka_unit_test(of_two_cas_of_one_name_the_signer_counts),
        cmocka_unit_test(a_namesake_further_up_is_not_the_issuer),
        cmocka_unit_test(another_issuers_list_says_nothing),
        cmocka_unit_test(a_foreign_signature_says_nothing),
        cmocka_unit_test(a_signer_needs_crl_sign),
        cmocka_unit_test(a_certificate_of_others_is_not_judged),
        cmocka_unit_test(clocks_may_differ_by_two_minutes),
        cmocka_unit_test(a_list_of_no_day_says_nothing),
        cmocka_unit_test(dates_that_cannot_be_read),
        cmocka_unit_test(limited_lists_say_nothing),
        cmocka_unit_test(a_critical_extension_of_an_entry_counts_too),
        cmocka_unit_test(the_list_of_its_distribution_point_counts),
        cmocka_unit_test(refuses_what_is_no_list),
        cmocka_unit_test(refuses_unreadable_extensions),
        cmocka_unit_test(reads_pem_too),
        cmocka_unit_test(a_path_has_no_dates),
        cmocka_unit_test(a_path_of_others_lacks_nothing),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
