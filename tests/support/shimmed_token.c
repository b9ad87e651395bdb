/* SPDX-License-Identifier: Apache-2.0 */
#include "shimmed_token.h"

#include "check.h"

#include <stdlib.h>

void shimmed_token_open(struct shimmed_token *shimmed)
{
    *shimmed = (struct shimmed_token){ .pin = TEST_PIN };
    shimmed->hsm = softhsm_new((const char *[]){ "bank", NULL });
    shimmed->shim = shim_new(softhsm_dir(shimmed->hsm));
    assert_ok(certenroll_context_new(&shimmed->context, &shimmed->error), shimmed->error);
    shimmed->token = softhsm_open_by(shim_module(), shimmed->context, "bank", &shimmed->pin);
}

void shimmed_token_close(struct shimmed_token *shimmed)
{
    certenroll_token_free(shimmed->token);
    certenroll_context_free(shimmed->context);
    shim_free(shimmed->shim);
    softhsm_free(shimmed->hsm);
}

int shimmed_token_set_up(void **state)
{
    struct shimmed_token *shimmed = malloc(sizeof(*shimmed));

    check(shimmed != NULL, "out of memory");
    shimmed_token_open(shimmed);
    *state = shimmed;
    return 0;
}

int shimmed_token_tear_down(void **state)
{
    shimmed_token_close(*state);
    free(*state);
    return 0;
}
