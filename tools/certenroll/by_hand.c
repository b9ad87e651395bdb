/* SPDX-License-Identifier: Apache-2.0 */
/* The request out and the certificate in, where no RA is on line. */
#include "common/file.h"
#include "common/message.h"
#include "output.h"

#include <openssl/pem.h>

#include <stdio.h>
#include <stdlib.h>

/* No certificate with its chain is longer. */
#define ANSWER_MAX ((size_t)1024 * 1024)

int read_answer(unsigned char **out, size_t *length, const char *path, struct failure *failure)
{
    int status = file_read(out, length, path, ANSWER_MAX, failure);

    if (status == CERTENROLL_OK && *length > ANSWER_MAX)
        status = failure_set(failure, CERTENROLL_E_CERT_MALFORMED,
                             _("%s is longer than %zu bytes, more than any certificate"), path,
                             ANSWER_MAX);
    return status;
}

int write_request(struct tool *tool, const certenroll_enrolment *enrolment, struct failure *failure)
{
    BIO *bio = BIO_new(BIO_s_mem());
    size_t der_length = 0;
    const unsigned char *der = certenroll_enrolment_request(enrolment, &der_length);
    char *pem = NULL;
    long length = 0;
    int status;

    if (bio && PEM_write_bio(bio, PEM_STRING_X509_REQ, "", der, (long)der_length) > 0)
        length = BIO_get_mem_data(bio, &pem);
    if (length > 0)
        status = file_write(tool->options.out, pem, (size_t)length, failure);
    else
        status = failure_memory(failure);
    BIO_free(bio);
    return status;
}

int supply_answer(struct tool *tool, certenroll_enrolment *enrolment, const char *path,
                  struct failure *failure)
{
    unsigned char *answer = NULL;
    size_t length = 0;
    certenroll_error *error = NULL;
    int status = read_answer(&answer, &length, path, failure);

    if (status == CERTENROLL_OK && length == 0)
        status = CERTENROLL_PENDING;
    else if (status == CERTENROLL_OK &&
             certenroll_enrolment_supply(enrolment, answer, length, &error) < 0)
        status = take_failure(tool, failure, error);
    free(answer);
    return status;
}

int exchange_by_hand(struct tool *tool, certenroll_enrolment *enrolment)
{
    int status = write_request(tool, enrolment, &tool->failure);

    if (status < 0)
        return status;
    fputs(_("Have the request signed by the CA, and give the certificate on standard input.\n"),
          stderr);
    return supply_answer(tool, enrolment, "-", &tool->failure);
}
