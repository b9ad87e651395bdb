/* SPDX-License-Identifier: Apache-2.0 */
/* cmocka with the headers it wants first, and a check for fixtures that says what went wrong. */
#ifndef TEST_CHECK_H
#define TEST_CHECK_H

/* clang-format off: cmocka.h needs these before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
/* clang-format on */

#include <certenroll/error.h>

#include <errno.h>
#include <string.h>

#define check(condition, ...)                                                                      \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            print_error(__VA_ARGS__);                                                              \
            print_error(" (errno: %s)\n", strerror(errno));                                        \
            fail();                                                                                \
        }                                                                                          \
    } while (0)

/* A call of the library succeeds; otherwise its error is shown. `error` is a certenroll_error *
 * that the call was given by address. */
#define assert_ok(call, error)                                                                     \
    do {                                                                                           \
        int status_ = (call);                                                                      \
        if (status_ != CERTENROLL_OK) {                                                            \
            print_error("%s: %s\n", certenroll_status_name(status_),                               \
                        certenroll_error_message(error));                                          \
            fail();                                                                                \
        }                                                                                          \
    } while (0)

/* A call fails with this status and an error that says so; the error is freed. */
#define assert_fails(call, expected, error)                                                        \
    do {                                                                                           \
        int status_ = (call);                                                                      \
        if (status_ != (expected)) {                                                               \
            print_error("%s instead of %s: %s\n", certenroll_status_name(status_),                 \
                        certenroll_status_name(expected),                                          \
                        (error) != NULL ? certenroll_error_message(error) : "no error");           \
            fail();                                                                                \
        }                                                                                          \
        assert_non_null(error);                                                                    \
        assert_int_equal(certenroll_error_status(error), status_);                                 \
        certenroll_error_free(error);                                                              \
        (error) = NULL;                                                                            \
    } while (0)

#endif
