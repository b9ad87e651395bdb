/* SPDX-License-Identifier: Apache-2.0 */
/* One enrolment in this process: by bare PKCS#11 calls, and by the library. */
#include "bench.h"
#include "raw_token.h"

#include <certenroll/certenroll.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

double enrol_floor_on(struct bench *bench, const char *label)
{
    struct stopwatch watch = { 0 };
    struct raw_token token;
    struct raw_key key;
    X509_REQ *request;
    X509 *certificate;
    unsigned char *der;
    size_t length;

    use_token(bench, label);
    stopwatch_start(&watch);
    raw_open(&token, bench->module, label, bench->pin);
    raw_generate(&key, &token, "bench");
    request = raw_request(&token, &key, "bench");
    stopwatch_halt(&watch);
    certificate = bench_issue(bench, request);
    der = test_der(&length, certificate);
    stopwatch_start(&watch);
    raw_write_certificate(&token, &key, "bench", der, length);
    raw_close(&token);
    stopwatch_halt(&watch);
    free(der);
    X509_free(certificate);
    X509_REQ_free(request);
    return watch.total;
}

double enrol_floor(struct bench *bench)
{
    return enrol_floor_on(bench, "floor");
}

/* --- the library --- */

static int give_pin(void *user, const certenroll_secret_request *request, char *buffer,
                    size_t capacity, size_t *length)
{
    const struct bench *bench = user;

    (void)request;
    *length = strlen(bench->pin);
    need(*length <= capacity, "giving the PIN");
    memcpy(buffer, bench->pin, *length);
    return CERTENROLL_OK;
}

static void need_ok(int status, certenroll_error *const *error)
{
    if (status >= 0)
        return;
    fprintf(stderr, "bench: %s\n", certenroll_error_message(*error));
    exit(1);
}

static certenroll_token *open_token(struct bench *bench, const char *label,
                                    certenroll_context *context)
{
    certenroll_token_options options = CERTENROLL_TOKEN_OPTIONS_INIT;
    certenroll_token *token = NULL;
    certenroll_error *error = NULL;
    char uri[128];

    snprintf(uri, sizeof(uri), "pkcs11:token=%s", label);
    options.module_path = bench->module;
    options.secret = give_pin;
    options.secret_user = bench;
    need_ok(certenroll_token_open(&token, context, uri, &options, &error), &error);
    return token;
}

static void supply(struct bench *bench, certenroll_enrolment *enrolment, struct stopwatch *watch)
{
    size_t length = 0;
    const unsigned char *cursor = certenroll_enrolment_request(enrolment, &length);
    X509_REQ *request;
    X509 *certificate;
    unsigned char *der;
    certenroll_error *error = NULL;

    stopwatch_halt(watch);
    request = d2i_X509_REQ(NULL, &cursor, (long)length);
    certificate = bench_issue(bench, request);
    der = test_der(&length, certificate);
    stopwatch_start(watch);
    need_ok(certenroll_enrolment_supply(enrolment, der, length, &error), &error);
    free(der);
    X509_free(certificate);
    X509_REQ_free(request);
}

static void enrol(struct bench *bench, certenroll_token *token, const certenroll_anchors *anchors,
                  struct stopwatch *watch)
{
    certenroll_enrolment_options options = CERTENROLL_ENROLMENT_OPTIONS_INIT;
    certenroll_request_options request = CERTENROLL_REQUEST_OPTIONS_INIT;
    certenroll_key_options key = CERTENROLL_KEY_OPTIONS_INIT;
    certenroll_enrolment *enrolment = NULL;
    certenroll_error *error = NULL;

    options.anchors = anchors;
    options.request = &request;
    options.key = &key;
    options.another = CERTENROLL_ANOTHER_PAIR; /* each round makes one for the same subject */
    request.subject = BENCH_SUBJECT;
    key.label = "bench";
    need_ok(certenroll_enrolment_new(&enrolment, token, &options, &error), &error);
    need_ok(certenroll_enrolment_run(enrolment, &error), &error);
    supply(bench, enrolment, watch);
    need_ok(certenroll_enrolment_run(enrolment, &error), &error);
    need(certenroll_enrolment_state(enrolment) == CERTENROLL_STATE_CONFIRMED, "the enrolment");
    certenroll_enrolment_free(enrolment);
}

double enrol_library_on(struct bench *bench, const char *label)
{
    struct stopwatch watch = { 0 };
    certenroll_context *context = NULL;
    certenroll_anchors *anchors = NULL;
    certenroll_token *token;
    certenroll_error *error = NULL;
    char path[1024];

    use_token(bench, label);
    snprintf(path, sizeof(path), "%s/ca.pem", bench->directory);
    stopwatch_start(&watch);
    need_ok(certenroll_context_new(&context, &error), &error);
    need_ok(certenroll_anchors_load(&anchors, path, &error), &error);
    token = open_token(bench, label, context);
    enrol(bench, token, anchors, &watch);
    certenroll_token_free(token);
    certenroll_anchors_free(anchors);
    certenroll_context_free(context);
    stopwatch_halt(&watch);
    return watch.total;
}

double enrol_library(struct bench *bench)
{
    return enrol_library_on(bench, "library");
}
