/* SPDX-License-Identifier: Apache-2.0 */
/* A hostile RA: whatever is wrong with its answer is refused for that reason, nothing but the
 * enrolment's own key comes to the token, and once the RA answers honestly the enrolment goes on,
 * by the same object or from its journal. */
#include "base/platform.h"
#include "check.h"
#include "fault_world.h"
#include "hostile.h"
#include "object_dump.h"

#include <stdio.h>
#include <stdlib.h>

#define TEXTS_MAX 256

/* What was said of a row. */
struct said {
    const struct hostile_row *row;
    char text[1400];
};

struct hostile {
    struct fault_world world;
    const struct hostile_row *row; /* NULL: honest */
    struct said *said;
    size_t said_count;
};

/* --- the clock, which a test may put back by so many seconds --- */

static int64_t put_back;

int64_t __real_ce_now(void);
int64_t __wrap_ce_now(void);

int64_t __wrap_ce_now(void)
{
    return __real_ce_now() - put_back;
}

/* --- the RA --- */

static int answer_wrongly(void *user, struct https_answer *answer, const struct https_seen *seen)
{
    const struct hostile *hostile = user;
    const struct hostile_row *row = hostile->row;
    EVP_PKEY *key;

    if (row == NULL || strstr(seen->head, "/cacerts ") != NULL)
        return 0;
    if (row->make == NULL) {
        https_answer_whole(answer, row->status_line, row->fields, row->body, strlen(row->body));
        return 1;
    }
    key = honest_ra_requested_key(seen);
    row->make(answer, &hostile->world.ra, key);
    EVP_PKEY_free(key);
    return 1;
}

static int set_up(void **state)
{
    struct hostile *hostile = calloc(1, sizeof(*hostile));

    check(hostile != NULL, "out of memory");
    hostile->said = calloc(TEXTS_MAX, sizeof(*hostile->said));
    check(hostile->said != NULL, "out of memory");
    fault_world_open(&hostile->world);
    hostile->world.ra.instead = answer_wrongly;
    hostile->world.ra.user = hostile;
    *state = hostile;
    return 0;
}

static int tear_down(void **state)
{
    struct hostile *hostile = *state;

    put_back = 0;
    fault_world_close(&hostile->world);
    free(hostile->said);
    free(hostile);
    return 0;
}

/* --- one wrong answer --- */

static int is_one_fault(const struct hostile_row *one, const struct hostile_row *other)
{
    return strcmp(one->says, other->says) == 0;
}

/* Its own reason: no other fault was described in the same words. */
static void assert_reason(struct hostile *hostile, const certenroll_error *error)
{
    const struct hostile_row *row = hostile->row;
    struct said *said = &hostile->said[hostile->said_count];

    check(hostile->said_count < TEXTS_MAX, "there are more rows than texts");
    said->row = row;
    snprintf(said->text, sizeof(said->text), "%s: %s: %s", certenroll_error_what(error),
             certenroll_error_why(error), certenroll_error_ra_words(error));
    if (strstr(said->text, row->says) == NULL)
        fault_complain(&hostile->world, "%s: \"%s\" does not say \"%s\"", row->name, said->text,
                       row->says);
    for (size_t i = 0; i < hostile->said_count; i++)
        if (strcmp(hostile->said[i].text, said->text) == 0 &&
            !is_one_fault(hostile->said[i].row, row))
            fault_complain(&hostile->world, "%s and %s are both \"%s\"", hostile->said[i].row->name,
                           row->name, said->text);
    hostile->said_count++;
}

/* Nothing is on the token but what was, and the key. */
static void assert_unchanged(struct fault_world *world, const char *before)
{
    size_t length;
    const unsigned char *id =
        certenroll_key_get_id(certenroll_enrolment_key(world->enrolment), &length);
    int shares_the_id = world->operation == CERTENROLL_RENEW;
    char *after = object_dump("bank", shares_the_id ? NULL : id, length);

    assert_string_equal(after, before);
    free(after);
}

