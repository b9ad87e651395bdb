/* SPDX-License-Identifier: Apache-2.0 */
/* What the CA has returned is kept, and the CA is not asked for another one: neither where the
 * certificate has yet to begin, nor where it was refused and what was wrong is corrected. What an
 * RA says about time, its own and ours. And what is found out before a key is made. */
#include "base/platform.h"
#include "renewal_world.h"

#include <certenroll/openssl.h>

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define HOUR 3600L
#define DAY (24 * HOUR)

static int64_t ahead; /* of this computer's clock, in seconds */

int64_t __real_ce_now(void);
int64_t __wrap_ce_now(void);

int64_t __wrap_ce_now(void)
{
    return __real_ce_now() + ahead;
}

/* --- an RA whose certificates, clock and patience a test chooses --- */

struct kept {
    struct renewal_world *world;
    struct test_certificate details; /* without its key */
    int is_lone;                     /* without the issuing CA's */
    const char *cacerts_status;      /* NULL: they come */
    const char *status;              /* instead of a certificate; NULL: one is issued */
    char fields[200];                /* of that answer */
    long skew;                       /* of the RA's clock; of 0 nothing is said */
    unsigned issued, asked;
};

static void date_field(char *out, size_t size, const char *name, long from_now)
{
    const time_t moment = time(NULL) + from_now;
    struct tm parts;
    size_t used = (size_t)snprintf(out, size, "%s: ", name);

    strftime(out + used, size - used, "%a, %d %b %Y %H:%M:%S GMT\r\n", gmtime_r(&moment, &parts));
}

/* Behind the status line. */
static void add_date(struct https_answer *answer, long skew)
{
    unsigned char *bytes = answer->bytes;
    const size_t line = (size_t)((unsigned char *)memchr(bytes, '\n', answer->length) - bytes) + 1;
    const size_t length = answer->length;
    char field[64];

    date_field(field, sizeof(field), "Date", skew);
    answer->bytes = NULL;
    answer->length = 0;
    https_answer_append(answer, bytes, line);
    https_answer_append(answer, field, strlen(field));
    https_answer_append(answer, bytes + line, length - line);
    free(bytes);
}

static void issue(struct kept *kept, struct https_answer *answer, const struct https_seen *seen)
{
    struct honest_ra *ra = &kept->world->ra;
    struct test_certificate details = kept->details;
    X509 *certificates[2] = { NULL, ra->issuing.certificate };

    details.key = honest_ra_requested_key(seen);
    certificates[0] = test_ca_issue(&ra->issuing, &details);
    honest_ra_answer_with(answer, certificates, kept->is_lone ? 1 : 2);
    kept->issued++;
    X509_free(certificates[0]);
    EVP_PKEY_free(details.key);
}

static int answer(void *user, struct https_answer *answer, const struct https_seen *seen)
{
    struct kept *kept = user;

    if (strstr(seen->head, "/cacerts ")) {
        if (!kept->cacerts_status)
            return 0;
        https_answer_whole(answer, kept->cacerts_status, "", "", 0);
        return 1;
    }
    kept->asked++;
    if (kept->status)
        https_answer_whole(answer, kept->status, kept->fields, "", 0);
    else
        issue(kept, answer, seen);
    if (kept->skew)
        add_date(answer, kept->skew);
    return 1;
}

static int set_up(void **state)
{
    struct kept *kept = calloc(1, sizeof(*kept));
    const struct test_certificate fitting = TEST_CERTIFICATE_INIT;
    void *world;

    check(kept != NULL, "out of memory");
    renewal_world_set_up(&world);
    kept->world = world;
    kept->details = fitting;
    kept->details.subject = HONEST_RA_SUBJECT;
    kept->details.alt_names = HONEST_RA_ALT_NAMES;
    kept->world->ra.instead = answer;
    kept->world->ra.user = kept;
    *state = kept;
    return 0;
}

static int tear_down(void **state)
{
    struct kept *kept = *state;
    void *world = kept->world;

    ahead = 0;
    renewal_world_tear_down(&world);
    free(kept);
    return 0;
}

/* --- the client --- */

