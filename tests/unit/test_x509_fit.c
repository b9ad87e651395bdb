/* SPDX-License-Identifier: Apache-2.0 */
/* Each gate is tried with a certificate that fits but for one thing. */
#include "check.h"
#include "test_ca.h"
#include "x509/certs.h"
#include "x509/fit.h"

#include <openssl/err.h>

#include <stdlib.h>
#include <time.h>

static const char *const wanted_names[] = { "dns:PC1.example.com", "email:suzuki@example.com" };
static const char wanted_subject[] = "CN=Suzuki,O=Test";

struct fixture {
    struct test_ca root, intermediate, stranger;
    EVP_PKEY *key;
    certenroll_anchors *anchors; /* the root */
    struct ce_profile *profile;
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

static int set_up(void **state)
{
    static struct fixture fixture;
    certenroll_request_options options = CERTENROLL_REQUEST_OPTIONS_INIT;
    certenroll_error *error = NULL;

    test_ca_new(&fixture.root, "CN=Root,O=Test", NULL);
    test_ca_new(&fixture.intermediate, "CN=Intermediate,O=Test", &fixture.root);
    test_ca_new(&fixture.stranger, "CN=Root,O=Stranger", NULL);
    fixture.key = test_key_new("P-256");
    fixture.anchors = anchors_of(&fixture.root.certificate, 1);
    options.subject = wanted_subject;
    options.alt_names = wanted_names;
    options.alt_names_count = 2;
    assert_ok(ce_profile_new(&fixture.profile, &options, &error), error);
    *state = &fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;

    ce_profile_free(fixture->profile);
    certenroll_anchors_free(fixture->anchors);
    EVP_PKEY_free(fixture->key);
    test_ca_clear(&fixture->stranger);
    test_ca_clear(&fixture->intermediate);
    test_ca_clear(&fixture->root);
    return 0;
}

/* A certificate as it should be. */
static struct test_certificate fitting(const struct fixture *fixture)
{
    struct test_certificate details = TEST_CERTIFICATE_INIT;

    details.key = fixture->key;
    details.subject = wanted_subject;
    details.alt_names = "email:suzuki@example.com,DNS:pc1.example.com"; /* another order and case */
    return details;
}

static struct ce_fit fit_of(const struct fixture *fixture)
{
    struct ce_fit fit = { .key = fixture->key,
                          .anchors = fixture->anchors,
                          .profile = fixture->profile,
                          .now = (int64_t)time(NULL) };

