/* SPDX-License-Identifier: Apache-2.0 */
/* The enrolment transaction: the first time, and to renew. */
#include "common/log.h"
#include "common/message.h"
#include "common/text.h"
#include "output.h"

#include <stdio.h>

static const struct {
    certenroll_state state;
    const char *text;
} steps[] = {
    { CERTENROLL_STATE_KEY_READY, N_("the key is ready") },
    { CERTENROLL_STATE_CSR_SIGNED, N_("the request is signed") },
    { CERTENROLL_STATE_SUBMITTED, N_("the request goes to the CA") },
    { CERTENROLL_STATE_ISSUED, N_("the certificate came and passed every check") },
    { CERTENROLL_STATE_INSTALLED, N_("the certificate is on the token") },
    { CERTENROLL_STATE_CONFIRMED, N_("key and certificate are proven to belong together") },
};
enum { STEPS = sizeof(steps) / sizeof(steps[0]) };

static void show_progress(void *user, certenroll_state state)
{
    const struct tool *tool = user;

    for (size_t i = 0; i < STEPS; i++) {
        if (steps[i].state != state)
            continue;
        if (tool->log_level >= CERTENROLL_LOG_INFO)
            log_time_stamp();
        fprintf(stderr, "[%zu/%d] %s\n", i + 1, STEPS, _(steps[i].text));
    }
}

/* --- results --- */

static const struct field fields[] = {
    { "id", N_("ID"), 0 },
    { "label", N_("label"), 0 },
    { "key_type", N_("key type"), 0 },
    { "subject", N_("subject"), 0 },
    { "issuer", N_("issuer"), 0 },
    { "serial", N_("serial number"), 0 },
    { "not_before", N_("valid from"), 0 },
    { "not_after", N_("valid until"), 0 },
    { "retry_at", N_("come back at"), 0 },
    FIELD_END,
};

static json_t *describe_enrolment(const certenroll_enrolment *enrolment)
{
    certenroll_key *key = certenroll_enrolment_key(enrolment);
    json_t *object =
        json_pack("{s:s}", "state", certenroll_state_name(certenroll_enrolment_state(enrolment)));
    size_t length = 0;
    const unsigned char *der = certenroll_enrolment_certificate(enrolment, &length);
    json_t *part = key ? describe_key(key) : NULL;

    json_object_update(object, part);
    json_decref(part);
    part = der ? describe_certificate(der, length) : NULL;
    json_object_update(object, part);
    json_decref(part);
    return object;
}

static int show_pending(struct tool *tool, const certenroll_enrolment *enrolment)
{
    char when[TEXT_TIME_SIZE];
    json_t *object = describe_enrolment(enrolment);
    int status;

    text_time(when, certenroll_enrolment_retry_at(enrolment));
    if (object)
        json_object_set_new(object, "retry_at", json_string(when));
    status = show_record(tool, object,
                         _("the RA has not decided yet; run the same command again later"), fields);
    return status < 0 ? status : CERTENROLL_PENDING;
}

static int run_on(struct tool *tool, certenroll_enrolment *enrolment)
{
    certenroll_error *error = NULL;
    int status = certenroll_enrolment_run(enrolment, &error);

    return status < 0 ? failure_take(&tool->failure, error) : status;
}

static int run(struct tool *tool, certenroll_token *token,
               const certenroll_enrolment_options *options)
{
    certenroll_enrolment *enrolment = NULL;
    certenroll_error *error = NULL;
    int status;

    if (certenroll_enrolment_new(&enrolment, token, options, &error) < 0)
        return failure_take(&tool->failure, error);
    status = run_on(tool, enrolment);
    if (status == CERTENROLL_PENDING && tool->options.offline) {
        status = exchange_by_hand(tool, enrolment);
        if (status == CERTENROLL_OK)
            status = run_on(tool, enrolment);
    }
    if (status == CERTENROLL_PENDING)
        status = show_pending(tool, enrolment);
    else if (status == CERTENROLL_OK)
        status = show_record(tool, describe_enrolment(enrolment),
                             options->renew_id ? _("renewed") : _("enrolled"), fields);
    certenroll_enrolment_free(enrolment);
    return status;
}

