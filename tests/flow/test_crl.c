/* SPDX-License-Identifier: Apache-2.0 */
/* certenroll_crl_fetch() and certenroll_crl_check(), certenroll_issuers_check(): what is fetched,
 * how often, and what is known where nothing comes. The rules for a list are unit/test_crl.c's. */
#include "base/base64.h"
#include "check.h"
#include "furnished_token.h"
#include "test_endpoint.h"

#include <openssl/pem.h>

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define MIB ((size_t)1024 * 1024)

struct crl_test {
    struct test_endpoint endpoint;
    struct test_ca root, intermediate;
    X509 *leaf; /* by the intermediate, and on the list */
    unsigned char *der;
    size_t der_length;
    certenroll_anchors *anchors;
    certenroll_issuers_options options; /* the root, and nothing else */
    char url[128];

    /* what the server answers */
    const char *status_line;
    const char *fields;
    unsigned char *list;
    size_t list_length;
    const char *cacerts_line;
    X509 *cacerts;

    certenroll_error *error;
};

static certenroll_anchors *anchors_of(X509 *certificate)
{
    certenroll_anchors *anchors = NULL;
    certenroll_error *error = NULL;
    size_t length;
    char *pem = test_pem(&length, &certificate, 1);

    assert_ok(certenroll_anchors_new(&anchors, pem, length, &error), error);
    free(pem);
    return anchors;
}

static X509_CRL *list_with(struct crl_test *test, X509 *revoked)
{
    struct test_crl details = { .revoked = revoked };

    details.this_update = time(NULL) - 60;
    details.next_update = details.this_update + 3600;
    details.since = details.this_update;
    return test_ca_crl(&test->intermediate, &details);
}

static int set_up(void **state)
{
    struct test_certificate details = TEST_CERTIFICATE_INIT;
    const certenroll_issuers_options blank = CERTENROLL_ISSUERS_OPTIONS_INIT;
    struct crl_test *test = calloc(1, sizeof(*test));
    X509_CRL *list;

    if (!test)
        return -1;
    test_endpoint_new(&test->endpoint);
    test_ca_new(&test->root, "CN=Root,O=Test", NULL);
    test_ca_new(&test->intermediate, "CN=Intermediate,O=Test", &test->root);
    details.key = test_key_new("P-256");
    test->leaf = test_ca_issue(&test->intermediate, &details);
    EVP_PKEY_free(details.key);
    test->der = test_der(&test->der_length, test->leaf);
    test->anchors = anchors_of(test->root.certificate);
    test->options = blank;
    test->options.anchors = test->anchors;
    list = list_with(test, test->leaf);
    test->list = test_crl_der(&test->list_length, list);
    X509_CRL_free(list);
    test->status_line = "200 OK";
    test->fields = "Content-Type: application/pkix-crl\r\n";
    test->cacerts_line = "200 OK";
    test->cacerts = test->intermediate.certificate;
    *state = test;
    return 0;
}

static int tear_down(void **state)
{
    struct crl_test *test = *state;

    free(test->list);
    free(test->der);
    certenroll_anchors_free(test->anchors);
    X509_free(test->leaf);
    test_ca_clear(&test->intermediate);
    test_ca_clear(&test->root);
    test_endpoint_clear(&test->endpoint);
    free(test);
    return 0;
}

/* --- the server --- */

static void answer(void *user, struct https_answer *answer, const struct https_seen *request,
                   size_t number)
{
    const struct crl_test *test = user;
    struct ce_buffer bytes = { 0 }, text = { 0 };

    (void)number;
    if (strncmp(request->head, "GET /crl ", 9) == 0) {
        https_answer_whole(answer, test->status_line, test->fields, test->list, test->list_length);
        return;
    }
    assert_memory_equal(request->head, "GET /.well-known/est/cacerts ", 29);
    bytes.data = test_pkcs7(&bytes.length, &test->cacerts, 1);
    assert_int_equal(ce_base64_encode(&text, &bytes, NULL), CERTENROLL_OK);
    https_answer_whole(answer, test->cacerts_line, "Content-Type: application/pkcs7-mime\r\n",
                       text.data, text.length);
    ce_buffer_clear(&bytes);
    ce_buffer_clear(&text);
}

static void start(struct crl_test *test)
{
    test_endpoint_start(&test->endpoint, answer, test);
    snprintf(test->url, sizeof(test->url), "%s/crl", test->endpoint.url);
}

