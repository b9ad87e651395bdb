/* SPDX-License-Identifier: Apache-2.0 */
/* What a banking application might load at run time: one enrolment through the shared library, by
 * the public headers, with a CA of the test's own. */
#include "host_plugin.h"

#include "test_ca.h"

#include <certenroll/certenroll.h>

#include <stdio.h>
#include <stdlib.h>

#define SUBJECT "CN=plugin,O=Test"

/* The certificate for the enrolment's request, handed in as if it had come back by hand. */
static int answer(certenroll_enrolment *enrolment, const struct test_ca *ca,
                  certenroll_error **error)
{
    struct test_certificate details = TEST_CERTIFICATE_INIT;
    size_t length = 0;
    const unsigned char *der = certenroll_enrolment_request(enrolment, &length);
    X509_REQ *request = d2i_X509_REQ(NULL, &der, (long)length);
    unsigned char *certificate_der;
    X509 *certificate;
    int status;

    details.key = X509_REQ_get0_pubkey(request);
    details.subject = SUBJECT;
    certificate = test_ca_issue(ca, &details);
    certificate_der = test_der(&length, certificate);
    status = certenroll_enrolment_supply(enrolment, certificate_der, length, error);
    free(certificate_der);
    X509_free(certificate);
    X509_REQ_free(request);
    return status;
}

static int enrol(certenroll_token *token, const struct test_ca *ca,
                 const certenroll_anchors *anchors, certenroll_error **error)
{
    certenroll_enrolment_options options = CERTENROLL_ENROLMENT_OPTIONS_INIT;
    certenroll_request_options request = CERTENROLL_REQUEST_OPTIONS_INIT;
    certenroll_enrolment *enrolment = NULL;
    int status;

    options.anchors = anchors;
    options.request = &request;
    request.subject = SUBJECT;
    options.another = CERTENROLL_ANOTHER_PAIR; /* one each time that the host calls */
    status = certenroll_enrolment_new(&enrolment, token, &options, error);
    if (status == CERTENROLL_OK)
        status = certenroll_enrolment_run(enrolment, error);
    if (status == CERTENROLL_PENDING)
        status = answer(enrolment, ca, error);
    if (status == CERTENROLL_OK)
        status = certenroll_enrolment_run(enrolment, error);
    certenroll_enrolment_free(enrolment);
    return status;
}

static int anchors_of(certenroll_anchors **anchors, const struct test_ca *ca,
                      certenroll_error **error)
{
    X509 *certificates[] = { ca->certificate };
    size_t length;
    char *pem = test_pem(&length, certificates, 1);
    int status = certenroll_anchors_new(anchors, pem, length, error);

    free(pem);
    return status;
}

int plugin_enrol(const char *module, const char *uri)
{
    certenroll_token_options options = CERTENROLL_TOKEN_OPTIONS_INIT;
    certenroll_context *context = NULL;
    certenroll_token *token = NULL;
    certenroll_anchors *anchors = NULL;
    certenroll_error *error = NULL;
    struct test_ca ca;
    int status = certenroll_context_new(&context, &error);

    test_ca_new(&ca, "CN=Plugin CA,O=Test", NULL);
    options.module_path = module;
    if (status == CERTENROLL_OK)
        status = anchors_of(&anchors, &ca, &error);
    if (status == CERTENROLL_OK)
        status = certenroll_token_open(&token, context, uri, &options, &error);
    if (status == CERTENROLL_OK)
        status = enrol(token, &ca, anchors, &error);
    if (status != CERTENROLL_OK)
        fprintf(stderr, "plugin: %s\n", certenroll_error_message(error));
    certenroll_error_free(error);
    certenroll_token_free(token);
    certenroll_anchors_free(anchors);
    certenroll_context_free(context);
    test_ca_clear(&ca);
    return status;
}
