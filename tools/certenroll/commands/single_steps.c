/* SPDX-License-Identifier: Apache-2.0 */
/* The steps of an enrolment one by one: a key, a request signed with it, and the certificate that
 * the CA made of that. */
#include "commands/commands.h"
#include "common/shown_text.h"
#include "common/tool_message.h"
#include "enrolment/run_enrolment.h"
#include "library_options.h"
#include "token/token_access.h"

#include <string.h>

/* --- keygen --- */

int command_keygen(struct tool *tool, certenroll_error **error)
{
    certenroll_key_options options = CERTENROLL_KEY_OPTIONS_INIT;
    unsigned char id[CERTENROLL_ID_MAX];
    certenroll_token *token = NULL;
    certenroll_key *key = NULL;
    int status = key_options(&tool->options, &options, id, error);

    if (status == CERTENROLL_OK)
        status = require(tool->options.label, "--label", error);
    if (status == CERTENROLL_OK)
        status = open_token(tool, &token, error);
    if (status == CERTENROLL_OK)
        status = certenroll_key_generate(&key, token, &options, error);
    if (status == CERTENROLL_OK)
        status = show_record(tool, describe_key(key), _("key pair generated"), key_fields, error);
    certenroll_key_free(key);
    certenroll_token_free(token);
    return status;
}

/* --- csr --- */

/* NULL: the request goes to standard output. */
static const char *request_file(const struct options *options)
{
    return options->out && strcmp(options->out, "-") != 0 ? options->out : NULL;
}

static int check_csr(const struct options *options, certenroll_request_options *request,
                     certenroll_key_options *key, unsigned char id[CERTENROLL_ID_MAX],
                     certenroll_error **error)
{
    int status = request_options(options, request, error);

    if (status < 0)
        return status;
    if (options->der && options->json && !request_file(options))
        return certenroll_error_set(error, CERTENROLL_E_ARGUMENT,
                                    _("--der with --json needs --out FILE"));
    if (options->key_type)
        return key_options(options, key, id, error);
    if (!options->id && !options->label)
        return certenroll_error_set(error, CERTENROLL_E_ARGUMENT,
                                    _("--id, --label or --key-type is missing"));
    return read_id(options, id, &key->id_length, error);
}

/* The key that --id or --label names. */
static int find_key(struct tool *tool, certenroll_key **out, certenroll_token *token,
                    certenroll_error **error)
{
    certenroll_inventory *inventory = NULL;
    const certenroll_entry *entry = NULL;
    int status = certenroll_inventory_new(&inventory, token, NULL, error);

    if (status == CERTENROLL_OK)
        status = select_key(&tool->options, inventory, WITH_KEY, &entry, error);
    if (status == CERTENROLL_OK) {
        size_t length = 0;
        const unsigned char *id = certenroll_entry_id(entry, &length);

        status = certenroll_key_find(out, token, id, length, error);
    }
    certenroll_inventory_free(inventory);
    return status;
}

/* The request goes to standard output for both, as text and inside the JSON. */
static int show_request(struct tool *tool, const certenroll_key *key, const unsigned char *request,
                        size_t length, certenroll_error **error)
{
    const char *file = request_file(&tool->options);
    int is_written = file || !tool->options.json;
    int status = is_written ? file_write(file, request, length, error) : CERTENROLL_OK;
    json_t *result;

    if (status < 0 || !tool->options.json)
        return status;
    result = describe_key(key);
    if (json_object_set_new(result, file ? "file" : "request",
                            file ? text_json(file) : json_stringn((const char *)request, length)) <
        0) {
        json_decref(result);
        result = NULL;
    }
    return show_json(result, error);
}

/* Generating cannot be taken back: say which key is there for the next attempt. */
static void mention_new_key(const certenroll_key *key, certenroll_error **error)
{
    json_t *object = describe_key(key);
    const char *id = json_string_value(json_object_get(object, "id"));

    certenroll_error_advise(error,
                            _("The new key %s stays on the token: use --id instead of --key-type."),
                            id ? id : "");
    json_decref(object);
}

int command_csr(struct tool *tool, certenroll_error **error)
{
    certenroll_encoding encoding = tool->options.der ? CERTENROLL_DER : CERTENROLL_PEM;
    certenroll_request_options request = CERTENROLL_REQUEST_OPTIONS_INIT;
    certenroll_key_options options = CERTENROLL_KEY_OPTIONS_INIT;
    unsigned char id[CERTENROLL_ID_MAX], *encoded = NULL;
    size_t length = 0;
    certenroll_token *token = NULL;
    certenroll_key *key = NULL;
    int status = check_csr(&tool->options, &request, &options, id, error);

    if (status == CERTENROLL_OK)
        status = open_token(tool, &token, error);
    if (status == CERTENROLL_OK)
        status = tool->options.key_type ? certenroll_key_generate(&key, token, &options, error)
                                        : find_key(tool, &key, token, error);
    if (status == CERTENROLL_OK)
        status = certenroll_request_sign(&encoded, &length, encoding, key, &request, error);
    if (status == CERTENROLL_OK)
        status = show_request(tool, key, encoded, length, error);
    if (status < 0 && key && tool->options.key_type)
        mention_new_key(key, error);
    certenroll_buffer_free(encoded);
    certenroll_key_free(key);
    certenroll_token_free(token);
    return status;
}

/* --- install --- */

/* Names and usages are held against --subject and the rest only where --subject is given. */
static int check_install(const struct options *options, certenroll_request_options *request,
                         certenroll_error **error)
{
    int status = require(options->trust_anchor, "--trust-anchor", error);

    if (status == CERTENROLL_OK &&
        (options->subject || options->alt_names.count || options->key_usage || options->eku))
        return request_options(options, request, error);
    return status;
}

int command_install(struct tool *tool, certenroll_error **error)
{
    certenroll_install_options options = CERTENROLL_INSTALL_OPTIONS_INIT;
    certenroll_request_options request = CERTENROLL_REQUEST_OPTIONS_INIT;
    certenroll_anchors *anchors = NULL;
    certenroll_token *token = NULL;
    certenroll_key *key = NULL;
    struct ce_buffer answer = { 0 };
    int status = check_install(&tool->options, &request, error);

    if (status == CERTENROLL_OK)
        status = load_anchors(&anchors, tool->options.trust_anchor, error);
    if (status == CERTENROLL_OK)
        status = read_answer(&answer, tool->options.operand, error);
    if (status == CERTENROLL_OK)
        status = open_token(tool, &token, error);
    options.anchors = anchors;
    options.request = tool->options.subject ? &request : NULL;
    if (status == CERTENROLL_OK)
        status = certenroll_certificate_install(&key, token, answer.data, answer.length, &options,
                                                error);
    if (status == CERTENROLL_OK)
        status = show_record(tool, describe_key(key), _("certificate installed beside its key"),
                             key_fields, error);
    certenroll_key_free(key);
    certenroll_token_free(token);
    ce_buffer_clear(&answer);
    certenroll_anchors_free(anchors);
    return status;
}