static void assert_requests(struct crl_test *test, size_t count)
{
    assert_int_equal(https_server_count(test->endpoint.server), count);
}

/* --- asking --- */

static certenroll_crl *fetch(struct crl_test *test)
{
    certenroll_crl *crl = NULL;

    assert_ok(certenroll_crl_fetch(&crl, test->endpoint.context, test->url, test->endpoint.anchors,
                                   &test->error),
              test->error);
    return crl;
}

static certenroll_crl *given(struct crl_test *test, const void *data, size_t length)
{
    certenroll_crl *crl = NULL;

    assert_ok(certenroll_crl_new(&crl, data, length, &test->error), test->error);
    return crl;
}

static certenroll_issuers *issuers(struct crl_test *test)
{
    certenroll_issuers *out = NULL;

    assert_ok(certenroll_issuers_new(&out, test->endpoint.context, &test->options, &test->error),
              test->error);
    return out;
}

/* The intermediate is there. */
static certenroll_issuers *all_issuers(struct crl_test *test)
{
    certenroll_issuers *out;
    size_t length;
    unsigned char *der = test_der(&length, test->intermediate.certificate);

    test->options.certificates = der;
    test->options.certificates_length = length;
    out = issuers(test);
    free(der);
    return out;
}

/* The RA is asked for it. */
static certenroll_issuers *online_issuers(struct crl_test *test)
{
    test->options.est_url = test->endpoint.url;
    test->options.tls_anchors = test->endpoint.anchors;
    return issuers(test);
}

static certenroll_revocation check_leaf(struct crl_test *test, const certenroll_crl *crl,
                                        certenroll_issuers *among)
{
    certenroll_crl_check_options options = CERTENROLL_CRL_CHECK_OPTIONS_INIT;
    certenroll_revocation revocation = CERTENROLL_REVOCATION_INIT;

    options.issuers = among;
    options.der = test->der;
    options.der_length = test->der_length;
    assert_ok(certenroll_crl_check(&revocation, crl, &options, &test->error), test->error);
    return revocation;
}

static void assert_unknown(struct crl_test *test, certenroll_crl *crl, const char *clause)
{
    certenroll_issuers *among = all_issuers(test);
    certenroll_revocation revocation = check_leaf(test, crl, among);

    if (revocation.state != CERTENROLL_REVOCATION_UNKNOWN || !strstr(revocation.why, clause))
        fail_msg("%d (%s) where \"%s\" was expected", revocation.state, revocation.why, clause);
    certenroll_issuers_free(among);
    certenroll_crl_free(crl);
}

/* --- lists --- */

static void one_fetch_answers_for_many(void **state)
{
    struct crl_test *test = *state;
    certenroll_issuers *among = all_issuers(test);
    certenroll_crl *crl;

    start(test);
    crl = fetch(test);
    for (int i = 0; i < 3; i++) {
        certenroll_revocation revocation = check_leaf(test, crl, among);

        assert_int_equal(revocation.state, CERTENROLL_REVOCATION_REVOKED);
        assert_int_equal(revocation.reason, 0);
        assert_in_range(revocation.since, time(NULL) - 120, time(NULL));
        assert_string_equal(revocation.why, "");
        assert_int_equal(revocation.size, sizeof(revocation));
    }
    assert_requests(test, 1);
    assert_non_null(strstr(https_server_seen(test->endpoint.server, 0)->head,
                           "\r\nAccept: application/pkix-crl\r\n"));
    certenroll_crl_free(crl);
    certenroll_issuers_free(among);
}

static void what_is_no_list_is_said(void **state)
{
    static const struct {
        const char *status_line, *fields, *clause;
    } answers[] = {
        { "404 Not Found", "", "no revocation list: HTTP 404" },
        { "503 Oh", "Content-Type: text/plain\r\n", "no revocation list: HTTP 503" },
        { "204 No Content", "", "HTTP 204" },
        { "302 Found", "Location: /crl\r\n", "HTTP 302" },
        { "308 Permanent Redirect", "Location: https://elsewhere.localhost/\r\n", "HTTP 308" },
        { "200 OK", "", "neither DER nor PEM" },
        { "200 OK", "Content-Type: application/pkix-crl\r\n", "neither DER nor PEM" },
    };
    struct crl_test *test = *state;

    start(test);
    test->list_length = 0;
    for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
        test->status_line = answers[i].status_line;
        test->fields = answers[i].fields;
        if (strncmp(answers[i].status_line, "200", 3) == 0) {
            test->list[0] = '<'; /* a page */
            test->list_length = 100;
        }
        assert_unknown(test, fetch(test), answers[i].clause);
        assert_requests(test, i + 1);
    }
    test->list_length = 0;
    assert_unknown(test, fetch(test), "there is no data");
    test->status_line = "503 Oh";
    test->fields = "Content-Type: text/plain\r\n";
    test->list_length = 7;
    memcpy(test->list, "at noon", test->list_length);
    assert_unknown(test, fetch(test), "HTTP 503; the server says: \"at noon\"");
}

