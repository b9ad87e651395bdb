/* SPDX-License-Identifier: Apache-2.0 */
#include "test_pins.h"

#include "check.h"
#include "softhsm.h"

#include <stdio.h>

struct test_pins test_pins(void)
{
    return (struct test_pins){
        .answers = {
            [CERTENROLL_SECRET_USER_PIN] = SOFTHSM_PIN,
            [CERTENROLL_SECRET_SO_PIN] = SOFTHSM_SO_PIN,
            [CERTENROLL_SECRET_CONTEXT_PIN] = SOFTHSM_PIN,
            [CERTENROLL_SECRET_NEW_PIN] = TEST_NEW_PIN,
            [CERTENROLL_SECRET_NEW_SO_PIN] = TEST_NEW_SO_PIN,
        },
    };
}

int test_pins_answer(void *user, const certenroll_secret_request *request, char *buffer,
                     size_t capacity, size_t *length)
{
    struct test_pins *pins = user;
    const char *answer = pins->answers[request->kind];

    pins->asked[request->kind]++;
    pins->last = *request;
    if (answer == NULL)
        return CERTENROLL_E_CANCELLED;
    *length = strlen(answer);
    assert_true(*length <= capacity);
    memcpy(buffer, answer, *length);
    return CERTENROLL_OK;
}

certenroll_token *test_pins_open(const char *module, certenroll_context *context, const char *label,
                                 struct test_pins *pins, int allow_final_try)
{
    certenroll_token_options options = CERTENROLL_TOKEN_OPTIONS_INIT;
    certenroll_token *token = NULL;
    certenroll_error *error = NULL;
    char uri[128];

    check((size_t)snprintf(uri, sizeof(uri), "pkcs11:token=%s", label) < sizeof(uri),
          "the label is too long");
    options.module_path = module;
    options.secret = test_pins_answer;
    options.secret_user = pins;
    options.allow_final_try = allow_final_try;
    assert_ok(certenroll_token_open(&token, context, uri, &options, &error), error);
    return token;
}