    return fit;
}

/* Holds `leaf` against `fit`, `between` (may be NULL) having come with it. `clause` NULL: it fits;
 * otherwise it is refused with `status` and a message that holds the clause. */
static void judge(const struct ce_fit *fit, X509 *leaf, X509 *between, int status,
                  const char *clause)
{
    STACK_OF(X509) *certs = sk_X509_new_null();
    certenroll_error *error = NULL;
    int found;

    sk_X509_push(certs, leaf);
    if (between)
        sk_X509_push(certs, between);
    found = ce_fit_check(fit, leaf, certs, &error);
    if (found != status || (clause && !strstr(certenroll_error_message(error), clause)))
        fail_msg("%s (%s) where %s (%s) was expected", certenroll_status_name(found),
                 certenroll_error_message(error), certenroll_status_name(status),
                 clause ? clause : "");
    certenroll_error_free(error);
    sk_X509_free(certs);
    assert_int_equal(ERR_peek_error(), 0);
}

/* The same for a certificate that the intermediate issues. */
static void judge_details(struct fixture *fixture, const struct ce_fit *fit,
                          const struct test_certificate *details, int status, const char *clause)
{
    X509 *leaf = test_ca_issue(&fixture->intermediate, details);

    judge(fit, leaf, fixture->intermediate.certificate, status, clause);
    X509_free(leaf);
}

static void takes_what_fits(void **state)
{
    struct fixture *fixture = *state;
    struct test_certificate details = fitting(fixture);
    struct ce_fit fit = fit_of(fixture);
    X509 *direct = test_ca_issue(&fixture->root, &details);

    judge_details(fixture, &fit, &details, CERTENROLL_OK, NULL);
    judge(&fit, direct, NULL, CERTENROLL_OK, NULL);
    X509_free(direct);
}

static void refuses_another_key(void **state)
{
    struct fixture *fixture = *state;
    struct test_certificate details = fitting(fixture);
    struct ce_fit fit = fit_of(fixture);

    details.key = fixture->stranger.key;
    judge_details(fixture, &fit, &details, CERTENROLL_E_CERT_KEY, "for another key");
    details.key = test_key_new("RSA:2048");
    judge_details(fixture, &fit, &details, CERTENROLL_E_CERT_KEY, "RSA, 2048 bits");
    EVP_PKEY_free(details.key);
}

static void refuses_strange_issuers(void **state)
{
    struct fixture *fixture = *state;
    struct test_certificate details = fitting(fixture);
    struct ce_fit fit = fit_of(fixture);
    X509 *leaf = test_ca_issue(&fixture->stranger, &details);

    judge(&fit, leaf, NULL, CERTENROLL_E_CERT_ISSUER, "CN=Root,O=Stranger");
    judge(&fit, leaf, fixture->stranger.certificate, CERTENROLL_E_CERT_ISSUER, "self");
    X509_free(leaf);
    leaf = test_ca_issue(&fixture->intermediate, &details);
    judge(&fit, leaf, NULL, CERTENROLL_E_CERT_ISSUER, "CN=Intermediate,O=Test");
    X509_free(leaf);
}

/* The issuer's name is right, and the signature is another's. */
static void refuses_forged_signatures(void **state)
{
    struct fixture *fixture = *state;
    struct test_certificate details = fitting(fixture);
    struct ce_fit fit = fit_of(fixture);
    struct test_ca forger = { fixture->root.certificate, fixture->stranger.key };
    X509 *leaf = test_ca_issue(&forger, &details);

    judge(&fit, leaf, NULL, CERTENROLL_E_CERT_ISSUER, "signature");
    X509_free(leaf);
}

/* An end entity that issues: the classic. */
static void refuses_issuers_that_are_no_ca(void **state)
{
    struct fixture *fixture = *state;
    struct test_certificate details = fitting(fixture);
    struct ce_fit fit = fit_of(fixture);
    struct test_ca subscriber;
    X509 *leaf;

    details.key = fixture->stranger.key;
    details.subject = "CN=Subscriber";
    details.key_usage = NULL;
    test_ca_new_from(&subscriber, &details, &fixture->root);
    details = fitting(fixture);
    leaf = test_ca_issue(&subscriber, &details);
    judge(&fit, leaf, subscriber.certificate, CERTENROLL_E_CERT_ISSUER, "CN=Subscriber");
    X509_free(leaf);
    test_ca_clear(&subscriber);
}

static void refuses_dates(void **state)
{
    struct fixture *fixture = *state;
    struct test_certificate details = fitting(fixture);
    struct ce_fit fit = fit_of(fixture);

    details.not_after = -60;
    judge_details(fixture, &fit, &details, CERTENROLL_E_CERT_DATES, "the certificate has expired");
    details.not_after = 86400;
    details.not_before = 3600;
    judge_details(fixture, &fit, &details, CERTENROLL_E_CERT_DATES, "is not valid yet");
    details.not_before = -3600;
    fit.now -= 2 * 3600L;
    judge_details(fixture, &fit, &details, CERTENROLL_E_CERT_DATES, "is not valid yet");
    fit.now = 4102444800; /* 2100-01-01: what counts is the time given */
    judge_details(fixture, &fit, &details, CERTENROLL_E_CERT_DATES, "2100-01-01 00:00:00 UTC");
}

static struct test_ca expired_ca(const struct fixture *fixture, EVP_PKEY *key)
{
    struct test_certificate details = fitting(fixture);
    struct test_ca ca;