/* In PEM, with much text before it. */
static void take_long_list(struct crl_test *test, size_t length)
{
    BIO *bio = BIO_new(BIO_s_mem());
    const unsigned char *at = test->list;
    X509_CRL *list = d2i_X509_CRL(NULL, &at, (long)test->list_length);
    char *pem = NULL;
    size_t pem_length;

    assert_int_equal(PEM_write_bio_X509_CRL(bio, list), 1);
    pem_length = (size_t)BIO_get_mem_data(bio, &pem);
    free(test->list);
    test->list = malloc(length);
    assert_non_null(test->list);
    memset(test->list, '\n', length);
    memcpy(test->list + length - pem_length, pem, pem_length);
    test->list_length = length;
    X509_CRL_free(list);
    BIO_free(bio);
}

/* More than CA certificates may take. */
static void a_long_list_is_taken(void **state)
{
    struct crl_test *test = *state;
    certenroll_issuers *among = all_issuers(test);
    certenroll_crl *crl;

    take_long_list(test, 10 * MIB);
    start(test);
    crl = fetch(test);
    assert_int_equal(check_leaf(test, crl, among).state, CERTENROLL_REVOCATION_REVOKED);
    certenroll_crl_free(crl);
    certenroll_issuers_free(among);
}

static void a_longer_one_is_not(void **state)
{
    struct crl_test *test = *state;

    take_long_list(test, 10 * MIB + 1);
    start(test);
    assert_unknown(test, fetch(test), "the answer is too long");
    assert_unknown(test, given(test, test->list, test->list_length), "longer than 10 MiB");
}

static void nobody_to_ask(void **state)
{
    struct crl_test *test = *state;
    struct test_ca other;

    start(test);
    test_ca_new(&other, "CN=TLS root,O=Test", NULL);
    certenroll_anchors_free(test->endpoint.anchors);
    test->endpoint.anchors = anchors_of(other.certificate);
    assert_unknown(test, fetch(test), "no TLS connection");
    assert_requests(test, 0);
    https_server_stop(test->endpoint.server);
    test->endpoint.server = NULL;
    assert_unknown(test, fetch(test), "est.localhost");
    test_ca_clear(&other);
}

static void bytes_do_as_well(void **state)
{
    struct crl_test *test = *state;
    certenroll_issuers *among = all_issuers(test);
    certenroll_crl *crl = given(test, test->list, test->list_length);

    assert_int_equal(check_leaf(test, crl, among).state, CERTENROLL_REVOCATION_REVOKED);
    certenroll_crl_free(crl);
    certenroll_issuers_free(among);
    assert_unknown(test, given(test, "", 0), "there is no data");
    assert_unknown(test, given(test, "garbage", 7), "neither DER nor PEM");
}

/* This computer's clock, unless another time is asked for. */
static void of_another_time(void **state)
{
    struct crl_test *test = *state;
    certenroll_crl_check_options options = CERTENROLL_CRL_CHECK_OPTIONS_INIT;
    certenroll_revocation revocation = CERTENROLL_REVOCATION_INIT;
    certenroll_crl *crl = given(test, test->list, test->list_length);

    options.issuers = all_issuers(test);
    options.der = test->der;
    options.der_length = test->der_length;
    options.now = (int64_t)time(NULL) + 2 * 3600;
    assert_ok(certenroll_crl_check(&revocation, crl, &options, &test->error), test->error);
    assert_int_equal(revocation.state, CERTENROLL_REVOCATION_UNKNOWN);
    assert_non_null(strstr(revocation.why, "is old"));
    certenroll_issuers_free(options.issuers);
    certenroll_crl_free(crl);
}

