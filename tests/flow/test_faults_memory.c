/* SPDX-License-Identifier: Apache-2.0 */
/* Each allocation that the library makes fails in turn, and after that each of OpenSSL's on its
 * behalf: the run says so, nothing leaks or falls over, and running it again, or resuming it, ends
 * as if nothing had been. The linker puts the wrappers below in the place of the real functions
 * (--wrap, tests/CMakeLists.txt). */
#include "check.h"
#include "fault_world.h"
#include "token/session.h"

#include <openssl/crypto.h>

#include <stdio.h>
#include <stdlib.h>

/* --- allocations that are counted, and the one that fails --- */

enum maker { OURS, OPENSSLS };

/* Of the thread that runs the library, not of the RA's. */
static _Thread_local struct {
    int armed;
    enum maker maker;
    int on_token; /* in SoftHSM, which allocates by OpenSSL, too */
    unsigned count;
    unsigned failing;
} fault;

static int fails(enum maker maker)
{
    if (!fault.armed || fault.maker != maker || fault.on_token)
        return 0;
    return ++fault.count == fault.failing;
}

#define WRAPPER(type, name, parameters, arguments)                                                 \
    type __real_##name parameters;                                                                 \
    type __wrap_##name parameters;                                                                 \
    type __wrap_##name parameters                                                                  \
    {                                                                                              \
        if (fails(OURS)) {                                                                         \
            errno = ENOMEM;                                                                        \
            return NULL;                                                                           \
        }                                                                                          \
        return __real_##name arguments;                                                            \
    }

WRAPPER(void *, malloc, (size_t size), (size))
WRAPPER(void *, calloc, (size_t count, size_t size), (count, size))
WRAPPER(void *, realloc, (void *old, size_t size), (old, size))
WRAPPER(char *, strdup, (const char *text), (text))
WRAPPER(char *, strndup, (const char *text, size_t size), (text, size))
WRAPPER(void *, ce_locked_alloc, (size_t size), (size))

/* The token layer uses no OpenSSL of its own: what is allocated in here is SoftHSM's affair. */
int __real_ce_session_run(certenroll_token *token, enum ce_access access, ce_session_work work,
                          void *argument, certenroll_error **error);
int __wrap_ce_session_run(certenroll_token *token, enum ce_access access, ce_session_work work,
                          void *argument, certenroll_error **error);

int __wrap_ce_session_run(certenroll_token *token, enum ce_access access, ce_session_work work,
                          void *argument, certenroll_error **error)
{
    int status;

    fault.on_token += fault.maker == OPENSSLS;
    status = __real_ce_session_run(token, access, work, argument, error);
    fault.on_token -= fault.maker == OPENSSLS;
    return status;
}

static void *openssl_malloc(size_t size, const char *file, int line)
{
    (void)file;
    (void)line;
    return fails(OPENSSLS) ? NULL : __real_malloc(size);
}

static void *openssl_realloc(void *old, size_t size, const char *file, int line)
{
    (void)file;
    (void)line;
    return fails(OPENSSLS) ? NULL : __real_realloc(old, size);
}

static void openssl_free(void *memory, const char *file, int line)
{
    (void)file;
    (void)line;
    free(memory);
}

/* --- one of them --- */

static int attempt(struct fault_world *world, enum maker maker, unsigned failing,
                   certenroll_error **error)
{
    int status;

    fault.maker = maker;
    fault.failing = failing;
    fault.count = 0;
    fault.armed = 1;
    status = fault_attempt(world, error);
    fault.armed = 0;
    return status;
}

/* Where OpenSSL, libcurl or the module says that it cannot go on, it does not always say why. Of
 * our own allocations each failure is known as such, but for those of the provider while OpenSSL
 * asks whether the key can sign for TLS (EVP_PKEY_digestsign_supports_digest drops the reason):
 * then no certificate is shown, and the RA says no. */
static void assert_told(struct fault_world *world, int status, const certenroll_error *error,
                        enum maker maker, unsigned failing)
{
    if (status == CERTENROLL_OK || status == CERTENROLL_E_MEMORY)
        return;
    if ((maker == OPENSSLS && status < 0) || status == CERTENROLL_E_AUTHENTICATION)
        return;
    fault_complain(world, "allocation %u: %s: %s", failing, certenroll_status_name(status),
                   certenroll_error_message(error));
}

/* Returns how many allocations the run has made. */
static unsigned try_allocation(struct fault_world *world, enum maker maker, unsigned failing)
{
    certenroll_error *error = NULL;
    unsigned count;
    int status;

    fault_begin(world);
    status = attempt(world, maker, failing, &error);
    count = fault.count;
    assert_told(world, status, error, maker, failing);
    certenroll_error_free(error);
    fault_finish(world, world->points % 2 == 0);
    return count;
}

/* --- all of them --- */

static void fail_every_allocation(struct fault_world *world, enum maker maker, unsigned points)
{
    unsigned count = try_allocation(world, maker, 0);
    unsigned stride;

    if (!fault_world_is_full())
        points /= 4;
    stride = count > points ? count / points : 1;
    print_message("%s: %u allocations, every %u fails\n", world->name, count, stride);
    for (unsigned failing = 1; failing <= count; failing += stride)
        try_allocation(world, maker, failing);
    fault_world_balance(world, count / stride);
}

static void test_enrolment(void **state)
{
    fault_world_row(*state, "our allocations, enrolment", CERTENROLL_ENROLL, CERTENROLL_KEY_P256);
    fail_every_allocation(*state, OURS, 1500);
}

static void test_renewal(void **state)
{
    fault_world_row(*state, "our allocations, renewal", CERTENROLL_RENEW, CERTENROLL_KEY_P256);
    fail_every_allocation(*state, OURS, 250);
}

static void test_re_key(void **state)
{
    fault_world_row(*state, "our allocations, re-key", CERTENROLL_REKEY, CERTENROLL_KEY_P256);
    fail_every_allocation(*state, OURS, 160);
}

static void test_openssl(void **state)
{
    fault_world_row(*state, "OpenSSL's allocations, enrolment", CERTENROLL_ENROLL,
                    CERTENROLL_KEY_P256);
    fail_every_allocation(*state, OPENSSLS, 120);
    fault_world_row(*state, "OpenSSL's allocations, re-key", CERTENROLL_REKEY, CERTENROLL_KEY_P256);
    fail_every_allocation(*state, OPENSSLS, 120);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fault_world_set_up, fault_world_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_enrolment),
        TEST(test_renewal),
        TEST(test_re_key),
        TEST(test_openssl),
    };

    if (CRYPTO_set_mem_functions(openssl_malloc, openssl_realloc, openssl_free) != 1)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
