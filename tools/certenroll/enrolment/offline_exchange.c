/* SPDX-License-Identifier: Apache-2.0 */
/* The request out and the certificate in, where no RA is on line. */
#include "common/tool_message.h"
#include "enrolment/run_enrolment.h"

#include <openssl/pem.h>

/* No certificate with its chain is longer. */
#define ANSWER_MAX ((size_t)1024 * 1024)

int read_answer(struct ce_buffer *out, const char *path, certenroll_error **error)
{
    int status = file_read(out, path, ANSWER_MAX, error);

    /* Whosever it is and of whatever kind: its length alone can be refused. */
    if (status == CERTENROLL_E_ARGUMENT)
        status = certenroll_error_set(error, CERTENROLL_E_CERT_MALFORMED,
                                      _("%s is longer than %zu bytes, more than any certificate"),
                                      path, ANSWER_MAX);
    return status;
}

int write_request(const struct options *options, const certenroll_enrolment *enrolment,
                  certenroll_error **error)
{
    size_t length = 0;
    const unsigned char *der = certenroll_enrolment_request(enrolment, &length);
    json_t *pem = describe_pem(PEM_STRING_X509_REQ, der, length);
    int status =
        pem ? file_write(options->out, json_string_value(pem), json_string_length(pem), error)
            : certenroll_error_set_memory(error);

    json_decref(pem);
    return status;
}

int supply_answer(certenroll_enrolment *enrolment, const char *path, certenroll_error **error)
{
    struct ce_buffer answer = { 0 };
    int status = read_answer(&answer, path, error);

    if (status == CERTENROLL_OK)
        status = answer.length
                     ? certenroll_enrolment_supply(enrolment, answer.data, answer.length, error)
                     : CERTENROLL_PENDING;
    ce_buffer_clear(&answer);
    return status;
}