static void unusable_arguments(void **state)
{
    struct crl_test *test = *state;
    certenroll_crl_check_options options = CERTENROLL_CRL_CHECK_OPTIONS_INIT;
    certenroll_revocation revocation = CERTENROLL_REVOCATION_INIT;
    certenroll_crl *crl = NULL, *list = given(test, test->list, test->list_length);
    certenroll_issuers *among = all_issuers(test), *none = NULL;
    certenroll_issued issued = CERTENROLL_ISSUED;
    certenroll_context *context = test->endpoint.context;

#define REFUSED(call) assert_fails(call, CERTENROLL_E_ARGUMENT, test->error)
    REFUSED(certenroll_crl_new(&crl, NULL, 0, &test->error));
    REFUSED(certenroll_crl_fetch(&crl, context, "https://est.localhost", NULL, &test->error));
    REFUSED(certenroll_crl_fetch(&crl, context, NULL, test->anchors, &test->error));
    REFUSED(certenroll_crl_fetch(&crl, context, "http://a/crl", test->anchors, &test->error));
    assert_null(crl);

    REFUSED(certenroll_crl_check(&revocation, list, &options, &test->error)); /* no issuers */
    options.issuers = among;
    revocation.state = CERTENROLL_REVOCATION_GOOD;
    REFUSED(certenroll_crl_check(&revocation, list, &options, &test->error)); /* no certificate */
    assert_int_equal(revocation.state, CERTENROLL_REVOCATION_UNKNOWN);
    options.der = test->der;
    options.der_length = test->der_length - 1;
    assert_fails(certenroll_crl_check(&revocation, list, &options, &test->error),
                 CERTENROLL_E_CERT_MALFORMED, test->error);
    options.der_length = test->der_length + 1; /* with the NUL behind it */
    assert_fails(certenroll_crl_check(&revocation, list, &options, &test->error),
                 CERTENROLL_E_CERT_MALFORMED, test->error);
    options.der_length = test->der_length;
    revocation.size = 0;
    REFUSED(certenroll_crl_check(&revocation, list, &options, &test->error));
    revocation.size = sizeof(revocation) + 1;
    REFUSED(certenroll_crl_check(&revocation, list, &options, &test->error));
    assert_int_equal(revocation.state, CERTENROLL_REVOCATION_UNKNOWN);

    REFUSED(certenroll_issuers_check(&issued, among, NULL, 0, &test->error));
    assert_int_equal(issued, CERTENROLL_ISSUED_BY_UNKNOWN);
    assert_fails(
        certenroll_issuers_check(&issued, among, (const unsigned char *)"x", 1, &test->error),
        CERTENROLL_E_CERT_MALFORMED, test->error);
    test->options.est_url = "https://est.localhost";
    REFUSED(certenroll_issuers_new(&none, context, &test->options, &test->error));
    test->options.tls_anchors = test->anchors;
    test->options.est_url = "http://est.localhost";
    REFUSED(certenroll_issuers_new(&none, context, &test->options, &test->error));
    test->options.est_url = NULL;
    test->options.anchors = NULL;
    REFUSED(certenroll_issuers_new(&none, context, &test->options, &test->error));
    test->options.anchors = test->anchors;
    test->options.certificates = "garbage";
    test->options.certificates_length = 7;
    assert_fails(certenroll_issuers_new(&none, context, &test->options, &test->error),
                 CERTENROLL_E_CERT_MALFORMED, test->error);
    assert_null(none);
    certenroll_issuers_free(among);
    certenroll_crl_free(list);
    certenroll_issuers_free(NULL);
    certenroll_crl_free(NULL);
}

/* --- issuers --- */

static certenroll_issued issued_by(struct crl_test *test, certenroll_issuers *among, X509 *which)
{
    certenroll_issued issued = CERTENROLL_ISSUED_BY_OTHERS;
    size_t length;
    unsigned char *der = test_der(&length, which);

    assert_ok(certenroll_issuers_check(&issued, among, der, length, &test->error), test->error);
    free(der);
    return issued;
}

static void whose_a_certificate_is(void **state)
{
    struct crl_test *test = *state;
    certenroll_issuers *among = issuers(test);
    struct test_ca stranger;
    X509 *both[2];
    size_t length;
    char *pem;

    assert_int_equal(issued_by(test, among, test->leaf), CERTENROLL_ISSUED_BY_UNKNOWN);
    assert_int_equal(issued_by(test, among, test->intermediate.certificate), CERTENROLL_ISSUED);
    certenroll_issuers_free(among);

    test_ca_new(&stranger, "CN=Stranger,O=Test", NULL);
    both[0] = stranger.certificate;
    both[1] = test->intermediate.certificate;
    pem = test_pem(&length, both, 2);
    test->options.certificates = pem;
    test->options.certificates_length = length;
    among = issuers(test);
    free(pem);
    assert_int_equal(issued_by(test, among, test->leaf), CERTENROLL_ISSUED);
    assert_int_equal(issued_by(test, among, stranger.certificate), CERTENROLL_ISSUED_BY_OTHERS);
    certenroll_issuers_free(among);
    test_ca_clear(&stranger);
}