    details.key = key;
    details.subject = "CN=Intermediate,O=Test";
    details.alt_names = details.ext_key_usage = NULL;
    details.key_usage = "critical,keyCertSign";
    details.is_ca = 1;
    details.not_after = -60;
    test_ca_new_from(&ca, &details, &fixture->root);
    return ca;
}

static void refuses_expired_issuers(void **state)
{
    struct fixture *fixture = *state;
    struct test_certificate details = fitting(fixture);
    struct ce_fit fit = fit_of(fixture);
    struct test_ca expired = expired_ca(fixture, fixture->stranger.key);
    X509 *leaf = test_ca_issue(&expired, &details);

    judge(&fit, leaf, expired.certificate, CERTENROLL_E_CERT_DATES,
          "the CA certificate \"CN=Intermediate,O=Test\" has expired");
    X509_free(leaf);
    test_ca_clear(&expired);
}

/* A CA that renewed its certificate for the same key, and sends both. */
static void takes_the_issuer_that_is_valid(void **state)
{
    struct fixture *fixture = *state;
    struct test_certificate details = fitting(fixture);
    struct ce_fit fit = fit_of(fixture);
    struct test_ca expired = expired_ca(fixture, fixture->intermediate.key);
    STACK_OF(X509) *certs = sk_X509_new_null();
    X509 *leaf = test_ca_issue(&expired, &details);
    certenroll_error *error = NULL;

    sk_X509_push(certs, expired.certificate);
    sk_X509_push(certs, fixture->intermediate.certificate);
    sk_X509_push(certs, leaf);
    assert_ok(ce_fit_check(&fit, leaf, certs, &error), error);
    sk_X509_free(certs);
    X509_free(leaf);
    test_ca_clear(&expired);
}

static void refuses_cas(void **state)
{
    struct fixture *fixture = *state;
    struct test_certificate details = fitting(fixture);
    struct ce_fit fit = fit_of(fixture);

    details.is_ca = 1;
    judge_details(fixture, &fit, &details, CERTENROLL_E_CERT_USAGE, "CA:TRUE");
    details.is_ca = 0;
    details.key_usage = "digitalSignature,keyCertSign";
    judge_details(fixture, &fit, &details, CERTENROLL_E_CERT_USAGE, "keyCertSign");
    details.key_usage = "digitalSignature,cRLSign";
    judge_details(fixture, &fit, &details, CERTENROLL_E_CERT_USAGE, "cRLSign");
}

static void refuses_other_names(void **state)
{
    static const struct {
        const char *subject;
        const char *alt_names;
        const char *clause;
    } names[] = {
        { "CN=Sato,O=Test", NULL, "\"CN=Suzuki,O=Test\" was asked for" },
        { "CN=Suzuki", NULL, "its subject is \"CN=Suzuki\"" },
        { wanted_subject, NULL, "lacks \"dns:PC1.example.com\"" },
        { wanted_subject, "DNS:pc1.example.com", "lacks \"email:suzuki@example.com\"" },
        { wanted_subject, "DNS:pc1.example.com,email:suzuki@example.com,DNS:pc2.example.com",
          "has \"dns:pc2.example.com\", which was not asked for" },
        { wanted_subject, "DNS:pc1.example.com,email:suzuki@example.com,RID:1.2.3",
          "has \"a name of another kind\"" },
    };
    struct fixture *fixture = *state;
    struct ce_fit fit = fit_of(fixture);

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        struct test_certificate details = fitting(fixture);

        details.subject = names[i].subject;
        details.alt_names = names[i].alt_names;
        fit.ca_names = 0;
        judge_details(fixture, &fit, &details, CERTENROLL_E_CERT_NAME, names[i].clause);
        fit.ca_names = 1;
        judge_details(fixture, &fit, &details, CERTENROLL_OK, NULL);
    }
}

static void refuses_usages(void **state)
{
    struct fixture *fixture = *state;
    struct test_certificate details = fitting(fixture);
    struct ce_fit fit = fit_of(fixture);

    details.key_usage = "keyAgreement";
    judge_details(fixture, &fit, &details, CERTENROLL_E_CERT_USAGE, "digitalSignature was asked");
    details.key_usage = "digitalSignature,nonRepudiation";
    judge_details(fixture, &fit, &details, CERTENROLL_OK, NULL);
    details.key_usage = NULL;
    judge_details(fixture, &fit, &details, CERTENROLL_OK, NULL);
    details.ext_key_usage = "serverAuth,1.2.3.4";
    judge_details(fixture, &fit, &details, CERTENROLL_E_CERT_USAGE,
                  "clientAuth was wanted; it has: serverAuth, 1.2.3.4");
    details.ext_key_usage = "anyExtendedKeyUsage";
    judge_details(fixture, &fit, &details, CERTENROLL_E_CERT_USAGE, "clientAuth was wanted");
    details.ext_key_usage = NULL;
    judge_details(fixture, &fit, &details, CERTENROLL_E_CERT_USAGE, "it has: none");
}

static void insists_on_client_auth_without_a_profile(void **state)
{
    struct fixture *fixture = *state;
    struct test_certificate details = fitting(fixture);
    struct ce_fit fit = fit_of(fixture);

    fit.profile = NULL;
    details.subject = "CN=Whoever";
    details.key_usage = "keyAgreement";
    judge_details(fixture, &fit, &details, CERTENROLL_OK, NULL);
    details.ext_key_usage = "serverAuth";
    judge_details(fixture, &fit, &details, CERTENROLL_E_CERT_USAGE, "clientAuth was wanted");
    details.ext_key_usage = NULL;
    judge_details(fixture, &fit, &details, CERTENROLL_E_CERT_USAGE, "clientAuth was wanted");
}

