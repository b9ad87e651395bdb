/* SPDX-License-Identifier: Apache-2.0 */
/* SoftHSM tokens of a test's own.
 *
 *     struct softhsm *hsm = softhsm_new((const char *[]){ "bank", "user", NULL });
 *     struct test_pin pin = TEST_PIN;
 *     certenroll_token *token = softhsm_open(context, "bank", &pin);
 *     ...
 *     certenroll_token_free(token);
 *     softhsm_free(hsm);
 *
 * SOFTHSM2_CONF is set in the environment: one fixture at a time in a process, made before the
 * module is first loaded and freed after everything from it is closed. Each token is made by
 * softhsm2-util in a process of its own. What cannot be done fails the test there and then. */
#ifndef TEST_SOFTHSM_H
#define TEST_SOFTHSM_H

#include <certenroll/token.h>

#define SOFTHSM_PIN "1234-user"
#define SOFTHSM_SO_PIN "5678-officer"

struct softhsm;

/* A scratch directory with one initialised token for each label of a NULL-terminated list. */
struct softhsm *softhsm_new(const char *const *labels);
/* Removes the tokens and their directory, and takes SOFTHSM2_CONF back. NULL is allowed. */
void softhsm_free(struct softhsm *hsm);

/* One more token. */
void softhsm_add(struct softhsm *hsm, const char *label);

/* The fixture's directory, for further files; they are removed with it. */
const char *softhsm_dir(const struct softhsm *hsm);
/* libsofthsm2.so, as CMake found it; $SOFTHSM2_MODULE overrides. */
const char *softhsm_module(void);

/* --- answering for the PIN --- */

/* What to answer, and what was asked. */
struct test_pin {
    const char *pin;             /* NULL: refuse with CERTENROLL_E_CANCELLED */
    unsigned asked;              /* how often the library asked */
    certenroll_secret_kind kind; /* of the last question, with the flags that came with it */
    int count_low;
    int final_try;
    int on_reader;
};
#define TEST_PIN                                                                                   \
    {                                                                                              \
        SOFTHSM_PIN, 0, 0, 0, 0, 0                                                                 \
    }

/* A certenroll_secret_callback; `user` is a struct test_pin. Not for several threads at once. */
int test_pin_answer(void *user, const certenroll_secret_request *request, char *buffer,
                    size_t capacity, size_t *length);

/* --- opening through the library --- */

/* certenroll_token_open() on softhsm_module(), or on `module` (e.g. the shim). `pin` may be NULL:
 * no callback. */
certenroll_token *softhsm_open(certenroll_context *context, const char *label,
                               struct test_pin *pin);
certenroll_token *softhsm_open_by(const char *module, certenroll_context *context,
                                  const char *label, struct test_pin *pin);

#endif
