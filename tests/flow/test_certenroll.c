/* SPDX-License-Identifier: Apache-2.0 */
/* certenroll against an EST server that answers what no demo RA does. */
#include "check.h"
#include "run.h"
#include "scratch.h"
#include "softhsm.h"
#include "test_endpoint.h"

#include <stdlib.h>
#include <time.h>

#define ACCOUNT "0258366660019"

struct tool_test {
    struct test_endpoint endpoint;
    struct softhsm *hsm;
    char *pin, *password, *anchor; /* files */
    const char *status_line;
    const char *fields;
    const char *body;
};

static void answer(void *user, struct https_answer *out, const struct https_seen *request,
                   size_t number)
{
    const struct tool_test *test = user;

    (void)number;
    /* Credentials only come once the server asks for them (RFC 7617 §2). */
    if (!strstr(request->head, "\r\nAuthorization: Basic "))
        https_answer_whole(out, "401 Unauthorized", "WWW-Authenticate: Basic realm=\"t\"\r\n", "",
                           0);
    else
        https_answer_whole(out, test->status_line, test->fields, test->body, strlen(test->body));
}

static int set_up(void **state)
{
    struct tool_test *test = calloc(1, sizeof(*test));
    const char *dir;
    size_t length;
    char *pem;

    check(test != NULL, "memory");
    test->hsm = softhsm_new((const char *[]){ "customer", NULL });
    dir = softhsm_dir(test->hsm);
    test_endpoint_new(&test->endpoint);
    test_endpoint_start(&test->endpoint, answer, test);
    pem = test_pem(&length, &test->endpoint.ca.certificate, 1);
    test->anchor = scratch_write(dir, "anchor.pem", pem, length);
    free(pem);
    test->pin = scratch_write_text(dir, "pin", SOFTHSM_PIN "\n");
    test->password = scratch_write_text(dir, "password", "open sesame\n");
    *state = test;
    return 0;
}

static int tear_down(void **state)
{
    struct tool_test *test = *state;

    test_endpoint_clear(&test->endpoint);
    softhsm_free(test->hsm);
    free(test->pin);
    free(test->password);
    free(test->anchor);
    free(test);
    return 0;
}

static struct run enroll(struct tool_test *test, const char *form)
{
    char *tool = run_built("tools/certenroll/certenroll");
    const char *argv[] = { tool,
                           "--log",
                           "error",
                           "enroll",
                           "--token=pkcs11:token=customer",
                           "--module",
                           softhsm_module(),
                           "--pin-source",
                           test->pin,
                           "--url",
                           test->endpoint.url,
                           "--trust-anchor",
                           test->anchor,
                           "--user=" ACCOUNT,
                           "--password-source",
                           test->password,
                           "--subject=CN=" ACCOUNT,
                           "--key-type=p-256",
                           "--no-wait",
                           form,
                           NULL };
    struct run run = run_program(softhsm_dir(test->hsm), argv);

    free(tool);
    return run;
}

static void answers(struct tool_test *test, const char *status_line, const char *fields,
                    const char *body)
{
    test->status_line = status_line;
    test->fields = fields;
    test->body = body;
}

/* A moment some months away, as HTTP and as JSON have it. */
static void some_day(char *field, size_t field_size, char *shown, size_t shown_size)
{
    const time_t when = time(NULL) + (time_t)100 * 24 * 3600;
    struct tm utc;

    assert_non_null(gmtime_r(&when, &utc));
    assert_true(strftime(field, field_size, "Retry-After: %a, %d %b %Y %H:%M:%S GMT\r\n", &utc) >
                0);
    assert_true(strftime(shown, shown_size, "%Y-%m-%dT%H:%M:%SZ", &utc) > 0);
}

static void test_pending(void **state)
{
    struct tool_test *test = *state;
    char field[80], shown[32];
    struct run run;

    some_day(field, sizeof(field), shown, sizeof(shown));
    answers(test, "202 Accepted", field, "");
    run = enroll(test, NULL);
    assert_int_equal(run.status, CERTENROLL_CLASS_PENDING);
    assert_non_null(strstr(run.out, "has not decided yet"));
    assert_non_null(strstr(run.out, shown));
    assert_null(strstr(run.err, "certenroll:"));
    run_clear(&run);

    run = enroll(test, "--json");
    assert_int_equal(run.status, CERTENROLL_CLASS_PENDING);
    assert_non_null(strstr(run.out, "\"state\": \"PENDING\""));
    assert_non_null(strstr(run.out, shown));
    run_clear(&run);
}

/* What an RA writes reaches the terminal in one line of its own, and moves no cursor. */
static void test_hostile_text(void **state)
{
    struct tool_test *test = *state;
    struct run run;
    const char *last;

    answers(test, "400 Bad Request", "Content-Type: text/plain\r\n",
            "no\ncertenroll: enrolled\x1b[2K\r\xe2\x80\xae"
            "gpj.exe");
    run = enroll(test, NULL);
    assert_int_equal(run.status, CERTENROLL_CLASS_RA);
    assert_string_equal(run.out, "");
    last = strstr(run.err, "certenroll: The RA says: \"no");
    assert_non_null(last);
    assert_ptr_equal(strchr(last, '\n'), last + strlen(last) - 1);
    assert_non_null(strstr(last, "gpj.exe"));
    assert_null(strchr(run.err, '\x1b'));
    assert_null(strstr(run.err, "\xe2\x80\xae"));
    run_clear(&run);
}

static void test_wrong_server(void **state)
{
    struct tool_test *test = *state;
    struct test_ca other;
    struct run run;
    size_t length;
    char *pem;

    test_ca_new(&other, "CN=Other,O=Test", NULL);
    pem = test_pem(&length, &other.certificate, 1);
    free(test->anchor);
    test->anchor = scratch_write(softhsm_dir(test->hsm), "other.pem", pem, length);
    free(pem);
    test_ca_clear(&other);
    run = enroll(test, "--json");
    assert_int_equal(run.status, CERTENROLL_CLASS_NETWORK);
    assert_non_null(strstr(run.out, "\"status\": \"TLS\""));
    assert_int_equal(https_server_count(test->endpoint.server), 0);
    run_clear(&run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_pending, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_hostile_text, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_wrong_server, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