/* An intermediate CA that is given as an anchor is one: nothing is missing, nobody is asked. */
static void an_intermediate_anchor(void **state)
{
    struct crl_test *test = *state;
    certenroll_anchors *anchors = anchors_of(test->intermediate.certificate);
    certenroll_crl *crl = given(test, test->list, test->list_length);
    certenroll_issuers *among;

    start(test);
    test->options.anchors = anchors;
    among = online_issuers(test);
    certenroll_anchors_free(anchors); /* kept */
    assert_int_equal(issued_by(test, among, test->leaf), CERTENROLL_ISSUED);
    assert_int_equal(check_leaf(test, crl, among).state, CERTENROLL_REVOCATION_REVOKED);
    assert_requests(test, 0);
    certenroll_issuers_free(among);
    certenroll_crl_free(crl);
}

static void the_ra_is_asked_once(void **state)
{
    struct crl_test *test = *state;
    certenroll_crl *crl = given(test, test->list, test->list_length);
    certenroll_issuers *among;

    start(test);
    among = online_issuers(test);
    assert_requests(test, 0);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(check_leaf(test, crl, among).state, CERTENROLL_REVOCATION_REVOKED);
        assert_int_equal(issued_by(test, among, test->leaf), CERTENROLL_ISSUED);
        assert_requests(test, 1);
    }
    certenroll_issuers_free(among);
    certenroll_crl_free(crl);
}

/* Once too, and it is said every time. */
static void the_ra_does_not_tell(void **state)
{
    struct crl_test *test = *state;
    certenroll_crl *crl = given(test, test->list, test->list_length);
    certenroll_issuers *among;

    test->cacerts_line = "503 Oh";
    start(test);
    among = online_issuers(test);
    for (int i = 0; i < 2; i++) {
        certenroll_revocation revocation = check_leaf(test, crl, among);
        certenroll_issued issued = CERTENROLL_ISSUED;

        assert_int_equal(revocation.state, CERTENROLL_REVOCATION_UNKNOWN);
        assert_string_equal(revocation.why, "the RA failed: HTTP 503");
        assert_fails(
            certenroll_issuers_check(&issued, among, test->der, test->der_length, &test->error),
            CERTENROLL_E_SERVER, test->error);
        assert_int_equal(issued, CERTENROLL_ISSUED_BY_UNKNOWN);
    }
    assert_requests(test, 1);
    certenroll_issuers_free(among);
    certenroll_crl_free(crl);
}

/* Its certificates are not those that are missing. */
static void the_ra_tells_of_others(void **state)
{
    struct crl_test *test = *state;
    certenroll_crl *crl = given(test, test->list, test->list_length);
    certenroll_issuers *among;

    test->cacerts = test->root.certificate;
    start(test);
    among = online_issuers(test);
    assert_int_equal(issued_by(test, among, test->leaf), CERTENROLL_ISSUED_BY_UNKNOWN);
    assert_string_equal(check_leaf(test, crl, among).why,
                        "\"CN=Leaf,O=Test\" was issued by \"CN=Intermediate,O=Test\", whose "
                        "certificate is missing");
    assert_requests(test, 1);
    certenroll_issuers_free(among);
    certenroll_crl_free(crl);
}

static void without_a_list_the_ra_is_not_asked(void **state)
{
    struct crl_test *test = *state;
    certenroll_crl *crl = given(test, "", 0);
    certenroll_issuers *among;

    start(test);
    among = online_issuers(test);
    assert_int_equal(check_leaf(test, crl, among).state, CERTENROLL_REVOCATION_UNKNOWN);
    assert_requests(test, 0);
    certenroll_issuers_free(among);
    certenroll_crl_free(crl);
}

struct thread {
    pthread_t id;
    const struct crl_test *test;
    const certenroll_crl *crl;
    certenroll_issuers *among;
    certenroll_revocation_state state;
};

static void *check_in_thread(void *user)
{
    struct thread *thread = user;
    certenroll_crl_check_options options = CERTENROLL_CRL_CHECK_OPTIONS_INIT;
    certenroll_revocation revocation = CERTENROLL_REVOCATION_INIT;

    options.issuers = thread->among;
    options.der = thread->test->der;
    options.der_length = thread->test->der_length;
    for (int i = 0; i < 10; i++)
        if (certenroll_crl_check(&revocation, thread->crl, &options, NULL) == CERTENROLL_OK)
            thread->state = revocation.state;
    return NULL;
}

