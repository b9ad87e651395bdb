/* SPDX-License-Identifier: Apache-2.0 */
#include "common/message.h"
#include "output.h"

#include <stdlib.h>

/* Names and usages are held against --subject and the rest only where --subject is given. */
static int check_options(struct tool *tool, certenroll_request_options *request)
{
    const struct options *options = &tool->options;
    int status = require(tool, options->trust_anchor, "--trust-anchor");

    if (status < 0)
        return status;
    if (options->subject || options->alt_names.count || options->key_usage || options->eku)
        return request_options(tool, request);
    return CERTENROLL_OK;
}

static int install(struct tool *tool, certenroll_token *token, const unsigned char *answer,
                   size_t length, const certenroll_install_options *options)
{
    certenroll_key *key = NULL;
    certenroll_error *error = NULL;
    int status;

    if (certenroll_certificate_install(&key, token, answer, length, options, &error) < 0)
        return failure_take(&tool->failure, error);
    status =
        show_record(tool, describe_key(key), _("certificate installed beside its key"), key_fields);
    certenroll_key_free(key);
    return status;
}

int command_install(struct tool *tool)
{
    certenroll_install_options options = CERTENROLL_INSTALL_OPTIONS_INIT;
    certenroll_request_options request = CERTENROLL_REQUEST_OPTIONS_INIT;
    certenroll_anchors *anchors = NULL;
    certenroll_token *token = NULL;
    unsigned char *answer = NULL;
    size_t length = 0;
    int status = check_options(tool, &request);

    if (status == CERTENROLL_OK)
        status = load_anchors(tool, &anchors, tool->options.trust_anchor);
    if (status == CERTENROLL_OK)
        status = read_answer(&answer, &length, tool->options.operand, &tool->failure);
    if (status == CERTENROLL_OK)
        status = open_token(tool, &token);
    options.anchors = anchors;
    options.request = tool->options.subject ? &request : NULL;
    if (status == CERTENROLL_OK)
        status = install(tool, token, answer, length, &options);
    certenroll_token_free(token);
    free(answer);
    certenroll_anchors_free(anchors);
    return status;
}
