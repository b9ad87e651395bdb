/* SPDX-License-Identifier: Apache-2.0 */
/* A whole enrolment: key pair in the token, request, certificate by EST, checks, write-back, proof.
 *
 *     enrol TOKEN-URI EST-URL TRUST-ANCHOR ACCOUNT SUBJECT PIN-FILE PASSWORD-FILE
 *
 * Ends with the error's class (certenroll_error(3)); 0 when the certificate is on the token. Run
 * again after a failure, or after whatever ended it, certenroll_enrolment_new() goes on with what
 * was begun: there is one pair in the end. A valid pair for the subject that is there already is
 * told instead of a second being made (CERTENROLL_E_EXISTS). */
#include <certenroll/certenroll.h>

#include <locale.h>
#include <stdio.h>

/* Called whenever a PIN or password is needed; `user` is {PIN-FILE, PASSWORD-FILE}. */
static int read_secret(void *user, const certenroll_secret_request *request, char *buffer,
                       size_t capacity, size_t *length)
{
    char **files = user;
    FILE *file = fopen(files[request->kind == CERTENROLL_SECRET_PASSWORD], "rb");

    if (!file)
        return CERTENROLL_E_CANCELLED;
    setvbuf(file, NULL, _IONBF, 0); /* no second copy in stdio's memory */
    *length = fread(buffer, 1, capacity, file);
    fclose(file);
    while (*length > 0 && buffer[*length - 1] == '\n')
        --*length;
    return CERTENROLL_OK;
}

int main(int argc, char **argv)
{
    certenroll_token_options token_options = CERTENROLL_TOKEN_OPTIONS_INIT;
    certenroll_enrolment_options options = CERTENROLL_ENROLMENT_OPTIONS_INIT;
    certenroll_request_options request = CERTENROLL_REQUEST_OPTIONS_INIT;
    certenroll_context *context = NULL;
    certenroll_anchors *anchors = NULL;
    certenroll_token *token = NULL;
    certenroll_enrolment *enrolment = NULL;
    certenroll_error *error = NULL;
    int status;

    setlocale(LC_ALL, ""); /* the errors' language */
    if (argc != 8)
        return CERTENROLL_CLASS_ARGUMENT;
    token_options.secret = options.secret = read_secret;
    token_options.secret_user = options.secret_user = argv + 6;
    options.est_url = argv[2];
    options.username = argv[4];
    options.request = &request;
    request.subject = argv[5];

    status = certenroll_context_new(&context, &error);
    if (status == CERTENROLL_OK)
        status = certenroll_anchors_load(&anchors, argv[3], &error);
    if (status == CERTENROLL_OK)
        status = certenroll_token_open(&token, context, argv[1], &token_options, &error);
    options.anchors = anchors;
    if (status == CERTENROLL_OK)
        status = certenroll_enrolment_new(&enrolment, token, &options, &error);
    if (status == CERTENROLL_OK)
        status = certenroll_enrolment_run(enrolment, &error);
    if (status < 0)
        fprintf(stderr, "%s\n", certenroll_error_message(error));

    certenroll_enrolment_free(enrolment);
    certenroll_token_free(token);
    certenroll_anchors_free(anchors);
    certenroll_context_free(context);
    certenroll_error_free(error);
    return (int)certenroll_status_class(status);
}
