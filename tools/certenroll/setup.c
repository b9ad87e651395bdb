/* SPDX-License-Identifier: Apache-2.0 */
/* From the command line to the options of an enrolment. */
#include "common/message.h"
#include "run.h"

#include <string.h>

int read_retirement(struct tool *tool, certenroll_retirement *out)
{
    static const struct {
        const char *name;
        certenroll_retirement retirement;
    } names[] = {
        { "delete", CERTENROLL_RETIRE_DELETE },
        { "at-expiry", CERTENROLL_RETIRE_AT_EXPIRY },
        { "keep", CERTENROLL_RETIRE_KEEP },
    };
    const char *name = tool->options.retire;

    *out = CERTENROLL_RETIRE_DELETE;
    for (size_t i = 0; name && i < sizeof(names) / sizeof(names[0]); i++) {
        if (strcmp(name, names[i].name) != 0)
            continue;
        *out = names[i].retirement;
        return CERTENROLL_OK;
    }
    if (!name)
        return CERTENROLL_OK;
    return failure_set(&tool->failure, CERTENROLL_E_ARGUMENT,
                       _("--retire \"%s\" is not delete, at-expiry or keep"), name);
}

static int check_offline(struct tool *tool)
{
    const struct options *options = &tool->options;

    if (options->url)
        return failure_set(&tool->failure, CERTENROLL_E_ARGUMENT, "%s",
                           _("--offline and --url exclude each other"));
    if (options->json && !options->out)
        return failure_set(&tool->failure, CERTENROLL_E_ARGUMENT, "%s",
                           _("--offline with --json needs --out FILE"));
    return CERTENROLL_OK;
}

int setup_ra(struct tool *tool, struct setup *setup)
{
    const certenroll_enrolment_options blank = CERTENROLL_ENROLMENT_OPTIONS_INIT;
    const struct options *options = &tool->options;
    int status = options->offline ? check_offline(tool) : require(tool, options->url, "--url");

    setup->options = blank;
    if (status == CERTENROLL_OK)
        status = require(tool, options->trust_anchor, "--trust-anchor");
    if (status == CERTENROLL_OK)
        status = load_anchors(tool, &setup->anchors, options->trust_anchor);
    if (status == CERTENROLL_OK)
        status = load_anchors(tool, &setup->tls_anchors, options->tls_anchor);
    setup->options.est_url = options->url;
    setup->options.anchors = setup->anchors;
    setup->options.tls_anchors = setup->tls_anchors;
    setup->options.username = options->user;
    setup->options.secret = secrets_answer;
    setup->options.secret_user = &tool->secrets;
    setup->options.journal_directory = options->journal;
    setup->options.progress = show_progress;
    setup->options.progress_user = tool;
    return status;
}

int setup_first(struct tool *tool, struct setup *setup)
{
    const certenroll_request_options blank_request = CERTENROLL_REQUEST_OPTIONS_INIT;
    const certenroll_key_options blank_key = CERTENROLL_KEY_OPTIONS_INIT;
    int status;

    setup->request = blank_request;
    setup->key = blank_key;
    status = request_options(tool, &setup->request);
    if (status == CERTENROLL_OK)
        status = key_options(tool, &setup->key, setup->id);
    if (status == CERTENROLL_OK)
        status = setup_ra(tool, setup);
    setup->options.request = &setup->request;
    setup->options.key = &setup->key;
    setup->options.ca_names = tool->options.ca_names;
    return status;
}

void setup_clear(struct setup *setup)
{
    certenroll_anchors_free(setup->tls_anchors);
    certenroll_anchors_free(setup->anchors);
    setup->tls_anchors = NULL;
    setup->anchors = NULL;
}
