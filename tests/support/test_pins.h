/* SPDX-License-Identifier: Apache-2.0 */
/* Answers for every kind of PIN, and a book of the questions. */
#ifndef TEST_TEST_PINS_H
#define TEST_TEST_PINS_H

#include <certenroll/token.h>

#define TEST_NEW_PIN "8765-new"
#define TEST_NEW_SO_PIN "4321-new-officer"
#define TEST_SECRET_KINDS 7

struct test_pins {
    const char *answers[TEST_SECRET_KINDS]; /* by kind; NULL: refuse with CERTENROLL_E_CANCELLED */
    unsigned asked[TEST_SECRET_KINDS];
    certenroll_secret_request last; /* its strings are gone */
};
/* The PINs of a SoftHSM fixture, and new ones. */
struct test_pins test_pins(void);

/* A certenroll_secret_callback; `user` is a struct test_pins. */
int test_pins_answer(void *user, const certenroll_secret_request *request, char *buffer,
                     size_t capacity, size_t *length);

/* Opens "pkcs11:token=LABEL" of the module. */
certenroll_token *test_pins_open(const char *module, certenroll_context *context, const char *label,
                                 struct test_pins *pins, int allow_final_try);

#endif
