/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"
#include "softhsm.h"

#include <stdio.h>

int test_pin_answer(void *user, const certenroll_secret_request *request, char *buffer,
                    size_t capacity, size_t *length)
{
    struct test_pin *pin = user;

    pin->asked++;
    pin->kind = request->kind;
    pin->count_low = request->count_low;
    pin->final_try = request->final_try;
    pin->on_reader = request->on_reader;
    if (pin->pin == NULL)
        return CERTENROLL_E_CANCELLED;
    *length = strlen(pin->pin);
    assert_true(*length <= capacity);
    memcpy(buffer, pin->pin, *length);
    return CERTENROLL_OK;
}

certenroll_token *softhsm_open_by(const char *module, certenroll_context *context,
                                  const char *label, struct test_pin *pin)
{
    certenroll_token_options options = CERTENROLL_TOKEN_OPTIONS_INIT;
    certenroll_token *token = NULL;
    certenroll_error *error = NULL;
    char uri[128];

    check((size_t)snprintf(uri, sizeof(uri), "pkcs11:token=%s", label) < sizeof(uri),
          "the label is too long");
    options.module_path = module;
    options.secret = pin != NULL ? test_pin_answer : NULL;
    options.secret_user = pin;
    assert_ok(certenroll_token_open(&token, context, uri, &options, &error), error);
    return token;
}

certenroll_token *softhsm_open(certenroll_context *context, const char *label, struct test_pin *pin)
{
    return softhsm_open_by(softhsm_module(), context, label, pin);
}