static certenroll_enrolment_options options_of(struct kept *kept)
{
    certenroll_enrolment_options options = renewal_options(kept->world, CERTENROLL_ENROLL);

    options.another = CERTENROLL_ANOTHER_PAIR; /* but not another enrolment */
    return options;
}

/* The same command (again): what is unfinished is gone on with. */
static certenroll_enrolment *begin(struct kept *kept)
{
    const certenroll_enrolment_options options = options_of(kept);

    return renewal_new(kept->world, &options);
}

static void assert_kept(struct kept *kept, const certenroll_enrolment *enrolment, unsigned asked)
{
    assert_int_equal(certenroll_enrolment_state(enrolment), CERTENROLL_STATE_RECEIVED);
    assert_int_equal(kept->asked, asked);
    assert_renewal_objects(kept->world, 2, 1);
}

static void assert_done(struct kept *kept, certenroll_enrolment *enrolment, unsigned issued)
{
    assert_ok(certenroll_enrolment_run(enrolment, &kept->world->error), kept->world->error);
    assert_int_equal(kept->issued, issued);
    assert_int_equal(kept->asked, issued);
    assert_renewal_objects(kept->world, 2, 2);
    certenroll_enrolment_free(enrolment);
    assert_renewal_journals(kept->world, 0);
}

/* The refusal is in the journal, for `certenroll status`. */
static void assert_noted(struct renewal_world *world, int status, const char *why)
{
    certenroll_journal_list *list = NULL;
    const certenroll_journal *journal;

    assert_ok(certenroll_journal_list_new(&list, world->context, world->journals, &world->error),
              world->error);
    journal = certenroll_journal_list_at(list, 0);
    assert_int_equal(certenroll_journal_state(journal), CERTENROLL_STATE_RECEIVED);
    assert_int_equal(certenroll_journal_refused(journal), status);
    assert_non_null(strstr(certenroll_journal_refused_why(journal), why));
    certenroll_journal_list_free(list);
}

/* Refused for this reason; a second run says the same, and asks for nothing. The caller's is the
 * enrolment. */
static certenroll_enrolment *begin_refused(struct kept *kept, int status, const char *why)
{
    struct renewal_world *world = kept->world;
    certenroll_enrolment *enrolment = begin(kept);

    for (int i = 0; i < 2; i++) {
        assert_int_equal(certenroll_enrolment_run(enrolment, &world->error), status);
        assert_non_null(strstr(certenroll_error_why(world->error), why));
        certenroll_error_clear(&world->error);
        assert_kept(kept, enrolment, 1);
        assert_noted(world, status, why);
    }
    return enrolment;
}

static void refused(struct kept *kept, int status, const char *why)
{
    certenroll_enrolment_free(begin_refused(kept, status, why));
}

/* --- clocks --- */

static void test_what_began_before_is_installed(void **state)
{
    struct kept *kept = *state;

    kept->details.not_before = -360;
    kept->skew = -360;
    assert_done(kept, begin(kept), 1);
}

/* Within ten minutes it is waited for, by the same object or from the journal. */
static void test_what_begins_in_a_moment_is_waited_for(void **state)
{
    static const long moments[] = { 2, 119, 595 };
    struct kept *kept = *state;
    struct renewal_world *world = kept->world;

    for (size_t i = 0; i < sizeof(moments) / sizeof(moments[0]); i++) {
        certenroll_enrolment *enrolment;

        ahead = 0;
        kept->asked = 0;
        kept->details.not_before = kept->skew = moments[i];
        enrolment = begin(kept);
        assert_int_equal(certenroll_enrolment_run(enrolment, &world->error), CERTENROLL_PENDING);
        assert_in_range(certenroll_enrolment_retry_at(enrolment), ce_now() + moments[i] - 2,
                        ce_now() + moments[i]);
        assert_int_equal(certenroll_enrolment_state(enrolment), CERTENROLL_STATE_RECEIVED);
        if (i % 2 == 0) {
            certenroll_enrolment_free(enrolment);
            enrolment = renewal_resume(world);
        }
        assert_int_equal(certenroll_enrolment_run(enrolment, &world->error), CERTENROLL_PENDING);
        ahead = moments[i] + 1;
        assert_ok(certenroll_enrolment_run(enrolment, &world->error), world->error);
        assert_int_equal(kept->asked, 1);
        certenroll_enrolment_free(enrolment);
    }
    assert_int_equal(kept->issued, sizeof(moments) / sizeof(moments[0]));
    assert_renewal_objects(world, 1 + kept->issued, 1 + kept->issued);
}

