/* SPDX-License-Identifier: Apache-2.0 */
/* A SoftHSM token "bank" behind the shim, which asks for each kind of PIN. */
#ifndef TEST_PINS_TOKEN_H
#define TEST_PINS_TOKEN_H

#include "shim.h"
#include "softhsm.h"
#include "test_pins.h"

struct pins_token {
    struct softhsm *hsm;
    struct shim *shim;
    certenroll_context *context;
    struct test_pins pins;
    certenroll_token *token;
    certenroll_error *error; /* for the test; has to be NULL at its end */
};

/* Round a test of cmocka's, whose state it is. */
int pins_token_set_up(void **state);
int pins_token_tear_down(void **state);

/* The token is closed and opened. */
void pins_token_reopen(struct pins_token *f, int allow_final_try);

#endif