/* --- both --- */

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

/* The RA and the trust anchors; the anchors are the caller's to free, also on failure. */
static int ra_options(struct tool *tool, certenroll_enrolment_options *out,
                      certenroll_anchors **anchors, certenroll_anchors **tls_anchors)
{
    const struct options *options = &tool->options;
    int status = options->offline ? check_offline(tool) : require(tool, options->url, "--url");

    if (status == CERTENROLL_OK)
        status = require(tool, options->trust_anchor, "--trust-anchor");
    if (status == CERTENROLL_OK)
        status = load_anchors(tool, anchors, options->trust_anchor);
    if (status == CERTENROLL_OK)
        status = load_anchors(tool, tls_anchors, options->tls_anchor);
    out->est_url = options->url;
    out->anchors = *anchors;
    out->tls_anchors = *tls_anchors;
    out->username = options->user;
    out->secret = secrets_answer;
    out->secret_user = &tool->secrets;
    out->progress = show_progress;
    out->progress_user = tool;
    return status;
}

int command_enroll(struct tool *tool)
{
    certenroll_enrolment_options options = CERTENROLL_ENROLMENT_OPTIONS_INIT;
    certenroll_request_options request = CERTENROLL_REQUEST_OPTIONS_INIT;
    certenroll_key_options key = CERTENROLL_KEY_OPTIONS_INIT;
    unsigned char id[CERTENROLL_ID_MAX];
    certenroll_anchors *anchors = NULL, *tls_anchors = NULL;
    certenroll_token *token = NULL;
    int status = request_options(tool, &request);

    options.request = &request;
    options.key = &key;
    options.ca_names = tool->options.ca_names;
    if (status == CERTENROLL_OK)
        status = key_options(tool, &key, id);
    if (status == CERTENROLL_OK)
        status = ra_options(tool, &options, &anchors, &tls_anchors);
    if (status == CERTENROLL_OK)
        status = open_token(tool, &token);
    if (status == CERTENROLL_OK)
        status = run(tool, token, &options);
    certenroll_token_free(token);
    certenroll_anchors_free(tls_anchors);
    certenroll_anchors_free(anchors);
    return status;
}

/* --- renewal --- */

static int select_and_run(struct tool *tool, certenroll_token *token,
                          certenroll_enrolment_options *options)
{
    certenroll_inventory *inventory = NULL;
    const certenroll_entry *entry = NULL;
    certenroll_error *error = NULL;
    int status;

    if (certenroll_inventory_new(&inventory, token, &error) < 0)
        return failure_take(&tool->failure, error);
    status = select_key(tool, inventory, WITH_KEY | WITH_CERTIFICATE, &entry);
    if (status == CERTENROLL_OK) {
        options->renew_id = certenroll_entry_id(entry, &options->renew_id_length);
        status = run(tool, token, options);
    }
    certenroll_inventory_free(inventory);
    return status;
}

static int check_selection(struct tool *tool)
{
    unsigned char id[CERTENROLL_ID_MAX];
    size_t length = 0;

    if (!tool->options.id && !tool->options.label)
        return failure_set(&tool->failure, CERTENROLL_E_ARGUMENT, "%s",
                           _("--id or --label is missing"));
    return read_id(tool, id, &length);
}

int command_renew(struct tool *tool)
{
    certenroll_enrolment_options options = CERTENROLL_ENROLMENT_OPTIONS_INIT;
    certenroll_anchors *anchors = NULL, *tls_anchors = NULL;
    certenroll_token *token = NULL;
    int status = check_selection(tool);

    if (status == CERTENROLL_OK)
        status = ra_options(tool, &options, &anchors, &tls_anchors);
    if (status == CERTENROLL_OK)
        status = open_token(tool, &token);
    if (status == CERTENROLL_OK)
        status = select_and_run(tool, token, &options);
    certenroll_token_free(token);
    certenroll_anchors_free(tls_anchors);
    certenroll_anchors_free(anchors);
    return status;
}