/* More is a clock that is to be set right: then it is installed. */
static void test_a_clock_far_behind_is_named(void **state)
{
    struct kept *kept = *state;

    kept->details.not_before = kept->skew = 11 * HOUR;
    refused(kept, CERTENROLL_E_CERT_DATES, "it is valid from");
    ahead = 11 * HOUR + 1;
    assert_done(kept, renewal_resume(kept->world), 1);
}

static void test_the_skew_is_named(void **state)
{
    struct kept *kept = *state;
    struct renewal_world *world = kept->world;
    certenroll_enrolment *enrolment = begin(kept);

    kept->details.not_before = kept->skew = 11 * HOUR + 1800;
    assert_int_equal(certenroll_enrolment_run(enrolment, &world->error), CERTENROLL_E_CERT_DATES);
    assert_non_null(
        strstr(certenroll_error_why(world->error), "this computer's clock is 11 h 30 min behind"));
    certenroll_error_clear(&world->error);
    certenroll_enrolment_free(enrolment);
}

/* --- before a key is made --- */

static void assert_nothing_made(struct kept *kept, int status, const char *says)
{
    struct renewal_world *world = kept->world;
    certenroll_enrolment *enrolment = begin(kept);

    world->pin.asked = 0;
    assert_int_equal(certenroll_enrolment_run(enrolment, &world->error), status);
    assert_non_null(strstr(certenroll_error_message(world->error), says));
    certenroll_error_clear(&world->error);
    assert_int_equal(certenroll_enrolment_state(enrolment), CERTENROLL_STATE_NEW);
    certenroll_enrolment_free(enrolment);
    assert_int_equal(world->pin.asked, 0);
    assert_int_equal(kept->asked, 0);
    assert_renewal_journals(world, 0);
    assert_renewal_objects(world, 1, 1);
}

static void test_a_clock_beyond_the_anchors_is_named_first(void **state)
{
    ahead = 400 * DAY;
    assert_nothing_made(*state, CERTENROLL_E_CERT_DATES, "no trust anchor is valid");
    ahead = -400 * DAY;
    assert_nothing_made(*state, CERTENROLL_E_CERT_DATES, "clock");
}

static void test_a_server_beyond_its_end_names_the_clock(void **state)
{
    struct kept *kept = *state;
    struct test_endpoint *endpoint = &kept->world->ra.endpoint;
    struct test_certificate details = TEST_CERTIFICATE_INIT;

    details.alt_names = "DNS:est.localhost";
    details.ext_key_usage = "serverAuth";
    details.not_after = -60;
    https_server_stop(endpoint->server);
    test_endpoint_reissue(endpoint, details);
    endpoint->options.certificate = endpoint->server_certificate;
    endpoint->server = https_server_start(&endpoint->options);
    snprintf(endpoint->url, sizeof(endpoint->url), "https://est.localhost:%u",
             https_server_port(endpoint->server));
    assert_nothing_made(kept, CERTENROLL_E_TLS, "By this computer's clock it is");
}

static void test_a_dead_ra_costs_no_key(void **state)
{
    struct kept *kept = *state;
    struct test_endpoint *endpoint = &kept->world->ra.endpoint;

    https_server_stop(endpoint->server);
    endpoint->server = NULL;
    assert_nothing_made(kept, CERTENROLL_E_NETWORK, "cannot connect");
}

/* One request for the CA's certificates, before the key: the judging has it. */
static void test_cacerts_are_asked_for_once(void **state)
{
    struct kept *kept = *state;
    struct https_server *server = kept->world->ra.endpoint.server;
    size_t before = https_server_count(server);

    kept->is_lone = 1;
    assert_done(kept, begin(kept), 1);
    assert_int_equal(https_server_count(server) - before, 2);
    assert_non_null(strstr(https_server_seen(server, before)->head, "/cacerts "));
    assert_null(https_server_seen(server, before)->peer);
}