static void refuses_weak_signatures(void **state)
{
    static const struct {
        const char *digest;
        int status;
    } digests[] = { { "SHA1", CERTENROLL_E_CERT_ALGORITHM },
                    { "SHA224", CERTENROLL_E_CERT_ALGORITHM },
                    { "SHA384", CERTENROLL_OK },
                    { "SHA512", CERTENROLL_OK } };
    struct fixture *fixture = *state;
    struct ce_fit fit = fit_of(fixture);

    for (size_t i = 0; i < sizeof(digests) / sizeof(digests[0]); i++) {
        struct test_certificate details = fitting(fixture);

        details.digest = digests[i].digest;
        judge_details(fixture, &fit, &details, digests[i].status,
                      digests[i].status ? "the certificate is signed too weakly" : NULL);
    }
}

static void refuses_weak_keys(void **state)
{
    static const struct {
        const char *type;
        int status;
    } keys[] = { { "RSA:1024", CERTENROLL_E_CERT_ALGORITHM },
                 { "P-224", CERTENROLL_E_CERT_ALGORITHM },
                 { "RSA:2048", CERTENROLL_OK },
                 { "P-384", CERTENROLL_OK },
                 { "ED25519", CERTENROLL_OK } };
    struct fixture *fixture = *state;
    struct ce_fit fit = fit_of(fixture);

    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        struct test_certificate details = fitting(fixture);

        fit.key = details.key = test_key_new(keys[i].type);
        judge_details(fixture, &fit, &details, keys[i].status,
                      keys[i].status ? "a key that is too weak" : NULL);
        EVP_PKEY_free(details.key);
    }
}

/* A root and an intermediate of the given make, and a leaf that fits. */
static void judge_cas(struct fixture *fixture, const char *root_digest, const char *key_type,
                      const char *digest, int status, const char *clause)
{
    struct test_certificate details = fitting(fixture);
    struct ce_fit fit = fit_of(fixture);
    struct test_ca root, intermediate;
    certenroll_anchors *anchors;
    X509 *leaf;

    details.subject = "CN=Old Root";
    details.alt_names = details.ext_key_usage = NULL;
    details.key_usage = "critical,keyCertSign";
    details.is_ca = 1;
    details.key = fixture->root.key;
    details.digest = root_digest;
    test_ca_new_from(&root, &details, NULL);
    details.subject = "CN=Old Intermediate";
    details.key = test_key_new(key_type);
    details.digest = digest;
    test_ca_new_from(&intermediate, &details, &root);
    EVP_PKEY_free(details.key);
    details = fitting(fixture);
    leaf = test_ca_issue(&intermediate, &details);
    fit.anchors = anchors = anchors_of(&root.certificate, 1);
    judge(&fit, leaf, intermediate.certificate, status, clause);
    certenroll_anchors_free(anchors);
    X509_free(leaf);
    test_ca_clear(&intermediate);
    test_ca_clear(&root);
}

static void looks_at_algorithms_up_to_the_anchor(void **state)
{
    struct fixture *fixture = *state;

    judge_cas(fixture, "SHA1", "P-256", "SHA256", CERTENROLL_OK, NULL);
    judge_cas(fixture, "SHA256", "P-256", "SHA1", CERTENROLL_E_CERT_ALGORITHM,
              "\"CN=Old Intermediate\" is signed too weakly");
    judge_cas(fixture, "SHA256", "RSA:1024", "SHA256", CERTENROLL_E_CERT_ALGORITHM,
              "\"CN=Old Intermediate\" has a key that is too weak");
}

static void takes_ed25519_issuers(void **state)
{
    struct fixture *fixture = *state;
    struct test_certificate details = fitting(fixture);
    struct ce_fit fit = fit_of(fixture);
    struct test_ca root;
    certenroll_anchors *anchors;
    X509 *leaf;

    details.key = test_key_new("ED25519");
    details.is_ca = 1;
    details.key_usage = "keyCertSign";
    details.digest = NULL;
    test_ca_new_from(&root, &details, NULL);
    EVP_PKEY_free(details.key);
    details = fitting(fixture);
    details.digest = NULL;
    leaf = test_ca_issue(&root, &details);
    fit.anchors = anchors = anchors_of(&root.certificate, 1);
    judge(&fit, leaf, NULL, CERTENROLL_OK, NULL);
    certenroll_anchors_free(anchors);
    X509_free(leaf);
    test_ca_clear(&root);
}