static void threads_share_them(void **state)
{
    struct crl_test *test = *state;
    struct thread threads[4];
    certenroll_crl *crl = given(test, test->list, test->list_length);
    certenroll_issuers *among;

    start(test);
    among = online_issuers(test);
    for (size_t i = 0; i < 4; i++) {
        threads[i] = (struct thread){ .test = test, .crl = crl, .among = among };
        assert_int_equal(pthread_create(&threads[i].id, NULL, check_in_thread, &threads[i]), 0);
    }
    for (size_t i = 0; i < 4; i++) {
        pthread_join(threads[i].id, NULL);
        assert_int_equal(threads[i].state, CERTENROLL_REVOCATION_REVOKED);
    }
    assert_requests(test, 1);
    certenroll_issuers_free(among);
    certenroll_crl_free(crl);
}

/* --- what is on a token --- */

static void entries_of_a_token(void **state)
{
    struct crl_test *test = *state;
    certenroll_inventory_options look = CERTENROLL_INVENTORY_OPTIONS_INIT;
    certenroll_crl_check_options options = CERTENROLL_CRL_CHECK_OPTIONS_INIT;
    certenroll_revocation revocation = CERTENROLL_REVOCATION_INIT;
    struct test_certificate details = TEST_CERTIFICATE_INIT;
    certenroll_inventory *inventory;
    struct furnished_token *f;
    certenroll_crl *crl;
    void *furnished = NULL;
    X509 *leaf;

    assert_int_equal(furnished_token_set_up(&furnished), 0);
    f = furnished;
    furnish_certificate(f, test->intermediate.certificate, "ca");
    details.key = furnish_key(f, "pair");
    details.subject = "CN=Su\x1bzuki,CN=Group,O=Test"; /* the most specific one, as it is */
    leaf = test_ca_issue(&test->intermediate, &details);
    furnish_certificate(f, leaf, "pair");
    EVP_PKEY_free(details.key);
    EVP_PKEY_free(furnish_key(f, "key alone"));
    inventory = furnished_look(f, &look);
    test->options.inventory = inventory;
    options.issuers = issuers(test);
    options.entry = entry_of(inventory, "CN=Su\\1Bzuki,CN=Group,O=Test");
    assert_string_equal(certenroll_entry_common_name(options.entry), "Su\x1bzuki");

    crl = given(test, test->list, test->list_length);
    assert_ok(certenroll_crl_check(&revocation, crl, &options, &test->error), test->error);
    assert_int_equal(revocation.state, CERTENROLL_REVOCATION_GOOD);
    certenroll_crl_free(crl);

    free(test->list);
    {
        X509_CRL *list = list_with(test, leaf);

        test->list = test_crl_der(&test->list_length, list);
        X509_CRL_free(list);
    }
    crl = given(test, test->list, test->list_length);
    assert_ok(certenroll_crl_check(&revocation, crl, &options, &test->error), test->error);
    assert_int_equal(revocation.state, CERTENROLL_REVOCATION_REVOKED);

    options.entry = entry_of(inventory, "");
    assert_string_equal(certenroll_entry_common_name(options.entry), "");
    assert_fails(certenroll_crl_check(&revocation, crl, &options, &test->error),
                 CERTENROLL_E_OBJECT_NOT_FOUND, test->error);
    certenroll_crl_free(crl);
    certenroll_inventory_free(inventory);
    certenroll_issuers_free(options.issuers); /* keeps what it needs of the inventory */
    X509_free(leaf);
    furnished_token_tear_down(&furnished);
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(one_fetch_answers_for_many),
        TEST(what_is_no_list_is_said),
        TEST(a_long_list_is_taken),
        TEST(a_longer_one_is_not),
        TEST(nobody_to_ask),
        TEST(bytes_do_as_well),
        TEST(of_another_time),
        TEST(unusable_arguments),
        TEST(whose_a_certificate_is),
        TEST(an_intermediate_anchor),
        TEST(the_ra_is_asked_once),
        TEST(the_ra_does_not_tell),
        TEST(the_ra_tells_of_others),
        TEST(without_a_list_the_ra_is_not_asked),
        TEST(threads_share_them),
        TEST(entries_of_a_token),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