/* --- refused, and corrected --- */

static void test_names_are_accepted_afterwards(void **state)
{
    struct kept *kept = *state;
    certenroll_enrolment_options options;

    kept->details.alt_names = HONEST_RA_ALT_NAMES ",DNS:www.example.jp";
    refused(kept, CERTENROLL_E_CERT_NAME, "www.example.jp");
    options = options_of(kept);
    options.ca_names = 1;
    assert_done(kept, renewal_new(kept->world, &options), 1);
}

static void test_usages_are_accepted_afterwards(void **state)
{
    struct kept *kept = *state;
    certenroll_enrolment_options options;
    certenroll_request_options request;

    kept->details.ext_key_usage = "clientAuth,emailProtection";
    refused(kept, CERTENROLL_E_CERT_USAGE, "emailProtection");
    options = options_of(kept);
    request = *options.request;
    request.extended_key_usage = "clientAuth,emailProtection";
    options.request = &request;
    assert_done(kept, renewal_new(kept->world, &options), 1);
}

static void test_an_anchor_is_corrected_afterwards(void **state)
{
    struct kept *kept = *state;
    struct renewal_world *world = kept->world;
    certenroll_enrolment_options options = options_of(kept);
    certenroll_enrolment *enrolment;
    certenroll_anchors *wrong = NULL;
    struct test_ca stranger;
    size_t length;
    char *pem;

    test_ca_new(&stranger, "CN=Stranger,O=Test", NULL);
    pem = test_pem(&length, &stranger.certificate, 1);
    assert_ok(certenroll_anchors_new(&wrong, pem, length, &world->error), world->error);
    options.tls_anchors = options.anchors;
    options.anchors = wrong;
    enrolment = renewal_new(world, &options);
    assert_fails(certenroll_enrolment_run(enrolment, &world->error), CERTENROLL_E_CERT_ISSUER,
                 world->error);
    assert_kept(kept, enrolment, 1);
    certenroll_enrolment_free(enrolment);
    assert_done(kept, begin(kept), 1);
    certenroll_anchors_free(wrong);
    free(pem);
    test_ca_clear(&stranger);
}

/* Both are said: what is missing, and why it did not come. */
static void test_cacerts_that_failed_are_asked_for_again(void **state)
{
    struct kept *kept = *state;

    kept->is_lone = 1;
    kept->cacerts_status = "503 Service Unavailable";
    refused(kept, CERTENROLL_E_CERT_ISSUER, "Issuing");
    kept->cacerts_status = NULL;
    assert_done(kept, renewal_resume(kept->world), 1);
}

static void test_both_failures_are_told(void **state)
{
    struct kept *kept = *state;

    kept->is_lone = 1;
    kept->cacerts_status = "503 Service Unavailable";
    refused(kept, CERTENROLL_E_CERT_ISSUER, "HTTP 503");
}

static void test_one_that_has_expired_is_asked_for_again(void **state)
{
    struct kept *kept = *state;

    kept->details.alt_names = NULL;
    kept->details.not_after = HOUR;
    refused(kept, CERTENROLL_E_CERT_NAME, "it lacks");
    kept->details.alt_names = HONEST_RA_ALT_NAMES;
    kept->details.not_after = 2 * HOUR;
    ahead = HOUR + 60;
    assert_done(kept, renewal_resume(kept->world), 2);
}

static void put_foreign(struct ce_record *record, void *user)
{
    const struct ce_buffer *foreign = user;

    record->state = CERTENROLL_STATE_RECEIVED;
    ce_blobs_clear(&record->received);
    assert_int_equal(ce_blobs_add(&record->received, foreign->data, foreign->length, NULL), 0);
}

