/* SPDX-License-Identifier: Apache-2.0 */
#include "pins_token.h"

#include "check.h"

#include <stdlib.h>

void pins_token_reopen(struct pins_token *f, int allow_final_try)
{
    certenroll_token_free(f->token);
    f->token = test_pins_open(shim_module(), f->context, "bank", &f->pins, allow_final_try);
}

int pins_token_set_up(void **state)
{
    struct pins_token *f = calloc(1, sizeof(*f));

    assert_non_null(f);
    f->hsm = softhsm_new((const char *[]){ "bank", NULL });
    f->shim = shim_new(softhsm_dir(f->hsm));
    f->pins = test_pins();
    assert_ok(certenroll_context_new(&f->context, &f->error), f->error);
    pins_token_reopen(f, 0);
    *state = f;
    return 0;
}

int pins_token_tear_down(void **state)
{
    struct pins_token *f = *state;

    certenroll_token_free(f->token);
    certenroll_context_free(f->context);
    shim_free(f->shim);
    softhsm_free(f->hsm);
    free(f);
    return 0;
}
