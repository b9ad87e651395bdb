/* SPDX-License-Identifier: Apache-2.0 */
/* Two hundred enrolments on one token: what the library asks of it does not grow with what is there
 * already. Counted in calls, for time is the token's own (tests/bench has that). */
#include "check.h"
#include "furnished_token.h"

#include <certenroll/openssl.h>

#include <stdio.h>
#include <stdlib.h>

#define ENROLMENTS 200

static certenroll_anchors *anchors_of(struct furnished_token *f)
{
    certenroll_error *error = NULL;
    certenroll_anchors *anchors = NULL;
    size_t length;
    char *pem = test_pem(&length, &f->ca.certificate, 1);

    assert_ok(certenroll_anchors_new(&anchors, pem, length, &error), error);
    free(pem);
    return anchors;
}

/* The CA's answer to the enrolment's request. */
static void answer(struct furnished_token *f, certenroll_enrolment *enrolment, const char *subject)
{
    certenroll_error *error = NULL;
    size_t length = 0;
    const unsigned char *der = certenroll_enrolment_request(enrolment, &length);
    X509_REQ *request = d2i_X509_REQ(NULL, &der, (long)length);
    X509 *certificate;
    unsigned char *issued;

    assert_non_null(request);
    certificate =
        furnished_issue(f, X509_REQ_get0_pubkey(request), subject, (struct span){ 0, 365 });
    issued = test_der(&length, certificate);
    assert_ok(certenroll_enrolment_supply(enrolment, issued, length, &error), error);
    free(issued);
    X509_free(certificate);
    X509_REQ_free(request);
}

static void run(struct furnished_token *f, certenroll_token *token,
                certenroll_enrolment_options *options, const char *subject)
{
    certenroll_error *error = NULL;
    certenroll_enrolment *enrolment = NULL;

    options->journal_directory = f->journals;
    assert_ok(certenroll_enrolment_new(&enrolment, token, options, &error), error);
    assert_int_equal(certenroll_enrolment_run(enrolment, &error), CERTENROLL_PENDING);
    answer(f, enrolment, subject);
    assert_ok(certenroll_enrolment_run(enrolment, &error), error);
    assert_int_equal(certenroll_enrolment_state(enrolment), options->operation == CERTENROLL_ENROLL
                                                                ? CERTENROLL_STATE_CONFIRMED
                                                                : CERTENROLL_STATE_RETIRED);
    certenroll_enrolment_free(enrolment);
}

/* As a program does it: opens the token, logs in, enrols, closes it. */
static unsigned calls_of(struct furnished_token *f, certenroll_enrolment_options *options,
                         unsigned number)
{
    certenroll_token *token;
    char subject[32];

    snprintf(subject, sizeof(subject), "CN=%u,O=Test", number);
    if (options->request)
        ((certenroll_request_options *)(uintptr_t)options->request)->subject = subject;
    shim_forget(f->shimmed.shim);
    token = softhsm_open_by(shim_module(), f->shimmed.context, "bank", &f->shimmed.pin);
    run(f, token, options, subject);
    certenroll_token_free(token);
    return shim_calls(f->shimmed.shim, NULL);
}

/* What one of each kind of enrolment costs, of the pair with this number. */
struct costs {
    unsigned enrolment;
    unsigned renewal;
    unsigned re_key;
};

static unsigned enrol(struct furnished_token *f, const certenroll_anchors *anchors, unsigned number)
{
    certenroll_enrolment_options options = CERTENROLL_ENROLMENT_OPTIONS_INIT;
    certenroll_request_options request = CERTENROLL_REQUEST_OPTIONS_INIT;
    certenroll_key_options key = CERTENROLL_KEY_OPTIONS_INIT;

    key.id = (const unsigned char *)&number;
    key.id_length = sizeof(number);
    options.anchors = anchors;
    options.request = &request;
    options.key = &key;
    return calls_of(f, &options, number);
}

static unsigned replace(struct furnished_token *f, const certenroll_anchors *anchors,
                        unsigned number, certenroll_operation operation)
{
    certenroll_enrolment_options options = CERTENROLL_ENROLMENT_OPTIONS_INIT;

    options.anchors = anchors;
    options.operation = operation;
    options.present_id = (const unsigned char *)&number;
    options.present_id_length = sizeof(number);
    return calls_of(f, &options, number);
}

static struct costs costs_of(struct furnished_token *f, const certenroll_anchors *anchors,
                             unsigned number)
{
    struct costs costs;

    costs.enrolment = enrol(f, anchors, number);
    costs.renewal = replace(f, anchors, number, CERTENROLL_RENEW);
    costs.re_key = replace(f, anchors, number, CERTENROLL_REKEY);
    print_message("calls to the token with %u pairs on it: %u for an enrolment, %u for a renewal, "
                  "%u for a re-key\n",
                  number, costs.enrolment, costs.renewal, costs.re_key);
    return costs;
}

static void the_last_costs_no_more_than_the_first(void **state)
{
    struct furnished_token *f = *state;
    certenroll_anchors *anchors = anchors_of(f);
    struct costs first = costs_of(f, anchors, 1), last;

    for (unsigned number = 2; number < ENROLMENTS; number++)
        assert_int_equal(enrol(f, anchors, number), first.enrolment);
    last = costs_of(f, anchors, ENROLMENTS);
    assert_true(2 * last.enrolment <= 3 * first.enrolment);
    /* What takes a pair's place looks at the certificates, but not at the other keys. */
    assert_true(last.renewal - first.renewal < ENROLMENTS * 11 / 10);
    assert_true(last.re_key - first.re_key < 2 * ENROLMENTS * 11 / 10);
    certenroll_anchors_free(anchors);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_last_costs_no_more_than_the_first,
                                        furnished_token_set_up, furnished_token_tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
