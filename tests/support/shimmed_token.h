/* SPDX-License-Identifier: Apache-2.0 */
/* A SoftHSM token "bank" behind the shim, opened through the library: what a test of the token
 * layer starts from. */
#ifndef TEST_SHIMMED_TOKEN_H
#define TEST_SHIMMED_TOKEN_H

#include "shim.h"
#include "softhsm.h"

struct shimmed_token {
    struct softhsm *hsm;
    struct shim *shim;
    struct test_pin pin;
    certenroll_context *context;
    certenroll_token *token;
    certenroll_error *error;
};

void shimmed_token_open(struct shimmed_token *shimmed);
void shimmed_token_close(struct shimmed_token *shimmed);

/* For cmocka, where a test needs nothing else: *state is a struct shimmed_token. */
int shimmed_token_set_up(void **state);
int shimmed_token_tear_down(void **state);

#endif
