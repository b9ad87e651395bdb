/* SPDX-License-Identifier: Apache-2.0 */
/* For what a test needs and cannot go on without, also in threads and programs of its own, where
 * cmocka's checks do not work: aborts, and says where and what OpenSSL says. */
#ifndef TEST_REQUIRE_H
#define TEST_REQUIRE_H

#include <openssl/err.h>

#include <stdio.h>
#include <stdlib.h>

#define REQUIRE(condition) require((condition) ? 1 : 0, #condition, __FILE__, __LINE__)

static inline void require(int condition, const char *text, const char *file, int line)
{
    if (condition)
        return;
    fprintf(stderr, "%s:%d: %s\n", file, line, text);
    ERR_print_errors_fp(stderr);
    abort();
}

#endif
