/* SPDX-License-Identifier: Apache-2.0 */
#include "common/file.h"
#include "common/message.h"
#include "common/text.h"
#include "output.h"

#include <stdlib.h>
#include <string.h>

/* The key that --id or --label names. */
static int find_key(struct tool *tool, certenroll_key **out, certenroll_token *token)
{
    certenroll_inventory *inventory = NULL;
    const certenroll_entry *entry = NULL;
    certenroll_error *error = NULL;
    int status;

    if (certenroll_inventory_new(&inventory, token, NULL, &error) < 0)
        return failure_take(&tool->failure, error);
    status = select_key(tool, inventory, WITH_KEY, &entry);
    if (status == CERTENROLL_OK) {
        size_t length = 0;
        const unsigned char *id = certenroll_entry_id(entry, &length);

        if (certenroll_key_find(out, token, id, length, &error) < 0)
            status = failure_take(&tool->failure, error);
    }
    certenroll_inventory_free(inventory);
    return status;
}

static int find_or_generate(struct tool *tool, certenroll_key **out, certenroll_token *token,
                            const certenroll_key_options *options)
{
    certenroll_error *error = NULL;

    if (!tool->options.key_type)
        return find_key(tool, out, token);
    if (certenroll_key_generate(out, token, options, &error) < 0)
        return failure_take(&tool->failure, error);
    return CERTENROLL_OK;
}

/* The request goes to standard output for both, as text and inside the JSON. */
static int show_request(struct tool *tool, const certenroll_key *key, const unsigned char *request,
                        size_t length)
{
    const char *out = tool->options.out;
    json_t *result = describe_key(key);
    int failed = 0;

    if (out && strcmp(out, "-") != 0) {
        int status = file_write(out, request, length, &tool->failure);
        if (status < 0 || !tool->options.json) {
            json_decref(result);
            return status;
        }
        failed = json_object_set_new(result, "file", text_json(out));
    } else if (!tool->options.json) {
        json_decref(result);
        return file_write(NULL, request, length, &tool->failure);
    } else {
        failed =
            json_object_set_new(result, "request", json_stringn((const char *)request, length));
    }
    if (failed) {
        json_decref(result);
        return failure_memory(&tool->failure);
    }
    return show_json(tool, result);
}

static int sign(struct tool *tool, certenroll_key *key, const certenroll_request_options *options)
{
    certenroll_encoding encoding = tool->options.der ? CERTENROLL_DER : CERTENROLL_PEM;
    unsigned char *request = NULL;
    size_t length = 0;
    certenroll_error *error = NULL;
    int status;

    if (certenroll_request_sign(&request, &length, encoding, key, options, &error) < 0)
        return failure_take(&tool->failure, error);
    status = show_request(tool, key, request, length);
    certenroll_buffer_free(request);
    return status;
}

/* Generating cannot be taken back: say which key is there for the next attempt. */
static void mention_new_key(struct tool *tool, const certenroll_key *key)
{
    json_t *object = describe_key(key);
    const char *id = json_string_value(json_object_get(object, "id"));

    failure_advise(&tool->failure,
                   _("The new key %s stays on the token: use --id instead of --key-type."),
                   id ? id : "");
    json_decref(object);
}

static int check_options(struct tool *tool, certenroll_request_options *request,
                         certenroll_key_options *key, unsigned char id[CERTENROLL_ID_MAX])
{
    const struct options *options = &tool->options;
    int status = request_options(tool, request);

    if (status < 0)
        return status;
    if (options->der && options->json && (!options->out || strcmp(options->out, "-") == 0))
        return failure_set(&tool->failure, CERTENROLL_E_ARGUMENT, "%s",
                           _("--der with --json needs --out FILE"));
    if (options->key_type)
        return key_options(tool, key, id);
    if (!options->id && !options->label)
        return failure_set(&tool->failure, CERTENROLL_E_ARGUMENT, "%s",
                           _("--id, --label or --key-type is missing"));
    return read_id(tool, id, &key->id_length);
}

int command_csr(struct tool *tool)
{
    certenroll_request_options request = CERTENROLL_REQUEST_OPTIONS_INIT;
    certenroll_key_options options = CERTENROLL_KEY_OPTIONS_INIT;
    unsigned char id[CERTENROLL_ID_MAX];
    certenroll_token *token = NULL;
    certenroll_key *key = NULL;
    int status = check_options(tool, &request, &options, id);

    if (status == CERTENROLL_OK)
        status = open_token(tool, &token);
    if (status == CERTENROLL_OK)
        status = find_or_generate(tool, &key, token, &options);
    if (status == CERTENROLL_OK)
        status = sign(tool, key, &request);
    if (status < 0 && key && tool->options.key_type)
        mention_new_key(tool, key);
    certenroll_key_free(key);
    certenroll_token_free(token);
    return status;
}