/* It waits for an answer, and its journal knows. */
static void assert_waiting(struct fault_world *world, certenroll_state expected)
{
    certenroll_state state = CERTENROLL_STATE_NEW;

    assert_int_equal(certenroll_enrolment_state(world->enrolment), expected);
    assert_true(fault_journal(world, &state));
    assert_int_equal(state, expected);
}

/* How often the RA was asked for a certificate. */
static size_t count_requests(struct fault_world *world)
{
    struct https_server *server = world->ra.endpoint.server;
    size_t count = 0;

    for (size_t i = 0; i < https_server_count(server); i++)
        count += strstr(https_server_seen(server, i)->head, "/cacerts ") == NULL;
    return count;
}

/* What is for our key is kept, whatever is wrong with it; else there is nothing to keep. */
static certenroll_state state_after(const certenroll_enrolment *enrolment, int status)
{
    switch (status) {
    case CERTENROLL_E_REJECTED:
        return CERTENROLL_STATE_REJECTED;
    case CERTENROLL_E_CERT_ISSUER:
    case CERTENROLL_E_CERT_DATES:
    case CERTENROLL_E_CERT_NAME:
    case CERTENROLL_E_CERT_USAGE:
    case CERTENROLL_E_CERT_ALGORITHM:
        return CERTENROLL_STATE_RECEIVED;
    case CERTENROLL_E_CERT_MALFORMED: /* all of it, or something in the certificate for our key */
        return certenroll_enrolment_state(enrolment) == CERTENROLL_STATE_RECEIVED
                   ? CERTENROLL_STATE_RECEIVED
                   : CERTENROLL_STATE_SUBMITTED;
    default:
        return CERTENROLL_STATE_SUBMITTED;
    }
}

/* What is kept is refused again, by a run that asks the RA for nothing, though it is honest by now;
 * only for what has expired it is asked. Who is given another one by it gives up this. */
static void assert_kept(struct hostile *hostile)
{
    const int expected = hostile->row->expected;
    struct fault_world *world = &hostile->world;
    size_t before = count_requests(world);
    int status;

    hostile->row = NULL;
    status = certenroll_enrolment_run(world->enrolment, NULL);
    if (expected == CERTENROLL_E_CERT_DATES && count_requests(world) > before) {
        assert_int_equal(status, CERTENROLL_OK);
        world->is_done = 1;
        return;
    }
    assert_int_equal(status, expected);
    assert_int_equal(count_requests(world), before);
    assert_ok(certenroll_enrolment_abandon(world->enrolment, NULL, NULL), NULL);
    certenroll_enrolment_free(world->enrolment);
    world->enrolment = NULL;
}

static void assert_refused(struct hostile *hostile, const struct hostile_row *row, int resume)
{
    struct fault_world *world = &hostile->world;
    certenroll_error *error = NULL;
    char *before;
    int status;

    fault_begin(world);
    before = object_dump("bank", NULL, 0);
    hostile->row = row;
    status = fault_attempt(world, &error);
    assert_true(status < 0);
    assert_int_equal(certenroll_error_status(error), status);
    if (status != row->expected)
        fault_complain(world, "%s: %s instead of %s: %s", row->name, certenroll_status_name(status),
                       certenroll_status_name(row->expected), certenroll_error_message(error));
    assert_reason(hostile, error);
    certenroll_error_free(error);
    assert_unchanged(world, before);
    assert_waiting(world, state_after(world->enrolment, status));
    free(before);
    if (certenroll_enrolment_state(world->enrolment) == CERTENROLL_STATE_RECEIVED)
        assert_kept(hostile);
    hostile->row = NULL;
    fault_finish(world, resume);
}

static unsigned refuse_all(struct hostile *hostile, const struct hostile_row *rows, unsigned number)
{
    for (; rows->name; rows++)
        assert_refused(hostile, rows, number++ % 5 == 0);
    return number;
}

static void refuse_every_table(struct hostile *hostile, const char *name,
                               certenroll_operation operation)
{
    unsigned count = 0;

    fault_world_row(&hostile->world, name, operation, CERTENROLL_KEY_P256);
    hostile->said_count = 0;
    count = refuse_all(hostile, hostile_certificates, count);
    count = refuse_all(hostile, hostile_encodings, count);
    count = refuse_all(hostile, hostile_http, count);
    fault_world_balance(&hostile->world, count);
    assert_true(count >= 40);
}

