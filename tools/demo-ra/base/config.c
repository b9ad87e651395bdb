/* SPDX-License-Identifier: Apache-2.0 */
#include "base/config.h"

#include "base/diagnostics.h"
#include "base/files.h"
#include "common/message.h"

#include <openssl/crypto.h>

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#define CONFIG_LIMIT 65536

static json_t *hexadecimal(const unsigned char *id)
{
    char text[2 * CA_KEY_ID_LENGTH + 1];
    size_t length;

    if (!OPENSSL_buf2hexstr_ex(text, sizeof(text), &length, id, CA_KEY_ID_LENGTH, '\0'))
        return NULL;
    return json_string(text);
}

int config_save(const struct config *config, const char *directory)
{
    json_t *root = json_pack("{s:i, s:s, s:s*, s:o, s:o}", "version", 1, "token", config->token_uri,
                             "module", config->module, "root_key", hexadecimal(config->root_key_id),
                             "issuing_key", hexadecimal(config->issuing_key_id));
    char *text = root ? json_dumps(root, JSON_INDENT(2)) : NULL;
    char *path = file_path(directory, CONFIG_FILE);
    int result;

    if (text && path)
        result = whole_file_write(path, text, strlen(text), 0600);
    else
        result = fail(CERTENROLL_CLASS_SYSTEM, _("out of memory"));
    free(path);
    free(text);
    json_decref(root);
    return result;
}

static int read_id(unsigned char *id, const char *text)
{
    size_t length = 0;

    return text && OPENSSL_hexstr2buf_ex(id, CA_KEY_ID_LENGTH, &length, text, '\0') == 1 &&
                   length == CA_KEY_ID_LENGTH
               ? 0
               : -1;
}

static int take(struct config *config, const json_t *root)
{
    const char *token = json_string_value(json_object_get(root, "token"));
    const char *module = json_string_value(json_object_get(root, "module"));

    if (json_integer_value(json_object_get(root, "version")) != 1 || !token)
        return -1;
    config->token_uri = strdup(token);
    config->module = module ? strdup(module) : NULL;
    if (!config->token_uri || (module && !config->module))
        return -1;
    if (read_id(config->root_key_id, json_string_value(json_object_get(root, "root_key"))) < 0)
        return -1;
    return read_id(config->issuing_key_id, json_string_value(json_object_get(root, "issuing_key")));
}

static int parse(struct config *config, const char *text, size_t length, const char *path)
{
    json_error_t where;
    json_t *root = json_loadb(text, length, JSON_REJECT_DUPLICATES, &where);
    int result = CERTENROLL_CLASS_OK;

    if (!root)
        result = fail(CERTENROLL_CLASS_SYSTEM, _("%s line %d: %s"), path, where.line, where.text);
    else if (take(config, root) < 0)
        result =
            fail(CERTENROLL_CLASS_SYSTEM, _("%s is not a configuration of this version"), path);
    json_decref(root);
    return result;
}

int config_load(struct config *config, const char *directory)
{
    char *path = file_path(directory, CONFIG_FILE);
    char *text = NULL;
    size_t length = 0;
    int result;

    memset(config, 0, sizeof(*config));
    if (!path)
        return fail(CERTENROLL_CLASS_SYSTEM, _("out of memory"));
    result = whole_file_read(&text, &length, path, CONFIG_LIMIT);
    if (!result)
        result = parse(config, text, length, path);
    if (result)
        config_clear(config);
    free(text);
    free(path);
    return result;
}

void config_clear(struct config *config)
{
    free(config->token_uri);
    free(config->module);
    memset(config, 0, sizeof(*config));
}