/* A file is not to be believed: of what is for another key nothing is kept. */
static void test_a_foreign_one_is_asked_for_again(void **state)
{
    struct kept *kept = *state;

    kept->details.alt_names = NULL;
    refused(kept, CERTENROLL_E_CERT_NAME, "it lacks");
    kept->details.alt_names = HONEST_RA_ALT_NAMES;
    renewal_edit_journal(kept->world, put_foreign, &kept->world->present_certificate);
    assert_done(kept, renewal_resume(kept->world), 2);
}

/* As if the process had died before it was written to the token. */
static void put_issued(struct ce_record *record, void *user)
{
    (void)user;
    record->state = CERTENROLL_STATE_ISSUED;
    assert_int_equal(ce_buffer_set(&record->issued, record->received.list[0].data,
                                   record->received.list[0].length, NULL),
                     CERTENROLL_OK);
    assert_int_equal(ce_blobs_add(&record->chain, record->received.list[1].data,
                                  record->received.list[1].length, NULL),
                     CERTENROLL_OK);
    ce_blobs_clear(&record->received);
}

static void test_one_that_fits_no_longer_is_kept(void **state)
{
    struct kept *kept = *state;
    struct renewal_world *world = kept->world;
    certenroll_enrolment_options options = options_of(kept);
    certenroll_enrolment *enrolment;

    kept->details.alt_names = NULL;
    refused(kept, CERTENROLL_E_CERT_NAME, "it lacks");
    renewal_edit_journal(world, put_issued, NULL);
    enrolment = renewal_resume(world);
    assert_fails(certenroll_enrolment_run(enrolment, &world->error), CERTENROLL_E_CERT_NAME,
                 world->error);
    assert_kept(kept, enrolment, 1);
    certenroll_enrolment_free(enrolment);
    options.ca_names = 1;
    assert_done(kept, renewal_new(world, &options), 1);
}

/* --- given up --- */

/* By the RA's own ledger: what it has issued is refused here, and then revoked, by whoever asked
 * for it; without an account by the refused pair itself. */
static void assert_revoked_for(struct kept *kept, const char *account)
{
    struct renewal_world *world = kept->world;
    certenroll_enrolment_options options = options_of(kept);
    certenroll_request_options request = *options.request;
    certenroll_abandon_options abandon = CERTENROLL_ABANDON_OPTIONS_INIT;
    certenroll_enrolment *enrolment;
    size_t length = 0;

    world->ra.instead = NULL;
    request.alt_names_count = 1;
    options.request = &request;
    options.username = account;
    enrolment = renewal_new(world, &options);
    assert_fails(certenroll_enrolment_run(enrolment, &world->error), CERTENROLL_E_CERT_NAME,
                 world->error);
    certenroll_enrolment_free(enrolment);
    enrolment = renewal_resume(world);
    assert_int_equal(honest_ra_in_force(&world->ra), 2);
    abandon.revoke = 1;
    assert_ok(certenroll_enrolment_abandon(enrolment, &abandon, &world->error), world->error);
    assert_int_equal(honest_ra_in_force(&world->ra), 1);
    assert_string_equal(world->ra.revoked_by, account ? "account" : "pair");
    assert_null(certenroll_enrolment_revoke_at(enrolment, 0, &length));
    certenroll_enrolment_free(enrolment);
    assert_renewal_objects(world, 1, 1);
    assert_renewal_journals(world, 0);
}

static void test_what_is_given_up_is_revoked(void **state)
{
    assert_revoked_for(*state, HONEST_RA_USER);
    assert_revoked_for(*state, NULL);
}

static void test_what_is_given_up_is_named(void **state)
{
    struct kept *kept = *state;
    struct renewal_world *world = kept->world;
    certenroll_enrolment *enrolment;
    size_t length = 0;

    kept->details.alt_names = NULL;
    enrolment = begin_refused(kept, CERTENROLL_E_CERT_NAME, "it lacks");
    assert_ok(certenroll_enrolment_abandon(enrolment, NULL, &world->error), world->error);
    assert_non_null(certenroll_enrolment_revoke_at(enrolment, 0, &length));
    assert_null(certenroll_enrolment_revoke_at(enrolment, 1, &length));
    assert_null(certenroll_enrolment_unanswered_at(enrolment, 0));
    assert_int_equal(kept->asked, 1);
    certenroll_enrolment_free(enrolment);
    assert_renewal_objects(world, 1, 1);
}