static void test_a_first_enrolment_is_not_fooled(void **state)
{
    refuse_every_table(*state, "hostile RA, first enrolment", CERTENROLL_ENROLL);
}

static void test_a_renewal_is_not_fooled(void **state)
{
    refuse_every_table(*state, "hostile RA, renewal", CERTENROLL_RENEW);
}

static void test_a_re_key_is_not_fooled(void **state)
{
    refuse_every_table(*state, "hostile RA, re-key", CERTENROLL_REKEY);
}

/* --- patience that is asked for wrongly --- */

struct patience {
    const char *fields;
    int64_t wait; /* seconds */
};

static void assert_patient(struct hostile *hostile, const struct patience *patience, int resume)
{
    const struct hostile_row later = { "202",          CERTENROLL_PENDING, "", NULL,
                                       "202 Accepted", patience->fields,   "" };
    struct fault_world *world = &hostile->world;
    certenroll_error *error = NULL;
    int64_t before, wait;

    fault_begin(world);
    hostile->row = &later;
    put_back = patience->wait + 61;
    before = ce_now();
    assert_int_equal(fault_attempt(world, &error), CERTENROLL_PENDING);
    assert_null(error);
    wait = certenroll_enrolment_retry_at(world->enrolment) - before;
    if (wait < patience->wait || wait > patience->wait + 60)
        fail_msg("\"%s\" makes a wait of %lld s", patience->fields, (long long)wait);
    assert_waiting(world, CERTENROLL_STATE_PENDING);
    hostile->row = NULL;
    put_back = 0;
    fault_finish(world, resume);
}

/* RFC 9110 §10.2.3 has seconds and dates; a year is the longest that is believed, and where there
 * is no sense in it, a minute. */
static void test_patience_has_limits(void **state)
{
    static const struct patience rows[] = {
        { "", 60 },
        { "Retry-After: 90\r\n", 90 },
        { "Retry-After: 0\r\n", 0 },
        { "Retry-After: -5\r\n", 60 },
        { "Retry-After: whenever\r\n", 60 },
        { "Retry-After: 99999999999999999999999\r\n", INT64_C(366) * 86400 },
        { "Retry-After: Fri, 31 Dec 9999 23:59:59 GMT\r\n", INT64_C(366) * 86400 },
        { "Retry-After: Thu, 01 Jan 1970 00:00:01 GMT\r\n", 0 },
    };
    struct hostile *hostile = *state;
    unsigned count = sizeof(rows) / sizeof(rows[0]);

    /* No key is made, for which a clock a year back would be too far off. */
    fault_world_row(&hostile->world, "202", CERTENROLL_RENEW, CERTENROLL_KEY_P256);
    for (unsigned i = 0; i < count; i++)
        assert_patient(hostile, &rows[i], i % 2 == 0);
    fault_world_balance(&hostile->world, count);
}

/* --- credentials --- */

/* The account's password is not spent on a server that goes on asking. */
static void test_a_password_is_asked_once_a_run(void **state)
{
    static const struct hostile_row again = {
        "401", CERTENROLL_E_AUTHENTICATION, "",
        NULL,  "401 Unauthorized",          "WWW-Authenticate: Basic realm=\"est\"\r\n",
        ""
    };
    struct hostile *hostile = *state;
    struct fault_world *world = &hostile->world;
    certenroll_error *error = NULL;

    fault_world_row(world, "401", CERTENROLL_ENROLL, CERTENROLL_KEY_P256);
    fault_begin(world);
    hostile->row = &again;
    assert_fails(fault_attempt(world, &error), CERTENROLL_E_AUTHENTICATION, error);
    assert_int_equal(world->ra.endpoint.asked, 1);
    assert_int_equal(world->pin.asked, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_a_first_enrolment_is_not_fooled), TEST(test_a_renewal_is_not_fooled),
        TEST(test_a_re_key_is_not_fooled),          TEST(test_patience_has_limits),
        TEST(test_a_password_is_asked_once_a_run),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
