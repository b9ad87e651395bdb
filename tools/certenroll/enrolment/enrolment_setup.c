/* SPDX-License-Identifier: Apache-2.0 */
#include "enrolment/enrolment_setup.h"

#include "common/tool_message.h"
#include "library_options.h"

#include <string.h>

int read_retirement(const struct options *options, certenroll_retirement *out,
                    certenroll_error **error)
{
    static const struct {
        const char *name;
        certenroll_retirement retirement;
    } names[] = {
        { "delete", CERTENROLL_RETIRE_DELETE },
        { "at-expiry", CERTENROLL_RETIRE_AT_EXPIRY },
        { "keep", CERTENROLL_RETIRE_KEEP },
    };
    const char *name = options->retire ? options->retire : "delete";

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        *out = names[i].retirement;
        if (strcmp(name, names[i].name) == 0)
            return CERTENROLL_OK;
    }
    return certenroll_error_set(error, CERTENROLL_E_ARGUMENT,
                                _("--retire \"%s\" is not delete, at-expiry or keep"), name);
}

static int check_offline(const struct options *options, certenroll_error **error)
{
    if (options->url)
        return certenroll_error_set(error, CERTENROLL_E_ARGUMENT,
                                    _("--offline and --url exclude each other"));
    if (options->json && !options->out)
        return certenroll_error_set(error, CERTENROLL_E_ARGUMENT,
                                    _("--offline with --json needs --out FILE"));
    return CERTENROLL_OK;
}

int setup_ra(struct tool *tool, struct setup *setup, certenroll_error **error)
{
    const certenroll_enrolment_options blank = CERTENROLL_ENROLMENT_OPTIONS_INIT;
    const struct options *options = &tool->options;
    int status =
        options->offline ? check_offline(options, error) : require(options->url, "--url", error);

    if (status == CERTENROLL_OK)
        status = require(options->trust_anchor, "--trust-anchor", error);
    if (status == CERTENROLL_OK)
        status = load_anchors(&setup->anchors, options->trust_anchor, error);
    if (status == CERTENROLL_OK)
        status = load_anchors(&setup->tls_anchors, options->tls_anchor, error);
    setup->options = blank;
    setup->options.est_url = options->url;
    setup->options.anchors = setup->anchors;
    setup->options.tls_anchors = setup->tls_anchors;
    setup->options.username = options->user;
    setup->options.ca_names = options->ca_names;
    setup->options.secret = tool->secret;
    setup->options.secret_user = tool->secret_user;
    setup->options.journal_directory = options->journal;
    setup->options.progress = tool->progress;
    setup->options.progress_user = tool;
    return status;
}

int setup_first(struct tool *tool, struct setup *setup, certenroll_error **error)
{
    const certenroll_request_options blank_request = CERTENROLL_REQUEST_OPTIONS_INIT;
    const certenroll_key_options blank_key = CERTENROLL_KEY_OPTIONS_INIT;
    int status;

    setup->request = blank_request;
    setup->key = blank_key;
    status = request_options(&tool->options, &setup->request, error);
    if (status == CERTENROLL_OK)
        status = key_options(&tool->options, &setup->key, setup->id, error);
    if (status == CERTENROLL_OK)
        status = setup_ra(tool, setup, error);
    setup->options.request = &setup->request;
    setup->options.key = &setup->key;
    return status;
}

void setup_clear(struct setup *setup)
{
    certenroll_anchors_free(setup->tls_anchors);
    certenroll_anchors_free(setup->anchors);
}