/* --- patience --- */

struct patience {
    const char *status;
    const char *field; /* NULL: a date that is `wait` seconds from the RA's now */
    long skew;
    long wait; /* seconds; 0: it is no patience */
    int is_busy;
};

static void assert_patient(struct kept *kept, const struct patience *row)
{
    struct renewal_world *world = kept->world;
    certenroll_enrolment *enrolment = begin(kept);

    kept->asked = kept->issued = 0;
    kept->status = row->status;
    kept->skew = row->skew;
    if (row->field)
        snprintf(kept->fields, sizeof(kept->fields), "%s", row->field);
    else
        date_field(kept->fields, sizeof(kept->fields), "Retry-After", row->skew + row->wait);
    if (row->wait == 0) {
        assert_true(certenroll_enrolment_run(enrolment, &world->error) < 0);
        certenroll_error_clear(&world->error);
    } else {
        assert_int_equal(certenroll_enrolment_run(enrolment, &world->error), CERTENROLL_PENDING);
        assert_in_range(certenroll_enrolment_retry_at(enrolment), ce_now() + row->wait - 3,
                        ce_now() + row->wait + 3);
        assert_int_equal(certenroll_enrolment_is_ra_busy(enrolment), row->is_busy);
        ahead = row->wait - 10;
        assert_int_equal(certenroll_enrolment_run(enrolment, &world->error), CERTENROLL_PENDING);
        ahead = row->wait + 10;
    }
    assert_int_equal(kept->asked, 1);
    kept->status = NULL;
    kept->skew = 0;
    assert_ok(certenroll_enrolment_run(enrolment, &world->error), world->error);
    assert_int_equal(kept->asked, 2);
    assert_int_equal(kept->issued, 1);
    certenroll_enrolment_free(enrolment);
    ahead = 0;
}

static void test_patience_by_the_ras_clock(void **state)
{
    static const struct patience rows[] = {
        { "202 Accepted", "Retry-After: 120\r\n", 0, 120, 0 },
        { "202 Accepted", NULL, 0, 120, 0 },
        { "202 Accepted", NULL, 5 * HOUR, 120, 0 },
        { "202 Accepted", NULL, -5 * HOUR, 120, 0 },
        { "202 Accepted", "Retry-After: 120\r\n", -5 * HOUR, 120, 0 },
        { "429 Too Many Requests", "Retry-After: 120\r\n", 0, 120, 1 },
        { "429 Too Many Requests", NULL, -5 * HOUR, 120, 1 },
        { "503 Service Unavailable", "Retry-After: 120\r\n", 0, 120, 1 },
        { "503 Service Unavailable", NULL, 5 * HOUR, 120, 1 },
        { "429 Too Many Requests", "", 0, 0, 0 },
        { "503 Service Unavailable", "", 0, 0, 0 },
        { "503 Service Unavailable", "Retry-After: soon\r\n", 0, 0, 0 },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        assert_patient(*state, &rows[i]);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_what_began_before_is_installed),
        TEST(test_what_begins_in_a_moment_is_waited_for),
        TEST(test_a_clock_far_behind_is_named),
        TEST(test_the_skew_is_named),
        TEST(test_a_clock_beyond_the_anchors_is_named_first),
        TEST(test_a_server_beyond_its_end_names_the_clock),
        TEST(test_a_dead_ra_costs_no_key),
        TEST(test_cacerts_are_asked_for_once),
        TEST(test_names_are_accepted_afterwards),
        TEST(test_usages_are_accepted_afterwards),
        TEST(test_an_anchor_is_corrected_afterwards),
        TEST(test_cacerts_that_failed_are_asked_for_again),
        TEST(test_both_failures_are_told),
        TEST(test_one_that_has_expired_is_asked_for_again),
        TEST(test_a_foreign_one_is_asked_for_again),
        TEST(test_one_that_fits_no_longer_is_kept),
        TEST(test_what_is_given_up_is_revoked),
        TEST(test_what_is_given_up_is_named),
        TEST(test_patience_by_the_ras_clock),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
