/* SPDX-License-Identifier: Apache-2.0 */
/* Each PKCS#11 call of an enrolment, renewal and re-key fails once, in each of the ways that tokens
 * have. Either the run succeeds all the same, or it says what the token said; then it is run again,
 * or resumed from its journal, and ends as if nothing had been. No PIN is ever sent twice. */
#include "check.h"
#include "fault_world.h"

#include <stdio.h>
#include <stdlib.h>

#define CALLS_MAX 2000

static const unsigned long codes[] = {
    0x05,       /* CKR_GENERAL_ERROR */
    0x32,       /* CKR_DEVICE_REMOVED */
    0xb3,       /* CKR_SESSION_HANDLE_INVALID */
    0x31,       /* CKR_DEVICE_MEMORY */
    0xa4,       /* CKR_PIN_LOCKED */
    0x80000123, /* a vendor's own */
};
#define CODES (sizeof(codes) / sizeof(codes[0]))

/* --- what a run that failed must say --- */

/* The status of a failed token call, in all its kinds; never that the library is at fault. */
static int is_sensible(int status)
{
    certenroll_class class = certenroll_status_class(status);

    return class == CERTENROLL_CLASS_TOKEN || class == CERTENROLL_CLASS_MODULE ||
           class == CERTENROLL_CLASS_PIN;
}

/* The line of the log with this result: which call it was that failed. */
static void describe(struct fault_world *world, unsigned long code, char *out, size_t size)
{
    char *log = shim_log(world->shim);
    char ending[16];
    const char *end;

    snprintf(ending, sizeof(ending), " 0x%08lx", code);
    end = strstr(log, ending);
    snprintf(out, size, "a call");
    if (end != NULL) {
        const char *start = end;

        while (start > log && start[-1] != '\n')
            start--;
        snprintf(out, size, "%.*s", (int)(end - start), start);
    }
    free(log);
}

static void assert_told(struct fault_world *world, int status, const certenroll_error *error,
                        unsigned call, unsigned long code)
{
    char name[64];

    describe(world, code, name, sizeof(name));
    if (!is_sensible(status) || certenroll_error_ck_rv(error) != code)
        fault_complain(world, "call %u (%s) with 0x%lx: %s with 0x%lx: %s", call, name, code,
                       certenroll_status_name(status), certenroll_error_ck_rv(error),
                       certenroll_error_message(error));
}

/* A PIN that the person gave once goes to the token once. */
static void assert_pins(struct fault_world *world, unsigned call, unsigned long code)
{
    unsigned logins = shim_calls(world->shim, "C_Login");

    if (logins > world->pin.asked)
        fault_complain(world, "call %u with 0x%lx: %u logins for %u PINs", call, code, logins,
                       world->pin.asked);
}

/* --- the matrix --- */

/* Returns whether the run had so many calls. */
static int try_call(struct fault_world *world, unsigned call, unsigned long code)
{
    certenroll_error *error = NULL;
    char line[64];
    int status;
    unsigned calls;

    fault_begin(world);
    snprintf(line, sizeof(line), "fail-call %06u 0x%lx\n", call, code);
    shim_control(world->shim, line);
    status = fault_attempt(world, &error);
    shim_control(world->shim, "");
    calls = shim_calls(world->shim, NULL);
    assert_pins(world, call, code);
    if (status != CERTENROLL_OK)
        assert_told(world, status, error, call, code);
    certenroll_error_free(error);
    fault_finish(world, call % 2 == 0);
    return calls >= call;
}

/* Every call with every code, or with only one of them in turn: that is a sixth of the points. */
static void fail_every_call(struct fault_world *world, int every_code)
{
    unsigned call = 1;
    int more = 1;

    while (more) {
        for (unsigned i = 0; more && i < CODES; i++)
            if (every_code || i == call % CODES)
                more = try_call(world, call, codes[i]);
        call++;
        check(call < CALLS_MAX, "the run does not come to an end");
    }
    fault_world_balance(world, every_code ? 100 : 20);
}

static void test_enrolment(void **state)
{
    fault_world_row(*state, "PKCS#11 calls, enrolment, P-256", CERTENROLL_ENROLL,
                    CERTENROLL_KEY_P256);
    fail_every_call(*state, fault_world_is_full());
}

static void test_renewal(void **state)
{
    fault_world_row(*state, "PKCS#11 calls, renewal, P-256", CERTENROLL_RENEW, CERTENROLL_KEY_P256);
    fail_every_call(*state, fault_world_is_full());
}

static void test_re_key(void **state)
{
    fault_world_row(*state, "PKCS#11 calls, re-key, P-256", CERTENROLL_REKEY, CERTENROLL_KEY_P256);
    fail_every_call(*state, fault_world_is_full());
}

static void test_rsa(void **state)
{
    if (!fault_world_is_full()) /* half the time is the making of the keys */
        skip();
    fault_world_row(*state, "PKCS#11 calls, enrolment, RSA-2048", CERTENROLL_ENROLL,
                    CERTENROLL_KEY_RSA_2048);
    fail_every_call(*state, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fault_world_set_up, fault_world_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_enrolment),
        TEST(test_renewal),
        TEST(test_re_key),
        TEST(test_rsa),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