static void assert_chain(struct fixture *fixture, const certenroll_anchors *anchors)
{
    struct test_certificate details = fitting(fixture);
    struct ce_fit fit = fit_of(fixture);
    STACK_OF(X509) *certs = sk_X509_new_null(), *chain = NULL;
    X509 *leaf = test_ca_issue(&fixture->intermediate, &details);
    certenroll_error *error = NULL;

    fit.anchors = anchors;
    sk_X509_push(certs, fixture->stranger.certificate);
    sk_X509_push(certs, fixture->root.certificate);
    sk_X509_push(certs, fixture->intermediate.certificate);
    sk_X509_push(certs, leaf);
    assert_ok(ce_fit_check(&fit, leaf, certs, &error), error);
    assert_ok(ce_fit_chain(&chain, &fit, leaf, certs, &error), error);
    assert_int_equal(sk_X509_num(chain), 1);
    assert_int_equal(X509_cmp(sk_X509_value(chain, 0), fixture->intermediate.certificate), 0);
    sk_X509_pop_free(chain, X509_free);
    sk_X509_free(certs);
    X509_free(leaf);
}

/* Whatever of the path is trusted here: a server may know the root alone. */
static void chain_ends_before_the_root(void **state)
{
    struct fixture *fixture = *state;
    X509 *both[2] = { fixture->intermediate.certificate, fixture->root.certificate };
    certenroll_anchors *intermediate = anchors_of(both, 1), *bundle = anchors_of(both, 2);

    assert_chain(fixture, fixture->anchors);
    assert_chain(fixture, intermediate);
    assert_chain(fixture, bundle);
    certenroll_anchors_free(intermediate);
    certenroll_anchors_free(bundle);
}

static void root_alone_makes_no_chain(void **state)
{
    struct fixture *fixture = *state;
    struct test_certificate details = fitting(fixture);
    struct ce_fit fit = fit_of(fixture);
    STACK_OF(X509) *certs = sk_X509_new_null(), *chain = NULL;
    X509 *leaf = test_ca_issue(&fixture->root, &details);
    certenroll_error *error = NULL;

    sk_X509_push(certs, leaf);
    assert_ok(ce_fit_chain(&chain, &fit, leaf, certs, &error), error);
    assert_int_equal(sk_X509_num(chain), 0);
    sk_X509_pop_free(chain, X509_free);
    sk_X509_free(certs);
    X509_free(leaf);
}

static void refuses_unreadable_extensions(void **state)
{
    struct fixture *fixture = *state;
    struct test_certificate details = fitting(fixture);
    struct ce_fit fit = fit_of(fixture);
    X509 *leaf = test_ca_issue(&fixture->root, &details);
    X509_EXTENSION *usage =
        X509_EXTENSION_dup(X509_get_ext(leaf, X509_get_ext_by_NID(leaf, NID_key_usage, -1)));

    assert_int_equal(X509_add_ext(leaf, usage, -1), 1); /* a second one: RFC 5280 §4.2 forbids it */
    assert_true(X509_sign(leaf, fixture->root.key, EVP_sha256()) > 0);
    judge(&fit, leaf, NULL, CERTENROLL_E_CERT_MALFORMED, "extensions");
    X509_EXTENSION_free(usage);
    X509_free(leaf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_what_fits),
        cmocka_unit_test(refuses_another_key),
        cmocka_unit_test(refuses_strange_issuers),
        cmocka_unit_test(refuses_forged_signatures),
        cmocka_unit_test(refuses_issuers_that_are_no_ca),
        cmocka_unit_test(refuses_dates),
        cmocka_unit_test(refuses_expired_issuers),
        cmocka_unit_test(takes_the_issuer_that_is_valid),
        cmocka_unit_test(refuses_cas),
        cmocka_unit_test(refuses_other_names),
        cmocka_unit_test(refuses_usages),
        cmocka_unit_test(insists_on_client_auth_without_a_profile),
        cmocka_unit_test(refuses_weak_signatures),
        cmocka_unit_test(refuses_weak_keys),
        cmocka_unit_test(looks_at_algorithms_up_to_the_anchor),
        cmocka_unit_test(takes_ed25519_issuers),
        cmocka_unit_test(chain_ends_before_the_root),
        cmocka_unit_test(root_alone_makes_no_chain),
        cmocka_unit_test(refuses_unreadable_extensions),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
